"""What the cells of a series are read from: the COGs of its times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from cog.convert.blocks import BLOCK
from cog.grids.lattice import CellBox
from cog.series.cogs import read_boxes, read_points

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.series.cogs import Cells
    from records.datasets.steps import StepIndex

_STRIP: Final = BLOCK
"""Rows of a piece are cut at multiples of it."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What is read at once: some of the wanted times, and a part of the wanted box."""

    steps: slice
    box: CellBox


class StepReader(Protocol):
    """Reads stored values at positions of a step index."""

    def points(self, positions: NDArray[np.int64], cells: Cells, *, band: int) -> NDArray[Any]:
        """Stored values (time, cell); raises EnvironmentFault."""
        ...

    def boxes(self, positions: NDArray[np.int64], box: CellBox, *, band: int) -> NDArray[Any]:
        """Stored values (time, row, column) of a box inside the grid; raises EnvironmentFault."""
        ...

    def pieces(self, positions: NDArray[np.int64], box: CellBox, *, most: int) -> Iterator[Piece]:
        """Cut a box over times into pieces that are cheap to read, of at most `most` values, or one row of one time."""
        ...


@dataclass(frozen=True, kw_only=True)
class CogReader:
    """Reads the COGs themselves, a file a time.

    Attributes:
        store: The folder of the assets.
        index: The times.
        codec: The meaning of the stored values.
    """

    store: Path
    index: StepIndex
    codec: Codec

    def points(self, positions: NDArray[np.int64], cells: Cells, *, band: int) -> NDArray[Any]:
        """Stored values (time, cell); raises EnvironmentFault."""
        return read_points(self._paths(positions), cells, self.codec, band=band)

    def boxes(self, positions: NDArray[np.int64], box: CellBox, *, band: int) -> NDArray[Any]:
        """Stored values (time, row, column); raises EnvironmentFault."""
        return read_boxes(self._paths(positions), box, self.codec, band=band)

    def pieces(self, positions: NDArray[np.int64], box: CellBox, *, most: int) -> Iterator[Piece]:
        """Whole boxes of some times, or where one of them is too large, its strips of blocks time by time."""
        count = len(positions)
        times = most // max(1, box.cells)
        if times:
            for first in range(0, count, times):
                yield Piece(steps=slice(first, min(first + times, count)), box=box)
            return
        rows = max(1, min(_STRIP, most // box.columns))
        for first in range(count):
            for top in range(box.top // rows * rows, box.bottom, rows):
                strip = CellBox(top=top, bottom=top + rows, left=box.left, right=box.right)
                yield Piece(steps=slice(first, first + 1), box=box.meet(strip))

    def _paths(self, positions: NDArray[np.int64]) -> list[str]:
        root, hrefs = f"{self.store}/", self.index.hrefs
        return [root + hrefs[position] for position in positions.tolist()]
