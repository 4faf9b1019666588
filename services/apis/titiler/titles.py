"""Titles of the links to titiler's API."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {"info": {"en": "titiler's API: what the raster is", "zh": "titiler 接口：栅格信息"}},
)
