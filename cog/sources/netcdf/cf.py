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
_LATITUDE = re.compile(r"degrees?_?(north|N)\Z")
_LONGITUDE = re.compile(r"degrees?_?(east|E)\Z")
_STANDARD: dict[str, Axis] = {
    "latitude": "y",
    "longitude": "x",
    "projection_y_coordinate": "y",
    "projection_x_coordinate": "x",
    "grid_latitude": "y",
    "grid_longitude": "x",
    "time": "time",
}
_LETTERS: dict[str, Axis] = {"X": "x", "Y": "y", "T": "time", "Z": "level"}


def attribute(variable: NcVariable, name: str) -> Any:
    """An attribute's value, or None."""
    return variable.getncattr(name) if name in variable.ncattrs() else None


def words(variable: NcVariable, name: str) -> str:
    """An attribute as text; empty if absent."""
    value = attribute(variable, name)
    return "" if value is None else str(value).strip()


def standard_name(variable: NcVariable) -> str | None:
    """A variable's standard name; None if invalid, or with a modifier (CF conventions 3.3), as of a flag."""
    name = words(variable, "standard_name")
    return name if _STANDARD_NAME.fullmatch(name) and name != "null" else None


def axis_of(coordinate: NcVariable) -> Axis | None:
    """The axis of a coordinate variable (CF conventions 4): by standard name, units or axis, never by its name."""
    units = words(coordinate, "units")
    if " since " in units:
        return None if words(coordinate, "standard_name") not in ("", "time") else "time"
    standard = _STANDARD.get(words(coordinate, "standard_name"))
    if standard:
        return standard
    if _LATITUDE.match(units):
        return "y"
    if _LONGITUDE.match(units):
        return "x"
    letter = _LETTERS.get(words(coordinate, "axis").upper())
    return letter or ("level" if _is_vertical(coordinate, units) else None)


def _is_vertical(coordinate: NcVariable, units: str) -> bool:
    """Whether a coordinate is one of height, depth or pressure (CF conventions 4.3)."""
    return (
        words(coordinate, "positive").lower() in ("up", "down")
        or PRESSURE.match(units) is not None
        or words(coordinate, "standard_name") in STANDARD_NAMES
    )


def is_degrees(coordinate: NcVariable) -> bool:
    """Whether a horizontal coordinate is a true latitude or longitude."""
    units = words(coordinate, "units")
    return bool(_LATITUDE.match(units) or _LONGITUDE.match(units))


def is_position(coordinate: NcVariable) -> bool:
    """Whether it holds true latitudes or longitudes, by its unit or its standard name."""
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
    """An attribute's values in the type of the stored cells."""
    value = attribute(variable, name)
    if value is None or isinstance(value, str):
        return []
    array = np.atleast_1d(np.asarray(value))
    if dtype.kind == "u" and array.dtype.kind == "i" and array.dtype.itemsize == dtype.itemsize:
        array = array.view(dtype)
    return [float(v) for v in (array.astype(dtype) if dtype.kind == "f" else array)]


def referenced(dataset: netCDF4.Dataset) -> dict[str, str]:
    """Variables that other variables use, with their role: bounds, climatologies, grid mappings, coordinates."""
    roles: dict[str, str] = {}
    for variable in dataset.variables.values():
        for name, what in (("bounds", "bounds"), ("climatology", "climatology bounds")):
            roles[words(variable, name)] = what
        for name in words(variable, "grid_mapping").replace(":", " ").split():
            roles[name] = "a grid mapping"
        for name in words(variable, "coordinates").split():
            roles.setdefault(name, "an auxiliary coordinate")
    roles.pop("", None)
    return roles
