"""Reading an image from a COG: exact nearest reads without a warp, equal to GDAL's, and right across 180 degrees."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from cog.grids import approximate as scattered
from cog.grids import gridmath
from cog.series.directory import UnknownLayoutError
from cog.tiles.direct import DirectRaster, first_look, leave_to_gdal
from cog.tiles.source import ImageCells, ImageRequest
from config.errors import InvalidParameter, TooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from cog.cells.codec import Codec
    from cog.reading.opener import OpenRaster
    from cog.tiles.source import RasterSource

MAX_WINDOW_CELLS = 64_000_000
"""Most stored cells that one read takes into memory: overviews keep a tile four hundred times below."""
_WARP_BYTES = 16_000_000
"""Stored bytes above which GDAL's warper may cut an image in pieces, and so approximate other lines."""
_WARP_WIDTH = 512
"""Columns of a block of a WarpedVRT: a wider image is approximated in pieces."""


def is_separable(source: RasterSource, crs: str) -> bool:
    """Whether an image in that CRS has the axes of the source's grid, so that it wraps at 180 degrees."""
    return source.grid.is_geographic and gridmath.is_upright(source.grid) and crs in gridmath.SEPARABLE


def read_cells(source: RasterSource, raster: OpenRaster | DirectRaster, request: ImageRequest) -> ImageCells | None:
    """The stored values that a nearest-neighbour image shows, those that rio-tiler shows.

    Over the seam of a geographic grid, where rio-tiler leaves a gap, those of the cells that lie there. Some bands of
    many of a geographic grid are those of all bands, where rio-tiler would sample twice.

    Returns:
        None where GDAL does something that is not repeated here: rotated grids, masks beside a nodata value, edges of
        grids whose CRS is the image's own, some bands of many. rio-tiler reads those.

    Raises:
        TooLarge: if more cells than MAX_WINDOW_CELLS would be read.
        InvalidParameter: if the raster has no such band.
    """
    if request.resampling != "nearest" or not raster.is_plain:
        return None
    if is_separable(source, request.crs):
        return _read_axes(source, raster, request)
    bands = bands_of(raster, request.indexes)
    if raster.has_mask or request.crs not in gridmath.SEPARABLE or not gridmath.is_upright(source.grid):
        return None
    if gridmath.same_crs(source.grid.crs, request.crs):
        return _read_window(source, raster, request)
    # of some bands of many, GDAL warps whole blocks, and then samples what it has warped
    return None if len(bands) < len(raster.bands) else _read_warped(source, raster, request)


def read_first(source: RasterSource, request: ImageRequest) -> ImageCells | None:
    """Read the first images of a raster without GDAL (`cog.tiles.direct`), as `read_cells`; None where GDAL has to."""
    raster = first_look(source.path, source.version) if source.version else None
    if raster is None:
        return None
    try:
        return read_cells(source, raster, request)
    except UnknownLayoutError:
        leave_to_gdal(raster.path)
        return None


def read_image(source: RasterSource, raster: OpenRaster, request: ImageRequest) -> np.ma.MaskedArray | None:
    """The physical values (band, row, column) of `read_cells`, masked where there is no data; None as there."""
    cells = read_cells(source, raster, request)
    return None if cells is None else cells.image()


def read_point(
    source: RasterSource,
    raster: OpenRaster,
    point: tuple[float, float],
    *,
    indexes: tuple[int, ...] | None = None,
    nodata: float | None = None,
) -> np.ma.MaskedArray | None:
    """The physical values (band,) of the cell that holds a point (longitude, latitude), or None outside the grid."""
    longitude, latitude = point
    across = gridmath.columns(source.grid, np.array([longitude]), raster.full.width, closed=True)
    down = gridmath.rows(source.grid, np.array([latitude]), raster.full.height, closed=True)
    if not (across.count and down.count):
        return None
    request = ImageRequest(bounds=(0, 0, 0, 0), crs=source.grid.crs, shape=(1, 1), indexes=indexes, nodata=nodata)
    return gather(source, raster, request, None, (across, down)).image()[:, 0, 0]


def level_of(source: RasterSource, raster: OpenRaster | DirectRaster, request: ImageRequest) -> int | None:
    """The overview that GDAL's warper reads for an image; None: full resolution."""
    return gridmath.image_level(
        source.grid, raster.overview_sizes, bounds=request.bounds, crs=request.crs, shape=request.shape
    )


def _read_axes(source: RasterSource, raster: OpenRaster | DirectRaster, request: ImageRequest) -> ImageCells:
    level = level_of(source, raster, request)
    axes = gridmath.axes(source.grid, raster.size(level), bounds=request.bounds, crs=request.crs, shape=request.shape)
    return gather(source, raster, request, level, axes)


def _read_window(source: RasterSource, raster: OpenRaster | DirectRaster, request: ImageRequest) -> ImageCells | None:
    """Cells of an image in the grid's own CRS, where the grid fills it."""
    window = gridmath.GridWindow.of(source.grid, request.bounds)
    if source.grid.transform[4] > 0 or not window.is_within(source.grid):
        return None
    level = window.level(source.grid, raster.overview_sizes, request.shape)
    return gather(source, raster, request, level, window.axes(source.grid, raster.size(level), request.shape))


def _read_warped(source: RasterSource, raster: OpenRaster | DirectRaster, request: ImageRequest) -> ImageCells | None:
    """Cells of an image in another CRS than the grid's."""
    if gridmath.same_crs(source.grid.crs, gridmath.WEB_MERCATOR):
        return _read_axes(source, raster, request)
    if max(request.shape) > _WARP_WIDTH:
        return None
    return _read_scattered(source, raster, request)


def _read_scattered(
    source: RasterSource, raster: OpenRaster | DirectRaster, request: ImageRequest
) -> ImageCells | None:
    """Cells of an image whose axes are not the grid's."""
    level = level_of(source, raster, request)
    size = raster.size(level)
    scatter = scattered.locate(source.grid, size, bounds=request.bounds, crs=request.crs, shape=request.shape)
    if scatter is None:
        return None
    dataset, bands = raster.at(level), bands_of(raster, request.indexes)
    codec = source.codec(raster.dtype, nodata=request.nodata)
    if scatter.window is None:
        return _no_cells((len(bands), *request.shape), codec)
    column, row, width, height = scatter.window
    if width * height * len(bands) * np.dtype(raster.dtype).itemsize > _WARP_BYTES:
        return None
    stored = dataset.read(bands, window=Window(column, row, width, height)).reshape(len(bands), -1)
    values = stored.take(scatter.flat(), axis=1, mode="clip")  # all of which lie within, and are not looked at again
    return _cells(values, codec, outside=scatter.outside)


def gather(
    source: RasterSource,
    raster: OpenRaster | DirectRaster,
    request: ImageRequest,
    level: int | None,
    axes: tuple[gridmath.AxisCells, gridmath.AxisCells],
) -> ImageCells:
    """Stored values at the cells of both axes (columns, rows) of a level."""
    across, down = axes
    bands = bands_of(raster, request.indexes)
    codec = source.codec(raster.dtype, nodata=request.nodata)
    if not (across.count and down.count):
        return _no_cells((len(bands), len(down.index), len(across.index)), codec)
    windows = _windows(across, down.runs()[0], len(bands))
    values = _pick(join([raster.at(level).read(bands, window=window) for window in windows]), across, down)
    outside = None
    if not (across.is_inside and down.is_inside):
        outside = ~(down.valid[:, np.newaxis] & across.valid[np.newaxis, :])
    if codec.nodata is not None or isinstance(raster, DirectRaster) or not raster.has_mask:
        return _cells(values, codec, outside=outside)
    dataset = raster.at(level)
    mask = _pick(join([dataset.dataset_mask(window=window)[np.newaxis] for window in windows]), across, down)
    return _cells(values, codec, outside=outside, masked=mask[0] == 0)


def _windows(across: gridmath.AxisCells, run: tuple[int, int], bands: int) -> list[Window]:
    """The one or two windows of some rows and of an axis of columns, in order; raises TooLarge."""
    height = run[1] - run[0]
    if height * across.count * bands > MAX_WINDOW_CELLS:
        raise TooLarge(
            f"{height} rows of {across.count} columns in {bands} bands would be read, more than "
            f"{MAX_WINDOW_CELLS} cells; the file needs overviews, or ask for a smaller area"
        )
    return [Window(start, run[0], stop - start, height) for start, stop in across.runs()]


def join(parts: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
    """Windows (band, row, column) side by side."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


def _pick(values: NDArray[np.generic], across: gridmath.AxisCells, down: gridmath.AxisCells) -> NDArray[np.generic]:
    """Rows and columns of a window, those that the axes name; columns, which cost more, of as few rows as can be."""
    if down.count > len(down.index):
        values = values.take(down.index, axis=1)
    if not across.is_plain:
        values = values.take(across.index, axis=2, mode="clip")  # which lie within, and are not looked at again
    return values if down.is_plain or down.count > len(down.index) else values.take(down.index, axis=1)


def _cells(
    values: NDArray[np.generic],
    codec: Codec,
    *,
    outside: NDArray[np.bool_] | None,
    masked: NDArray[np.bool_] | None = None,
) -> ImageCells:
    """The cells of values (which may be written to), some of them outside the grid or masked (row, column)."""
    fill = codec.fill
    if outside is not None:
        values[:, outside] = fill
    uniform = masked is None and (codec.nodata is not None or values.dtype.kind != "f" or outside is None)
    mask = masked if outside is None else outside if masked is None else outside | masked
    return ImageCells(values=values, codec=codec, fill=fill if uniform else None, mask=mask)


def _no_cells(shape: tuple[int, int, int], codec: Codec) -> ImageCells:
    """The cells of an image off the grid."""
    values = np.full(shape, codec.fill, dtype=codec.dtype)
    return ImageCells(values=values, codec=codec, fill=codec.fill, mask=np.ones(shape[1:], bool))


def stored_cells(
    dataset: DatasetReader, bands: tuple[int, ...], *, across: gridmath.AxisCells, run: tuple[int, int], codec: Codec
) -> np.ma.MaskedArray:
    """Stored values (band, row, column) of rows [start, stop) and of the columns of an axis, joined at the seam."""
    windows = _windows(across, run, len(bands))
    values = join([dataset.read(bands, window=window) for window in windows])
    mask = ~codec.valid(values)
    if codec.nodata is None and not all(flags == [MaskFlags.all_valid] for flags in dataset.mask_flag_enums):
        mask |= np.concatenate([dataset.dataset_mask(window=window) for window in windows], axis=1) == 0
    return np.ma.MaskedArray(values, mask=mask)


def bands_of(raster: OpenRaster | DirectRaster, indexes: tuple[int, ...] | None) -> tuple[int, ...]:
    """The bands to read, by default all but alpha; raises InvalidParameter for one that the raster has not."""
    if indexes is None:
        return raster.bands
    count = raster.count
    wrong = next((i for i in indexes if not 1 <= i <= count), None)
    if wrong is not None:
        raise InvalidParameter("bidx", wrong, f"the raster has bands 1 to {count}")
    return indexes


def check_nodata(raster: OpenRaster, nodata: float | None) -> None:
    """Refuse a request's nodata that the stored values cannot have; raises InvalidParameter."""
    dtype = np.dtype(raster.dtype)
    if nodata is None or (dtype.kind == "f" and not math.isfinite(nodata)):
        return
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    if not float(limits.min) <= nodata <= float(limits.max) or (dtype.kind != "f" and not nodata.is_integer()):
        raise InvalidParameter("nodata", nodata, f"the raster holds {dtype} values")
