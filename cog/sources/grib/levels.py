"""The vertical axis of a GRIB variable."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cog.sources.levels import require_levels
from cog.sources.models import SourceLevels

_TYPES: dict[str, tuple[str | None, Literal["up", "down"] | None]] = {
    "isobaricInhPa": ("hPa", "down"),
    "isobaricInPa": ("Pa", "down"),
    "heightAboveGround": ("m", "up"),
    "heightAboveSea": ("m", "up"),
    "depthBelowLand": ("m", "down"),
    "depthBelowSea": ("m", "down"),
    "theta": ("K", "up"),
    "hybrid": ("1", "down"),
    "sigma": ("1", "down"),
}
"""Unit, and direction in which values rise, of kinds of levels (GRIB code table 4.5)."""
_ALWAYS = frozenset({"isobaricInhPa", "isobaricInPa", "depthBelowSea", "theta", "hybrid", "sigma"})
"""Kinds whose single level is one of several in other files; the height of a 2 m temperature is not such a level."""


def level_axis(kind: str, labels: list[str], *, path: Path) -> SourceLevels | None:
    """The axis of these levels in stored order, or None for a variable that has one height or surface."""
    if len(labels) == 1 and kind not in _ALWAYS:
        return None
    require_levels(labels, name=kind, path=path)
    unit, positive = _TYPES.get(kind, (None, None))
    return SourceLevels(name=kind, unit=unit, positive=positive, labels=tuple(labels))
