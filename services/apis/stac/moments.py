"""Moments in the form of RFC 3339."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, with a fraction of a second only if it has one."""
    precise = "microseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precise).replace("+00:00", "Z")
