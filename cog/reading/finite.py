"""Copies of windows of a raster in which cells without data hold one value that GDAL's warper leaves out.

GDAL knows one no-data value, and lets infinite cells (and NaN beside another value) spread over the kernel's reach.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from rasterio._err import CPLE_BaseError
from rasterio.warp import transform_bounds
from rasterio.windows import Window as RasterWindow

if TYPE_CHECKING:
    import rasterio
    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from config.grids import Grid

MOST_CELLS = 64_000_000
"""Most cells of all bands that are copied; of a larger window nothing is."""

_MARGIN = 8
"""Cells read beyond the edges of the target: the kernels reach 2."""
_BULGE = 20
"""Part of the window's size, one in so many, that is read beyond its edges because they are curved."""


def finite_window(
    source: rasterio.DatasetReader, target: Grid, crs: rasterio.CRS, codec: Codec
) -> tuple[NDArray[Any], Affine] | None:
    """The cells (band, row, column) of a raster around a grid, and their transform; None of too many.

    Args:
        source: The raster, of floating-point cells.
        target: A grid whose cells are made of those.
        crs: Its CRS.
        codec: The meaning of the raster's stored values.
    """
    window = _window(source, target, crs)
    if window.width * window.height * codec.bands > MOST_CELLS:
        return None
    cells: NDArray[Any] = source.read(list(range(1, codec.bands + 1)), window=window, masked=False)
    cells[~codec.valid(cells)] = codec.fill
    return cells, source.transform @ Affine.translation(window.col_off, window.row_off)


def _window(source: rasterio.DatasetReader, target: Grid, crs: rasterio.CRS) -> RasterWindow:
    """The cells around a grid; all of the raster where their edges have no place in its CRS, or cross its seam."""
    whole = RasterWindow(0, 0, source.width, source.height)
    try:
        west, south, east, north = transform_bounds(crs, source.crs, *target.bounds, densify_pts=21)
    except CPLE_BaseError:
        return whole
    if not all(map(math.isfinite, (west, south, east, north))) or west > east:
        return whole
    corners = [~source.transform @ corner for corner in ((west, north), (east, north), (west, south), (east, south))]
    columns, rows = np.array(corners).T
    left, right = _widened(float(columns.min()), float(columns.max()), source.width)
    top, bottom = _widened(float(rows.min()), float(rows.max()), source.height)
    return RasterWindow(left, top, right - left, bottom - top)


def _widened(low: float, high: float, size: int) -> tuple[int, int]:
    """[first, stop) of at least one cell of an axis around two positions, with the margin."""
    margin = _MARGIN + (high - low) / _BULGE
    first = min(max(math.floor(low - margin), 0), size - 1)
    return first, max(min(math.ceil(high + margin), size), first + 1)
