"""Cells of a geographic grid under the pixels of an image: exact nearest-neighbour index vectors, without a warp.

Web Mercator and geographic images are *separable* over a geographic grid: the column of a pixel depends on its x alone
and the row on its y alone. So an image is two index vectors and a gather, with the values that GDAL's nearest warp
gives, and longitude wraps as it does on the globe.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.warp import calculate_default_transform, transform_bounds

from config.grids import CRS84

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from config.grids import Grid

WEB_MERCATOR = "EPSG:3857"
SEPARABLE = (CRS84, WEB_MERCATOR)
"""CRSs of images whose axes are those of a geographic grid."""

Bounds = tuple[float, float, float, float]
"""(west, south, east, north) in the CRS that the text names."""

_EARTH_RADIUS = 6378137.0
"""Radius of the sphere of Web Mercator, metres (EPSG method 1024)."""
_HALF_TURN = 180.0
EPSILON = 1e-10
"""In cells: a pixel centre this little west of a cell's edge belongs to that cell, as in GDAL's warper."""
_MERCATOR_LATITUDE = 85.06
"""Beyond it a resolution in Web Mercator means nothing; rio-tiler clamps to the same latitude."""
_OVERSAMPLING = 1.2
"""GDAL takes an overview that is up to this factor coarser than the request (GDALBandGetBestOverviewLevel2)."""
_OVERSAMPLING_MARGIN = 0.1
"""And by this more, in base cells an overview cell."""
_MAX_AXES = 2048
"""Axes of each kind that are kept: those of a tile are those of its whole row or column of tiles. 2.5 kB each."""
_KEPT_PIXELS = 512
"""Pixels of the longest axes that are kept."""


@dataclass(frozen=True, kw_only=True)
class AxisCells:
    """The cells of one axis of a grid under the pixels of one axis of an image.

    Attributes:
        start: First cell to read, 0 <= start < size.
        count: Cells to read from `start` on, modulo `size`; 0 when the axis lies outside the grid.
        size: Cells of the grid's axis at the level that is read.
        index: For each pixel its cell, counted from `start`; 0 where `valid` is False.
        valid: For each pixel whether it lies inside the grid.

    Its arrays are not to be written to: axes are kept and shared.
    """

    start: int
    count: int
    size: int
    index: NDArray[np.int64]
    valid: NDArray[np.bool_]

    @cached_property
    def is_inside(self) -> bool:
        """Whether every pixel lies inside the grid."""
        return bool(self.valid.all())

    @cached_property
    def is_plain(self) -> bool:
        """Whether each pixel takes the next cell, so that nothing is left to pick."""
        return self.count == len(self.index) and self.is_inside and bool((np.diff(self.index) == 1).all())

    def runs(self) -> list[tuple[int, int]]:
        """The one or two (start, stop) runs of cells to read, in order; two across the seam of a global grid."""
        stop = self.start + self.count
        if stop <= self.size:
            return [(self.start, stop)]
        return [(self.start, self.size), (0, stop - self.size)]


def pixel_centres(low: float, high: float, count: int) -> NDArray[np.float64]:
    """The coordinates of `count` pixel centres from `low` to `high`; descending if high < low."""
    return low + _steps(count) * ((high - low) / count)


@lru_cache(maxsize=64)
def _steps(count: int) -> NDArray[np.float64]:
    steps = np.arange(count, dtype="float64") + 0.5
    steps.flags.writeable = False
    return steps


def longitudes(x: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Degrees east of x coordinates in one of the SEPARABLE CRSs."""
    return x if crs == CRS84 else np.degrees(x / _EARTH_RADIUS)


def latitudes(y: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Degrees north of y coordinates in one of the SEPARABLE CRSs."""
    return y if crs == CRS84 else np.degrees(np.arctan(np.sinh(y / _EARTH_RADIUS)))


def axes(
    grid: Grid, size: tuple[int, int], *, bounds: Bounds, crs: str, shape: tuple[int, int]
) -> tuple[AxisCells, AxisCells]:
    """The columns and rows of a grid, read at a level of `size` (columns, rows), under the pixels of an image.

    Grid and image are in SEPARABLE CRSs. A geographic grid is met modulo 360 degrees.
    """
    west, south, east, north = bounds
    return _across(grid, crs, (west, east), size[0], shape[1]), _down(grid, crs, (north, south), size[1], shape[0])


def _cached[*P](
    make: Callable[[*P, tuple[float, float], int, int], AxisCells],
) -> Callable[[*P, tuple[float, float], int, int], AxisCells]:
    """A maker of axes that remembers the last ones, unless they are long. Its last argument is their length."""
    remembered = lru_cache(maxsize=_MAX_AXES)(make)

    def axis(*arguments: *tuple[*P, tuple[float, float], int, int]) -> AxisCells:
        if arguments[-1] > _KEPT_PIXELS:
            return make(*arguments)
        cells = remembered(*arguments)
        cells.index.flags.writeable = cells.valid.flags.writeable = False
        return cells

    return axis


@_cached
def _across(grid: Grid, crs: str, ends: tuple[float, float], size: int, count: int) -> AxisCells:
    """The columns, of `size`, under the pixels from west to east."""
    x = pixel_centres(*ends, count)
    if grid.is_geographic:
        return columns(grid, longitudes(x, crs), size)
    if crs == CRS84:
        x = np.radians(x) * _EARTH_RADIUS
    position = (x - grid.transform[2]) / grid.transform[0] * (size / grid.width)
    return _clipped(_cells(position, size, closed=False), size)


@_cached
def _down(grid: Grid, crs: str, ends: tuple[float, float], size: int, count: int) -> AxisCells:
    """The rows, of `size`, under the pixels from north to south."""
    y = pixel_centres(*ends, count)
    if grid.is_geographic:
        return rows(grid, latitudes(y, crs), size)
    if crs == CRS84:
        y = np.arcsinh(np.tan(np.radians(y))) * _EARTH_RADIUS
    position = (y - grid.transform[5]) / grid.transform[4] * (size / grid.height)
    return _clipped(_cells(position, size, closed=False), size)


@_cached
def _along(ends: tuple[float, float], size: int, count: int) -> AxisCells:
    """The cells, of `size`, under the pixels between two positions in cells."""
    return _clipped(_cells(pixel_centres(*ends, count), size, closed=False), size)


@dataclass(frozen=True, kw_only=True)
class GridWindow:
    """A box in a grid: its first corner and its size, in cells of full resolution, fractions included."""

    column: float
    row: float
    width: float
    height: float

    @classmethod
    def of(cls, grid: Grid, bounds: Bounds) -> Self:
        """The window of bounds in the grid's own CRS; the grid is north up."""
        west, south, east, north = bounds
        across, _, left, _, down, top = grid.transform
        column, row = (west - left) / across, (north - top) / down
        return cls(column=column, row=row, width=(east - left) / across - column, height=(south - top) / down - row)

    def is_within(self, grid: Grid) -> bool:
        """Whether all of it lies in the grid."""
        right, bottom = self.column + self.width, self.row + self.height
        return self.column >= 0 and self.row >= 0 and right <= grid.width and bottom <= grid.height

    def level(self, grid: Grid, overviews: Sequence[tuple[int, int]], shape: tuple[int, int]) -> int | None:
        """The overview that GDAL's RasterIO reads to show it in `shape` (rows, columns) pixels."""
        width, height = max(1, int(self.width)), max(1, int(self.height))
        if shape[1] >= width and shape[0] >= height:
            return None
        return _coarsest((grid.width, grid.height), overviews, _desired((width, height), (shape[1], shape[0])))

    def axes(self, grid: Grid, size: tuple[int, int], shape: tuple[int, int]) -> tuple[AxisCells, AxisCells]:
        """The columns and rows, at a level of `size` (columns, rows), that RasterIO puts into `shape` pixels."""
        across, down = size[0] / grid.width, size[1] / grid.height
        columns = (self.column * across, (self.column + self.width) * across)
        rows = (self.row * down, (self.row + self.height) * down)
        return _along(columns, size[0], shape[1]), _along(rows, size[1], shape[0])


def columns(grid: Grid, longitude: NDArray[np.float64], size: int, *, closed: bool = False) -> AxisCells:
    """The columns of a geographic grid, read at a level `size` columns wide, that hold the longitudes.

    `closed`: the far edge of the grid belongs to its last cell, as a point asks, and not to none, as a pixel does.
    """
    step, origin = grid.transform[0], grid.transform[2]
    position = (longitude - origin) / step
    if grid.is_global:
        return _wrapped(np.floor(position * (size / grid.width) + EPSILON).astype("int64"), size)
    turn = 360.0 / abs(step)
    position -= turn * np.floor(position / turn + EPSILON)
    return _clipped(_cells(position * (size / grid.width), size, closed=closed), size)


def rows(grid: Grid, latitude: NDArray[np.float64], size: int, *, closed: bool = False) -> AxisCells:
    """The rows of a geographic grid, read at a level `size` rows high, that hold the latitudes; see `columns`."""
    position = (latitude - grid.transform[5]) / grid.transform[4]
    return _clipped(_cells(position * (size / grid.height), size, closed=closed), size)


def _cells(position: NDArray[np.float64], size: int, *, closed: bool) -> NDArray[np.int64]:
    """The cells that hold positions, counted in cells from the grid's first edge."""
    cell = np.floor(position + EPSILON).astype("int64")
    return np.where((cell == size) & (position <= size + EPSILON), size - 1, cell) if closed else cell


def _wrapped(cell: NDArray[np.int64], size: int) -> AxisCells:
    first, last = int(cell.min()), int(cell.max())
    if last - first + 1 >= size:
        start, count, index = 0, size, cell % size
    else:
        start, count, index = first % size, last - first + 1, cell - first
    return AxisCells(start=start, count=count, size=size, index=index, valid=np.ones(cell.shape, bool))


def _clipped(cell: NDArray[np.int64], size: int) -> AxisCells:
    valid = (cell >= 0) & (cell < size)
    if not valid.any():
        return AxisCells(start=0, count=0, size=size, index=np.zeros_like(cell), valid=valid)
    first, last = int(cell[valid].min()), int(cell[valid].max())
    return AxisCells(
        start=first, count=last - first + 1, size=size, index=np.where(valid, cell - first, 0), valid=valid
    )


def best_level(size: tuple[int, int], overviews: Sequence[tuple[int, int]], pixels: tuple[int, int]) -> int | None:
    """The overview that GDAL reads for `size` (width, height) cells shown in `pixels`; None: full resolution.

    The rule of GDALBandGetBestOverviewLevel2: the coarsest overview less than 1.2 times, and 0.1, coarser than they.
    """
    return _coarsest(size, overviews, _desired(size, pixels))


def _desired(size: tuple[int, int], pixels: tuple[int, int]) -> float:
    across, down = size[0] / pixels[0], size[1] / pixels[1]
    return across if across < down or pixels[1] == 1 else down


def _coarsest(size: tuple[int, int], overviews: Sequence[tuple[int, int]], desired: float) -> int | None:
    best, best_ratio = None, 0.0
    for level, (width, height) in enumerate(overviews):
        if width > size[0] or height > size[1]:
            continue
        ratio = min(size[0] / width, size[1] / height)
        if best_ratio < ratio < desired * _OVERSAMPLING + _OVERSAMPLING_MARGIN:
            best, best_ratio = level, ratio
    return best


def image_level(
    grid: Grid, overviews: Sequence[tuple[int, int]], *, bounds: Bounds, crs: str, shape: tuple[int, int]
) -> int | None:
    """The overview to read for an image of `shape` (rows, columns) pixels over `bounds` in a separable CRS.

    The level that GDAL's warper takes when the target resolution is that of the grid: `overviews` are (width, height).
    """
    across, down = native_cell(grid, crs)
    west, south, east, north = bounds
    width = max(1, round((east - west) / min(across, (east - west) / shape[1])))
    height = max(1, round((north - south) / min(down, (north - south) / shape[0])))
    if shape[1] >= width and shape[0] >= height:
        return None
    scaled = [
        (int(width / (grid.width / w) + 0.5) or 1, int(height / (grid.width / w) + 0.5) or 1) for w, _ in overviews
    ]
    return best_level((width, height), scaled, (shape[1], shape[0]))


@lru_cache(maxsize=4096)
def native_cell(grid: Grid, crs: str) -> tuple[float, float]:
    """The size (across, down) of a grid's cells in another CRS, in its units, as GDAL suggests it for a warp."""
    west, south, east, north = _usable_bounds(grid, crs)
    height = max(1, round(abs(north - south) / abs(grid.transform[4])))
    source = CRS.from_epsg(4326) if grid.is_geographic else CRS.from_user_input(grid.crs)
    target = CRS.from_user_input(crs)
    if source == target:
        return abs(grid.transform[0]), abs(grid.transform[4])
    transform, _, _ = calculate_default_transform(source, target, grid.width, height, west, south, east, north)
    return abs(transform.a), abs(transform.e)


def _usable_bounds(grid: Grid, crs: str) -> Bounds:
    west, south, east, north = grid.bounds
    if not grid.is_geographic:
        # GDAL measures the diagonal from the first cell to the last, and about the poles the two are not alike
        return (west, south, east, north) if grid.transform[4] < 0 else (west, north, east, south)
    if grid.is_global:
        west, east = -180.0, 180.0
    if crs == WEB_MERCATOR and (south < -_MERCATOR_LATITUDE or north > _MERCATOR_LATITUDE):
        south, north = max(south, -_MERCATOR_LATITUDE), min(north, _MERCATOR_LATITUDE)
        if south >= north:  # beyond Web Mercator: nothing of it is ever shown
            return west, -1.0, east, 1.0
    return west, south, east, north


@lru_cache(maxsize=256)
def same_crs(one: str, other: str) -> bool:
    """Whether two names or texts mean the same CRS, for rasterio."""
    return one == other or bool(CRS.from_user_input(one) == CRS.from_user_input(other))


def degrees(grid: Grid) -> Bounds | None:
    """The longitudes and latitudes that a grid covers, or None where its CRS cannot express them."""
    try:
        box = transform_bounds(CRS.from_user_input(grid.crs), CRS.from_epsg(4326), *grid.bounds, densify_pts=21)
    except CPLE_BaseError:
        return None
    west, south, east, north = box
    is_usable = all(map(math.isfinite, box)) and south < north and -_HALF_TURN <= west < east <= _HALF_TURN
    return (west, south, east, north) if is_usable else None


def is_upright(grid: Grid) -> bool:
    """Whether rows and columns run along the axes of the CRS."""
    return math.isclose(grid.transform[1], 0.0) and math.isclose(grid.transform[3], 0.0)
