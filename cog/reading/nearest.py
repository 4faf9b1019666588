"""The stored value at the centre of each cell of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cog.reading.opener import open_raster
from cog.reading.strips import STRIP_ROWS, chunk_rows, read_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rasterio
    from numpy.typing import NDArray

    from cog.grids.subset import Subset

_EDGE = 1e-9
"""In cells: a centre this little before an edge between cells belongs to the cell after it."""


def nearest(path: str, subset: Subset, *, level: int | None) -> Iterator[tuple[int, NDArray[Any]]]:
    """The answer as (first row, values) of at most STRIP_ROWS rows; read of an overview where one is named.

    A centre on an edge between two cells takes the eastern or southern one.
    """
    with open_raster(path) as raster:
        source, window = raster.at(level), subset.window
        across, down = source.width / subset.grid.width, source.height / subset.grid.height
        columns = _cells(window.column * across, window.width * across, subset.width)
        rows = np.minimum(_cells(window.row * down, window.height * down, subset.height), source.height - 1)
        for row in range(0, subset.height, STRIP_ROWS):
            yield row, _pick(source, rows[row : row + STRIP_ROWS], columns)


def _cells(start: float, length: float, count: int) -> NDArray[np.int64]:
    """The cells at the centres of `count` equal cells over `length` cells from `start`."""
    centres = start + (np.arange(count) + 0.5) * length / count
    return np.floor(centres + _EDGE).astype("int64")


def _pick(source: rasterio.DatasetReader, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[Any]:
    """Values (band, row, column) of rising rows and columns, a chunk of the raster in memory at a time."""
    cells = np.empty((source.count, rows.size, columns.size), dtype=source.dtypes[0])
    first, stop = int(columns[0]), int(columns[-1]) + 1
    step = chunk_rows(source, stop - first)
    at = 0
    while at < rows.size:
        top = int(rows[at])
        until = int(np.searchsorted(rows, top + step))
        count = int(rows[until - 1]) - top + 1
        values = read_columns(source, top=top, rows=count, first=first, stop=stop)
        cells[:, at:until] = values[:, rows[at:until] - top][:, :, columns - first]
        at = until
    return cells
