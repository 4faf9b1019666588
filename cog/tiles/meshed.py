"""Reading an image of nearest cells in any CRS: along the grid's axes where it has them, else by a mesh of places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rasterio.windows import Window

from cog.grids import gridmath
from cog.grids.mesh import Mesh
from cog.tiles.read import MAX_WINDOW_CELLS, bands_of, gather, join
from cog.tiles.source import ImageCells
from config.errors import TooLarge

if TYPE_CHECKING:
    from cog.grids.mesh import MeshCells
    from cog.reading.opener import OpenRaster
    from cog.tiles.source import ImageRequest, RasterSource


def read_meshed(source: RasterSource, raster: OpenRaster, request: ImageRequest) -> ImageCells | None:
    """The stored values of the cells under an image's pixels.

    Each pixel is placed within about 0.005 cells, or pixels where these are larger, of where PROJ puts its centre.

    Returns:
        None for rotated grids, other kernels than nearest, and images whose places no mesh approximates, as those
        that hold a pole or reach beyond what their CRS can show.

    Raises:
        TooLarge: if more cells than `cog.tiles.read.MAX_WINDOW_CELLS` would be read.
        InvalidParameter: if the raster has no such band.
    """
    grid = source.grid
    if request.resampling != "nearest" or not raster.is_plain or not gridmath.is_upright(grid):
        return None
    if grid.transform[4] < 0 and gridmath.same_crs(grid.crs, request.crs):
        window = gridmath.GridWindow.of(grid, request.bounds)
        level = window.level(grid, raster.overview_sizes, request.shape)
        return gather(source, raster, request, level, window.axes(grid, raster.size(level), request.shape))
    mesh = Mesh.of(grid, bounds=request.bounds, crs=request.crs, shape=request.shape)
    if mesh is None:
        return None
    level = mesh.level(raster.overview_sizes)
    cells = mesh.cells(raster.size(level))
    return None if cells is None else _picked(source, raster, request, level, cells)


def _picked(
    source: RasterSource, raster: OpenRaster, request: ImageRequest, level: int | None, cells: MeshCells
) -> ImageCells:
    bands, codec = bands_of(raster, request.indexes), source.codec(raster.dtype, nodata=request.nodata)
    if not cells.columns[1]:
        values = np.full((len(bands), *request.shape), codec.fill, dtype=codec.dtype)
        return ImageCells(values=values, codec=codec, fill=codec.fill, mask=cells.outside)
    row, height = cells.rows
    if height * cells.columns[1] * len(bands) > MAX_WINDOW_CELLS:
        raise TooLarge(
            f"{height} rows of {cells.columns[1]} columns in {len(bands)} bands would be read, more than "
            f"{MAX_WINDOW_CELLS} cells; the file needs overviews, or ask for a smaller area"
        )
    dataset = raster.at(level)
    windows = [Window(first, row, stop - first, height) for first, stop in cells.runs()]
    stored = join([dataset.read(bands, window=window) for window in windows])
    values = np.stack([band.ravel().take(cells.flat, mode="clip") for band in stored])
    mask = cells.outside
    if codec.nodata is None and raster.has_mask:
        valid = np.concatenate([dataset.dataset_mask(window=window) for window in windows], axis=1)
        masked = valid.ravel().take(cells.flat, mode="clip") == 0
        mask = masked if mask is None else mask | masked
    if cells.outside is not None:
        values[:, cells.outside] = codec.fill
    uniform = mask is cells.outside and (codec.nodata is not None or values.dtype.kind != "f" or mask is None)
    return ImageCells(values=values, codec=codec, fill=codec.fill if uniform else None, mask=mask)
