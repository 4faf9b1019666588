"""Cells whose latitudes and longitudes have two dimensions (CF conventions 5.2), put on a regular grid where declared.

By nearest neighbour: a cell of the grid takes the source's cell whose centre is nearest on the sphere, unless that is
further than half that cell's diagonal (and a twentieth more: cells are not exact parallelograms). So cells of tripolar
ocean models and of satellite swaths keep their values, and no value is made; where the grid's cells are smaller, a cell
is shown several times.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from pykdtree.kdtree import KDTree

from cog.sources.calendars import as_numbers
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.scope import find, neighbours
from cog.sources.netcdf.still import StillPlaces
from config.errors import SourceRefused
from config.grids import CRS84, Grid

MAX_CELLS: Final = 2**24
"""Cells that may have places of their own: all of them are in memory at once, some 150 bytes each."""
MAX_GROWTH: Final = 16
"""Most cells of a regular grid, as a multiple of those of its source."""
_POWERS: Final = range(1, -7, -1)
_NICE: Final = (1, 1.2, 1.25, 1.5, 1.8, 2, 2.25, 2.5, 3, 3.6, 3.75, 4, 4.5, 5, 6, 7.2, 7.5, 8, 9)
_SIZES: Final = sorted(
    size
    for power in _POWERS
    for nice in _NICE
    if (size := float(f"{nice}e{power}")) <= 45 and abs(90 / size - round(90 / size)) < 1e-6
)
"""Sizes of a cell in degrees, which divide the way from the equator to a pole, and so the circle."""
_JUMP: Final = 2.0
"""Times the distance to one neighbour at which the other is no neighbour: cells are missing in between."""
_SLACK: Final = 1.05
"""Times half the diagonal of a cell that its corner may be away."""
_LARGE: Final = 4.0
"""Times the median half diagonal that is the most of any cell: beyond it, a place is wrong or cells are missing."""
_TURN: Final = 360.0
_TIMED: Final = 3
_TIMES: Final = ("time", "times")
"""Names of the dimension along which some models repeat the places of cells that do not move."""


@dataclass(frozen=True, kw_only=True)
class Curvilinear:
    """Cells at places of their own, and the regular grid that they are put on.

    Attributes:
        places: Their centres on the unit sphere, (row, column, 3) as stored; NaN where one is not known.
        reach: Distance of their corners from their centres, (row, column), in radii of the sphere; 0 where unknown.
        grid: The regular grid, north up, longitudes from -180 if it goes round the globe.
    """

    places: NDArray[np.float64]
    reach: NDArray[np.float64]
    grid: Grid

    @property
    def note(self) -> str:
        """A sentence on the change to the cells."""
        rows, columns = self.reach.shape
        return (
            f"Its cells, on a curvilinear grid of {columns} x {rows}, were put by nearest neighbour on a regular grid "
            f"of {self.grid.width} x {self.grid.height} cells of {self.grid.transform[0]:g} degrees."
        )

    @cached_property
    def _nearest(self) -> NDArray[np.int32]:
        """For each cell of the grid (row, column) the number of the cell that it shows, row by row; -1 for none."""
        usable = np.isfinite(self.places).all(axis=-1)
        reach = self.reach[usable]
        most = _LARGE * float(np.median(reach[reach > 0]))
        reach = np.append(np.minimum(reach, most), -1.0)  # the last one is that of no cell
        tree = KDTree(self.places[usable])
        numbers = np.flatnonzero(usable).astype("int32")
        west, north, cell = self.grid.transform[2], self.grid.transform[5], self.grid.transform[0]
        longitude = np.radians(west + (np.arange(self.grid.width) + 0.5) * cell)
        nearest = np.full((self.grid.height, self.grid.width), -1, "int32")
        for row in range(self.grid.height):
            latitude = np.full(self.grid.width, math.radians(north - (row + 0.5) * cell))
            distance, index = tree.query(_units(latitude, longitude), k=1, distance_upper_bound=most)
            near = distance <= reach[index]
            nearest[row, near] = numbers[index[near]]
        return nearest

    def read(
        self, stored: Callable[[int, int], NDArray[Any]], rows: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Rows [first, last) of the grid, and where nothing of the source lies; `stored` gives stored rows."""
        number = self._nearest[rows[0] : rows[1]]
        nothing = number < 0
        columns = self.reach.shape[1]
        used = number[~nothing]
        first, last = (int(used.min()) // columns, int(used.max()) // columns + 1) if used.size else (0, 1)
        cells = stored(first, last).reshape(-1)
        return cells[np.where(nothing, 0, number - first * columns)], nothing


def curvilinear(places: tuple[NcVariable, NcVariable], *, name: str, path: Path) -> Curvilinear:
    """Cells at places (latitude, longitude), and a grid for them; raises SourceRefused, naming their variable."""
    if places[0].size > MAX_CELLS:
        cause = f"variable {name} has {places[0].size} cells on a curvilinear grid, the limit is {MAX_CELLS}"
        raise SourceRefused(path, cause, "split it, or regrid it first, for example with cdo remapnn")
    latitude, longitude = _degrees(places[0]), _degrees(places[1])
    bad = (np.abs(latitude) > 90 + 1e-6) | (np.abs(longitude) > 2 * _TURN)
    unknown = bad | ~np.isfinite(latitude) | ~np.isfinite(longitude)
    on_sphere = _units(*(np.radians(np.where(unknown, np.nan, angle)) for angle in (latitude, longitude)))
    halves = _half_diagonals(on_sphere)
    if np.isnan(halves).all():
        cause = f"no two neighbouring cells of variable {name} have a latitude and a longitude"
        raise SourceRefused(path, cause, "check its latitudes and longitudes")
    cell = math.degrees(float(np.nanmedian(halves))) * math.sqrt(2)
    if cell < _SIZES[0]:
        cause = f"the cells of variable {name} are {cell:.1g} degrees apart, the least that is served is {_SIZES[0]:g}"
        raise SourceRefused(path, cause, "check its latitudes and longitudes")
    grid = _grid(latitude[~unknown], longitude[~unknown], cell)
    if grid.width * grid.height > MAX_GROWTH * latitude.size:
        cause = (
            f"variable {name} has {latitude.size} cells on a curvilinear grid; a regular one of "
            f"{grid.transform[0]:g} degrees would have {grid.width * grid.height}"
        )
        raise SourceRefused(path, cause, "regrid it to a projection first, for example with gdalwarp -geoloc")
    return Curvilinear(places=on_sphere, reach=np.nan_to_num(halves), grid=grid)


def places_of(variable: NcVariable) -> tuple[NcVariable, NcVariable] | None:
    """The (latitude, longitude) of each cell of a variable over two of its dimensions, if the file has them.

    The variables that it names itself count before others.
    """
    candidates = [find(variable, name) for name in cf.words(variable, "coordinates").split()]
    named = _pair(variable, [place for place in candidates if place is not None])
    return named or _pair(variable, neighbours(variable))


def _pair(variable: NcVariable, places: list[NcVariable]) -> tuple[NcVariable, NcVariable] | None:
    by_axis: dict[str, NcVariable] = {}
    for candidate in places:
        is_timed = candidate.ndim == _TIMED and candidate.dimensions[0].lower() in _TIMES
        place = cast("NcVariable", StillPlaces(candidate)) if is_timed else candidate
        lies = place.ndim == 2 and set(place.dimensions) <= set(variable.dimensions)
        if lies and cf.is_position(place) and cf.is_number(place):
            by_axis.setdefault(cf.axis_of(place) or "", place)
    if {"x", "y"} <= by_axis.keys() and by_axis["x"].dimensions == by_axis["y"].dimensions:
        return by_axis["y"], by_axis["x"]
    return None


def _degrees(place: NcVariable) -> NDArray[np.float64]:
    """Latitudes or longitudes, unpacked, NaN where they are fill."""
    stored = as_numbers(place[...])
    if cf.stored_dtype(place).kind == "u":
        stored = stored.view(f"u{stored.dtype.itemsize}")
    values: NDArray[np.float64] = cf.unpacked(place, stored).astype("float64")
    for name in ("_FillValue", "missing_value"):
        for missing in cf.numbers(place, name, stored.dtype):
            values[stored == missing] = np.nan
    return values


def _units(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the unit sphere, (..., 3), of latitudes and longitudes in radians."""
    across = np.cos(latitude)
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], axis=-1)


def _half_diagonals(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of the corners of each cell from its centre, in radii of the sphere; NaN where it is not known."""
    down, across = _spacing(places, 0), _spacing(places, 1)
    return np.hypot(np.where(np.isnan(down), across, down), np.where(np.isnan(across), down, across)) / 2 * _SLACK


def _spacing(places: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The distance of each centre to its neighbour along an axis: the larger one, unless cells are missing there."""
    steps = np.linalg.norm(np.diff(places, axis=axis), axis=-1)
    shape = list(places.shape[:2])
    shape[axis] = 1
    edge = np.full(shape, np.nan)
    before, after = np.concatenate([edge, steps], axis=axis), np.concatenate([steps, edge], axis=axis)
    low, high = np.fmin(before, after), np.fmax(before, after)
    spacing: NDArray[np.float64] = np.where(high > _JUMP * low, low, high)
    return spacing


def _grid(latitude: NDArray[np.float64], longitude: NDArray[np.float64], cell: float) -> Grid:
    """A geographic grid around cells of about that size, by their centres, whose edges are multiples of its cells."""
    size = max(size for size in _SIZES if size <= cell)
    pole = round(90 / size)
    first = max(-pole, math.floor((float(latitude.min()) - cell / 2) / size))
    last = min(pole, math.ceil((float(latitude.max()) + cell / 2) / size))
    west, width = _around(longitude, size, cell)
    return Grid(crs=CRS84, transform=(size, 0.0, west, 0.0, -size, last * size), width=width, height=last - first)


def _around(longitude: NDArray[np.float64], size: float, cell: float) -> tuple[float, int]:
    """The western edge of the shortest stretch of whole columns that holds longitudes, and how many columns it has."""
    whole = round(_TURN / size)
    used = np.unique((np.floor((longitude + _TURN / 2) / size)).astype("int64") % whole)
    gaps = np.diff(used, append=used[0] + whole)
    widest, margin = int(gaps.argmax()), math.ceil(cell / 2 / size)
    width = whole - int(gaps[widest]) + 1 + 2 * margin
    if (int(gaps[widest]) - 1) * size <= 3 * cell or width >= whole:
        return -_TURN / 2, whole
    first = int(used[(widest + 1) % len(used)]) - margin
    return first * size - _TURN / 2, width
