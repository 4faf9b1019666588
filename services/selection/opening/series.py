"""A selection as a series: one variable at one layer over any number of times, all on one grid.

    series = open_series(context, resolve(dataset, request, default_times="all"))
    cells = series.points(rows=[3, 7], columns=[5, 9])        # (time, point)
    for block in series.blocks(box):                          # bounded memory, whatever the number of times
        consume(block.steps, block.box, block.stored, block.valid)
    stored, valid = series.cube(box)                          # the same as two arrays (time, row, column)
    means = series.means(box, weights)                        # one number a time

Stored values are those of the COGs, bit for bit where they are valid; `series.codec` says what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.grids.lattice import CellBox
from cog.series.cogs import Cells
from cog.series.summary import MEAN
from cog.writers.cube import CoverageTime
from config.errors import InvalidInput
from config.times import require_days
from services.selection.moments import codec_of, first_moments
from services.selection.opening.step_readers import StepReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from cog.cells.codec import Codec
    from config.grids import Grid
    from records.datasets.models import Variable
    from records.datasets.series.steps import StepIndex
    from services.selection.selection import Selection
    from services.web.context import Context

BLOCK_BYTES: Final = 64 * 1024 * 1024
"""Bytes of stored values that one block of a series holds at most, unless one row of a time or one chunk has more."""


@dataclass(frozen=True, kw_only=True)
class SeriesCells:
    """Values of a series at cells.

    Attributes:
        stored: Stored values (time, cell); anything where not valid.
        valid: Where there are data, in the same shape.
    """

    stored: NDArray[Any]
    valid: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class SeriesBlock:
    """Values of a series in a box, over some of its times.

    Attributes:
        steps: Which of the times of the series.
        box: Its place on the grid.
        stored: Stored values (time, row, column); anything where not valid.
        valid: Where there are data, in the same shape.
    """

    steps: slice
    box: CellBox
    stored: NDArray[Any]
    valid: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class SeriesMeans:
    """Weighted means of physical values over cells.

    Attributes:
        means: One of each time; NaN where no cell of a weight has data.
        weights: The sum of the weights of the cells with data, of each time.
    """

    means: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One variable at one layer over times in order.

    Attributes:
        selection: What was asked.
        index: Every time that the variable has.
        positions: The times of the series, as positions in the index.
        grid: The grid of every time.
        codec: The meaning of the stored values.
        layer: Key of the layer (`config.layers`), or None.
        reader: Reads the cells.
    """

    selection: Selection
    index: StepIndex
    positions: NDArray[np.int64]
    grid: Grid
    codec: Codec
    layer: str | None
    reader: StepReader

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def variable(self) -> Variable:
        """The variable."""
        return self.selection.variable

    @property
    def has_times(self) -> bool:
        """Whether the data have times; else the series is one step without a label."""
        return self.index.calendar is not None

    @property
    def calendar(self) -> str:
        """CF calendar of the times."""
        return self.index.calendar or "standard"

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """Order key of each time."""
        return self.index.keys[self.positions]

    @cached_property
    def labels(self) -> list[str]:
        """Label of each time in the source's own calendar; empty where the data have no times."""
        if not self.has_times:
            return []
        if len(self) == len(self.index):
            return list(self.index.labels)
        return [self.index.labels[position] for position in self.positions.tolist()]

    @cached_property
    def steps(self) -> tuple[CoverageTime, ...]:
        """The times with their bounds; empty where the data have no times."""
        if not self.has_times:
            return ()
        bounds = [self.index.bounds(position) for position in self.positions.tolist()]
        return tuple(
            CoverageTime(label=label, key=key, start_key=start, end_key=end)
            for label, key, (start, end) in zip(self.labels, self.keys.tolist(), bounds, strict=True)
        )

    @property
    def whole(self) -> CellBox:
        """All cells of the grid."""
        return CellBox(top=0, bottom=self.grid.height, left=0, right=self.grid.width)

    def points(self, rows: ArrayLike, columns: ArrayLike, *, band: int = 1) -> SeriesCells:
        """Read a band of cells at every time.

        Args:
            rows: Row of each cell, inside the grid.
            columns: Column of each, as many.
            band: Number of the band, from 1.

        Raises EnvironmentFault.
        """
        cells = Cells(rows=np.asarray(rows, "int64"), columns=np.asarray(columns, "int64"))
        stored = self.reader.points(self.positions, cells, band=band)
        return SeriesCells(stored=stored, valid=self.codec.valid(stored))

    def blocks(self, box: CellBox | None = None, steps: slice | None = None, *, band: int = 1) -> Iterator[SeriesBlock]:
        """Read a box, None: the grid, as blocks of at most BLOCK_BYTES that together hold each value once.

        Args:
            box: Inside the grid.
            steps: Which of the times, with a stride if it has one; None: all.
            band: Number of the band, from 1.

        Raises EnvironmentFault.
        """
        first, stop, stride = (steps or slice(None)).indices(len(self))
        area = box or self.whole
        wanted = range(first, stop, stride)
        size = np.dtype(self.codec.dtype).itemsize
        for part in self.reader.pieces(self.positions[first:stop:stride], area, most=BLOCK_BYTES // size):
            stored = self.reader.boxes(self.positions[wanted[part.steps.start : part.steps.stop]], part.box, band=band)
            covered = wanted[part.steps.start : part.steps.stop]
            yield SeriesBlock(
                steps=slice(covered.start, covered.stop, stride),
                box=part.box,
                stored=stored,
                valid=self.codec.valid(stored),
            )

    def cube(
        self, box: CellBox | None = None, steps: slice | None = None, *, band: int = 1
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Read a box as stored values and validity (time, row, column), all in memory: the caller bounds their size."""
        first, stop, stride = (steps or slice(None)).indices(len(self))
        area = box or self.whole
        shape = (len(range(first, stop, stride)), area.rows, area.columns)
        stored, valid = np.empty(shape, np.dtype(self.codec.dtype)), np.empty(shape, np.bool_)
        for block in self.blocks(area, steps, band=band):
            times = slice((block.steps.start - first) // stride, -(-(block.steps.stop - first) // stride))
            where = (
                times,
                slice(block.box.top - area.top, block.box.bottom - area.top),
                slice(block.box.left - area.left, block.box.right - area.left),
            )
            stored[where], valid[where] = block.stored, block.valid
        return stored, valid

    def means(self, box: CellBox, weights: NDArray[np.floating[Any]], *, band: int = 1) -> SeriesMeans:
        """Mean of the physical values of the cells of a box at every time, weighted; cells without data count nothing.

        Args:
            box: Inside the grid.
            weights: Weight of each cell (row, column), not negative; 0 leaves it out.
            band: Number of the band, from 1.

        Raises EnvironmentFault.
        """
        share = np.asarray(weights, "float64")
        summary = self.reader.summary(self.positions, box, share, MEAN, band=band)
        return SeriesMeans(means=summary.result("mean", self.codec), weights=summary.weights)


def is_series(context: Context, selection: Selection) -> bool:
    """Whether `open_series` can open a selection: one layer, and at every time the same cells in one granule."""
    return len(selection.layers) <= 1 and _index(context, selection).is_uniform


def open_series(context: Context, selection: Selection) -> Series:
    """Open a selection of one layer over its times, of which there may be any number.

    Nothing is read but the times, which the process keeps while the dataset stays as it is.

    Args:
        context: Has the catalogue and the store.
        selection: The variable, its times (`latest`, a range, or `all`) and its layer.

    Raises:
        GranuleNotFound: if the selection means no time, naming the neighbours.
        InvalidInput: if it has several layers, or its times have different cells or several parts.
    """
    if len(selection.layers) > 1:
        raise InvalidInput(f"{selection.name} has {len(selection.layers)} levels or members here; ask for one of them")
    index = _index(context, selection)
    variable = selection.variable
    if len(index) and not index.is_uniform:
        raise InvalidInput(
            f"{selection.name} has several parts at a time or other cells at other times, so it is no series; choose "
            "a part, or ask for fewer times"
        )
    positions = _positions(context, selection, index)
    codec = codec_of(variable)
    return Series(
        selection=selection,
        index=index,
        positions=positions,
        grid=index.grids[0],
        codec=codec,
        layer=selection.layers[0] if selection.layers else None,
        reader=StepReader(store=context.store, index=index, codec=codec),
    )


def _index(context: Context, selection: Selection) -> StepIndex:
    layer = selection.layers[0] if selection.layers else None
    return context.catalogue.steps(selection.dataset, selection.variable, layer=layer, part=selection.part)


def _positions(context: Context, selection: Selection, index: StepIndex) -> NDArray[np.int64]:
    """The times that a selection means; raises GranuleNotFound and InvalidParameter as the catalogue does."""
    if selection.is_latest and len(index):
        return np.array([len(index) - 1], dtype="int64")
    when = selection.when
    if when is not None and selection.dataset.time is not None:
        require_days(when.text, selection.dataset.time.calendar)
    positions = index.within(when)
    if len(positions) and not (when is not None and index.calendar is None):
        return positions
    (moment,) = first_moments(context.catalogue, selection, 1)  # the nearest, or the error that names the neighbours
    return np.flatnonzero(index.keys == moment.key)
