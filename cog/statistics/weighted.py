"""Weighted statistics of values that come in pieces, as exactextract defines them.

Moments are merged piece by piece, so that memory does not grow with the number of values. Where the distinct values
matter (median, quantiles, majority, fractions) a table of them is kept, and its size is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cog.statistics.moments import Moments, weighted_sum
from config.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec

MOST_DISTINCT = 8_000_000
"""Most distinct values of one zone at one time: the table takes 128 MiB, and four times that while it is merged."""

_PENDING = 2_000_000
"""Values that wait until they are merged into the table."""
_DENSE = 1 << 17
"""Integers that span fewer values than this are counted, not sorted."""


class Tally:
    """The statistics of one zone at one time.

    Attributes:
        cells: Number of valid cells that the zone covers, at least in part.
        covered: Weight of all cells that it covers, with data or without.
        moments: The moments of the physical values of the valid ones, by weight.
        total: Sum of weight times value.
    """

    def __init__(self, codec: Codec, *, distinct: bool) -> None:
        self.cells = 0
        self.covered = self.total = 0.0
        self.moments = Moments()
        self._codec = codec
        self._table = _ValueTable() if distinct else None

    def add(self, stored: NDArray[Any], weights: NDArray[np.float64], valid: NDArray[np.bool_]) -> None:
        """Add cells: stored values, weights > 0 and validity, each of shape (n,)."""
        self.covered += float(weights.sum())
        if not valid.all():
            stored, weights = stored[valid], weights[valid]
        if stored.size == 0:
            return
        values = self._physical(stored)
        total = weighted_sum(values, weights)
        self.cells += stored.size
        self.total += total
        self.moments = self.moments.merge(Moments.weighted(values, weights, total=total))
        if self._table is not None:
            self._table.add(stored, weights)

    def _physical(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        return self._codec.physical(stored).astype("float64", copy=False)

    @property
    def weight(self) -> float:
        """Weight of the valid cells."""
        return self.moments.weight

    @property
    def mean(self) -> float | None:
        """Mean of the valid values by weight; None without any."""
        return self.total / self.weight if self.cells else None

    @property
    def stdev(self) -> float | None:
        """Standard deviation of the population; None without valid values."""
        return self.moments.stddev if self.cells and self.moments.squares >= 0 else None

    @property
    def valid_fraction(self) -> float | None:
        """Share of the covered weight that has data; None where no cell is covered."""
        return self.weight / self.covered if self.covered else None

    def distinct(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The distinct physical values, rising, and the weight of each; only of a tally that keeps them."""
        assert self._table is not None
        stored, weights = self._table.merged()
        values = self._physical(stored)
        order = np.argsort(values, kind="stable")
        return values[order], weights[order]


class _ValueTable:
    """Distinct stored values with their weights."""

    def __init__(self) -> None:
        self._pieces: list[tuple[NDArray[Any], NDArray[np.float64]]] = []
        self._size = 0

    def add(self, stored: NDArray[Any], weights: NDArray[np.float64]) -> None:
        piece = _merge_equal(stored, weights)
        self._pieces.append(piece)
        self._size += piece[0].size
        if self._size - self._pieces[0][0].size > _PENDING:
            self.merged()

    def merged(self) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """All pieces as one."""
        if len(self._pieces) != 1:
            values = [values for values, _ in self._pieces] or [np.empty(0)]
            weights = [weights for _, weights in self._pieces] or [np.empty(0)]
            self._pieces = [_merge_equal(np.concatenate(values), np.concatenate(weights))]
        self._size = self._pieces[0][0].size
        if self._size > MOST_DISTINCT:
            raise TooLarge(
                f"a zone has more than {MOST_DISTINCT} distinct values at one time; leave out median, quantiles, "
                "majority, fractions and histogram, or cut the polygon into smaller ones"
            )
        return self._pieces[0]


def _merge_equal(stored: NDArray[Any], weights: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    if stored.size and stored.dtype.kind in "iu":
        least, span = stored.min(), int(stored.max()) - int(stored.min()) + 1
        if span <= _DENSE:
            index = (
                stored.astype("int64") - int(least) if stored.dtype != np.uint64 else (stored - least).astype("int64")
            )
            totals = np.bincount(index, weights=weights, minlength=span)
            present = np.flatnonzero(totals)
            return (present.astype(stored.dtype) + least).astype(stored.dtype), totals[present]
    values, inverse = np.unique(stored, return_inverse=True)
    return values, np.bincount(inverse, weights=weights, minlength=values.size)


def quantiles(values: NDArray[np.float64], weights: NDArray[np.float64], shares: Sequence[float]) -> list[float | None]:
    """The weighted quantiles of rising, distinct values: interpolated between them as exactextract does.

    Value i stands at i * w[i] + (n - 1) * (w[0] + ... + w[i - 1]) on an axis of length (n - 1) * sum(w).
    """
    count = values.size
    if count == 0:
        return [None] * len(shares)
    if count == 1:
        return [float(values[0])] * len(shares)
    before = np.concatenate([[0.0], np.cumsum(weights)])
    places = np.arange(count) * weights + (count - 1) * before[:-1]
    results = []
    for share in shares:
        sought = share * before[-1] * (count - 1)
        right = int(np.searchsorted(places, sought, side="right"))
        if right >= count:
            results.append(float(values[-1]))
            continue
        left = right - 1
        step = (sought - places[left]) / (places[right] - places[left])
        results.append(float(values[left] + step * (values[right] - values[left])))
    return list(results)


def majority(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    """The value of the greatest weight, the greatest of equals; None without values."""
    if values.size == 0:
        return None
    return float(values[weights == weights.max()][-1])


def histogram(values: NDArray[np.float64], weights: NDArray[np.float64], bins: int) -> list[tuple[float, float, float]]:
    """(low, high, share of the weight) of equal intervals from the least to the greatest of rising, distinct values.

    An interval holds its low end, and the last one its high end too; one value makes one interval without width.
    """
    finite = np.isfinite(values)
    values, weights = values[finite], weights[finite]
    total = float(weights.sum())
    if total == 0:
        return []
    if values[0] == values[-1]:
        return [(float(values[0]), float(values[0]), 1.0)]
    sums, edges = np.histogram(values, bins=bins, weights=weights)
    return [
        (float(low), float(high), float(share / total))
        for low, high, share in zip(edges[:-1], edges[1:], sums, strict=True)
    ]
