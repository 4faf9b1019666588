"""Units of physical quantities as they occur in ocean and atmosphere data, and conversions between them.

A closed table instead of a units library: data centres write `mmol m-2 d-1`, `mmol/m2/day`, `umol kg-1`, `g C m-2
month-1`, `psu`, `degrees_celsius` or `%`, and what is not known is refused by name instead of guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from config.errors import InvalidInput

CARBON_G_PER_MOL: Final = 12.011
"""Molar mass of carbon (IUPAC conventional atomic weight), g mol-1."""

Dimensions = tuple[tuple[str, int], ...]
"""Exponents of base quantities, sorted by name: length, mass, amount, time, temperature, month."""

_L, _M, _N, _T, _K, _MONTH = "length", "mass", "amount", "time", "temperature", "month"
_ANGLE = "angle"
_NEWTON_PER_M2 = {_M: 1, _L: -1, _T: -2}
_GRAM, _KILOGRAM = 1e-3, 1.0
_DAY = 86_400.0
_YEAR = 365.25 * _DAY
"""Seconds of a year of 365.25 days."""

_SYMBOLS: Final[dict[str, tuple[float, dict[str, int]]]] = {
    "m": (1.0, {_L: 1}), "metre": (1.0, {_L: 1}), "meter": (1.0, {_L: 1}), "metres": (1.0, {_L: 1}),
    "meters": (1.0, {_L: 1}), "km": (1e3, {_L: 1}), "cm": (1e-2, {_L: 1}), "mm": (1e-3, {_L: 1}),
    "kg": (_KILOGRAM, {_M: 1}), "g": (_GRAM, {_M: 1}), "mg": (1e-6, {_M: 1}), "ug": (1e-9, {_M: 1}),
    "Mg": (1e3, {_M: 1}), "Gg": (1e6, {_M: 1}), "Tg": (1e9, {_M: 1}), "Pg": (1e12, {_M: 1}), "t": (1e3, {_M: 1}),
    "mol": (1.0, {_N: 1}), "mole": (1.0, {_N: 1}), "moles": (1.0, {_N: 1}), "mmol": (1e-3, {_N: 1}),
    "umol": (1e-6, {_N: 1}), "micromol": (1e-6, {_N: 1}), "nmol": (1e-9, {_N: 1}),
    "s": (1.0, {_T: 1}), "sec": (1.0, {_T: 1}), "second": (1.0, {_T: 1}), "seconds": (1.0, {_T: 1}),
    "min": (60.0, {_T: 1}), "minute": (60.0, {_T: 1}), "h": (3600.0, {_T: 1}), "hr": (3600.0, {_T: 1}),
    "hour": (3600.0, {_T: 1}), "hours": (3600.0, {_T: 1}), "d": (_DAY, {_T: 1}), "day": (_DAY, {_T: 1}),
    "days": (_DAY, {_T: 1}), "a": (_YEAR, {_T: 1}), "yr": (_YEAR, {_T: 1}), "year": (_YEAR, {_T: 1}),
    "years": (_YEAR, {_T: 1}), "month": (1.0, {_MONTH: 1}), "mon": (1.0, {_MONTH: 1}), "months": (1.0, {_MONTH: 1}),
    "K": (1.0, {_K: 1}), "kelvin": (1.0, {_K: 1}), "Kelvin": (1.0, {_K: 1}),
    "Pa": (1.0, _NEWTON_PER_M2), "hPa": (1e2, _NEWTON_PER_M2), "kPa": (1e3, _NEWTON_PER_M2),
    "bar": (1e5, _NEWTON_PER_M2), "dbar": (1e4, _NEWTON_PER_M2), "mbar": (1e2, _NEWTON_PER_M2),
    "mb": (1e2, _NEWTON_PER_M2), "millibar": (1e2, _NEWTON_PER_M2), "millibars": (1e2, _NEWTON_PER_M2),
    "atm": (101_325.0, _NEWTON_PER_M2), "uatm": (0.101325, _NEWTON_PER_M2),
    "microatm": (0.101325, _NEWTON_PER_M2), "matm": (101.325, _NEWTON_PER_M2),
    "L": (1e-3, {_L: 3}), "l": (1e-3, {_L: 3}), "liter": (1e-3, {_L: 3}), "litre": (1e-3, {_L: 3}),
    "ml": (1e-6, {_L: 3}), "mL": (1e-6, {_L: 3}), "M": (1e3, {_N: 1, _L: -3}), "uM": (1e-3, {_N: 1, _L: -3}),
    "knot": (1852 / 3600, {_L: 1, _T: -1}), "knots": (1852 / 3600, {_L: 1, _T: -1}),
    "kt": (1852 / 3600, {_L: 1, _T: -1}),
    "degree": (1.0, {_ANGLE: 1}), "degrees": (1.0, {_ANGLE: 1}), "deg": (1.0, {_ANGLE: 1}),
    "rad": (57.29577951308232, {_ANGLE: 1}), "radian": (57.29577951308232, {_ANGLE: 1}),
    "radians": (57.29577951308232, {_ANGLE: 1}),
    "ppm": (1e-6, {}), "ppmv": (1e-6, {}), "ppb": (1e-9, {}), "ppt": (1e-12, {}), "percent": (1e-2, {}),
    "psu": (1.0, {}), "PSU": (1.0, {}), "pss": (1.0, {}), "PSS": (1.0, {}), "dimensionless": (1.0, {}),
    "unitless": (1.0, {}), "fraction": (1.0, {}),
}  # fmt: skip
_CELSIUS: Final = frozenset(
    {f"{word}{scale}" for word in ("°", "deg", "degree", "degrees") for scale in ("C", "c")}
    | {f"{word}_{scale}" for word in ("deg", "degree", "degrees") for scale in ("C", "c", "celsius", "Celsius")}
    | {f"{word} {scale}" for word in ("deg", "degree", "degrees") for scale in ("C", "c", "celsius", "Celsius")}
    | {"C", "celsius", "Celsius"}
)
_ZERO_CELSIUS_K: Final = 273.15
_CARBON: Final = frozenset({"C", "CO2"})
"""Words after a mass or an amount that say of what it is."""
_TOKEN: Final = re.compile(r"(?P<over>/)?\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<symbol>[A-Za-z_%]+))")
_EXPONENT: Final = re.compile(r"\s*(?:\^|\*\*)?\s*\{?([+-]?\d{1,2})\}?")
_MOST_TEXT: Final = 100
SALINITY: Final = frozenset({"1", "psu", "PSU", "pss", "PSS", "PSS-78", "pss-78", "1e-3", "0.001", "g kg-1", "g/kg"})
"""Spellings of practical salinity; `g kg-1` is that of absolute salinity, which differs by about 0.5 %."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit: value in base units (SI; months by themselves, angles in degrees) = value * factor + offset.

    Attributes:
        text: As it was written.
        factor: Base units of one.
        offset: Base units of zero; not 0 for temperatures in degrees Celsius alone.
        dimensions: The base quantities with their exponents.
    """

    text: str
    factor: float
    dimensions: Dimensions
    offset: float = 0.0

    def exponent(self, quantity: str) -> int:
        """The exponent of a base quantity."""
        return dict(self.dimensions).get(quantity, 0)


@dataclass(frozen=True, kw_only=True)
class UnitConversion:
    """A change of unit: value in the new unit = value * factor + offset.

    Attributes:
        factor: New units of one.
        offset: New units of zero.
        note: What was converted, in words for a lineage; None where nothing was.
    """

    factor: float = 1.0
    offset: float = 0.0
    note: str | None = None


UNCHANGED: Final = UnitConversion()


def parse_unit(text: str) -> Unit:
    """Parse a unit such as `mmol m-2 d-1`, `mmol/m2/day`, `degC` or `%`; raises InvalidInput naming what is unknown."""
    plain = text.strip().replace("µ", "u").replace("μ", "u").replace("·", " ").replace("²", "2").replace("³", "3")
    plain = plain.replace("⁻", "-").replace("¹", "1")
    if plain in _CELSIUS:
        return Unit(text=text, factor=1.0, offset=_ZERO_CELSIUS_K, dimensions=((_K, 1),))
    if not plain or len(plain) > _MOST_TEXT:
        raise InvalidInput(f"unit {text[:_MOST_TEXT]!r} is empty or too long; write it as mmol m-2 d-1")
    factor, exponents = _product(plain.replace("%", "percent"), text)
    return Unit(text=text, factor=factor, dimensions=tuple(sorted((n, e) for n, e in exponents.items() if e)))


def _product(plain: str, text: str) -> tuple[float, dict[str, int]]:
    factor, exponents, place, is_first = 1.0, dict[str, int](), 0, True
    while place < len(plain):
        if plain[place] in " .*()":
            place += 1
            continue
        token = _TOKEN.match(plain, place)
        if token is None:
            raise _unknown(text, plain[place:])
        place = token.end()
        sign = -1 if token["over"] else 1
        if token["number"]:
            factor *= float(token["number"]) ** sign
            is_first = False
            continue
        power = _EXPONENT.match(plain, place)
        place = power.end() if power else place
        symbol = token["symbol"]
        if symbol in _CARBON and not is_first:
            continue
        if symbol not in _SYMBOLS:
            raise _unknown(text, symbol)
        size, dimensions = _SYMBOLS[symbol]
        exponent = sign * (int(power[1]) if power else 1)
        factor *= size**exponent
        for name, each in dimensions.items():
            exponents[name] = exponents.get(name, 0) + each * exponent
        is_first = False
    return factor, exponents


def _unknown(text: str, part: str) -> InvalidInput:
    return InvalidInput(
        f"unit {text[:_MOST_TEXT]!r}: {part[:40]!r} is not known here; declare one such as mmol m-2 d-1"
    )


def conversion(unit: str, target: str, *, name: str) -> UnitConversion:
    """The conversion of a field's values to another unit; amounts and masses are converted as carbon.

    Args:
        unit: Of the values.
        target: The unit that is needed; `psu` for practical salinity.
        name: The field, for messages and the note.

    Raises InvalidInput naming the field where the unit is unknown or measures something else.
    """
    if target == "psu":
        return _salinity(unit, name)
    source, destination = parse_unit(unit), parse_unit(target)
    carbon = _carbon_factor(source, destination)
    if carbon is None:
        raise InvalidInput(f"{name}: its unit {unit!r} cannot be converted to {target!r}; is it another quantity?")
    factor = source.factor * carbon / destination.factor
    offset = (source.offset * carbon - destination.offset) / destination.factor
    if abs(factor - 1) < 1e-12 and abs(offset) < 1e-12:
        return UNCHANGED
    return UnitConversion(factor=factor, offset=offset, note=f"{name} was converted from {unit} to {target}")


def _salinity(unit: str, name: str) -> UnitConversion:
    if unit.strip() not in SALINITY:
        raise InvalidInput(f"{name}: {unit!r} is no unit of practical salinity; use 1, psu or 1e-3")
    if unit.strip() in ("g kg-1", "g/kg"):
        return UnitConversion(note=f"{name} is in g kg-1 and was taken as practical salinity")
    return UNCHANGED


def _carbon_factor(source: Unit, target: Unit) -> float | None:
    """The factor between an amount and a mass of carbon where that is all they differ in; None if they differ else."""
    if source.dimensions == target.dimensions:
        return 1.0
    moved = source.exponent(_N) - target.exponent(_N)
    alike = _without(source) == _without(target)
    if alike and moved and moved == target.exponent(_M) - source.exponent(_M):
        return float((CARBON_G_PER_MOL * _GRAM) ** moved)
    return None


def _without(unit: Unit) -> dict[str, int]:
    return {name: each for name, each in unit.dimensions if name not in (_N, _M)}
