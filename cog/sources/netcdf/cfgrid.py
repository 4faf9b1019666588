"""The horizontal grid of a CF variable: its axes and its grid mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pyproj
from numpy.typing import NDArray

from cog.sources.axes import edge_and_step
from cog.sources.calendars import as_numbers
from cog.sources.crs import cf_crs, cf_geographic_crs, grid_crs, require_same_places
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from config.errors import SourceRefused
from config.grids import CRS84, Grid

_METRES = {"m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0}
_KILOMETRES = {"km": 1e3, "kilometre": 1e3, "kilometres": 1e3, "kilometer": 1e3, "kilometers": 1e3}
_SAMPLES = 32
"""Rows and columns at which projected coordinates are compared with the file's own latitudes and longitudes."""


def horizontal_grid(
    file: netCDF4.Dataset,
    variable: NcVariable,
    x: NcVariable,
    y: NcVariable,
    *,
    reference: tuple[str, tuple[str, ...]] | None = None,
    path: Path,
) -> tuple[Grid, tuple[str, ...]]:
    """The grid as stored, and notes on its CRS, which is `reference` (with its notes) unless None.

    Raises SourceRefused.
    """
    mapping = _mapping(file, variable, path)
    degrees = cf.is_degrees(x) and cf.is_degrees(y)
    factor, crs = 1.0, CRS84
    notes: tuple[str, ...] = ()
    projection: pyproj.CRS | None = None
    if reference is not None:
        crs, notes = reference
        factor = 1.0 if degrees else _metres(x, y, mapping or {}, path)
    elif degrees:
        if mapping is not None:
            crs, notes = grid_crs(cf_geographic_crs(mapping, path=path), path=path)
    elif mapping is None:
        cause = (
            f"its axes {x.name} and {y.name} are no longitudes and latitudes, and no grid mapping tells what they are"
        )
        raise SourceRefused(path, cause, "declare `grid: {crs: EPSG:<code>}`, or crs, origin and cell")
    else:
        factor = _metres(x, y, mapping, path)
        projection, decided = cf_crs(mapping, path=path)
        crs, notes = grid_crs(projection, path=path)
        notes = (*decided, *notes)
    centres = [_centres(axis, path) for axis in (x, y)]
    if projection is not None:
        positions = _own_positions(file, variable, (y.dimensions[0], x.dimensions[0]))
        if positions is not None:
            _compare(projection, (centres[0] * factor, centres[1] * factor), positions, path)
    west, dx = edge_and_step(centres[0], name=x.name, path=path, degrees=degrees)
    north, dy = edge_and_step(centres[1], name=y.name, path=path, degrees=degrees)
    transform = (dx * factor, 0.0, west * factor, 0.0, dy * factor, north * factor)
    return Grid(crs=crs, transform=transform, width=x.size, height=y.size), notes


def _centres(axis: NcVariable, path: Path) -> NDArray[Any]:
    values = cf.unpacked(axis, as_numbers(axis[...]))
    if values.dtype.kind not in "iuf":
        raise SourceRefused(path, f"axis {axis.name} holds no numbers", "declare `grid`")
    return values


def _mapping(file: netCDF4.Dataset, variable: NcVariable, path: Path) -> dict[str, Any] | None:
    name = cf.words(variable, "grid_mapping")
    if not name:
        return None
    if ":" in name:
        raise SourceRefused(path, f"the extended grid mapping {name!r} is not understood", "declare `grid`")
    container = file.variables.get(name)
    if container is None:
        raise SourceRefused(path, f"its grid mapping {name!r} is missing", "declare `grid`")
    attributes = {k: container.getncattr(k) for k in container.ncattrs()}
    return {k: v.tolist() if isinstance(v, np.ndarray | np.generic) else v for k, v in attributes.items()}


def _metres(x: NcVariable, y: NcVariable, mapping: dict[str, Any], path: Path) -> float:
    units = {cf.words(axis, "units") for axis in (x, y)}
    unit = units.pop() if len(units) == 1 else ""
    factors = _METRES | _KILOMETRES
    if unit in factors:
        return factors[unit]
    if unit in ("rad", "radian", "radians") and mapping.get("grid_mapping_name") == "geostationary":
        return float(mapping["perspective_point_height"])  # CF conventions, appendix F: angles times height
    raise SourceRefused(path, f"the unit {unit!r} of its projected axes is not metres", "declare `grid`")


def _own_positions(
    file: netCDF4.Dataset, variable: NcVariable, dims: tuple[str, str]
) -> tuple[NcVariable, NcVariable] | None:
    """The file's own (longitude, latitude) of each cell over (y, x), if it has them."""
    by_axis: dict[bool, NcVariable] = {}
    for name in cf.words(variable, "coordinates").split():
        candidate = file.variables.get(name)
        if candidate is not None and candidate.dimensions == dims and cf.is_degrees(candidate):
            by_axis[cf.axis_of(candidate) == "x"] = candidate
    return (by_axis[True], by_axis[False]) if len(by_axis) == 2 else None


def _compare(
    crs: Any,
    centres: tuple[NDArray[Any], NDArray[Any]],
    positions: tuple[NcVariable, NcVariable],
    path: Path,
) -> None:
    columns = np.unique(np.linspace(0, len(centres[0]) - 1, _SAMPLES).astype(int))
    rows = np.unique(np.linspace(0, len(centres[1]) - 1, _SAMPLES).astype(int))
    x, y = np.meshgrid(centres[0][columns].astype("float64"), centres[1][rows].astype("float64"))
    lon, lat = (np.stack([as_numbers(v[int(r), :])[columns] for r in rows]).astype("float64") for v in positions)
    cell = abs(float(x[0, -1] - x[0, 0])) / max(1, int(columns[-1] - columns[0]))
    require_same_places(crs, (x, y), (lon, lat), cell=cell, path=path)
