"""The horizontal grid of a CF variable: its axes and its grid mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from cog.sources.axes import coarseness_of, unwrapped
from cog.sources.calendars import as_numbers
from cog.sources.centres import Centres
from cog.sources.crs import grid_crs, require_same_places
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.mappings import cf_crs, cf_geographic_crs
from cog.sources.netcdf.scope import find
from config.errors import SourceRefused
from config.grids import CRS84

_SAME = 1e-6
"""Part of a cell by which two statements of its size may differ."""
_RADIANS = ("rad", "radian", "radians")
_GEOTRANSFORM = 6
"""Numbers of GDAL's `GeoTransform`: x, step and skew of columns; y, skew and step of rows."""
_MAPPINGS = {"grid_mapping_name", "crs_wkt", "spatial_ref"}
"""Attributes of which a grid mapping has one."""
_WIDEST = 0.3
"""Radians: the Earth is seen from a geostationary orbit within 0.152 of the middle."""
_SAMPLES = 32
"""Rows and columns at which coordinates are compared with the file's own latitudes and longitudes."""
_HALF_TURN = 180.0
_MOST_DEGREES = 720.0
_DEGREE = 111_000.0
"""Metres, about."""


def centres_of(
    variable: NcVariable,
    x: NcVariable,
    y: NcVariable,
    *,
    reference: tuple[str, tuple[str, ...]] | None = None,
    path: Path,
) -> Centres:
    """The centres of the cells of a variable on the axes x and y, in `reference` (a CRS with its notes) unless None.

    Raises SourceRefused, also where the file's own latitudes and longitudes lie elsewhere.
    """
    mapping = _mapping(variable, path)
    degrees = cf.is_degrees(x) and cf.is_degrees(y)
    columns, rows = _values(x, path), _values(y, path)
    coarseness = coarseness_of(columns)
    notes: tuple[str, ...]
    assumed: tuple[str, ...] = ()
    if reference is not None:
        crs, notes = reference
        degrees = degrees or (_lack_units(x, y) and pyproj.CRS.from_user_input(crs).is_geographic)
        is_plain = degrees or (_lack_units(x, y) and not _are_angles(mapping, columns, rows))
        factor = 1.0 if is_plain else _factor(x, y, mapping or {}, crs, path)
    elif degrees:
        crs, notes, assumed = _geographic(x, y, mapping, path)
        factor = 1.0
    elif mapping is None:
        cause = (
            f"its axes {x.name} and {y.name} are no longitudes and latitudes, and no grid mapping says what they are"
        )
        raise SourceRefused(path, cause, "declare `grid: {crs: EPSG:<code>}`, or crs, origin and cell")
    else:
        projection, decided = cf_crs(mapping, path=path)
        crs, notes = grid_crs(projection, path=path)
        notes = (*decided, *notes)
        degrees = _lack_units(x, y) and projection.is_geographic and not _is_rotated(crs)
        is_plain = degrees or (_lack_units(x, y) and _is_confirmed(mapping, columns, rows))
        factor = 1.0 if is_plain else _factor(x, y, mapping, crs, path)
    if _lack_units(x, y) and _are_angles(mapping, columns, rows):
        assumed = (*assumed, "Its axes state no unit; their numbers can only be radians.")
        notes = (*notes, assumed[-1])
    if degrees:
        columns = unwrapped(columns)
    elif factor != 1.0:
        columns, rows = columns.astype("float64") * factor, rows.astype("float64") * factor
    elif _is_rotated(crs):
        columns = _within_turn(columns)
    centres = Centres(
        crs=crs,
        x=columns,
        y=rows,
        degrees=degrees,
        coarseness=coarseness if degrees or _is_rotated(crs) else 0.0,
        notes=notes,
        assumed=assumed,
    )
    positions = _own_positions(variable, (y.dimensions[0], x.dimensions[0]))
    if positions is not None and reference is None:
        _compare(centres, positions, path)
    return centres


def _geographic(
    x: NcVariable, y: NcVariable, mapping: dict[str, Any] | None, path: Path
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The CRS of axes of longitudes and latitudes, notes, and those of the notes that are assumptions."""
    assumed: tuple[str, ...] = ()
    named = [axis.name for axis in (x, y) if cf.named_axis(axis) is not None]
    if named:
        assumed = (f"Its axes {' and '.join(named)} were taken for longitudes and latitudes by their names.",)
    if mapping is None:
        return CRS84, assumed, assumed
    reference = cf_geographic_crs(mapping, path=path)
    if reference.is_projected and reference.geodetic_crs is not None:
        note = "Its axes are in degrees, so that they were taken, and not the projection that its grid mapping names."
        assumed = (*assumed, note)
        reference = reference.geodetic_crs
    crs, notes = grid_crs(reference, path=path)
    return crs, (*notes, *assumed), assumed


def _values(axis: NcVariable, path: Path) -> NDArray[Any]:
    values = cf.unpacked(axis, as_numbers(axis[...]))
    if values.dtype.kind not in "iuf":
        raise SourceRefused(path, f"axis {axis.name} holds no numbers", "declare `grid`")
    return values


def _mapping(variable: NcVariable, path: Path) -> dict[str, Any] | None:
    name = cf.words(variable, "grid_mapping") or _mapping_beside(variable)
    if not name:
        return None
    if ":" in name:
        raise SourceRefused(path, f"the extended grid mapping {name!r} is not understood", "declare `grid`")
    container = find(variable, name)
    if container is None:
        raise SourceRefused(path, f"its grid mapping {name!r} is missing", "declare `grid`")
    attributes = {k: container.getncattr(k) for k in container.ncattrs()}
    return {k: v.tolist() if isinstance(v, np.ndarray | np.generic) else v for k, v in attributes.items()}


def _mapping_beside(variable: NcVariable) -> str:
    """The grid mapping that a variable names among its coordinates, as xarray leaves it; empty if there is none."""
    others = [find(variable, name) for name in cf.words(variable, "coordinates").split()]
    mappings = [it.name for it in others if it is not None and it.size == 1 and _MAPPINGS & {*it.ncattrs()}]
    return mappings[0] if len(mappings) == 1 else ""


def _factor(x: NcVariable, y: NcVariable, mapping: dict[str, Any], crs: str, path: Path) -> float:
    """What axes are multiplied by to be in the unit of their CRS: metres, or degrees of a rotated pole."""
    units = {cf.words(axis, "units") for axis in (x, y)}
    unit = units.pop() if len(units) == 1 else ""
    if _is_rotated(crs):
        if unit.lower() in ("", "1") or cf.is_plain_degrees(unit):
            return 1.0
        raise SourceRefused(path, f"the unit {unit!r} of its rotated axes is not degrees", "declare `grid`")
    if unit and unit in cf.LENGTHS:
        return cf.LENGTHS[unit]
    is_angle = unit in _RADIANS or (not unit and _are_angles(mapping, _values(x, path), _values(y, path)))
    if is_angle and mapping.get("grid_mapping_name") == "geostationary":
        return float(mapping["perspective_point_height"])  # CF conventions, appendix F: angles times height
    if not unit:
        remedy = "declare `grid: {crs: EPSG:<code>}` (or WKT), in whose unit they then count, or crs, origin and cell"
        raise SourceRefused(path, "its projected axes state no unit", remedy)
    cause = f"the unit {unit!r} of its projected axes is not metres"
    raise SourceRefused(path, cause, "declare `grid`: crs, origin and cell")


def _lack_units(x: NcVariable, y: NcVariable) -> bool:
    """Whether neither axis states a unit."""
    return not cf.words(x, "units") and not cf.words(y, "units")


def _are_angles(mapping: dict[str, Any] | None, columns: NDArray[Any], rows: NDArray[Any]) -> bool:
    """Whether axes of a geostationary view are angles beyond doubt: in metres they would be within one cell."""
    ends = [float(value) for axis in (columns, rows) for value in (axis[0], axis[-1])]
    return (mapping or {}).get("grid_mapping_name") == "geostationary" and max(map(abs, ends)) < _WIDEST


def _is_confirmed(mapping: dict[str, Any], columns: NDArray[Any], rows: NDArray[Any]) -> bool:
    """Whether GDAL's words on a grid, which are in the unit of the CRS, say of the steps of its axes what they do."""
    stated = [float(word) for word in cf.numbers_in(str(mapping.get("GeoTransform", "")))]
    if len(stated) != _GEOTRANSFORM or min(columns.size, rows.size) < 2 or not stated[1] or not stated[5]:
        return False
    steps = (float(axis[-1] - axis[0]) / (axis.size - 1) for axis in (columns, rows))
    return all(abs(abs(step / size) - 1) < _SAME for step, size in zip(steps, (stated[1], stated[5]), strict=True))


def _is_rotated(crs: str) -> bool:
    return "DERIVINGCONVERSION" in crs


def _within_turn(longitudes: NDArray[Any]) -> NDArray[Any]:
    """Rotated longitudes between -180 and 180, where PROJ places them, if they do not go on beyond."""
    values = unwrapped(longitudes)
    turns = np.round(float(np.mean(values)) / (2 * _HALF_TURN)) * 2 * _HALF_TURN
    return values - turns if turns else values


def _own_positions(variable: NcVariable, dims: tuple[str, str]) -> tuple[NcVariable, NcVariable] | None:
    """The file's own (longitude, latitude) of each cell over (y, x), if the variable names them."""
    by_axis: dict[bool, NcVariable] = {}
    for name in cf.words(variable, "coordinates").split():
        candidate = find(variable, name)
        if candidate is not None and candidate.dimensions == dims and cf.is_degrees(candidate):
            by_axis[cf.axis_of(candidate) == "x"] = candidate
    return (by_axis[True], by_axis[False]) if len(by_axis) == 2 else None


def _compare(centres: Centres, positions: tuple[NcVariable, NcVariable], path: Path) -> None:
    """Raise SourceRefused where centres lie elsewhere than the file's own longitudes and latitudes of them."""
    columns = np.unique(np.linspace(0, centres.x.size - 1, _SAMPLES).astype(int))
    rows = np.unique(np.linspace(0, centres.y.size - 1, _SAMPLES).astype(int))
    x, y = np.meshgrid(centres.x[columns].astype("float64"), centres.y[rows].astype("float64"))
    lon, lat = (np.stack([_row(v, int(r))[columns] for r in rows]).astype("float64") for v in positions)
    if not (np.isfinite(lon) & np.isfinite(lat)).any():
        return
    cell = abs(float(x[0, -1] - x[0, 0])) / max(1, int(columns[-1] - columns[0]))
    if centres.degrees or _is_rotated(centres.crs):
        cell *= _DEGREE
    crs = pyproj.CRS.from_user_input(centres.crs)
    require_same_places(crs, (x, y), (lon, lat), cell=cell, path=path)


def _row(position: NcVariable, row: int) -> NDArray[Any]:
    """A row of latitudes or longitudes, NaN where they are fill."""
    stored = as_numbers(position[row, :])
    values: NDArray[Any] = cf.unpacked(position, stored).astype("float64")
    for name in ("_FillValue", "missing_value"):
        for missing in cf.numbers(position, name, stored.dtype):
            values[stored == missing] = np.nan
    values[np.abs(values) > _MOST_DEGREES] = np.nan  # the default fill, or no place at all
    return values
