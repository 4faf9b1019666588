"""Reading a part: the times of a cell lie together, so a point is one chunk of each part."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.grids.lattice import CellBox
from cog.series.cogs import THREADS
from cog.series.layout import file_name
from cog.series.shards import ShardReader, chunk_cells
from cog.series.summary import AreaSummary
from config.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.series.cogs import Cells
    from cog.series.layout import PartLayout
    from cog.series.summary import StatisticName

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PartFile:
    """A part of the store.

    Attributes:
        path: Its folder.
        layout: The array in it.
    """

    path: str
    layout: PartLayout

    def points(self, cells: Cells) -> NDArray[Any]:
        """Values of the COGs (time, cell) at every time of the part; raises EnvironmentFault."""
        layout = self.layout
        out = np.empty((layout.steps, len(cells)), np.dtype(layout.packing.dtype))
        edge = layout.tier.edge
        chunks = [(layout.place(row, column), members) for row, column, members in cells.by_tile(edge, edge)]
        for key in {key for (key, _), _ in chunks}:
            here = [(number, members) for (other, number), members in chunks if other == key]
            with self._open(key, many=len(here) > 1) as shard:
                for number, members in here:
                    data = self._cells(shard, number)
                    if data is None:
                        out[:, members] = layout.packing.fill
                    else:
                        out[:, members] = data[
                            : layout.steps, cells.rows[members] % edge, cells.columns[members] % edge
                        ]
        return layout.packing.unpacked(out)

    def box(self, box: CellBox, steps: slice) -> NDArray[Any]:
        """Values of the COGs (time, row, column) of a box inside the grid at some times; raises EnvironmentFault."""
        layout, edge = self.layout, self.layout.tier.edge
        times = range(*steps.indices(layout.steps))
        selection = slice(times.start, times.stop, times.step)
        out = np.empty((len(times), box.rows, box.columns), np.dtype(layout.packing.dtype))

        def read(key: tuple[int, int], chunks: list[tuple[int, CellBox]]) -> None:
            with self._open(key, many=True) as shard:
                for number, whole in chunks:
                    inner = box.meet(whole)
                    where = (
                        slice(None),
                        slice(inner.top - box.top, inner.bottom - box.top),
                        slice(inner.left - box.left, inner.right - box.left),
                    )
                    data = self._cells(shard, number)
                    if data is None:
                        out[where] = layout.packing.fill
                    else:
                        rows = slice(inner.top - whole.top, inner.bottom - whole.top)
                        out[where] = data[selection, rows, inner.left - whole.left : inner.right - whole.left]

        _each(read, list(_batches(self._chunks(box, edge))))
        return layout.packing.unpacked(out)

    def summary(
        self, box: CellBox, weights: NDArray[np.float64], codec: Codec, names: frozenset[StatisticName]
    ) -> AreaSummary:
        """Weighted statistics over a box at every time of the part; raises EnvironmentFault.

        Args:
            box: Inside the grid.
            weights: Weight of each cell (row, column); 0 leaves it out.
            codec: The meaning of the values of the COGs.
            names: What is needed.
        """
        layout, edge = self.layout, self.layout.tier.edge
        whole_summary, lock = AreaSummary(layout.steps, names), threading.Lock()

        def add(key: tuple[int, int], chunks: list[tuple[int, CellBox]]) -> None:
            with self._open(key, many=True) as shard:
                for number, whole in chunks:
                    share = _share(weights, box, whole)
                    data = self._cells(shard, number) if share.any() else None
                    if data is None:
                        continue
                    values, valid = layout.packing.numbers(data[: layout.steps].reshape(layout.steps, -1), codec)
                    piece = AreaSummary.of_cells(values, valid, share, names)
                    with lock:
                        whole_summary.merge(piece)

        _each(add, list(_batches(self._chunks(box, edge))))
        return whole_summary

    def _chunks(self, box: CellBox, edge: int) -> Iterator[tuple[tuple[int, int], int, CellBox]]:
        for row in range(box.top // edge, -(-box.bottom // edge)):
            for column in range(box.left // edge, -(-box.right // edge)):
                key, number = self.layout.place(row, column)
                top, left = row * edge, column * edge
                yield key, number, CellBox(top=top, bottom=top + edge, left=left, right=left + edge)

    def _cells(self, shard: ShardReader, number: int) -> NDArray[Any] | None:
        data = shard.chunk(number)
        if data is None:
            return None
        return chunk_cells(data, self.layout.packing.dtype, self.layout.chunk_shape)

    def _open(self, key: tuple[int, int], *, many: bool) -> AbstractContextManager[ShardReader]:
        rows, columns = self.layout.chunks
        return _shard(f"{self.path}/{file_name(key)}", rows * columns, many=many)


def _share(weights: NDArray[np.float64], box: CellBox, whole: CellBox) -> NDArray[np.float64]:
    """The weights of the cells of a chunk, one after the other."""
    inner, share = box.meet(whole), np.zeros((whole.rows, whole.columns))
    rows, columns = (
        slice(inner.top - box.top, inner.bottom - box.top),
        slice(inner.left - box.left, inner.right - box.left),
    )
    top, left = inner.top - whole.top, inner.left - whole.left
    share[top : top + inner.rows, left : left + inner.columns] = weights[rows, columns]
    return share.ravel()


_Batch = tuple[tuple[int, int], list[tuple[int, CellBox]]]
_BATCH = 16
"""Chunks that one thread reads at a time."""


def _batches(chunks: Iterator[tuple[tuple[int, int], int, CellBox]]) -> Iterator[_Batch]:
    """Chunks by their file, so many at a time."""
    by_file: dict[tuple[int, int], list[tuple[int, CellBox]]] = {}
    for key, number, box in chunks:
        by_file.setdefault(key, []).append((number, box))
    for key, members in by_file.items():
        for first in range(0, len(members), _BATCH):
            yield key, members[first : first + _BATCH]


def _each(read: Callable[[tuple[int, int], list[tuple[int, CellBox]]], None], batches: list[_Batch]) -> None:
    """Read batches, in threads where there are several: unpacking releases the interpreter's lock."""
    if len(batches) == 1 or THREADS == 1:
        for key, members in batches:
            read(key, members)
        return
    with ThreadPoolExecutor(THREADS, thread_name_prefix="series") as pool:
        list(pool.map(lambda batch: read(*batch), batches))


@contextmanager
def _shard(path: str, chunks: int, *, many: bool) -> Iterator[ShardReader]:
    """A file while it is open; its failures are EnvironmentFault."""
    try:
        with ShardReader(path, chunks) as shard:
            if many:
                shard.load()
            yield shard
    except (OSError, ValueError) as error:
        log.exception("cannot read %s", path)
        raise EnvironmentFault("a file of the store cannot be read; the operator finds its name in the log") from error
