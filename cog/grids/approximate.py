"""Positions of an image's pixels in a grid whose axes are not the image's: GDAL's approximate transformer, redone.

GDAL warps a line of pixels by transforming its first, middle and last one exactly. Where the middle lies within 0.125
cells of the straight line between the others, all between them are put on that line; else each half is treated in the
same way (GDALApproxTransformInternal). The same here for all lines of an image at once, with a transformer that is
kept, so that the cells are those that a WarpedVRT takes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
from pyproj.enums import TransformDirection
from pyproj.transformer import AreaOfInterest
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.warp import transform as gdal_transform

from cog.grids import gridmath
from config.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Positions = tuple[NDArray[np.float64], NDArray[np.float64]]
    """Columns and rows in a grid, in cells from its first corner, one of each a point."""

MAX_ERROR = 0.125
"""Cells by which a pixel may be off: what rasterio's WarpedVRT asks of GDAL, and so rio-tiler."""
_FEW = 5
"""Points that are transformed one by one, whatever the error."""
_MAX_TRANSFORMERS = 32
"""Transformers that one thread keeps: some 100 kB each."""
_PROBES = 5
"""Points along each axis of a grid at which PROJ's answer is compared with GDAL's."""
_SAME_CELLS = 1e-3

_local = threading.local()


@dataclass(frozen=True, kw_only=True)
class Scattered:
    """The cells that an image's pixels fall in, one by one.

    Attributes:
        column: For each pixel (row, column of the image) the column of its cell, within the grid; any where outside.
        row: The same for the row.
        outside: Whether the pixel lies off the grid; None if none does.
        window: (first column, first row, columns, rows) that hold all of them; None if no pixel lies in the grid.
    """

    column: NDArray[np.int32]
    row: NDArray[np.int32]
    outside: NDArray[np.bool_] | None
    window: tuple[int, int, int, int] | None

    def flat(self) -> NDArray[np.int32]:
        """For each pixel the number of its cell in the window, row by row; the window has less than 2**31 cells."""
        assert self.window is not None
        first_column, first_row, width, _ = self.window
        numbers = self.row - np.int32(first_row)
        numbers *= np.int32(width)
        numbers += self.column
        numbers -= np.int32(first_column)
        return numbers


def locate(
    grid: Grid, size: tuple[int, int], *, bounds: gridmath.Bounds, crs: str, shape: tuple[int, int]
) -> Scattered | None:
    """The cells of a grid, read at a level of `size` (columns, rows), under the pixels of an image.

    None where some pixels have no place in the grid's CRS, or where PROJ and GDAL do not agree on the way there: GDAL
    then does what this cannot repeat. Where no pixel has one, such as behind the Earth that a satellite sees, all are
    outside; GDAL then gives whatever its memory held. A pixel that the approximation puts less than a cell off the grid
    is transformed exactly, as GDAL does.
    """
    transformer = _transformer(grid, crs)
    if transformer is None:
        return None
    step = (grid.transform[0] * grid.width / size[0], grid.transform[4] * grid.height / size[1])
    origin = (grid.transform[2], grid.transform[5])

    def exact(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
        across, down = transformer.transform(x, y)
        return (across - origin[0]) / step[0], (down - origin[1]) / step[1]

    west, south, east, north = bounds
    x = gridmath.pixel_centres(west, east, shape[1])
    y = gridmath.pixel_centres(north, south, shape[0])
    column, row = approximate(exact, x, y)
    ends = _ends(column), _ends(row)
    if _within(ends[0], size[0]) and _within(ends[1], size[1]):
        return _cells(column, row, ends, size)
    usable = np.isfinite(column) & np.isfinite(row)
    if not usable.any():
        return _nowhere(column.shape)
    if not usable.all():
        return None
    near = (column > -1) & (row > -1) & (column < size[0] + 1) & (row < size[1] + 1) & ~_inside(column, row, size)
    line, point = np.nonzero(near)
    column[near], row[near] = exact(x[point], y[line])
    inside = _inside(column, row, size)
    if not inside.any():
        return _nowhere(column.shape)
    outside = ~inside
    column[outside], row[outside] = column[inside][0], row[inside][0]
    cells = _cells(column, row, (_ends(column), _ends(row)), size)
    return replace(cells, outside=outside) if outside.any() else cells


def _ends(positions: NDArray[np.float64]) -> tuple[float, float]:
    """The least and the greatest position; NaN if any is NaN."""
    return float(positions.min()), float(positions.max())


def _within(ends: tuple[float, float], size: int) -> bool:
    """Whether all positions between two lie in the grid, by the rule of `_inside`."""
    return ends[0] >= 0 and ends[1] + gridmath.EPSILON <= size


def _inside(column: NDArray[np.float64], row: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether positions lie in the grid, for GDAL's nearest kernel (GWKCheckAndComputeSrcOffsets)."""
    within = (column >= 0) & (row >= 0)
    within &= column + gridmath.EPSILON <= size[0]
    within &= row + gridmath.EPSILON <= size[1]
    return within


def _nowhere(shape: tuple[int, ...]) -> Scattered:
    nothing = np.zeros(shape, "int32")
    return Scattered(column=nothing, row=nothing, outside=np.ones(shape, bool), window=None)


def _cells(
    column: NDArray[np.float64],
    row: NDArray[np.float64],
    ends: tuple[tuple[float, float], tuple[float, float]],
    size: tuple[int, int],
) -> Scattered:
    """Positions within the grid, which are written to, as cells, rounded as that kernel rounds them."""
    columns, first_column, last_column = _rounded(column, ends[0], size[0])
    rows, first_row, last_row = _rounded(row, ends[1], size[1])
    window = (first_column, first_row, last_column - first_column + 1, last_row - first_row + 1)
    return Scattered(column=columns, row=rows, outside=None, window=window)


def _rounded(
    positions: NDArray[np.float64], ends: tuple[float, float], size: int
) -> tuple[NDArray[np.int32], int, int]:
    """The cells of positions, and the first and last of them."""
    positions += gridmath.EPSILON
    cells = positions.astype("int32")
    first, last = (int(end + gridmath.EPSILON) for end in ends)
    if last >= size:
        np.minimum(cells, size - 1, out=cells)
    return cells, min(first, size - 1), min(last, size - 1)


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """Points `start` to `start + count - 1` of some lines, with the exact positions of their first, middle, last.

    `column` and `row` have the shape (lines, 3).
    """

    lines: NDArray[np.intp]
    start: int
    count: int
    column: NDArray[np.float64]
    row: NDArray[np.float64]

    @property
    def middle(self) -> int:
        """The middle point, counted from the first."""
        return (self.count - 1) // 2

    def within(self) -> NDArray[np.bool_]:
        """For each line whether the middle lies close enough to the straight line between the ends."""
        span = float(self.count - 1)
        off = np.zeros(len(self.lines))
        with np.errstate(invalid="ignore"):  # infinite where the grid's CRS has no place for a point: not within
            for ends in (self.column, self.row):
                off += np.abs(ends[:, 0] + (ends[:, 2] - ends[:, 0]) / span * self.middle - ends[:, 1])
            return off <= MAX_ERROR

    def of(self, selection: NDArray[np.bool_]) -> _Stretch:
        """Some of its lines."""
        return _Stretch(
            lines=self.lines[selection],
            start=self.start,
            count=self.count,
            column=self.column[selection],
            row=self.row[selection],
        )


def approximate(
    exact: Callable[[NDArray[np.float64], NDArray[np.float64]], Positions],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> Positions:
    """The positions (line, point) of an image's pixels as GDAL approximates them.

    Args:
        exact: Transforms x and y coordinates to positions.
        x: Coordinates of the points of a line.
        y: Coordinates of the lines.
    """
    lines, points = len(y), len(x)
    columns, rows = np.empty((lines, points)), np.empty((lines, points))
    if points <= _FEW:
        _transform_all(exact, x, y, (columns, rows), _whole(lines, points))
        return columns, rows
    open_stretches = [_with_ends(exact, x, y, _whole(lines, points))]
    while open_stretches:
        stretch = open_stretches.pop()
        straight = stretch.within()
        _fill_straight(stretch if straight.all() else stretch.of(straight), (columns, rows))
        if not straight.all():
            for half in _halves(exact, x, y, stretch.of(~straight)):
                if half.count <= _FEW:
                    _transform_all(exact, x, y, (columns, rows), half)
                else:
                    open_stretches.append(half)
    return columns, rows


def _whole(lines: int, points: int) -> _Stretch:
    nothing = np.empty((lines, 3))
    return _Stretch(lines=np.arange(lines), start=0, count=points, column=nothing, row=nothing)


def _with_ends(
    exact: Callable[[NDArray[np.float64], NDArray[np.float64]], Positions],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    stretch: _Stretch,
) -> _Stretch:
    at = np.array([0, stretch.middle, stretch.count - 1])
    column, row = exact(np.tile(x[at], len(y)), np.repeat(y, 3))
    return _Stretch(
        lines=stretch.lines,
        start=0,
        count=stretch.count,
        column=column.reshape(-1, 3),
        row=row.reshape(-1, 3),
    )


def _fill_straight(stretch: _Stretch, positions: Positions) -> None:
    if not len(stretch.lines):
        return
    steps = np.arange(stretch.count, dtype="float64")
    span = float(stretch.count - 1)
    lines, points = _rows_of(stretch.lines), slice(stretch.start, stretch.start + stretch.count)
    for values, ends in zip(positions, (stretch.column, stretch.row), strict=True):
        slope = ((ends[:, 2] - ends[:, 0]) / span)[:, np.newaxis]
        part = values[lines, points] if isinstance(lines, slice) else np.empty((len(stretch.lines), stretch.count))
        np.multiply(slope, steps, out=part)
        part += ends[:, :1]
        if not isinstance(lines, slice):
            values[lines, points] = part


def _rows_of(lines: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """The lines as a slice if they are consecutive: numpy then copies in one go."""
    first, last = int(lines[0]), int(lines[-1])
    return slice(first, last + 1) if last - first + 1 == len(lines) else lines


def _halves(
    exact: Callable[[NDArray[np.float64], NDArray[np.float64]], Positions],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    stretch: _Stretch,
) -> tuple[_Stretch, _Stretch]:
    """Both halves of a stretch: points before the middle, and from it on."""
    first, second = stretch.middle, stretch.count - stretch.middle
    at = stretch.start + np.array([(first - 1) // 2, first - 1, first + (second - 1) // 2])
    lines = len(stretch.lines)
    column, row = exact(np.tile(x[at], lines), np.repeat(y[stretch.lines], 3))
    column, row = column.reshape(-1, 3), row.reshape(-1, 3)

    def half(
        start: int, count: int, ends: Callable[[NDArray[np.float64], NDArray[np.float64]], list[NDArray[np.float64]]]
    ) -> _Stretch:
        return _Stretch(
            lines=stretch.lines,
            start=stretch.start + start,
            count=count,
            column=np.stack(ends(stretch.column, column), axis=1),
            row=np.stack(ends(stretch.row, row), axis=1),
        )

    return (
        half(0, first, lambda old, new: [old[:, 0], new[:, 0], new[:, 1]]),
        half(first, second, lambda old, new: [old[:, 1], new[:, 2], old[:, 2]]),
    )


def _transform_all(
    exact: Callable[[NDArray[np.float64], NDArray[np.float64]], Positions],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    positions: Positions,
    stretch: _Stretch,
) -> None:
    """Transform each point of a stretch."""
    points = slice(stretch.start, stretch.start + stretch.count)
    lines = len(stretch.lines)
    columns, rows = exact(np.tile(x[points], lines), np.repeat(y[stretch.lines], stretch.count))
    target = (_rows_of(stretch.lines), points)
    positions[0][target], positions[1][target] = columns.reshape(lines, -1), rows.reshape(lines, -1)


def _transformer(grid: Grid, crs: str) -> pyproj.Transformer | None:
    """From a CRS to the grid's, kept by the thread that made it; None if PROJ and GDAL do not agree over the grid."""
    cache: OrderedDict[tuple[str, Grid], pyproj.Transformer | None] | None = getattr(_local, "transformers", None)
    if cache is None:
        cache = _local.transformers = OrderedDict()
    key = (crs, grid)
    if key in cache:
        cache.move_to_end(key)
        return cache[key]
    transformer = _agreed(grid, crs)
    cache[key] = transformer
    while len(cache) > _MAX_TRANSFORMERS:
        cache.popitem(last=False)
    return transformer


def _agreed(grid: Grid, crs: str) -> pyproj.Transformer | None:
    source, target = pyproj.CRS.from_user_input(crs), pyproj.CRS.from_wkt(CRS.from_user_input(grid.crs).to_wkt())
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True, area_of_interest=_area(grid))
    west, south, east, north = grid.bounds
    across, down = (
        a.ravel() for a in np.meshgrid(np.linspace(west, east, _PROBES), np.linspace(south, north, _PROBES))
    )
    x, y = transformer.transform(across, down, direction=TransformDirection.INVERSE)
    usable = np.isfinite(x) & np.isfinite(y)
    if not usable.any():
        return None
    back = transformer.transform(x[usable], y[usable])
    try:
        gdal = gdal_transform(CRS.from_user_input(crs), CRS.from_user_input(grid.crs), x[usable], y[usable])
    except CPLE_BaseError:  # a point on the edge of what the CRS shows
        return None
    cell = min(abs(grid.transform[0]), abs(grid.transform[4]))
    agree = all(np.allclose(a, b, rtol=0, atol=cell * _SAME_CELLS) for a, b in zip(back, gdal, strict=True))
    return transformer if agree else None


def _area(grid: Grid) -> AreaOfInterest | None:
    """The longitudes and latitudes that a grid covers, by which GDAL, too, chooses among transformations."""
    box = gridmath.degrees(grid)
    return None if box is None else AreaOfInterest(*box)
