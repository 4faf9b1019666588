"""The cells of a raster resampled to another grid, in any CRS, as gdalwarp does it with an exact transformer."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import Resampling
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import calculate_default_transform, reproject

from cog.grids.enclosing import is_degrees
from cog.grids.subset import MOST_READ
from cog.reading.finite import finite_window
from cog.reading.opener import open_raster
from cog.reading.sheets import Sheet, continued, turned
from cog.reading.strips import STRIP_ROWS
from cog.reading.subset import FINER, overview_level
from config.errors import InvalidInput
from config.grids import CRS84, Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.grids.window import Window

Kernel = Literal["nearest", "bilinear", "cubic", "average", "mode"]

_MARGIN = 8
"""Columns by which a globe is continued on each side: the kernels reach 2, and an overview is fewer columns."""
_MEMORY_MB = 64
_HALF_TURN = 180.0
_TURN = 360.0
_STRIP_CELLS = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Warp:
    """A resampling to be done.

    Attributes:
        grid: The grid of the COGs.
        window: The cells that the answer covers; all of the grid is read where the answer reaches beyond.
        output: The grid of the answer.
        most_read: Cells of the window, in each band, up to which the answer is made of all of them, not of an overview.
        finer: How many times finer than the answer such an overview is, at least.
    """

    grid: Grid
    window: Window
    output: Grid
    most_read: int = MOST_READ
    finer: float = FINER

    @property
    def width(self) -> int:
        """Columns of the answer."""
        return self.output.width

    @property
    def height(self) -> int:
        """Rows of the answer."""
        return self.output.height


def suggested(grid: Grid, crs: str) -> Grid:
    """The grid that gdalwarp lays over another one in a CRS: square cells, as many along the diagonal.

    Raises InvalidInput where the CRS cannot hold it.
    """
    try:
        transform, width, height = calculate_default_transform(
            _crs(grid.crs), _crs(crs), grid.width, grid.height, *grid.bounds
        )
        a, b, c, d, e, f = tuple(transform)[:6]
        return Grid(crs=crs, transform=(a, b, c, d, e, f), width=width, height=height)
    except (CRSError, RasterioError, ValueError, OverflowError) as error:
        raise InvalidInput(f"the region cannot be expressed in {crs}: {str(error)[:200]}") from error


def warped(path: str, warp: Warp, codec: Codec, *, kernel: Kernel) -> Iterator[tuple[int, NDArray[Any]]]:
    """The answer from top to bottom: (first row, values as (band, row, column)), encoded by `codec.fillable()`.

    Args:
        path: The COG, or a virtual raster.
        warp: The resampling to be done.
        codec: The meaning of its stored values.
        kernel: The kernel that makes values between stored cells.

    Raises EnvironmentFault, and TooLarge where too many cells would be read.
    """
    window = warp.window
    level = overview_level(
        path,
        cells=(window.width, window.height),
        answer=(warp.width, warp.height),
        most_read=warp.most_read,
        finer=warp.finer,
    )
    step = max(1, min(STRIP_ROWS, _STRIP_CELLS // (warp.width * codec.bands)))
    turns = _turns(Sheet(path=path, grid=warp.grid), codec, warp)
    with ExitStack() as stack:
        sources = [stack.enter_context(open_raster(sheet.path)).at(level) for sheet in turns]
        for row in range(0, warp.height, step):
            # GDAL averages the outermost rows of a strip from fewer cells: a row more on each side is left out again
            first, stop = max(row - 1, 0), min(row + step + 1, warp.height)
            values = _strip(sources, warp, codec, kernel=kernel, row=first, rows=stop - first)
            yield row, values[:, row - first : row - first + step]


def _turns(sheet: Sheet, codec: Codec, warp: Warp) -> list[Sheet]:
    """The raster at the longitudes of the answer: once, or once for each turn at which it meets them.

    PROJ answers -180 to 180; where the answer is in degrees itself, its own longitudes may go on beyond.
    """
    grid = sheet.grid
    if not grid.is_geographic:
        return [sheet]
    low, high = -_HALF_TURN, _HALF_TURN
    if is_degrees(warp.output.crs):
        left, _, right, _ = warp.output.bounds
        low, high = min(low, left), max(high, right)
    if grid.is_global:
        return [continued(sheet, codec, span=(low, high), margin=_MARGIN)]
    west, _, east, _ = grid.bounds
    near = range(math.floor((low - east) / _TURN), math.ceil((high - west) / _TURN) + 1)
    turns = [n for n in near if west + _TURN * n < high and east + _TURN * n > low]
    return [turned(sheet, codec, turns=n) if n else sheet for n in turns]


def _strip(
    sources: list[rasterio.DatasetReader], warp: Warp, codec: Codec, *, kernel: Kernel, row: int, rows: int
) -> NDArray[Any]:
    """Rows of the answer; where infinite cells spread over it, once more without them."""
    transform = Affine(*warp.output.transform) @ Affine.translation(0, row)
    target = replace(warp.output, transform=tuple(transform)[:6], height=rows)
    indexes = list(range(1, codec.bands + 1))
    bands: list[tuple[Any, dict[str, Any]]] = [(rasterio.band(source, indexes), {}) for source in sources]
    values, is_spoilt = _reprojected(bands, target, codec, kernel=kernel)
    if kernel == "nearest" or not is_spoilt:
        return values
    windows = [finite_window(source, target, _crs(warp.output.crs), codec) for source in sources]
    parts = [
        (cells, {"src_transform": place, "src_crs": source.crs})
        for source, window in zip(sources, windows, strict=True)
        if window is not None
        for cells, place in [window]
    ]
    return values if None in windows else _reprojected(parts, target, codec, kernel=kernel)[0]


def _reprojected(
    sources: list[tuple[Any, dict[str, Any]]], target: Grid, codec: Codec, *, kernel: Kernel
) -> tuple[NDArray[Any], bool]:
    """Sources, each with its options for rasterio's `reproject`, on the target grid, and whether infinite cells spread.

    GDAL writes a finite value where there is no data: NaN, too, comes of infinite cells, or of NaN that is data to it.
    """
    answer = codec.fillable()
    blank = 0.0 if answer.nodata is None else answer.nodata
    if math.isnan(blank):
        blank = float(np.finfo(answer.dtype).min)
    values = np.full((answer.bands, target.height, target.width), blank, dtype=answer.dtype)
    missing = math.nan if codec.nodata is None and codec.is_float else codec.nodata
    for source, options in sources:
        reproject(
            source,
            values,
            **options,
            src_nodata=missing,
            dst_transform=Affine(*target.transform),
            dst_crs=_crs(target.crs),
            dst_nodata=None if missing is None else blank,
            init_dest_nodata=False,
            resampling=Resampling[kernel],
            tolerance=0,
            warp_mem_limit=_MEMORY_MB,
            # bilinear is between four cells: else GDAL widens the kernel by the ratio of sizes of each strip
            XSCALE="1",
            YSCALE="1",
        )
    is_spoilt = answer.is_float and not bool(np.isfinite(values).all())
    if answer.nodata is not None and math.isnan(answer.nodata):
        values[values == values.dtype.type(blank)] = np.nan
    return values, is_spoilt


def _crs(crs: str) -> rasterio.CRS:
    return rasterio.CRS.from_user_input("EPSG:4326" if crs == CRS84 else crs)
