"""Checking a COG before it is published: its structure, its georeference and every cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window
from rio_cogeo.cogeo import cog_validate

from cog.profiles import BLOCK
from cog.sources.crs import raster_crs
from config.errors import SourceRefused
from config.grids import Grid

STRIP_BYTES = 32 * 1024 * 1024


def strips(height: int, width: int, itemsize: int) -> Iterator[tuple[int, int]]:
    """Row ranges [first, last) of whole blocks that cover a raster, each about `STRIP_BYTES` or one block high."""
    rows = max(1, STRIP_BYTES // (width * itemsize * BLOCK)) * BLOCK
    return ((first, min(first + rows, height)) for first in range(0, height, rows))


class CellDigest:
    """A digest of cells, fed with strips of (band, row, column) from north to south; equal digests mean equal bits."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, cells: NDArray[Any]) -> None:
        """Take in the next strip."""
        self._hash.update(np.ascontiguousarray(cells).data)

    def value(self) -> str:
        """The digest of all strips so far."""
        return self._hash.hexdigest()


def require_valid(path: Path, grid: Grid, *, digest: str, source: object) -> None:
    """Raise SourceRefused unless a file is a valid COG of that grid, whose cells have that `CellDigest`."""
    valid, errors, warnings = cog_validate(path, quiet=True)
    remedy = "this is a fault of the conversion; report it with the file"
    if not valid or warnings:
        raise SourceRefused(source, f"its COG is not valid: {'; '.join([*errors, *warnings])}", remedy)
    with rasterio.open(path, driver="GTiff") as dataset:
        same_shape = (dataset.height, dataset.width) == (grid.height, grid.width)
        same_place = np.allclose(dataset.transform[:6], grid.transform, rtol=1e-12, atol=0)
        if not (same_shape and same_place and dataset.crs == raster_crs(grid.crs)):
            raise SourceRefused(source, "its COG lost its georeference", remedy)
        found = CellDigest()
        for first, last in strips(grid.height, grid.width, np.dtype(dataset.dtypes[0]).itemsize * dataset.count):
            found.add(dataset.read(window=Window(0, first, grid.width, last - first)))
    if found.value() != digest:
        raise SourceRefused(source, "cells of its COG differ from the source's", remedy)
