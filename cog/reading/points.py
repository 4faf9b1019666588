"""The cells of a raster that hold points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rasterio.windows import Window as RasterWindow

from cog.grids.enclosing import transformed
from cog.reading.opener import open_raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.grids import Grid

_TURN = 360.0
_EDGE = 1e-9
"""In cells: a point this little outside the grid, or before an edge between cells, is on the edge."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """Places of points in a grid: column and row of each, and whether it is inside; (0, 0) where it is not."""

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    inside: NDArray[np.bool_]


def locate(grid: Grid, xs: NDArray[np.float64], ys: NDArray[np.float64], *, crs: str) -> Located:
    """The cells that hold points of a CRS (x is east); the outer edges of the grid belong to its outermost cells.

    On a geographic grid longitudes are read modulo 360. The grid may be rotated.
    """
    east, north = (xs, ys) if crs == grid.crs else transformed(xs, ys, source=crs, target=grid.crs)
    a, b, c, d, e, f = grid.transform
    determinant = a * e - b * d
    with np.errstate(invalid="ignore", over="ignore"):  # a point may lie at 1e308
        column = (e * (east - c) - b * (north - f)) / determinant
        row = (a * (north - f) - d * (east - c)) / determinant
        if grid.is_geographic:
            turn = _TURN / abs(a)
            turned = column - turn * np.floor(column / turn + _EDGE)
            column = np.where((column >= 0) & (column <= grid.width + _EDGE), column, turned)
    columns, across = _cells(column, grid.width)
    rows, down = _cells(row, grid.height)
    inside = across & down
    return Located(columns=np.where(inside, columns, 0), rows=np.where(inside, rows, 0), inside=inside)


def _cells(position: NDArray[np.float64], size: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    inside = np.isfinite(position) & (position >= -_EDGE) & (position <= size + _EDGE)
    cell = np.floor(np.where(inside, position, 0.0) + _EDGE).astype("int64")
    return np.clip(cell, 0, size - 1), inside


def read_cells(path: str, located: Located) -> NDArray[Any]:
    """Stored values (band, point) of points; of no meaning where a point is not inside. Raises EnvironmentFault."""
    with open_raster(path) as raster:
        source = raster.full
        values = np.zeros((source.count, located.inside.size), dtype=source.dtypes[0])
        for index in np.flatnonzero(located.inside):
            window = RasterWindow(int(located.columns[index]), int(located.rows[index]), 1, 1)
            values[:, index] = source.read(window=window, masked=False)[:, 0, 0]
    return values
