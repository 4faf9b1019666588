"""The climate and forecast (CF) metadata of a coverage: time axis, horizontal axes and packing, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cftime
import numpy as np
from pyproj import CRS

from config.elapsed import elapsed
from config.layers import MEMBER
from config.times import key_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.writers.cube import CoverageField, CoverageTime, CubeAxis
    from config.grids import Grid

CONVENTIONS = "CF-1.11"
_UNITS = {
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
    "milliseconds": 1_000,
    "microseconds": 1,
}
"""Units of a time coordinate, the coarsest first, in microseconds."""
_EPOCH = "1970-01-01 00:00:00"
_NAMES = {"latitude": "lat", "longitude": "lon", "projection_x_coordinate": "x", "projection_y_coordinate": "y"}


@dataclass(frozen=True, kw_only=True)
class TimeAxis:
    """Numbers of a time coordinate.

    Attributes:
        units: CF units, the coarsest in which every value is whole, so that float64 holds it exactly.
        calendar: CF calendar.
        values: Shape (time,).
        bounds: Shape (time, 2), or None where a step has no bounds.
    """

    units: str
    calendar: str
    values: NDArray[np.float64]
    bounds: NDArray[np.float64] | None


@dataclass(frozen=True, kw_only=True)
class CfAxis:
    """A horizontal coordinate: its name, cell centres, cell edges as (cell, 2), and CF attributes."""

    name: str
    values: NDArray[np.float64]
    bounds: NDArray[np.float64]
    attributes: dict[str, Any]


def time_axis(steps: Sequence[CoverageTime], calendar: str) -> TimeAxis:
    """The time coordinate of the steps, in their own calendar (CF 4.4.1)."""
    keys = [step.key for step in steps]
    bounded = all(step.start_key is not None and step.end_key is not None for step in steps)
    ends = [key for step in steps for key in (step.start_key, step.end_key) if key is not None] if bounded else []
    units, values = _numbers((*keys, *ends), calendar)
    bounds = values[len(keys) :].reshape(-1, 2) if bounded else None
    return TimeAxis(units=units, calendar=calendar, values=values[: len(keys)], bounds=bounds)


def _numbers(keys: Sequence[int], calendar: str) -> tuple[str, NDArray[np.float64]]:
    """Order keys in the coarsest units in which all are whole; cftime counts what `config.elapsed` does not."""
    micros = elapsed(np.array(keys, "int64"), calendar)
    if micros is not None:
        unit = next(unit for unit, size in _UNITS.items() if not (micros % size).any())
        return f"{unit} since {_EPOCH}", micros / _UNITS[unit]
    dates = [_date(key, calendar) for key in keys]
    for unit in _UNITS:
        units = f"{unit} since {_EPOCH}"
        numbers = np.asarray(cftime.date2num(dates, units, calendar=calendar))
        if np.issubdtype(numbers.dtype, np.integer) or bool(np.all(numbers == np.rint(numbers))):
            break
    return units, numbers.astype("float64")


def _date(key: int, calendar: str) -> cftime.datetime:
    """The date of an order key. A key between two dates of the calendar, such as 31 April, is the later one.

    An end computed on keys, whose months all have 31 days, may be such a key: the day after 30 April.
    """
    try:
        return cftime.datetime(*key_parts(key), calendar=calendar)
    except ValueError:
        year, month, day, *_ = key_parts(key)
        if (year, month) == (1582, 10) and day < 15:
            return cftime.datetime(1582, 10, 15, calendar=calendar)  # the days that the Gregorian reform left out
        return cftime.datetime(year + month // 12, month % 12 + 1, 1, calendar=calendar)


def horizontal_axes(grid: Grid) -> tuple[CfAxis, CfAxis]:
    """(y axis, x axis) of a grid without rotation."""
    a, _, c, _, e, f = grid.transform
    described = {item["axis"]: item for item in _crs(grid).cs_to_cf()} if not grid.is_geographic else _DEGREES
    return _axis(described["Y"], f, e, grid.height), _axis(described["X"], c, a, grid.width)


_DEGREES: dict[str, dict[str, Any]] = {
    "Y": {"axis": "Y", "standard_name": "latitude", "long_name": "latitude", "units": "degrees_north"},
    "X": {"axis": "X", "standard_name": "longitude", "long_name": "longitude", "units": "degrees_east"},
}


def _axis(attributes: dict[str, Any], origin: float, step: float, count: int) -> CfAxis:
    index = np.arange(count, dtype="float64")
    edges = np.stack([origin + step * index, origin + step * (index + 1.0)], axis=1)
    name = _NAMES.get(attributes["standard_name"], attributes["axis"].lower())
    return CfAxis(name=name, values=origin + step * (index + 0.5), bounds=edges, attributes=dict(attributes))


_NOT_VERTICAL = {
    MEMBER: "realization",
    "frequency": "sea_surface_wave_frequency",
    "direction": "sea_surface_wave_to_direction",
}
"""Standard names of axes of layers that are not vertical."""


def layer_axis_name(levels: CubeAxis) -> str:
    """The name of the coordinate of levels or members: that of the axis, unless another coordinate has it."""
    return "level" if levels.name in (*_NAMES.values(), "time", "crs", "bnds") else levels.name


def layer_attributes(levels: CubeAxis) -> dict[str, str]:
    """CF attributes of the coordinate of levels or members."""
    attributes = {"long_name": levels.name, "units": levels.unit or "1"}
    if levels.name in _NOT_VERTICAL:
        return attributes | {"standard_name": _NOT_VERTICAL[levels.name]}
    attributes["axis"] = "Z"
    return attributes | ({"positive": levels.positive} if levels.positive else {})


def grid_mapping(grid: Grid) -> dict[str, Any]:
    """Attributes of the grid mapping variable (CF 5.6), with the CRS as WKT and GDAL's GeoTransform."""
    mapping = {name: value for name, value in _crs(grid).to_cf().items() if value is not None}
    a, b, c, d, e, f = grid.transform
    mapping["GeoTransform"] = " ".join(repr(v) for v in (c, a, b, f, d, e))  # GDAL's order; exact in float64
    mapping["spatial_ref"] = mapping["crs_wkt"]
    return mapping


def _crs(grid: Grid) -> CRS:
    return CRS.from_user_input("EPSG:4326" if grid.is_geographic else grid.crs)


def field_attributes(field: CoverageField) -> dict[str, Any]:
    """CF attributes of a field, except `_FillValue`: names, unit, packing, flags."""
    attributes: dict[str, Any] = {"long_name": field.long_name}
    if field.standard_name:
        attributes["standard_name"] = field.standard_name
    if field.unit:
        attributes["units"] = field.unit
    if (field.scale, field.offset) != (1.0, 0.0):
        attributes["scale_factor"], attributes["add_offset"] = np.float64(field.scale), np.float64(field.offset)
    if field.classes:
        attributes["flag_values"] = np.array([c.value for c in field.classes], dtype=field.dtype)
        attributes["flag_meanings"] = " ".join(_flag_word(c.name) for c in field.classes)
    return attributes


def _flag_word(name: str) -> str:
    """A class name as one word: CF 3.5 separates meanings by blanks."""
    return re.sub(r"[^\w.+@-]+", "_", name.strip()).strip("_") or "unnamed"


def chunk_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """Chunks of at most 256 x 256 cells, for dimensions that end in (y, x).

    Of one step, or where the cells of a step are fewer, of as many steps as make as many values.
    """
    plane = [min(_EDGE, size) for size in sizes[-2:]]
    steps = max(1, _EDGE * _EDGE // (plane[0] * plane[1]))
    leading = [1 for _ in sizes[:-2]]
    if leading:
        leading[0] = min(steps, sizes[0])
    return (*leading, *plane)


_EDGE = 256
