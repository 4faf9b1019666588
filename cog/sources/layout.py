"""From stored cells to a north-up grid from -180: flips, rolling by whole columns, and the one no-data value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.grids import Grid

_CLOSING = 1e-2
"""Parts of a cell by which columns that go round the globe may miss the first ones."""
_ROUNDING = 1e-6
"""Parts of a cell that count as the same place."""


@dataclass(frozen=True, kw_only=True)
class CellOrder:
    """The order of stored rows and columns, from which those of the grid are made.

    Attributes:
        height: Number of rows.
        south_up: The first stored row is the southernmost.
        east_first: The first stored column is the easternmost.
        roll: Number of columns, counted after the flip, that move from the west end to the east end.
        repeated: Number of columns at the east end, after the flip, that are the first ones again.
    """

    height: int
    south_up: bool = False
    east_first: bool = False
    roll: int = 0
    repeated: int = 0

    def read(self, stored: Callable[[int, int], NDArray[Any]], rows: tuple[int, int]) -> NDArray[Any]:
        """Rows [first, last) of the grid; `stored(first, last)` gives stored rows as (row, column).

        Raises ValueError where columns that are repeated hold other values than the first ones.
        """
        first, last = rows
        cells = stored(*((self.height - last, self.height - first) if self.south_up else rows))
        if self.south_up:
            cells = cells[::-1]
        if self.east_first:
            cells = cells[:, ::-1]
        if self.repeated:
            again, cells = cells[:, -self.repeated :], cells[:, : -self.repeated]
            if not np.array_equal(again, cells[:, : self.repeated], equal_nan=cells.dtype.kind == "f"):
                raise ValueError(f"its last {self.repeated} columns lie where the first ones do, with other values")
        if self.roll:
            cells = np.concatenate([cells[:, self.roll :], cells[:, : self.roll]], axis=1)
        return np.ascontiguousarray(cells)


@dataclass(frozen=True, kw_only=True)
class CellRules:
    """Rules for stored values that mean no data; `clean` turns all of them into the one value `nodata`.

    Attributes:
        missing: Further values that mean no data.
        valid: Least and greatest stored value that count as data.
    """

    dtype: str
    nodata: float | None
    missing: tuple[float, ...] = ()
    valid: tuple[float, float] | None = None

    def clean(self, cells: NDArray[Any]) -> NDArray[Any]:
        """The cells, native in byte order, each invalid one replaced by `nodata`; a copy only if one is."""
        cells = cells.astype(self.dtype, copy=False)
        if self.nodata is None:
            return cells
        invalid = self._invalid(cells)
        if invalid is None or not invalid.any():
            return cells
        cells = cells.copy()
        cells[invalid] = np.asarray(self.nodata).astype(self.dtype)
        return cells

    def emptied(self, cells: NDArray[Any], nothing: NDArray[np.bool_]) -> NDArray[Any]:
        """The cells, which are written to, with no data in some of them; there must be a no-data value."""
        cells[nothing] = np.asarray(self.nodata).astype(self.dtype)
        return cells

    def _invalid(self, cells: NDArray[Any]) -> NDArray[np.bool_] | None:
        masks: list[NDArray[np.bool_]] = [cells == np.asarray(v).astype(self.dtype) for v in self.missing]
        if self.valid is not None:
            masks += [cells < self.valid[0], cells > self.valid[1]]
        if cells.dtype.kind == "f" and self.nodata is not None and not np.isnan(self.nodata):
            masks.append(np.isnan(cells))
        return np.logical_or.reduce(masks) if masks else None


def normalise(grid: Grid) -> tuple[Grid, CellOrder, tuple[str, ...]]:
    """The grid that is served for a grid as stored (any sign of its steps, any longitudes), the order, and notes.

    Only whole rows and columns move. A geographic grid that goes once round the globe starts at the column whose centre
    is the first at or after 180 degrees west; another that begins at or beyond 180 degrees east moves by 360.
    """
    notes: list[str] = []
    a, b, c, d, e, f = grid.transform
    south_up, east_first = e > 0, a < 0
    if south_up:
        e, f = -e, f + e * grid.height
        notes.append("Rows were flipped: the source's first row is the southernmost.")
    if east_first:
        a, c = -a, c + a * grid.width
        notes.append("Columns were flipped: the source's first column is the easternmost.")
    upright = replace(grid, transform=(a, b, c, d, e, f))
    repeated = _repeated(upright)
    if repeated:
        upright = replace(upright, width=upright.width - repeated)
        notes.append(f"The last {repeated} of its columns, which repeat the first ones, were left out.")
    rolled, roll, note = _rolled(upright)
    if note:
        notes.append(note)
    order = CellOrder(height=grid.height, south_up=south_up, east_first=east_first, roll=roll, repeated=repeated)
    return rolled, order, tuple(notes)


def _repeated(grid: Grid) -> int:
    """Number of columns of a geographic grid that go beyond the circle, and lie where the first ones do."""
    cell, width = grid.transform[0], grid.width
    beyond = (cell * width - 360.0) / cell
    repeated = round(beyond)
    is_whole = abs(beyond - repeated) < _CLOSING and repeated < width / 2
    return repeated if grid.is_geographic and repeated > 0 and is_whole else 0


def _rolled(grid: Grid) -> tuple[Grid, int, str | None]:
    a, b, c, d, e, f = grid.transform
    if not grid.is_geographic:
        return grid, 0, None
    if grid.is_global:
        # the first column at or after the seam, counted from the first centre
        ahead = ((-180.0 - (c + a / 2)) % 360.0) / a
        roll = int(np.ceil(ahead - _ROUNDING)) % grid.width
        west = c + roll * a
        west -= 360.0 * round((west + 180.0) / 360.0)
        if roll == 0 and abs(west - c) < abs(a) * _ROUNDING:
            return grid, 0, None
        note = (
            f"Columns were rolled by {roll}, from longitudes that start at {c:.10g} to such that start at {west:.10g}."
        )
        return replace(grid, transform=(a, b, west, d, e, f)), roll, note
    turns = 0
    if c >= 180.0 - a * _ROUNDING:
        turns = -int((c + 180.0 + a * _ROUNDING) // 360.0)
    elif c + a * grid.width <= -180.0 + a * _ROUNDING:
        turns = int((180.0 - (c + a * grid.width) + a * _ROUNDING) // 360.0)
    if not turns:
        return grid, 0, None
    west = c + turns * 360.0
    note = f"Longitudes were shifted by {turns * 360} degrees, to start at {west:.10g}."
    return replace(grid, transform=(a, b, west, d, e, f)), 0, note


@dataclass(frozen=True, kw_only=True)
class ArrayReading[L]:
    """The reading of one array of a file: the axis of each dimension, and what happens to its cells."""

    dims: tuple[str, ...]
    layout: L
    rules: CellRules
