"""Runs of columns of a raster, which on a global grid go on modulo, and the size of what is read at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rasterio.windows import Window as RasterWindow

from cog.cells.codec import Codec

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rasterio
    from numpy.typing import NDArray

STRIP_ROWS = 256
"""Rows read at a time: the height of a COG block, and of a block of what is written."""

_CHUNK_CELLS = 4_000_000
"""Most cells of all bands in memory at a time, or one row if that is more."""


def read_columns(source: rasterio.DatasetReader, *, top: int, rows: int, first: int, stop: int) -> NDArray[Any]:
    """Stored values (band, row, column) of the columns [first, stop), counted modulo the width of the raster."""
    parts = [
        source.read(window=RasterWindow(left, top, count, rows), masked=False)
        for left, count in _runs(first, stop, source.width)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


def codec_of(source: rasterio.DatasetReader) -> Codec:
    """The stored type and no-data value that a raster states; its values are taken as they are stored."""
    return Codec(dtype=source.dtypes[0], nodata=source.nodata, bands=source.count)


def chunk_rows(source: rasterio.DatasetReader, columns: int) -> int:
    """Number of rows that may be in memory at a time, of that many columns."""
    bands: int = source.count
    return max(1, min(STRIP_ROWS, _CHUNK_CELLS // (bands * columns)))


def _runs(first: int, stop: int, width: int) -> Iterator[tuple[int, int]]:
    """Runs of columns as (first, count), each within the raster."""
    column = first
    while column < stop:
        begin = column % width
        count = min(width - begin, stop - column)
        yield begin, count
        column += count
