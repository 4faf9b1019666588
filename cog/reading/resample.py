"""Images resampled by GDAL's warper (bilinear, cubic, average, ...) from geographic grids, right across 180 degrees.

rio-tiler resamples all other grids; it would leave a gap at the seam of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.warp import reproject

from cog.grids import gridmath
from cog.tiles.read import bands_of, level_of, stored_cells
from config.errors import InvalidParameter

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from cog.reading.opener import OpenRaster
    from cog.tiles.source import ImageRequest, RasterSource

_MARGIN = 4
"""Cells read beyond an image's edge for resampling kernels (Lanczos reaches 3)."""
_NO_WARP = frozenset({"gauss"})


def read_resampled(source: RasterSource, raster: OpenRaster, request: ImageRequest) -> np.ma.MaskedArray:
    """The physical values (band, row, column) of an image, masked where there is no data.

    Args:
        source: The COG; `cog.tiles.read.is_separable` must hold for the request's CRS.
        raster: The same COG, open.
        request: What to read; the resampling is of each turn of the globe that the image meets.

    Raises:
        InvalidParameter: if the resampling cannot be done in a warp.
        TooLarge: if too many cells would be read.
    """
    if request.resampling in _NO_WARP or request.resampling not in Resampling.__members__:
        raise InvalidParameter("resampling", request.resampling, "use nearest, bilinear, cubic, average or mode")
    dataset = raster.at(level_of(source, raster, request))
    bands = bands_of(raster, request.indexes)
    values = np.full((len(bands), *request.shape), np.nan)
    for turn in (0,) if source.grid.is_global else (-1, 0, 1):
        part = _resampled_turn(source, dataset, request, bands, turn * 360.0)
        if part is not None:
            np.copyto(values, part, where=np.isnan(values))
    mask = np.isnan(values)
    dtype = np.dtype(dataset.dtypes[0])
    if dtype.kind != "f":
        values = np.rint(np.where(mask, 0, values))
    return source.codec(dtype.name).image(np.ma.MaskedArray(values.astype(dtype), mask=mask))


def _resampled_turn(
    source: RasterSource, dataset: DatasetReader, request: ImageRequest, bands: tuple[int, ...], shift: float
) -> NDArray[np.float64] | None:
    """Values resampled from the grid moved `shift` degrees east, NaN for no data; None where they do not meet."""
    grid = source.grid
    step = (grid.transform[0] * grid.width / dataset.width, grid.transform[4] * grid.height / dataset.height)
    origin = (grid.transform[2] + shift, grid.transform[5])
    west, south, east, north = request.bounds
    lons = gridmath.longitudes(np.array([west, east]), request.crs)
    lats = gridmath.latitudes(np.array([south, north]), request.crs)
    across = _span((lons - origin[0]) / step[0], None if grid.is_global else dataset.width)
    down = _span((lats - origin[1]) / step[1], dataset.height)
    if across is None or down is None:
        return None
    axis = _whole_axis(across, dataset.width)
    codec = source.codec(dataset.dtypes[0], nodata=request.nodata)
    stored = stored_cells(dataset, bands, across=axis, run=down, codec=codec)
    window = stored.data.astype("float64")
    window[np.ma.getmaskarray(stored)] = np.nan
    return _warped(
        window.take(axis.index, axis=2),
        Affine(step[0], 0, origin[0] + across[0] * step[0], 0, step[1], origin[1] + down[0] * step[1]),
        request,
    )


def _warped(window: NDArray[np.float64], transform: Affine, request: ImageRequest) -> NDArray[np.float64]:
    values = np.full((len(window), *request.shape), np.nan)
    reproject(
        window,
        values,
        src_transform=transform,
        src_crs=CRS.from_epsg(4326),
        src_nodata=np.nan,
        dst_transform=from_bounds(*request.bounds, request.shape[1], request.shape[0]),
        dst_crs=CRS.from_epsg(4326 if request.crs != gridmath.WEB_MERCATOR else 3857),
        dst_nodata=np.nan,
        resampling=Resampling[request.resampling],
    )
    return values


def _span(ends: NDArray[np.float64], size: int | None) -> tuple[int, int] | None:
    """Cells [start, stop) between two positions with a margin, clipped to 0..size; None if there are none."""
    start, stop = int(np.floor(ends.min())) - _MARGIN, int(np.ceil(ends.max())) + _MARGIN
    if size is not None:
        start, stop = max(start, 0), min(stop, size)
    return (start, stop) if start < stop else None


def _whole_axis(span: tuple[int, int], size: int) -> gridmath.AxisCells:
    """Every cell of a span, modulo `size`."""
    cells = np.arange(*span)
    if len(cells) >= size:
        start, count, index = 0, size, cells % size
    else:
        start, count, index = span[0] % size, len(cells), cells - span[0]
    return gridmath.AxisCells(start=start, count=count, size=size, index=index, valid=np.ones(len(cells), bool))
