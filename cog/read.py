"""Reading an image from a COG on a geographic grid: exact nearest reads, and resampled ones, right across 180 degrees.

Values come back physical: stored * scale + offset, for all but class codes and colours. Nothing here keeps a dataset
open; a dataset belongs to the thread that opened it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.transform import from_bounds
from rasterio.warp import reproject
from rasterio.windows import Window

from cog import gridmath
from config.errors import InvalidParameter, TooLarge
from config.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

MAX_WINDOW_CELLS = 64_000_000
"""Most stored cells that one read takes into memory: overviews keep a tile four hundred times below."""
_SMALL_DTYPE = 2
"""Bytes up to which a stored integer, scaled, is exact enough in float32."""
_MARGIN = 4
"""Cells read beyond an image's edge for resampling kernels (Lanczos reaches 3)."""
_NO_WARP = frozenset({"gauss"})


@dataclass(frozen=True, kw_only=True)
class RasterSource:
    """A COG and what the catalogue says of its values.

    Attributes:
        path: Where GDAL opens it.
        grid: Its grid; the catalogue's word counts, the file is not asked.
        nodata: The stored value that means no data (NaN allowed), or None.
        scale: physical = stored * scale + offset; not for categorical and rgb.
        offset: See `scale`.
        kind: What the values are.
    """

    path: str
    grid: Grid
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    kind: Literal["continuous", "categorical", "rgb"] = "continuous"

    @property
    def is_packed(self) -> bool:
        """Whether stored and physical values differ."""
        return self.kind == "continuous" and (self.scale, self.offset) != (1.0, 0.0)

    def physical(self, stored: np.ma.MaskedArray) -> np.ma.MaskedArray:
        """Physical values of stored ones, NaN where masked; float32 when that is exact enough, else float64."""
        if not self.is_packed:
            return stored
        kind, size = stored.dtype.kind, stored.dtype.itemsize
        single = (kind in "iu" and size <= _SMALL_DTYPE) or (kind == "f" and size <= np.dtype("float32").itemsize)
        values = stored.data.astype("float64") * self.scale + self.offset
        mask = np.ma.getmaskarray(stored)
        values[mask] = np.nan
        return np.ma.MaskedArray(values.astype("float32" if single else "float64"), mask=mask)


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """An image to read.

    Attributes:
        bounds: (west, south, east, north) of its outer edges, in `crs`.
        crs: One of `cog.gridmath.SEPARABLE`.
        shape: (rows, columns) in pixels.
        indexes: Bands, from 1; None: all but alpha.
        nodata: Stored value to mask instead of the source's own; None: the source's.
        resampling: rasterio's name of the resampling.
    """

    bounds: gridmath.Bounds
    crs: str
    shape: tuple[int, int]
    indexes: tuple[int, ...] | None = None
    nodata: float | None = None
    resampling: str = "nearest"


def is_separable(source: RasterSource, crs: str) -> bool:
    """Whether `read_image` can read images in that CRS from the source."""
    return source.grid.is_geographic and gridmath.is_upright(source.grid) and crs in gridmath.SEPARABLE


def open_raster(source: RasterSource, level: int | None = None) -> DatasetReader:
    """Open the COG, or one of its overviews; the caller closes it and keeps it in its thread."""
    options = {} if level is None else {"overview_level": level}
    return rasterio.open(source.path, sharing=False, **options)


def read_image(source: RasterSource, dataset: DatasetReader, request: ImageRequest) -> np.ma.MaskedArray:
    """The physical values of an image: (band, row, column), masked where there is no data or no grid.

    Args:
        source: The COG; `is_separable` must hold for the request's CRS.
        dataset: The same COG, opened at full resolution.
        request: What to read.

    Raises:
        TooLarge: if more cells than MAX_WINDOW_CELLS would be read.
        InvalidParameter: if the resampling cannot be done in a warp.
    """
    level = _level(source, dataset, request)
    if level is None:
        return _read_level(source, dataset, request)
    with open_raster(source, level) as overview:
        return _read_level(source, overview, request)


def read_point(
    source: RasterSource,
    dataset: DatasetReader,
    point: tuple[float, float],
    *,
    indexes: tuple[int, ...] | None = None,
    nodata: float | None = None,
) -> np.ma.MaskedArray | None:
    """The physical values (band,) of the cell that holds a point (longitude, latitude), or None outside the grid."""
    longitude, latitude = point
    across = gridmath.columns(source.grid, np.array([longitude]), dataset.width, closed=True)
    down = gridmath.rows(source.grid, np.array([latitude]), dataset.height, closed=True)
    if not (across.count and down.count):
        return None
    request = ImageRequest(bounds=(0, 0, 0, 0), crs=source.grid.crs, shape=(1, 1), indexes=indexes, nodata=nodata)
    return source.physical(_gather(source, dataset, request, across, down))[:, 0, 0]


def overview_sizes(dataset: DatasetReader) -> list[tuple[int, int]]:
    """(width, height) of each overview of a dataset, finest first, as GDAL builds them."""
    return [(-(-dataset.width // factor), -(-dataset.height // factor)) for factor in dataset.overviews(1)]


def _level(source: RasterSource, dataset: DatasetReader, request: ImageRequest) -> int | None:
    sizes = overview_sizes(dataset)
    return gridmath.image_level(source.grid, sizes, bounds=request.bounds, crs=request.crs, shape=request.shape)


def _read_level(source: RasterSource, dataset: DatasetReader, request: ImageRequest) -> np.ma.MaskedArray:
    if request.resampling != "nearest":
        return source.physical(_resampled(source, dataset, request))
    west, south, east, north = request.bounds
    x = gridmath.pixel_centres(west, east, request.shape[1])
    y = gridmath.pixel_centres(north, south, request.shape[0])
    across = gridmath.columns(source.grid, gridmath.longitudes(x, request.crs), dataset.width)
    down = gridmath.rows(source.grid, gridmath.latitudes(y, request.crs), dataset.height)
    return source.physical(_gather(source, dataset, request, across, down))


def _gather(
    source: RasterSource, dataset: DatasetReader, request: ImageRequest, across: gridmath.Axis, down: gridmath.Axis
) -> np.ma.MaskedArray:
    """Stored values (band, row, column) at the cells of both axes; masked outside the grid."""
    bands = bands_of(dataset, request.indexes)
    nodata = _nodata(source, request, dataset)
    shape = (len(bands), len(down.index), len(across.index))
    if not (across.count and down.count):
        fill = np.full(shape, _fill(nodata, dataset.dtypes[0]), dtype=dataset.dtypes[0])
        return np.ma.MaskedArray(fill, mask=np.ones(shape, bool))
    stored = _read_columns(dataset, bands, down.runs()[0], across, nodata)
    picked = stored.data.take(down.index, axis=1).take(across.index, axis=2)
    mask = np.ma.getmaskarray(stored).take(down.index, axis=1).take(across.index, axis=2)
    outside = ~(down.valid[:, np.newaxis] & across.valid[np.newaxis, :])
    if outside.any():
        picked[:, outside] = _fill(nodata, picked.dtype)
        mask |= outside
    return np.ma.MaskedArray(picked, mask=mask)


def _read_columns(
    dataset: DatasetReader,
    bands: tuple[int, ...],
    band_rows: tuple[int, int],
    across: gridmath.Axis,
    nodata: float | None,
) -> np.ma.MaskedArray:
    """Stored values (band, row, column) of rows [start, stop) and of the columns of an axis, joined at the seam."""
    height = band_rows[1] - band_rows[0]
    if height * across.count * len(bands) > MAX_WINDOW_CELLS:
        raise TooLarge(
            f"{height} rows of {across.count} columns in {len(bands)} bands would be read, more than "
            f"{MAX_WINDOW_CELLS} cells; the file needs overviews, or ask for a smaller area"
        )
    windows = [Window(start, band_rows[0], stop - start, height) for start, stop in across.runs()]
    parts = [dataset.read(bands, window=window) for window in windows]
    values = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)
    return np.ma.MaskedArray(values, mask=_invalid(dataset, values, windows, nodata))


def _invalid(
    dataset: DatasetReader, values: NDArray[np.generic], windows: Sequence[Window], nodata: float | None
) -> NDArray[np.bool_]:
    """Where there is no data: the nodata value, NaN, else the file's mask or alpha band."""
    invalid: NDArray[np.bool_] = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    if nodata is not None:
        invalid |= values == nodata
        return invalid
    if all(flags == [MaskFlags.all_valid] for flags in dataset.mask_flag_enums):
        return invalid
    masks = [dataset.dataset_mask(window=window) for window in windows]
    invalid |= np.concatenate(masks, axis=1) == 0
    return invalid


def bands_of(dataset: DatasetReader, indexes: tuple[int, ...] | None) -> tuple[int, ...]:
    """The bands to read, by default all but alpha; raises InvalidParameter for one that the raster has not."""
    if indexes is None:
        return tuple(
            i for i, meaning in zip(dataset.indexes, dataset.colorinterp, strict=True) if meaning != ColorInterp.alpha
        )
    wrong = next((i for i in indexes if not 1 <= i <= dataset.count), None)
    if wrong is not None:
        raise InvalidParameter("bidx", wrong, f"the raster has bands 1 to {dataset.count}")
    return indexes


def check_nodata(dataset: DatasetReader, nodata: float | None) -> None:
    """Refuse a request's nodata that the stored values cannot have; raises InvalidParameter."""
    dtype = np.dtype(dataset.dtypes[0])
    if nodata is None or (dtype.kind == "f" and not math.isfinite(nodata)):
        return
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    if not float(limits.min) <= nodata <= float(limits.max) or (dtype.kind != "f" and not nodata.is_integer()):
        raise InvalidParameter("nodata", nodata, f"the raster holds {dtype} values")


def _nodata(source: RasterSource, request: ImageRequest, dataset: DatasetReader) -> float | None:
    """The stored value that means no data; infinite where the dtype cannot hold the one that the catalogue has."""
    value = source.nodata if request.nodata is None else request.nodata
    dtype = np.dtype(dataset.dtypes[0])
    if value is not None and dtype.kind == "f" and abs(value) > float(np.finfo(dtype).max):
        return math.copysign(math.inf, value)
    return value


def _fill(nodata: float | None, dtype: str | np.dtype[np.generic]) -> float:
    """A value of the dtype for cells that are masked anyway."""
    kind = np.dtype(dtype).kind
    if nodata is None or (kind != "f" and not float(nodata).is_integer()):
        return float("nan") if kind == "f" else 0
    if kind == "f":
        return nodata
    limits = np.iinfo(np.dtype(dtype))
    return nodata if limits.min <= nodata <= limits.max else 0


def _resampled(source: RasterSource, dataset: DatasetReader, request: ImageRequest) -> np.ma.MaskedArray:
    """Stored values resampled to the image; of each turn of the globe that the image meets."""
    if request.resampling in _NO_WARP or request.resampling not in Resampling.__members__:
        raise InvalidParameter("resampling", request.resampling, "use nearest, bilinear, cubic, average or mode")
    bands = bands_of(dataset, request.indexes)
    values = np.full((len(bands), *request.shape), np.nan)
    for turn in (0,) if source.grid.is_global else (-1, 0, 1):
        part = _resampled_turn(source, dataset, request, bands, turn * 360.0)
        if part is not None:
            np.copyto(values, part, where=np.isnan(values))
    mask = np.isnan(values)
    dtype = np.dtype(dataset.dtypes[0])
    if dtype.kind != "f":
        values = np.rint(np.where(mask, 0, values))
    return np.ma.MaskedArray(values.astype(dtype), mask=mask)


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
    nodata = _nodata(source, request, dataset)
    stored = _read_columns(dataset, bands, down, axis, nodata)
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


def _whole_axis(span: tuple[int, int], size: int) -> gridmath.Axis:
    """Every cell of a span, modulo `size`."""
    cells = np.arange(*span)
    if len(cells) >= size:
        start, count, index = 0, size, cells % size
    else:
        start, count, index = span[0] % size, len(cells), cells - span[0]
    return gridmath.Axis(start=start, count=count, size=size, index=index, valid=np.ones(len(cells), bool))
