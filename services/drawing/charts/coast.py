"""The coast on the maps of charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.collections import LineCollection

from services.drawing.coast import coast_within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from config.grids import Grid

_INK: Final = "#333333"


def draw_coast(axis: Axes, grid: Grid) -> None:
    """Draw the coast over a map on a grid."""
    axis.add_collection(LineCollection(coast_within(grid), colors=_INK, linewidths=0.6), autolim=False)
