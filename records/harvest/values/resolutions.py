"""Resolutions in space, as sources write them."""

from __future__ import annotations

import re

_UNIT = r"[^\W\d]+|°|″|′|'|\""
_SIZE = re.compile(rf"(?:约|~)?\s*([0-9]+(?:\.[0-9]+)?)\s*({_UNIT})?(?:\s*[x×*]\s*\1\s*(?:{_UNIT})?)?", re.IGNORECASE)
_UNITS: dict[str, tuple[float, str]] = {
    "m": (1.0, "m"), "米": (1.0, "m"), "meter": (1.0, "m"), "meters": (1.0, "m"), "metre": (1.0, "m"),
    "metres": (1.0, "m"), "km": (1000.0, "m"), "千米": (1000.0, "m"), "公里": (1000.0, "m"),
    "kilometer": (1000.0, "m"), "kilometers": (1000.0, "m"), "kilometre": (1000.0, "m"), "kilometres": (1000.0, "m"),
    "cm": (0.01, "m"), "厘米": (0.01, "m"), "°": (1.0, "deg"), "度": (1.0, "deg"), "deg": (1.0, "deg"),
    "degree": (1.0, "deg"), "degrees": (1.0, "deg"), "′": (1 / 60, "deg"), "'": (1 / 60, "deg"),
    "arcmin": (1 / 60, "deg"), "″": (1 / 3600, "deg"), '"': (1 / 3600, "deg"), "arcsec": (1 / 3600, "deg"),
    "dm": (0.1, "m"), "mm": (0.001, "m"),
}  # fmt: skip


def distance(text: str) -> tuple[float, str | None] | None:
    """Size of a cell in metres or degrees (`1km`: 1000 m, `0.01°`: 0.01 deg); unit None if none is given.

    None if it is no size, or of another unit.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    value = float(match[1])
    if not match[2]:
        return value, None
    unit = _UNITS.get(match[2].casefold())
    return (round(value * unit[0], 12), unit[1]) if unit else None
