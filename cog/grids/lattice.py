"""Grids whose cells are those of one lattice: the grid around all of them, and where each lies in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.grids import Grid

_TOLERANCE = 1e-3
"""Distance, in cells, that the cells of two grids may lie apart, counted over the whole lattice."""


@dataclass(frozen=True, kw_only=True)
class CellBox:
    """Rows [top, bottom) and columns [left, right) of a grid."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.bottom - self.top

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self.right - self.left

    @property
    def cells(self) -> int:
        """Number of cells; 0 if it is empty."""
        return max(0, self.rows) * max(0, self.columns)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns of an array of the grid."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def meet(self, other: CellBox) -> CellBox:
        """The cells that both hold; `cells` is 0 where they do not meet."""
        return CellBox(
            top=max(self.top, other.top),
            bottom=min(self.bottom, other.bottom),
            left=max(self.left, other.left),
            right=min(self.right, other.right),
        )

    def around(self, other: CellBox) -> CellBox:
        """The least box around both."""
        return CellBox(
            top=min(self.top, other.top),
            bottom=max(self.bottom, other.bottom),
            left=min(self.left, other.left),
            right=max(self.right, other.right),
        )

    def within(self, other: CellBox) -> CellBox:
        """The same cells counted from the first row and column of another box."""
        return CellBox(
            top=self.top - other.top,
            bottom=self.bottom - other.top,
            left=self.left - other.left,
            right=self.right - other.left,
        )


def lattice(grids: Sequence[Grid]) -> Grid:
    """The smallest grid that holds the cells of all grids.

    Raises InvalidInput, naming `part=`, if they differ in CRS or cell size, or if their cells do not meet.
    """
    first = grids[0]
    if len(grids) == 1:
        return first
    a, _, _, _, e, _ = first.transform
    places = [place_on(first, grid) for grid in grids]
    around = places[0]
    for place in places[1:]:
        around = around.around(place)
    transform = (a, 0.0, first.transform[2] + around.left * a, 0.0, e, first.transform[5] + around.top * e)
    return replace(first, transform=transform, width=around.columns, height=around.rows)


def place_on(whole: Grid, grid: Grid) -> CellBox:
    """The cells that a grid takes on the lattice of another; raises InvalidInput as `lattice` does."""
    a, b, c, d, e, f = grid.transform
    reach = max(whole.width, whole.height, grid.width, grid.height)
    alike = all(
        math.isclose(x, y, rel_tol=_TOLERANCE / reach) for x, y in ((a, whole.transform[0]), (e, whole.transform[4]))
    )
    if whole.crs != grid.crs or not alike or b or d or whole.transform[1] or whole.transform[3]:
        raise InvalidInput("the parts of this time differ in CRS or cell size; ask for one of them by part=")
    column, row = (c - whole.transform[2]) / a, (f - whole.transform[5]) / e
    if abs(column - round(column)) > _TOLERANCE or abs(row - round(row)) > _TOLERANCE:
        raise InvalidInput("the cells of the parts of this time do not meet; ask for one of them by part=")
    left, top = round(column), round(row)
    return CellBox(top=top, bottom=top + grid.height, left=left, right=left + grid.width)
