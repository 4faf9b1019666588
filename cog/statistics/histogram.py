"""Counts of stored values, or of bins of them, from which percentiles are taken; they merge without loss.

Cells of up to 16 bits are counted value by value, so their percentiles are exact. Other cells are counted in bins whose
edges are the float32 numbers with a 12-bit mantissa: a percentile is off by at most 1/8192 of its own absolute value,
and at most 2**21 bins are ever held.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PIECE = 1 << 16
"""Cells looked at at a time: their float64 forms fit into a core's cache."""

_DROPPED_BITS = 11
_SIGN = np.int32(-(2**31))
_HALF = 1 << (31 - _DROPPED_BITS)
"""Bins on each side of zero."""
_DENSE = 8
"""Places for each code up to which sums are kept in an array with a place for every number."""
_BATCH = 256
"""Histograms whose codes are joined at once: bounds memory."""


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Codes, rising, and the number of cells that have each.

    Attributes:
        exact: Whether codes are stored values; else they are numbers of bins of physical values.
        codes: The codes.
        counts: The number of cells of each.
    """

    exact: bool
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def merged(cls, parts: Sequence[Self]) -> Self:
        """The cells of all parts, which are of one kind; at least one part."""
        codes, counts = parts[0].codes, parts[0].counts
        for start in range(1, len(parts), _BATCH):
            batch = parts[start : start + _BATCH]
            every = np.concatenate([codes, *(part.codes for part in batch)])
            numbers = np.concatenate([counts, *(part.counts for part in batch)])
            codes, counts = _summed(every, numbers)
        return cls(exact=parts[0].exact, codes=codes, counts=counts)

    def above(self, value: float, *, scale: float, offset: float) -> Self:
        """The cells whose physical values are above a value; of bins, those whose middle is."""
        physical = self.codes * scale + offset if self.exact else _bin_middles(self.codes)
        is_above = physical > value
        return type(self)(exact=self.exact, codes=self.codes[is_above], counts=self.counts[is_above])

    def percentiles(self, shares: Sequence[float], *, scale: float, offset: float) -> list[float]:
        """Physical values by nearest rank, values that occur and none in between; `shares` are 0 to 100.

        There must be a cell; see `exact` for their precision.
        """
        values = self.codes * scale + offset if self.exact else _bin_middles(self.codes)
        order = np.argsort(values, kind="stable")
        values, upto = values[order], np.cumsum(self.counts[order])
        ranks = [max(1, math.ceil(share / 100 * int(upto[-1]))) for share in shares]
        return [float(values[np.searchsorted(upto, rank)]) for rank in ranks]


def _summed(codes: NDArray[np.int64], numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each code once, rising, and the sum of its numbers."""
    low, high = (int(codes.min()), int(codes.max())) if codes.size else (0, 0)
    if high - low < _DENSE * codes.size:  # counting is faster than sorting
        sums = np.zeros(high - low + 1, dtype="int64")
        np.add.at(sums, codes - low, numbers)
        occurring = np.flatnonzero(sums)
        return occurring + low, sums[occurring]
    summed, where = np.unique(codes, return_inverse=True)
    sums = np.zeros(summed.size, dtype="int64")
    np.add.at(sums, where, numbers)
    return summed, sums


def bins_of(physical: NDArray[np.float32] | NDArray[np.float64]) -> Histogram:
    """The bins of a few values: what `Bins` gives, without memory for all bins."""
    codes, counts = np.unique(_codes(physical), return_counts=True)
    return Histogram(exact=False, codes=codes.astype("int64"), counts=counts.astype("int64"))


class Bins:
    """Number of values in each bin. Values that are near share bins: a piece has few of them."""

    def __init__(self) -> None:
        self._counts = np.zeros(2 * _HALF, dtype="int64")  # memory is taken where it is written to
        self._low, self._high = 2 * _HALF, -1

    def add(self, physical: NDArray[np.float32] | NDArray[np.float64]) -> None:
        """Count a piece of values, at least one."""
        codes = _codes(physical)
        low, high = int(codes.min()), int(codes.max())
        if high - low < PIECE:
            self._counts[low + _HALF : high + _HALF + 1] += np.bincount(codes - np.int32(low))
        else:
            np.add.at(self._counts, codes + np.int32(_HALF), 1)
        self._low, self._high = min(self._low, low + _HALF), max(self._high, high + _HALF)

    def histogram(self) -> Histogram:
        """The bins that have values, and the number in each."""
        counts = self._counts[self._low : self._high + 1]
        filled = np.flatnonzero(counts)
        return Histogram(exact=False, codes=filled + (self._low - _HALF), counts=counts[filled])


def value_counts(flat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """All values of a type of up to 16 bits, rising, and the number of cells (cell,) that have each."""
    counts = _byte_counts(flat) if flat.dtype.itemsize == 1 else _counts(flat.view("uint16"))
    values = np.arange(counts.size, dtype=f"u{flat.dtype.itemsize}").view(flat.dtype)
    order = np.argsort(values)
    return values[order], counts[order]


def _byte_counts(flat: NDArray[Any]) -> NDArray[np.int64]:
    """The number of cells of each of 256 byte values; two cells are looked at as one number of 16 bits."""
    even = flat.size // 2 * 2
    pairs = _counts(flat[:even].view("uint16")).reshape(256, 256)
    return pairs.sum(axis=0) + pairs.sum(axis=1) + np.bincount(flat[even:].view("uint8"), minlength=256)


def _counts(codes: NDArray[Any]) -> NDArray[np.int64]:
    """The number of times that each number of 16 bits occurs."""
    counts = np.zeros(PIECE, dtype="int64")
    for first in range(0, codes.size, PIECE):
        counts += np.bincount(codes[first : first + PIECE], minlength=PIECE)
    return counts


def _codes(physical: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.int32]:
    """The bin of each value: the leading bits of its float32 form, in the order of the numbers."""
    limit = float(np.finfo("float32").max)
    single = physical if physical.dtype == np.float32 else np.clip(physical, -limit, limit).astype("float32")
    bits = single.view("int32")
    negative = bits < 0
    if negative.any():
        bits = np.where(negative, _SIGN - bits, bits)  # never overflows: the sign bit of a negative one is set
    return bits >> _DROPPED_BITS


def _bin_middles(codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The middle of each bin."""
    middle = (codes << _DROPPED_BITS) + (1 << (_DROPPED_BITS - 1))
    bits = np.where(middle >= 0, middle, _SIGN - middle).astype("int32")
    values = bits.view("float32").astype("float64")
    return np.where(np.abs(values) < np.finfo("float32").tiny, 0.0, values)
