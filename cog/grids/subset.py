"""A window of a grid, and the cells in which it is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cog.grids.window import Window
    from config.grids import Grid

MOST_READ = 200_000_000
"""Most cells of a window that are all read for its means; of a larger one an overview is read."""


@dataclass(frozen=True, kw_only=True)
class Subset:
    """A window of a grid and the cells in which it is answered.

    Attributes:
        grid: The grid of the COGs.
        window: The whole cells that are read.
        width: Columns of the answer; the window's own unless scaled.
        height: Rows of the answer.
        most_read: Cells of the window, in each band, up to which all of them are read for the answer.
    """

    grid: Grid
    window: Window
    width: int
    height: int
    most_read: int = MOST_READ

    @property
    def is_scaled(self) -> bool:
        """Whether the answer has other cells than the COGs."""
        return (self.width, self.height) != (self.window.width, self.window.height)

    @property
    def output(self) -> Grid:
        """The grid of the answer: the window's extent in `width` x `height` cells."""
        cells = self.window.grid(self.grid)
        if not self.is_scaled:
            return cells
        a, b, c, d, e, f = cells.transform
        wide, high = self.window.width / self.width, self.window.height / self.height
        return replace(
            cells, transform=(a * wide, b * high, c, d * wide, e * high, f), width=self.width, height=self.height
        )
