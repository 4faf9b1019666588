"""Means of the stored cells that each cell of an answer covers, weighted by the covered area of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cog.reading.opener import open_raster
from cog.reading.strips import STRIP_ROWS, chunk_rows, codec_of, read_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rasterio
    from numpy.typing import NDArray

    from cog.grids.subset import Subset

_EDGE = 1e-9
"""Distance, in cells, below which an edge of the answer and an edge between cells are one: float64 noise."""


def means(path: str, subset: Subset, *, level: int | None) -> Iterator[tuple[int, NDArray[Any]]]:
    """The answer as means: (first row, values) of at most STRIP_ROWS rows; taken of an overview where one is named."""
    with open_raster(path) as raster:
        source, window = raster.at(level), subset.window
        across, down = source.width / subset.grid.width, source.height / subset.grid.height
        columns = _Parts.of(window.column * across, window.width * across, subset.width)
        rows = _Parts.of(window.row * down, window.height * down, subset.height)
        cells = _Cells(source=source, first=int(columns.first[0]), stop=int(columns.last[-1]) + 1)
        for row in range(0, subset.height, STRIP_ROWS):
            stop = min(row + STRIP_ROWS, subset.height)
            lines = [_line(cells, rows, columns, row=index) for index in range(row, stop)]
            yield row, np.stack(lines, axis=1)


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """Cells of an axis that each cell of the answer covers: `first` to `last`, both in part, and all between them.

    Attributes:
        first: First cell covered, by cell of the answer.
        last: Last cell covered.
        begin: Covered part of the first cell, 0..1.
        end: Covered part of the last one, 0 where it is also the first.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]

    @classmethod
    def of(cls, start: float, length: float, count: int) -> Self:
        """`count` equal cells over `length` cells from `start`."""
        edges = start + np.arange(count + 1) * length / count
        whole = np.rint(edges)
        edges = np.where(np.abs(edges - whole) < _EDGE, whole, edges)
        low, high = edges[:-1], edges[1:]
        first, last = np.floor(low).astype("int64"), np.ceil(high).astype("int64") - 1
        begin = np.minimum(first + 1, high) - low
        return cls(first=first, last=last, begin=begin, end=np.where(last > first, high - last, 0.0))

    def weights(self, index: int) -> NDArray[np.float64]:
        """The weights of the cells `first` to `last` of one cell of the answer."""
        weights = np.ones(int(self.last[index] - self.first[index]) + 1)
        if weights.size > 1:
            weights[-1] = self.end[index]
        weights[0] = self.begin[index]
        return weights

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted sums along the last axis, which begins at the first cell of all."""
        first, last = self.first - self.first[0], self.last - self.first[0]
        totals: NDArray[np.float64] = self.begin * values[..., first]
        totals += np.where(self.end > 0, self.end * values[..., last], 0.0)
        bounds = np.stack([first + 1, last], axis=1).ravel()
        padded = np.concatenate([values, np.zeros((*values.shape[:-1], 2))], axis=-1)
        inner = np.add.reduceat(padded, bounds, axis=-1)[..., ::2]  # the odd ones are what lies between
        return totals + np.where(last - first > 1, inner, 0.0)


class _Cells:
    """Rows of a raster between two columns, which go on modulo, as (values, validity), a chunk kept in memory."""

    def __init__(self, *, source: rasterio.DatasetReader, first: int, stop: int) -> None:
        self.source = source
        self.codec = codec_of(source)
        self._first, self._stop = first, stop
        self._rows = chunk_rows(source, stop - first)
        self._chunk = -1
        self._loaded: tuple[NDArray[np.float64], NDArray[np.bool_]] | None = None

    def pieces(self, first: int, stop: int) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.bool_]]]:
        """The rows [first, stop) in pieces: first row, values with 0 for no data, validity, as (band, row, column)."""
        row = first
        while row < stop:
            values, valid = self._load(row // self._rows)
            begin = row % self._rows
            end = min(begin + stop - row, self._rows)
            yield row, values[:, begin:end], valid[:, begin:end]
            row += end - begin

    def _load(self, chunk: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if self._loaded is None or chunk != self._chunk:
            self._loaded = None  # not both chunks at a time
            top = chunk * self._rows
            rows = min(self._rows, self.source.height - top)
            stored = read_columns(self.source, top=top, rows=rows, first=self._first, stop=self._stop)
            valid = self.codec.valid(stored)
            self._loaded, self._chunk = (np.where(valid, stored, 0).astype("float64"), valid), chunk
        return self._loaded


def _line(cells: _Cells, rows: _Parts, columns: _Parts, *, row: int) -> NDArray[Any]:
    """One row of means as (band, column), in the type of the raster."""
    weights, top = rows.weights(row), int(rows.first[row])
    totals: NDArray[np.float64] | float = 0.0
    areas: NDArray[np.float64] | float = 0.0
    with np.errstate(invalid="ignore", over="ignore"):  # sums of the largest float64
        for first, values, valid in cells.pieces(top, int(rows.last[row]) + 1):
            part = weights[first - top : first - top + values.shape[1]]
            totals = totals + _weighted(values, part)
            areas = areas + _weighted(valid, part)
        total, area = columns.sums(np.asarray(totals)), columns.sums(np.asarray(areas))
        mean = total / np.where(area > 0, area, 1.0)
    return cells.codec.stored(mean, area > 0)


def _weighted(values: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over rows of (band, row, column); only the first and the last weight may differ from 1."""
    sums: NDArray[np.float64] = values[:, 0] * weights[0]
    if weights.size > 1:
        sums += values[:, -1] * weights[-1]
    if weights.size > 2:
        sums += values[:, 1:-1].sum(axis=1, dtype="float64")
    return sums
