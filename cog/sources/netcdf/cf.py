"""CF conventions: attributes, and the axes of coordinate variables."""

from __future__ import annotations

import re
from typing import Any, Literal

import netCDF4
import numpy as np
from numpy.typing import NDArray

from cog.sources.levels import PRESSURE, STANDARD_NAMES

Axis = Literal["x", "y", "time", "level"]
type NcVariable = netCDF4.Variable[Any]  # lazy: the class takes no parameter at run time

_STANDARD_NAME = re.compile(r"[a-z][a-z0-9_]*")
_AURA = {
    "scale_factor": "ScaleFactor",
    "add_offset": "Offset",
    "missing_value": "MissingValue",
    "units": "Units",
    "long_name": "Title",
    "valid_range": "ValidRange",
}
"""Names of attributes in HDF-EOS 5 files (HDF-EOS Aura file format guidelines), where CF's are absent."""
_NUMBER = re.compile(
    r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[nN]a[nN])(?:b|ub|s|us|u|l|ll|ul|ull|f|d)?", re.IGNORECASE
)
"""A number as text, perhaps with the suffix that CDL gives its type."""
_LATITUDE = re.compile(r"deg(ree)?s?[ _]?(north|n|latitude)\Z", re.IGNORECASE)
_LONGITUDE = re.compile(r"deg(ree)?s?[ _]?(east|e|longitude)\Z", re.IGNORECASE)
_PLAIN_DEGREES = re.compile(r"(deg(ree)?s?)?\Z", re.IGNORECASE)
_NAMES: dict[str, Axis] = {"lat": "y", "latitude": "y", "lon": "x", "long": "x", "longitude": "x"}
_NAMES |= {"nav_lat": "y", "nav_lon": "x", "xlat": "y", "xlong": "x"}
"""Names by which the axes of files are known that state nothing of them."""
_STANDARD: dict[str, Axis] = {
    "latitude": "y",
    "longitude": "x",
    "projection_y_coordinate": "y",
    "projection_x_coordinate": "x",
    "grid_latitude": "y",
    "grid_longitude": "x",
    "time": "time",
}
LENGTHS = {"": 1.0} | dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0)
LENGTHS |= dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1e3)
"""Metres in the units of projected axes; those without a unit count in that of their CRS."""
_PLAIN_NAMES: dict[str, Axis] = {"x": "x", "y": "y", "easting": "x", "northing": "y"}
_LETTERS: dict[str, Axis] = {"X": "x", "Y": "y", "T": "time", "Z": "level"}


_attributes: dict[int, tuple[NcVariable, frozenset[str], dict[str, Any]]] = {}
_REMEMBERED = 1024
"""Variables whose attributes are remembered: each is asked for dozens of times while its file is described."""


def attribute(variable: NcVariable, name: str) -> Any:
    """An attribute's value, or None."""
    names, values = _stated(variable)
    if name not in names and _AURA.get(name) in names:
        name = _AURA[name]
    if name in names and name not in values:
        values[name] = variable.getncattr(name)
    return values.get(name)


def _stated(variable: NcVariable) -> tuple[frozenset[str], dict[str, Any]]:
    """The names of a variable's attributes, and the values of those that were asked for while its file is open."""
    entry = _attributes.get(id(variable))
    if entry is None or entry[0] is not variable:
        if len(_attributes) >= _REMEMBERED:
            _attributes.clear()
        entry = _attributes[id(variable)] = (variable, frozenset(variable.ncattrs()), {})
    return entry[1:]


def words(variable: NcVariable, name: str) -> str:
    """An attribute as text; empty if absent."""
    value = attribute(variable, name)
    return "" if value is None else str(value).strip()


def standard_name(variable: NcVariable) -> str | None:
    """A variable's standard name; None if invalid, or with a modifier (CF conventions 3.3), as of a flag."""
    name = words(variable, "standard_name")
    return name if _STANDARD_NAME.fullmatch(name) and name != "null" else None


def axis_of(coordinate: NcVariable) -> Axis | None:
    """The axis of a coordinate variable (CF conventions 4): by standard name, units or axis.

    By its name only where it states none of them: `lat` and `lon`.
    """
    standard, units = words(coordinate, "standard_name"), words(coordinate, "units")
    if not is_number(coordinate):
        is_time = standard == "time" or coordinate.name.lower() in ("time", "times")
        return "time" if is_time else None
    if re.search(r"\ssince\s", units):
        return "time" if standard in ("", "time") else None
    horizontal = _STANDARD.get(standard) or _horizontal(coordinate, units)
    letter = _LETTERS.get(words(coordinate, "axis").upper())
    return horizontal or letter or ("level" if _is_vertical(coordinate, units) else _plainly_named(coordinate, units))


def _plainly_named(coordinate: NcVariable, units: str) -> Axis | None:
    """The axis of a coordinate `x` or `y` that states no more than a length as its unit: where it lies a CRS says."""
    own = coordinate.dimensions == (coordinate.name,) and not words(coordinate, "standard_name")
    return _PLAIN_NAMES.get(coordinate.name.lower()) if own and units in LENGTHS else None


def _horizontal(coordinate: NcVariable, units: str) -> Axis | None:
    """The axis of latitudes or longitudes, by their unit, or by their name where nothing else is stated."""
    if _LATITUDE.match(units):
        return "y"
    return "x" if _LONGITUDE.match(units) else named_axis(coordinate)


def _is_vertical(coordinate: NcVariable, units: str) -> bool:
    """Whether a coordinate is one of height, depth or pressure (CF conventions 4.3)."""
    return (
        words(coordinate, "positive").lower() in ("up", "down")
        or PRESSURE.match(units) is not None
        or words(coordinate, "standard_name") in STANDARD_NAMES
    )


def is_plain_degrees(unit: str) -> bool:
    """Whether a unit is one of degrees, or none at all, without a word on what they are degrees of."""
    return _PLAIN_DEGREES.match(unit) is not None


def named_axis(coordinate: NcVariable) -> Axis | None:
    """The axis of a coordinate that is known by its name alone: it says nothing of itself, or plainly degrees."""
    plain = is_plain_degrees(words(coordinate, "units"))
    axis = _NAMES.get(coordinate.name.lower())
    letter = _LETTERS.get(words(coordinate, "axis").upper(), axis)
    return axis if plain and letter == axis and not words(coordinate, "standard_name") else None


def is_degrees(coordinate: NcVariable) -> bool:
    """Whether a horizontal coordinate is a true latitude or longitude, in degrees."""
    units = words(coordinate, "units")
    if _LATITUDE.match(units) or _LONGITUDE.match(units):
        return words(coordinate, "standard_name") not in ("grid_latitude", "grid_longitude")
    is_true = words(coordinate, "standard_name") in ("latitude", "longitude")
    return (is_true and is_plain_degrees(units)) or named_axis(coordinate) is not None


def is_position(coordinate: NcVariable) -> bool:
    """Whether it holds true latitudes or longitudes, by its unit, its standard name, or its name alone."""
    return is_degrees(coordinate) or words(coordinate, "standard_name") in ("latitude", "longitude")


def unpacked(coordinate: NcVariable, stored: NDArray[Any]) -> NDArray[Any]:
    """Stored values of a coordinate in its unit (CF conventions 8.1): as they are if it is not packed, else float64."""
    scale, offset = attribute(coordinate, "scale_factor"), attribute(coordinate, "add_offset")
    if scale is None and offset is None:
        return stored
    return stored * float(1.0 if scale is None else scale) + float(0.0 if offset is None else offset)


def is_number(variable: NcVariable) -> bool:
    """Whether its values are whole or floating numbers, and no texts, lists or compounds."""
    return isinstance(variable.dtype, np.dtype) and variable.dtype.kind in "iuf"


def stored_dtype(variable: NcVariable) -> np.dtype[Any]:
    """The cells' type, unsigned where `_Unsigned` is true (NetCDF users' guide), native in byte order."""
    dtype = np.dtype(variable.dtype).newbyteorder("=")
    if words(variable, "_Unsigned").lower() == "true" and dtype.kind == "i":
        return np.dtype(f"u{dtype.itemsize}")
    return np.dtype(dtype)


def numbers(variable: NcVariable, name: str, dtype: np.dtype[Any]) -> list[float]:
    """An attribute's values in the type of the stored cells; those that it states as text, too."""
    value = attribute(variable, name)
    if value is None:
        return []
    if is_text(value):
        return numbers_in(value)
    array = np.atleast_1d(np.asarray(value))
    if array.dtype.kind not in "iuf":
        return []
    if dtype.kind == "u" and array.dtype.kind == "i" and array.dtype.itemsize == dtype.itemsize:
        array = array.view(dtype)
    return [float(v) for v in (array.astype(dtype) if dtype.kind == "f" else array)]


def is_text(value: Any) -> bool:
    """Whether an attribute's value is text, or a list of texts."""
    return isinstance(value, str | bytes) or np.asarray(value).dtype.kind in "USO"


def numbers_in(text: Any) -> list[float]:
    """The numbers of a text such as `-99`, `0, 100` or CDL's `0b, 1b`; none if any of its words is not a number."""
    words_ = " ".join(str(part) for part in np.atleast_1d(np.asarray(text, dtype=object))).strip("[]() ")
    matches = [_NUMBER.fullmatch(word) for word in re.split(r"[\s,;]+", words_) if word]
    return [float(match[1]) for match in matches if match] if all(matches) else []


def references(variable: NcVariable) -> dict[str, str]:
    """The names of variables that another uses, with their role: bounds, climatologies, grid mappings, coordinates."""
    roles = dict.fromkeys(words(variable, "coordinates").split(), "an auxiliary coordinate")
    roles |= dict.fromkeys(words(variable, "grid_mapping").replace(":", " ").split(), "a grid mapping")
    for name, what in (("bounds", "bounds"), ("climatology", "climatology bounds")):
        if words(variable, name):
            roles[words(variable, name)] = what
    return roles
