"""Checking a COG before it is published: its structure, its georeference and every cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from isal import isal_zlib
from numpy.typing import NDArray
from rasterio.windows import Window
from rio_cogeo.cogeo import cog_validate

from cog.convert.blocks import BLOCK
from cog.grids.georeference import CRS_TAG, is_same_reference, keys_express
from config.errors import SourceRefused
from config.grids import Grid

STRIP_BYTES = 32 * 1024 * 1024


def strips(height: int, width: int, itemsize: int) -> Iterator[tuple[int, int]]:
    """Row ranges [first, last) of whole blocks that cover a raster, each about `STRIP_BYTES` or one block high."""
    rows = max(1, STRIP_BYTES // (width * itemsize * BLOCK)) * BLOCK
    return ((first, min(first + rows, height)) for first in range(0, height, rows))


class CellDigest:
    """CRC-32s of strips of (band, row, column), fed from north to south: they find accidents, not forgeries."""

    def __init__(self) -> None:
        self._sums: list[int] = []

    def add(self, cells: NDArray[Any]) -> None:
        """Take in the next strip."""
        self._sums.append(isal_zlib.crc32(np.ascontiguousarray(cells).data))

    def value(self) -> str:
        """The digest of all strips so far."""
        return "".join(f"{checksum:08x}" for checksum in self._sums)


def _nothing(_share: float) -> None:
    """Report progress to nobody."""


def require_valid(
    path: Path,
    grid: Grid,
    *,
    digest: str,
    source: object,
    threads: int = 1,
    pulse: Callable[[float], None] = _nothing,
) -> None:
    """Raise SourceRefused unless a file is a valid COG of that grid, whose cells have that `CellDigest`.

    Args:
        path: The file.
        grid: The grid that it should have.
        digest: The digest of the cells that it should hold.
        source: The source that a refusal names.
        threads: Number of threads that decompress.
        pulse: Called now and then with the share of the work that is done, 0 to 1.
    """
    valid, errors, warnings = cog_validate(path, quiet=True)
    remedy = "this is a fault of the conversion; report it with the file"
    if not valid or warnings:
        raise SourceRefused(source, f"its COG is not valid: {'; '.join([*errors, *warnings])}", remedy)
    with rasterio.open(path, driver="GTiff", num_threads=threads) as dataset:
        same_shape = (dataset.height, dataset.width) == (grid.height, grid.width)
        same_place = np.allclose(dataset.transform[:6], grid.transform, rtol=1e-12, atol=0)
        if keys_express(grid.crs):
            same_reference = is_same_reference(dataset.crs, grid.crs)
        else:
            same_reference = dataset.crs is None and dataset.tags().get(CRS_TAG) == grid.crs
        if not (same_shape and same_place and same_reference):
            raise SourceRefused(source, "its COG lost its georeference", remedy)
        checksum = CellDigest()
        for first, last in strips(grid.height, grid.width, np.dtype(dataset.dtypes[0]).itemsize * dataset.count):
            checksum.add(dataset.read(window=Window(0, first, grid.width, last - first)))
            pulse(last / grid.height)
    if checksum.value() != digest:
        raise SourceRefused(source, "cells of its COG differ from the source's", remedy)
