"""What the cells of a series are read from: its parts by time where that costs less, else the COGs of its times.

Either gives the same values, so the choice is one of cost alone: a chunk of a part holds all its times over a few
cells, a block of a COG one time over many.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.convert.blocks import BLOCK
from cog.grids.lattice import CellBox
from cog.series.cogs import block_count, read_boxes, read_points
from cog.series.layout import PartLayout
from cog.series.parts import PartFile
from cog.series.summary import AreaSummary
from config.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.series.cogs import Cells
    from cog.series.summary import StatisticName
    from records.datasets.series.steps import StepIndex

log = logging.getLogger(__name__)

_COG_S: Final = 0.12e-3
"""CPU seconds of a block of a COG, about."""
_CHUNK_S: Final = {4096: 0.6e-3, 256: 0.2e-3, 16: 0.1e-3}
"""CPU seconds of a chunk of a part, by its tier."""
_COGS: Final = -1
"""The number of the part of times that are read from their COGs."""


@dataclass(frozen=True, kw_only=True)
class StepPiece:
    """What is read at once: some of the wanted times, and a part of the wanted box."""

    steps: slice
    box: CellBox


@dataclass(frozen=True, kw_only=True, eq=False)
class StepReader:
    """Reads stored values at positions of a step index.

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
        out = np.empty((len(positions), len(cells)), np.dtype(self.codec.dtype))
        for number, members in self._sources(positions, self._tiles(cells)):
            of_part = None if number == _COGS else _attempted(partial(self._parts[number].points, cells))
            if of_part is None:
                out[members] = read_points(self._paths(positions[members]), cells, self.codec, band=band)
            else:
                out[members] = of_part[self.index.part_steps[positions[members]]]
        return out

    def boxes(self, positions: NDArray[np.int64], box: CellBox, *, band: int) -> NDArray[Any]:
        """Stored values (time, row, column) of a box inside the grid; raises EnvironmentFault."""
        sources = list(self._sources(positions, self._chunks(box), blocks=block_count(box, (BLOCK, BLOCK))))
        if len(sources) == 1:
            return self._box(*sources[0], positions, box, band)
        out = np.empty((len(positions), box.rows, box.columns), np.dtype(self.codec.dtype))
        for number, members in sources:
            out[members] = self._box(number, members, positions, box, band)
        return out

    def summary(
        self,
        positions: NDArray[np.int64],
        box: CellBox,
        weights: NDArray[np.float64],
        names: Iterable[StatisticName],
        *,
        band: int,
    ) -> AreaSummary:
        """Weighted statistics of stored values over a box, at each time; each chunk of a part is read once.

        Raises EnvironmentFault.
        """
        needed = frozenset(names)
        summary = AreaSummary(len(positions), needed)
        blocks = block_count(box, (BLOCK, BLOCK))
        for number, members in self._sources(positions, self._chunks(box), blocks=blocks):
            of_part = None
            if number != _COGS:
                of_part = _attempted(partial(self._parts[number].summary, box, weights, self.codec, needed))
            if of_part is None:
                self._add_cogs(summary, members, positions, box, weights, band)
            else:
                summary.merge(of_part.at(self.index.part_steps[positions[members]]), members)
        return summary

    def pieces(self, positions: NDArray[np.int64], box: CellBox, *, most: int) -> Iterator[StepPiece]:
        """Cut a box over times into pieces that are cheap to read.

        They have at most `most` values, or one row of one time, or one chunk of a part, and hold each value once.
        """
        sources = np.full(len(positions), _COGS)
        blocks = block_count(box, (BLOCK, BLOCK))
        for number, members in self._sources(positions, self._chunks(box), blocks=blocks):
            sources[members] = number
        edges = np.flatnonzero(np.diff(sources)) + 1
        for first, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(positions)], strict=True):
            if first < stop:
                number = int(sources[first])
                edge = None if number == _COGS else self._parts[number].layout.tier.edge
                yield from _pieces(first, stop, box, most=most, edge=edge)

    @property
    def _parts(self) -> tuple[PartFile, ...]:
        return _opened(self.store, self.index)

    def _sources(
        self, positions: NDArray[np.int64], chunks: dict[int, int], *, blocks: int = 1
    ) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """The parts to read at positions, and which of the positions; _COGS for the rest.

        Args:
            positions: The wanted times.
            chunks: How many chunks of a part hold the wanted cells, by the number of the tier.
            blocks: How many blocks of each COG do.
        """
        numbers = self.index.part_numbers[positions].copy()
        for number in np.unique(numbers[numbers >= 0]).tolist():
            members = np.flatnonzero(numbers == number)
            tier = self._parts[number].layout.tier.steps
            if chunks[tier] * _CHUNK_S[tier] < len(members) * blocks * _COG_S:
                yield number, members
            else:
                numbers[members] = _COGS
        rest = np.flatnonzero(numbers == _COGS)
        if len(rest):
            yield _COGS, rest

    def _chunks(self, box: CellBox) -> dict[int, int]:
        return {part.layout.tier.steps: block_count(box, (part.layout.tier.edge,) * 2) for part in self._parts}

    def _tiles(self, cells: Cells) -> dict[int, int]:
        edges = {part.layout.tier.steps: part.layout.tier.edge for part in self._parts}
        return {tier: len(list(cells.by_tile(edge, edge))) for tier, edge in edges.items()}

    def _box(
        self, number: int, members: NDArray[np.int64], positions: NDArray[np.int64], box: CellBox, band: int
    ) -> NDArray[Any]:
        if number != _COGS:
            steps = self.index.part_steps[positions[members]]
            first, stop = int(steps[0]), int(steps[-1]) + 1
            of_part = _attempted(partial(self._parts[number].box, box, slice(first, stop)))
            if of_part is not None:
                return of_part[steps - first]
        return read_boxes(self._paths(positions[members]), box, self.codec, band=band)

    def _add_cogs(
        self,
        summary: AreaSummary,
        members: NDArray[np.int64],
        positions: NDArray[np.int64],
        box: CellBox,
        weights: NDArray[np.float64],
        band: int,
    ) -> None:
        for piece in _pieces(0, len(members), box, most=_MOST_SUMMED, edge=None):
            places = members[piece.steps]
            rows = slice(piece.box.top - box.top, piece.box.bottom - box.top)
            stored = read_boxes(self._paths(positions[places]), piece.box, self.codec, band=band)
            valid = self.codec.valid(stored).reshape(len(places), -1)
            values = np.where(valid, stored.reshape(len(places), -1), 0).astype("float64")
            summary.merge(AreaSummary.of_cells(values, valid, weights[rows].ravel(), summary.names), places)

    def _paths(self, positions: NDArray[np.int64]) -> list[str]:
        root, hrefs = f"{self.store}/", self.index.hrefs
        return [root + hrefs[position] for position in positions.tolist()]


def _attempted[Read](read: Callable[[], Read]) -> Read | None:
    """What is read of a part, None if that fails: a part that is gone or broken costs time, not the answer."""
    try:
        return read()
    except EnvironmentFault:
        log.warning("a part of a series cannot be read, its COGs are; see `graticule series verify`")
        return None


@lru_cache(maxsize=64)
def _opened(store: Path, index: StepIndex) -> tuple[PartFile, ...]:
    """The parts of an index, which keep the tables of their packing."""
    return tuple(
        PartFile(path=str(store / part.href), layout=PartLayout.from_json(part.layout)) for part in index.parts
    )


_MOST_SUMMED: Final = 4 * 1024 * 1024
"""Values of COGs that are held at once while they are added up."""


def _pieces(first: int, stop: int, box: CellBox, *, most: int, edge: int | None) -> Iterator[StepPiece]:
    """Pieces of consecutive times: of COGs whole boxes, or strips of one; of parts all times over whole chunks."""
    if edge is not None:
        room = most // (stop - first)
        columns = max(edge, min(-(-box.columns // edge) * edge, room // edge // edge * edge))
        rows = max(edge, room // columns // edge * edge)
        yield from (StepPiece(steps=slice(first, stop), box=tile) for tile in _tiled(box, rows, columns))
        return
    times = most // max(1, box.cells)
    if times:
        for start in range(first, stop, times):
            yield StepPiece(steps=slice(start, min(start + times, stop)), box=box)
        return
    rows = max(1, min(BLOCK, most // box.columns))
    for start in range(first, stop):
        yield from (StepPiece(steps=slice(start, start + 1), box=strip) for strip in _tiled(box, rows, box.right))


def _tiled(box: CellBox, rows: int, columns: int) -> Iterator[CellBox]:
    """A box cut at multiples of rows and columns of its grid."""
    for top in range(box.top // rows * rows, box.bottom, rows):
        for left in range(box.left // columns * columns, box.right, columns):
            yield box.meet(CellBox(top=top, bottom=top + rows, left=left, right=left + columns))
