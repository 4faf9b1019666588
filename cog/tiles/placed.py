"""Reading an image in any CRS from a geographic COG, each pixel placed exactly.

GDAL's warper guesses the window of the source from a few points of the image, and leaves holes about a pole that is not
in its middle; it interpolates places, too, which the meridian of 180 degrees does not bear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cog.grids import gridmath
from cog.grids.enclosing import transformed
from cog.tiles.read import bands_of, stored_cells
from cog.tiles.source import ImageCells
from config.grids import CRS84

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.reading.opener import OpenRaster
    from cog.tiles.source import ImageRequest, RasterSource

MAX_PIXELS: Final = 1_048_576
"""Pixels of an image that are placed one by one: about 0.2 s."""


def read_placed(source: RasterSource, raster: OpenRaster, request: ImageRequest) -> ImageCells | None:
    """The stored values of the cells that hold the centres of an image's pixels.

    Returns:
        None for rasters that are not geographic and north up, for other kernels than nearest, for images of more than
        MAX_PIXELS.

    Raises:
        TooLarge: if more cells than `cog.tiles.read.MAX_WINDOW_CELLS` would be read.
        InvalidParameter: if the raster has no such band.
    """
    grid = source.grid
    is_placed = grid.is_geographic and gridmath.is_upright(grid) and request.resampling == "nearest"
    if not is_placed or request.shape[0] * request.shape[1] > MAX_PIXELS:
        return None
    longitude, latitude = _places(request)
    absent = ~(np.isfinite(longitude) & np.isfinite(latitude))
    longitude, latitude = np.where(absent, 0.0, longitude), np.where(absent, 0.0, latitude)
    level = _level(source, raster, latitude.reshape(request.shape), absent.reshape(request.shape))
    width, height = raster.size(level)
    across, down = gridmath.columns(grid, longitude, width), gridmath.rows(grid, latitude, height)
    bands = bands_of(raster, request.indexes)
    codec = source.codec(raster.dtype, nodata=request.nodata)
    shape = (len(bands), *request.shape)
    if absent.all() or not (across.count and down.count):
        blank = np.full(shape, codec.fill, dtype=codec.dtype)
        return ImageCells(values=blank, codec=codec, fill=None, mask=np.ones(request.shape, bool))
    stored = stored_cells(raster.at(level), bands, across=across, run=down.runs()[0], codec=codec)
    values = np.ma.getdata(stored)[:, down.index, across.index].reshape(shape)
    outside = absent | ~(across.valid & down.valid)
    mask = np.ma.getmaskarray(stored)[:, down.index, across.index] | outside
    return ImageCells(values=values, codec=codec, fill=None, mask=mask.reshape(shape))


def _places(request: ImageRequest) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of each pixel's centre, row by row; infinite where it has none."""
    west, south, east, north = request.bounds
    x, y = np.meshgrid(
        gridmath.pixel_centres(west, east, request.shape[1]), gridmath.pixel_centres(north, south, request.shape[0])
    )
    return transformed(x.ravel(), y.ravel(), source=request.crs, target=CRS84)


def _level(
    source: RasterSource, raster: OpenRaster, latitude: NDArray[np.float64], absent: NDArray[np.bool_]
) -> int | None:
    """The overview for the rows that pixels pass: columns narrow towards the poles, where no overview fits all.

    None: full resolution.
    """
    down = np.diff(latitude, axis=0, append=np.nan)
    across = np.diff(latitude, axis=1, append=np.nan)
    steps = np.hypot(down, across)[~absent]
    steps = steps[np.isfinite(steps)]
    if not steps.size:
        return None
    ratio = float(np.median(steps)) / abs(source.grid.transform[4])
    if ratio <= 1:
        return None
    size = (source.grid.width, source.grid.height)
    pixels = (max(1, round(size[0] / ratio)), max(1, round(size[1] / ratio)))
    return gridmath.best_level(size, raster.overview_sizes, pixels)
