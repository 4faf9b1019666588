"""CF conventions: which dimension of a NetCDF variable is which axis, and which cells are no data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import netCDF4
import numpy as np

from cog.sources.declared import fill_outside, fits
from cog.sources.layout import CellRules
from config.datasets import VariableDeclaration
from config.errors import SourceRefused

Axis = Literal["x", "y", "time", "z"]
type NcVariable = netCDF4.Variable[Any]  # lazy: the class takes no parameter at run time

DEFAULT_FILL = float(np.float32(9.969209968386869e36))
"""What the NetCDF library writes into float cells that nobody wrote."""

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
_LETTERS: dict[str, Axis] = {"X": "x", "Y": "y", "T": "time", "Z": "z"}


def attribute(variable: NcVariable, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """An attribute's value, or None."""
    return variable.getncattr(name) if name in variable.ncattrs() else None


def words(variable: NcVariable, name: str) -> str:
    """An attribute as text; empty if absent."""
    value = attribute(variable, name)
    return "" if value is None else str(value).strip()


def axis_of(coordinate: NcVariable) -> Axis | None:
    """Which axis a coordinate variable is (CF conventions 4): by standard name, units or axis, never by its name."""
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
    return _LETTERS.get(words(coordinate, "axis").upper())


def is_degrees(coordinate: NcVariable) -> bool:
    """Whether a horizontal coordinate is a true latitude or longitude."""
    units = words(coordinate, "units")
    return bool(_LATITUDE.match(units) or _LONGITUDE.match(units))


def stored_dtype(variable: NcVariable) -> np.dtype[Any]:
    """The cells' type, unsigned where `_Unsigned` says so (NetCDF users' guide), native in byte order."""
    dtype = np.dtype(variable.dtype).newbyteorder("=")
    if words(variable, "_Unsigned").lower() == "true" and dtype.kind == "i":
        return np.dtype(f"u{dtype.itemsize}")
    return np.dtype(dtype)


def _numbers(variable: NcVariable, name: str, dtype: np.dtype[Any]) -> list[float]:
    """An attribute's values in the type of the stored cells."""
    value = attribute(variable, name)
    if value is None or isinstance(value, str):
        return []
    array = np.atleast_1d(np.asarray(value))
    if dtype.kind == "u" and array.dtype.kind == "i" and array.dtype.itemsize == dtype.itemsize:
        array = array.view(dtype)
    return [float(v) for v in (array.astype(dtype) if dtype.kind == "f" else array)]


@dataclass(frozen=True, kw_only=True)
class Packing:
    """physical = stored * scale + offset (CF conventions 8.1)."""

    scale: float
    offset: float


def packing(variable: NcVariable, said: VariableDeclaration) -> Packing:
    """Scale and offset, declared or stated."""
    scale = said.scale if said.scale is not None else attribute(variable, "scale_factor")
    offset = said.offset if said.offset is not None else attribute(variable, "add_offset")
    return Packing(scale=1.0 if scale is None else float(scale), offset=0.0 if offset is None else float(offset))


def cell_rules(
    variable: NcVariable, said: VariableDeclaration, packed: Packing, *, path: Path
) -> tuple[CellRules, tuple[str, ...]]:
    """Which cells are no data (CF conventions 2.5.1 and 8.1), and what of it changes stored values, in words."""
    dtype = stored_dtype(variable)
    fills = _numbers(variable, "_FillValue", dtype)
    missing = [v for v in _numbers(variable, "missing_value", dtype) if fits(v, dtype.name)]
    valid = said.valid_range or _valid_range(variable, dtype, packed)
    nodata = said.fill if said.fill is not None else next(iter([*fills, *missing]), None)
    notes: list[str] = []
    if nodata is None and dtype.kind == "f":
        nodata = float("nan")
        missing.append(float(np.dtype(dtype).type(DEFAULT_FILL)))
        notes.append("No fill value is stated: NaN means no data, and so does the NetCDF default 9.96921e36.")
    if nodata is None and valid is not None:
        nodata = fill_outside(valid, dtype.name)
    if nodata is not None and not fits(nodata, dtype.name):
        raise SourceRefused(path, f"the fill value {nodata!r} is no {dtype.name} value", "declare `fill`")
    others = tuple(v for v in dict.fromkeys([*fills, *missing]) if v != nodata and not np.isnan(v))
    if nodata is not None and fills and others:
        notes.append(f"Cells that hold {', '.join(f'{v:g}' for v in others)} became no data ({nodata:g}).")
    if valid is not None and nodata is not None:
        notes.append(f"Cells outside the valid range {valid[0]:g} to {valid[1]:g} (stored values) became no data.")
    return CellRules(dtype=dtype.name, nodata=nodata, missing=others, valid=valid), tuple(notes)


def _valid_range(variable: NcVariable, dtype: np.dtype[Any], packed: Packing) -> tuple[float, float] | None:
    both = _numbers(variable, "valid_range", dtype)
    low = both[:1] or _numbers(variable, "valid_min", dtype)
    high = both[1:2] or _numbers(variable, "valid_max", dtype)
    if not low and not high:
        return None
    ends = (low[0] if low else -np.inf, high[0] if high else np.inf)
    name = "valid_range" if both else "valid_min" if low else "valid_max"
    unpacked = np.asarray(attribute(variable, name)).dtype.kind == "f" and dtype.kind != "f"
    if unpacked and (packed.scale, packed.offset) != (1.0, 0.0):
        # a range in the type of physical values is one of physical values (NetCDF users' guide)
        low_high = sorted((end - packed.offset) / packed.scale for end in ends)
        # half a unit of packing, so that a limit that is itself a value stays inside
        return low_high[0] - 0.5, low_high[1] + 0.5
    return float(ends[0]), float(ends[1])


def referenced(dataset: netCDF4.Dataset) -> dict[str, str]:
    """Variables that other variables use, with what they are: bounds, climatologies, grid mappings, coordinates."""
    found: dict[str, str] = {}
    for variable in dataset.variables.values():
        for name, what in (("bounds", "bounds"), ("climatology", "climatology bounds")):
            found[words(variable, name)] = what
        for name in words(variable, "grid_mapping").replace(":", " ").split():
            found[name] = "a grid mapping"
        for name in words(variable, "coordinates").split():
            found.setdefault(name, "an auxiliary coordinate")
    found.pop("", None)
    return found
