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

Compressor = Callable[[bytes], bytes]
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
    missing = [(0, BLOCK - length) for length in block.shape]
    whole = np.pad(block, missing, mode="edge") if any(after for _, after in missing) else block
    return compress(_PREDICTORS[predictor](np.ascontiguousarray(whole, dtype=whole.dtype.newbyteorder("<"))).tobytes())


def _plain(block: NDArray[Any]) -> NDArray[Any]:
    return block


def _differences(block: NDArray[Any]) -> NDArray[Any]:
    """Each cell less the one to the west, modulo the size of its type."""
    cells = block.view(f"<u{block.dtype.itemsize}")
    found = cells.copy()
    found[:, 1:] -= cells[:, :-1]
    return found


def _byte_planes(block: NDArray[Any]) -> NDArray[Any]:
    """Each row's most significant bytes, then the next, and so on; then differences of neighbouring bytes."""
    height, width = block.shape
    size = block.dtype.itemsize
    planes = block.view("u1").reshape(height, width, size)[:, :, ::-1].transpose(0, 2, 1).reshape(height, width * size)
    found = planes.copy()
    found[:, 1:] -= planes[:, :-1]
    return found


_PREDICTORS = {1: _plain, 2: _differences, 3: _byte_planes}
