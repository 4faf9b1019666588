"""Levels of GRIB fields, from the numbers that a message states: a surface, or a layer between two.

The rounded key `level` of ecCodes is not used: it makes 1 of the sigma level 0.995.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from cog.sources.grib.messages import Message
from cog.sources.levels import require_levels
from cog.sources.models import SourceAxis

_MISSING_SCALES = (255, -127, None)
_MISSING_VALUES = (0xFFFFFFFF, 0x7FFFFFFF, None)
_SIGN = 0x80000000
"""The first bit of a signed number of GRIB (regulation 92.1.5), which ecCodes leaves in the values of surfaces."""
_PASCALS = (100, 108)
_UNITS: dict[int, tuple[str, Literal["up", "down"]]] = {
    20: ("K", "up"),
    100: ("hPa", "down"),
    102: ("m", "up"),
    103: ("m", "up"),
    104: ("1", "down"),
    105: ("1", "down"),
    106: ("m", "down"),
    107: ("K", "up"),
    108: ("hPa", "up"),
    109: ("K m2 kg-1 s-1", "up"),
    111: ("1", "down"),
    118: ("1", "up"),
    119: ("1", "down"),
    160: ("m", "down"),
}
"""Unit of the labels, and direction in which values rise, of the surfaces of GRIB 2 code table 4.5."""
_EDITION_1: dict[int, tuple[int, str]] = {
    20: (20, "0.01"),
    100: (100, "1"),
    101: (100, "10"),
    103: (102, "1"),
    104: (102, "100"),
    105: (103, "1"),
    106: (103, "100"),
    107: (104, "0.0001"),
    108: (104, "0.01"),
    109: (105, "1"),
    110: (105, "1"),
    111: (106, "0.01"),
    112: (106, "0.01"),
    113: (107, "1"),
    115: (108, "1"),
    116: (108, "1"),
    117: (109, "1e-9"),
    119: (111, "0.0001"),
    120: (111, "0.01"),
    125: (103, "0.01"),
    160: (160, "1"),
}
"""Kinds of levels of GRIB 1 (code table 3): the one of edition 2, and what its numbers are multiplied by."""
_LAYERS_1 = frozenset({101, 104, 106, 108, 110, 112, 116, 120})
_SIGN_1 = 0x8000
_ALWAYS = frozenset({20, 100, 104, 105, 106, 107, 108, 109, 111, 118, 119, 160})
"""Kinds whose single level is one of several in other files; the height of a 2 m temperature is not such a level."""


@dataclass(frozen=True, kw_only=True)
class GribLevel:
    """The level of a field.

    Attributes:
        kind: The name of its kind by ecCodes; pressures are one kind, whatever their unit.
        code: Its number in code table 4.5, or None for a kind without numbers.
        label: Its value as plain decimal text; of a layer the middle.
        bounds: The two surfaces of a layer, the first one first.
    """

    kind: str
    code: int | None
    label: str
    bounds: tuple[str, str] | None = None


def level_of(message: Message) -> GribLevel:
    """The level of a field, with the digits that it states."""
    kind = str(message.get("typeOfLevel"))
    kind = "isobaricInhPa" if kind == "isobaricInPa" else kind
    code, first, second = _edition_1(message) if message.get("edition") == 1 else _edition_2(message)
    if first is None:
        return GribLevel(kind=kind, code=None, label="0")
    if second is None or second == first:
        return GribLevel(kind=kind, code=code, label=_text(first))
    middle = (first + second) / 2
    return GribLevel(kind=kind, code=code, label=_text(middle), bounds=(_text(first), _text(second)))


def _edition_2(message: Message) -> tuple[int | None, Decimal | None, Decimal | None]:
    codes = [message.get(f"typeOf{which}FixedSurface", int) for which in ("First", "Second")]
    first = _surface(message, "First", codes[0])
    second = _surface(message, "Second", codes[1]) if codes[1] == codes[0] else None
    return codes[0], first, second


def _surface(message: Message, which: str, code: int | None) -> Decimal | None:
    """Scaled value * 10 ** -scale factor (GRIB 2, template 4.0), pressures in hPa."""
    scale = message.get(f"scaleFactorOf{which}FixedSurface", int)
    value = message.get(f"scaledValueOf{which}FixedSurface", int)
    if code is None or scale in _MISSING_SCALES or value in _MISSING_VALUES:
        return None
    signed = _SIGN - value if value >= _SIGN else value
    return Decimal(signed).scaleb(-scale - (2 if code in _PASCALS else 0))


def _edition_1(message: Message) -> tuple[int | None, Decimal | None, Decimal | None]:
    number = message.get("indicatorOfTypeOfLevel", int)
    if number not in _EDITION_1:
        return None, None, None
    code, factor = _EDITION_1[number]
    if number in _LAYERS_1:
        top, bottom = (message.get(name, int) for name in ("topLevel", "bottomLevel"))
        ends = [None if end in _MISSING_VALUES else end * Decimal(factor) for end in (top, bottom)]
        return code, ends[0], ends[1]
    value = message.get("levels", int) if message.get("level", int) is None else message.get("level", int)
    if message.get("pressureUnits") == "Pa":
        factor = "0.01"
    value = 0 if value is None else value
    signed = _SIGN_1 - value if value >= _SIGN_1 else value
    return code, signed * Decimal(factor), None


def _text(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"


def level_axis(levels: Sequence[GribLevel], *, path: Path) -> SourceAxis | None:
    """The axis of levels of one kind in stored order, or None for a variable that has one height or surface."""
    labels = tuple(level.label for level in levels)
    code, kind = levels[0].code, levels[0].kind
    if len(labels) == 1 and (code not in _ALWAYS and levels[0].bounds is None):
        return None
    require_levels(labels, name=kind, path=path)
    unit, positive = _UNITS.get(code or -1, (None, None))
    bounds = tuple(level.bounds or (level.label, level.label) for level in levels)
    has_bounds = any(level.bounds is not None for level in levels)
    return SourceAxis(name=kind, unit=unit, positive=positive, labels=labels, bounds=bounds if has_bounds else ())
