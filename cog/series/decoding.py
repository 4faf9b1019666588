"""From the bytes of a TIFF's block to its cells: the inverse of `cog.convert.blocks`, for as many rows as are wanted.

ZSTD frames and zlib streams are decompressed only up to the last wanted row, and predictors are undone row by row, so a
cell near the top of a block costs a fraction of the block.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import zstandard

from cog.series.directory import NONE, ZSTD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.series.directory import Directory


def block_rows(raw: bytes, directory: Directory, *, first: int, stop: int) -> NDArray[Any]:
    """The rows [first, stop) of a stored block, as (row, column) of native cells. Raises ValueError for broken ones."""
    width = directory.block[1] * directory.dtype.itemsize
    data = _inflated(raw, directory.compression, width * stop)
    if len(data) < width * stop:
        raise ValueError(f"a block ends after {len(data)} bytes, {width * stop} are wanted")
    rows = np.frombuffer(data, "u1", width * (stop - first), width * first).reshape(stop - first, width)
    return _UNDO[directory.predictor](rows, directory)


def _inflated(raw: bytes, compression: int, size: int) -> bytes:
    try:
        if compression == ZSTD:
            return zstandard.ZstdDecompressor().stream_reader(raw).read(size)
        return raw if compression == NONE else zlib.decompressobj().decompress(raw, size)
    except (zlib.error, zstandard.ZstdError) as error:
        raise ValueError(str(error)) from error


def _plain(rows: NDArray[np.uint8], directory: Directory) -> NDArray[Any]:
    return rows.view(directory.dtype)


def _summed(rows: NDArray[np.uint8], directory: Directory) -> NDArray[Any]:
    """Horizontal differences (TIFF 6.0, section 14), modulo the size of the type."""
    cells = rows.view(f"<u{directory.dtype.itemsize}")
    return np.add.accumulate(cells, axis=1, dtype=cells.dtype).view(directory.dtype)


def _interleaved(rows: NDArray[np.uint8], directory: Directory) -> NDArray[Any]:
    """Floating point (Adobe TIFF Technical Note 3): planes of bytes, the most significant first, as differences."""
    size = directory.dtype.itemsize
    planes = np.add.accumulate(rows, axis=1, dtype="u1").reshape(len(rows), size, directory.block[1])
    cells = np.empty((len(rows), directory.block[1], size), "u1")
    for plane in range(size):
        cells[:, :, size - 1 - plane] = planes[:, plane]
    return cells.reshape(len(rows), -1).view(directory.dtype)


_UNDO = {1: _plain, 2: _summed, 3: _interleaved}
