"""Overviews from strips of cells: each level halves the one before, while the cells go by.

An overview of n cells has ceil(n / 2), and covers the same extent: where n is odd, its cells are a little narrower
than two, and begin between cells. `average` weighs the cells that it meets by how much of them it covers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling

from cog.cells.codec import Codec

REACH = 3
"""Most cells that one cell of an overview meets each way."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The way in which a level is made from the one before.

    Attributes:
        resampling: `nearest`, `mode` or `average`.
        codec: The meaning of the cells; those without data count only where no other is met.
        alpha: Whether the last band is the opacity of the others: means leave out what is transparent.
    """

    resampling: Resampling
    codec: Codec
    alpha: bool = False


@dataclass(frozen=True, kw_only=True)
class _Taps:
    """The cells of a row or column of n that each of the ceil(n / 2) cells of an overview meets.

    Attributes:
        even: Each meets exactly two.
        starts: The first of the cells that each meets.
        weights: (`REACH`, cell) how much of the first, second and third it covers; each column sums to 1.
        nearest: The cell at the middle of each.
    """

    even: bool
    starts: NDArray[np.int64]
    weights: NDArray[np.float64]
    nearest: NDArray[np.int64]


def halved(length: int) -> int:
    """Number of cells along an axis after halving `length` cells."""
    return ceil(length / 2)


def _taps(length: int) -> _Taps:
    count = halved(length)
    index = np.arange(count, dtype="int64")
    # exact whole-number arithmetic, in parts of 1 / count of a cell
    begin, end = index * length, (index + 1) * length
    starts = begin // count
    met = starts + np.arange(REACH, dtype="int64")[:, np.newaxis]
    covered = np.minimum(end, (met + 1) * count) - np.maximum(begin, met * count)
    nearest = np.minimum((count + 2 * begin) // (2 * count), length - 1)
    weights = np.maximum(covered, 0) / length
    return _Taps(even=length == 2 * count, starts=starts, weights=weights, nearest=nearest)


class Halving:
    """Makes one level of strips of the level before; feed it rows from north to south.

    Args:
        height: Rows of the level before.
        width: Its columns.
        rule: The way in which the level is made.
    """

    def __init__(self, height: int, width: int, rule: Rule) -> None:
        self._rows, self._columns = _taps(height), _taps(width)
        self._height, self._width = height, width
        self._rule = rule
        self._begin = 0
        self._buffer: NDArray[Any] | None = None
        self._done = 0

    def add(self, cells: NDArray[Any]) -> NDArray[Any]:
        """Take further (band, row, column) cells; the rows that can be made now, perhaps none."""
        block = cells if self._buffer is None else np.concatenate([self._buffer, cells], axis=1)
        until = self._begin + block.shape[1]
        reach = self._rows.starts + (2 if self._rows.even else REACH)
        last = int(np.searchsorted(np.minimum(reach, self._height), until, side="right"))
        rows = self._make(block, self._done, last)
        keep = int(self._rows.starts[last]) if last < self._rows.starts.size else until
        self._buffer = block[:, keep - self._begin :]
        self._begin, self._done = keep, last
        return rows

    def _make(self, block: NDArray[Any], first: int, last: int) -> NDArray[Any]:
        rows = _part(self._rows, first, last, offset=self._begin)
        if self._rule.resampling is Resampling.nearest:
            return np.ascontiguousarray(block[:, rows.nearest][:, :, self._columns.nearest])
        make = _modes if self._rule.resampling is Resampling.mode else _means
        return make(block, rows, self._columns, self._rule)


def _part(taps: _Taps, first: int, last: int, *, offset: int) -> _Taps:
    """Some of the taps, counted from the row at `offset`."""
    return _Taps(
        even=taps.even,
        starts=taps.starts[first:last] - offset,
        weights=taps.weights[:, first:last],
        nearest=taps.nearest[first:last] - offset,
    )


def _modes(block: NDArray[Any], rows: _Taps, columns: _Taps, rule: Rule) -> NDArray[Any]:
    """The most frequent value of four neighbours; of equally frequent ones the first from the north-west."""
    height, width = block.shape[1:]
    row = np.clip(rows.nearest, 0, max(0, height - 2))
    column = np.clip(columns.nearest, 0, max(0, width - 2))
    below, right = np.minimum(row + 1, height - 1), np.minimum(column + 1, width - 1)
    upper, lower = block[:, row], block[:, below]
    a, b, c, d = upper[:, :, column], upper[:, :, right], lower[:, :, column], lower[:, :, right]
    modes: NDArray[Any] = np.where((b == c) | (b == d), b, np.where(c == d, c, a))
    modes = np.where((a == b) | (a == c) | (a == d), a, modes)
    if rule.codec.valid(block).all():
        return modes
    cells = np.stack([a, b, c, d])
    votes = (cells[:, np.newaxis] == cells[np.newaxis]).sum(axis=0, dtype="uint8")
    votes[~rule.codec.valid(cells)] = 0
    modes[...] = np.take_along_axis(cells, votes.argmax(axis=0)[np.newaxis], axis=0)[0]
    return modes


def _means(block: NDArray[Any], rows: _Taps, columns: _Taps, rule: Rule) -> NDArray[Any]:
    """The mean of the valid cells met, weighted by the covered part of each; no data where none is valid."""
    valid = rule.codec.valid(block)
    if rule.alpha:
        valid[:-1] &= block[-1] != 0
    exact = np.float32 if block.dtype.itemsize <= 2 or block.dtype == np.float32 else np.float64
    if valid.all():
        return _to_cells(_weighed(block, rows, columns, exact), block, rule)
    weight = _weighed(valid, rows, columns, exact)
    total = _weighed(np.where(valid, block, 0), rows, columns, exact)
    some = weight > 0
    means = _to_cells(np.divide(total, weight, out=total, where=some), block, rule)
    return np.where(some, means, np.asarray(rule.codec.fill).astype(block.dtype))


def _weighed(cells: NDArray[Any], rows: _Taps, columns: _Taps, exact: type[np.floating[Any]]) -> NDArray[Any]:
    """Sums of cells with the taps' weights."""
    if rows.even:
        first = int(rows.starts[0]) if rows.starts.size else 0
        pairs = cells[:, first : first + 2 * rows.starts.size]
        half = pairs[:, ::2].astype(exact) * exact(0.5)
        half += pairs[:, 1::2].astype(exact) * exact(0.5)
    else:
        half = _tapped(cells, rows, exact, axis=1)
    if columns.even:
        means: NDArray[Any] = half[:, :, ::2] * exact(0.5)
        means += half[:, :, 1::2] * exact(0.5)
        return means
    return _tapped(half, columns, exact, axis=2)


def _tapped(cells: NDArray[Any], taps: _Taps, exact: type[np.floating[Any]], *, axis: int) -> NDArray[Any]:
    shape = [1, 1, 1]
    shape[axis] = taps.starts.size
    total: NDArray[Any] | None = None
    for tap in range(REACH):
        where = np.minimum(taps.starts + tap, cells.shape[axis] - 1)
        part = cells.take(where, axis=axis).astype(exact) * taps.weights[tap].astype(exact).reshape(shape)
        total = part if total is None else total + part
    assert total is not None
    return total


def _to_cells(means: NDArray[Any], like: NDArray[Any], rule: Rule) -> NDArray[Any]:
    """Means as cells: rounded half up to whole numbers, and never by accident the value that means no data."""
    if like.dtype.kind in "iu":
        limits = np.iinfo(like.dtype)
        top = means.dtype.type(limits.max)
        if int(top) > limits.max:  # the largest of 64 bits is no float64
            top = np.nextafter(top, means.dtype.type(0))
        means = np.clip(np.floor(means + means.dtype.type(0.5)), limits.min, top)
    with np.errstate(invalid="ignore"):  # NaN where nothing is valid
        cells = means.astype(like.dtype)
    if rule.codec.nodata is None or np.isnan(rule.codec.nodata):
        return cells
    nodata = np.asarray(rule.codec.nodata).astype(like.dtype)
    hit = cells == nodata
    if hit.any():
        cells[hit] = _next_to(nodata)
    return cells


def _next_to(nodata: NDArray[Any]) -> Any:
    """A value next to the no-data value."""
    if nodata.dtype.kind == "f":
        return np.nextafter(nodata, nodata.dtype.type(0 if nodata else 1))
    return nodata - 1 if nodata == np.iinfo(nodata.dtype).max else nodata + 1


def cascade(
    shape: tuple[int, int], levels: int, rule: Rule, *, emit: Callable[[int, NDArray[Any]], None]
) -> Callable[[NDArray[Any]], None]:
    """Return a function that takes the (band, row, column) strips of the full resolution and makes all levels.

    Args:
        shape: (rows, columns) of the full resolution.
        levels: Number of overviews.
        rule: The way in which each is made of the one before.
        emit: Called with a level (1 is the first overview) and its next rows.
    """
    height, width = shape
    chain = []
    for _ in range(levels):
        chain.append(Halving(height, width, rule))
        height, width = halved(height), halved(width)

    def feed(cells: NDArray[Any]) -> None:
        for number, halving in enumerate(chain, 1):
            cells = halving.add(cells)
            if cells.shape[1] == 0:
                return
            emit(number, cells)

    return feed
