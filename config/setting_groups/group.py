"""The base of a group of settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SettingGroup(BaseModel):
    """Settings that belong together: unknown members are refused, and nothing changes them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
