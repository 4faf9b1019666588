"""Windows of cells around places, read block by block."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.grids.lattice import CellBox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.reading.aligned import AlignedCells

BLOCK: Final = 256
"""Rows and columns of the blocks by which places are grouped."""


def read_windows(cells: AlignedCells, rows: NDArray[Any], columns: NDArray[Any], reach: int) -> NDArray[np.float64]:
    """(point, row, column) windows around cells, read block by block; a globe goes on modulo."""
    side = 2 * reach + 1
    windows = np.full((len(rows), side, side), np.nan)
    by_block: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number in range(len(rows)):
        by_block[int(rows[number]) // BLOCK, int(columns[number]) // BLOCK].append(number)
    for numbers in by_block.values():
        own_rows, own_columns = rows[numbers], columns[numbers]
        top, left = int(own_rows.min()) - reach, int(own_columns.min()) - reach
        box = CellBox(
            top=top, bottom=int(own_rows.max()) + reach + 1, left=left, right=int(own_columns.max()) + reach + 1
        )
        values = cells.read(box)
        for number in numbers:
            row, column = int(rows[number]) - reach - top, int(columns[number]) - reach - left
            windows[number] = values[row : row + side, column : column + side]
    return windows
