"""Rows or columns at uneven steps, as those of Gaussian grids, put on a regular grid where that is declared.

By nearest neighbour: a row of the grid shows the source's row whose cells its centre falls into, their edges being
halfway between centres. Values stay as they are, and where the grid's cells are smaller, a cell is shown several times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cog.sources.centres import Centres
from config.errors import SourceRefused
from config.grids import Grid

WARP: Final = "put it on a regular grid with --warp or `warp: true`, by nearest neighbour, or regrid it first"
"""The remedy for cells that are on no regular grid."""
MAX_GROWTH: Final = 16
"""Most cells of a regular grid, as a multiple of those of its source."""
_EVEN: Final = 0.9
"""Least step, in parts of the mean one, up to which as many rows are made as there are."""


@dataclass(frozen=True, kw_only=True)
class Stretched:
    """Cells at uneven steps, and the regular grid that they are put on.

    Attributes:
        rows: The stored row that each row of the grid shows.
        columns: The stored column that each column of the grid shows.
        grid: The regular grid, as its rows and columns are counted here; it may be south up.
        note: A sentence on the change to the cells.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    grid: Grid
    note: str

    def stored(self, stored: Callable[[int, int], NDArray[Any]]) -> Callable[[int, int], NDArray[Any]]:
        """The rows [first, last) of the regular grid, of a function that gives stored ones."""

        def regular(first: int, last: int) -> NDArray[Any]:
            numbers = self.rows[first:last]
            low, high = int(numbers.min()), int(numbers.max())
            return stored(low, high + 1)[numbers - low][:, self.columns]

        return regular


def stretched(centres: Centres, *, path: Path) -> Stretched:
    """A regular grid for cells at uneven steps; raises SourceRefused."""
    columns, west, dx = _regular(centres.x, path)
    rows, north, dy = _regular(centres.y, path)
    if centres.degrees and rows.size > centres.y.size:
        north, dy = _within_poles(centres.y, rows.size, north, dy)
        rows = _shown(centres.y, north, dy, rows.size)
    if rows.size * columns.size > MAX_GROWTH * centres.x.size * centres.y.size:
        cause = (
            f"its {centres.x.size} x {centres.y.size} cells lie at uneven steps; a regular grid as fine as the finest "
            f"would have {columns.size} x {rows.size}"
        )
        raise SourceRefused(path, cause, "regrid it first, for example with cdo remapnn")
    grid = Grid(
        crs=centres.crs, transform=(dx, 0.0, west, 0.0, dy, north), width=int(columns.size), height=int(rows.size)
    )
    off = float(np.abs(north + (np.arange(rows.size) + 0.5) * dy - centres.y[rows].astype("float64")).max())
    note = (
        f"Its cells, {centres.x.size} x {centres.y.size} at uneven steps, were put by nearest neighbour on a regular "
        f"grid of {grid.width} x {grid.height}; rows moved by up to {off:.3g}, of cells of {abs(dy):.6g}."
    )
    return Stretched(rows=rows, columns=columns, grid=grid, note=note)


def _regular(centres: NDArray[Any], path: Path) -> tuple[NDArray[np.int64], float, float]:
    """The stored cell of each cell of a regular axis, the axis's outer edge and its step."""
    values = np.asarray(centres, "float64")
    steps = np.diff(values)
    if values.size < 2 or not np.isfinite(values).all() or not ((steps > 0).all() or (steps < 0).all()):
        raise SourceRefused(path, "an axis is not a series of rising or falling numbers", "declare `grid`")
    mean = float(steps.mean())
    least = float(np.abs(steps).min()) / abs(mean)
    is_even = least > _EVEN
    half = mean / 2 if is_even else steps[0] / 2
    first, last = values[0] - half, values[-1] + (mean if is_even else steps[-1]) / 2
    count = values.size if is_even else int(np.ceil(abs(last - first) / (least * abs(mean)) - 1e-6))
    count = min(count, MAX_GROWTH * values.size + 1)
    step = (last - first) / count
    return _shown(values, first, step, count), float(first), float(step)


def _within_poles(latitudes: NDArray[Any], count: int, north: float, step: float) -> tuple[float, float]:
    """The outer edge and step of rows of latitudes, from pole to pole where they nearly reach them."""
    edges = (north, north + step * count)
    reach = abs(float(latitudes[1] - latitudes[0]))
    ends = [float(np.copysign(90.0, edge)) if abs(edge) > 90.0 - reach / 2 else edge for edge in edges]
    return ends[0], (ends[1] - ends[0]) / count


def _shown(centres: NDArray[Any], first: float, step: float, count: int) -> NDArray[np.int64]:
    """The stored cell into which the centre of each cell of a regular axis falls."""
    values = np.asarray(centres, "float64")
    edges = (values[1:] + values[:-1]) / 2
    wanted = first + (np.arange(count) + 0.5) * step
    sign = 1.0 if step > 0 else -1.0
    return np.searchsorted(sign * edges, sign * wanted, side="right").astype("int64")
