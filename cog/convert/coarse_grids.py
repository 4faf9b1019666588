"""The grids of overviews across the sheets of a mosaic (`cog.convert.mosaic_overview`)."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.grids import Grid

LEAST_SHEETS: Final = 5
"""Sheets of one time from which on an overview across them is worth its file."""
_MOST_MET: Final = 16
"""Sheets that a square of 256 coarse cells, the size of a tile, meets at most where their sizes are alike."""
_MOST_CELLS: Final = 2**28
"""Cells of an overview across sheets: where sheets lie many deep, it is coarser than they ask for."""
_COARSEST: Final = 2**20
_TILE: Final = 256


def coarse_factor(grid: Grid, sheets: Sequence[Grid]) -> int:
    """By how much the cells of the overview across sheets are larger than theirs: a power of two, at least 2.

    The largest with which a square of 256 of its cells meets at most 16 sheets: a finer tile is drawn from few.
    """
    factor = 2
    while grid.width * grid.height > _MOST_CELLS * factor**2:
        factor *= 2
    while factor < _COARSEST and _met(grid, sheets, _TILE * factor * 2) <= _MOST_MET:
        if max(grid.width, grid.height) <= _TILE * factor:
            break
        factor *= 2
    return factor


def _met(grid: Grid, sheets: Sequence[Grid], edge: int) -> int:
    """Most sheets that a square of `edge` cells, on a lattice of such squares, meets."""
    a, _, c, _, e, f = grid.transform
    counts: dict[tuple[int, int], int] = {}
    for sheet in sheets:
        west, south, east, north = sheet.bounds
        columns = range(floor((west - c) / a / edge), ceil((east - c) / a / edge))
        rows = range(floor((north - f) / e / edge), ceil((south - f) / e / edge))
        if len(columns) * len(rows) > len(sheets) * _MOST_MET:  # one sheet over all of these squares
            continue
        for row in rows:
            for column in columns:
                counts[row, column] = counts.get((row, column), 0) + 1
    return max(counts.values(), default=1)


def coarse_grid(grid: Grid, factor: int) -> Grid:
    """The same area in cells that are about so many times larger."""
    width, height = ceil(grid.width / factor), ceil(grid.height / factor)
    a, b, c, d, e, f = grid.transform
    transform = (a * grid.width / width, b, c, d, e * grid.height / height, f)
    return replace(grid, transform=transform, width=width, height=height)
