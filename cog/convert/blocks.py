"""From the cells of a raster to the compressed blocks of a TIFF."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

BLOCK = 256
"""Block edge, in cells: one block a map tile."""

Compressor = Callable[[memoryview], bytes]
"""Compresses the bytes of one block. Used by one thread at a time."""


def zstd(level: int) -> Compressor:
    """A compressor of ZSTD frames (TIFF compression 50000)."""
    return zstandard.ZstdCompressor(level=level).compress


def deflate(level: int) -> Compressor:
    """A compressor of zlib streams (TIFF compression 8)."""
    return lambda data: zlib.compress(data, level)


def encoded(block: NDArray[Any], *, predictor: int, compress: Compressor) -> bytes:
    """One block of one band as a TIFF stores it.

    Args:
        block: (row, column) cells, at most `BLOCK` each way; what is missing of a whole block repeats the last cells.
        predictor: 1 none, 2 horizontal differences (TIFF 6.0, section 14), 3 floating point (Adobe TIFF Technical
            Note 3).
        compress: How the bytes are packed.
    """
    return compress(predicted(block, predictor=predictor).data)


def predicted(block: NDArray[Any], *, predictor: int) -> NDArray[Any]:
    """The bytes of one block before they are compressed, as an array of `BLOCK` rows; see `encoded`.

    Predictors work row by row, so rows that repeat the last one are predicted once.
    """
    height, width = block.shape
    cells = np.empty((height, BLOCK), block.dtype.newbyteorder("<"))
    cells[:, :width] = block
    cells[:, width:] = block[:, -1:]
    rows = _PREDICTORS[predictor](cells)
    if height == BLOCK:
        return rows
    whole = np.empty((BLOCK, rows.shape[1]), rows.dtype)
    whole[:height], whole[height:] = rows, rows[-1]
    return whole


def _plain(block: NDArray[Any]) -> NDArray[Any]:
    return block


def _differences(block: NDArray[Any]) -> NDArray[Any]:
    """Each cell less the one to the west, modulo the size of its type."""
    return _eastward(block.view(f"<u{block.dtype.itemsize}"))


def _byte_planes(block: NDArray[Any]) -> NDArray[Any]:
    """Each row's most significant bytes, then the next, and so on; then differences of neighbouring bytes."""
    (height, width), size = block.shape, block.dtype.itemsize
    cells, planes = block.view(f"<u{size}"), np.empty((height, size, width), "u1")
    for plane in range(size):
        np.right_shift(cells, 8 * (size - 1 - plane), out=planes[:, plane], casting="unsafe")
    return _eastward(planes.reshape(height, width * size))


def _eastward(cells: NDArray[Any]) -> NDArray[Any]:
    """The first of each row, then the difference of each from the one before."""
    differences = np.empty_like(cells)
    differences[:, 0] = cells[:, 0]
    np.subtract(cells[:, 1:], cells[:, :-1], out=differences[:, 1:])
    return differences


_PREDICTORS = {1: _plain, 2: _differences, 3: _byte_planes}
