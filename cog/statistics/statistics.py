"""Statistics over any number of steps in one pass and bounded memory.

Partial statistics of strips and steps merge in any order. Cells of up to 16 bits are counted value by value, so their
percentiles are exact. Other cells are counted in bins whose edges are the float32 numbers with a 12-bit mantissa: a
percentile is off by at most 1/8192 of its own absolute value, and at most 2**21 bins are ever held.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cog.cells.codec import Codec

_DROPPED_BITS = 11
_SIGN = np.int32(-(2**31))
_HALF = 1 << (31 - _DROPPED_BITS)
"""Bins on each side of zero."""
_PIECE = 1 << 16
"""Cells looked at at a time: their float64 forms fit into a core's cache."""


@dataclass(frozen=True, kw_only=True)
class Partial:
    """Statistics of some cells.

    Attributes:
        cells: All cells, with and without data.
        count: Cells with data.
        minimum: Least physical value; infinite without data, as is `maximum`.
        mean: Mean of physical values.
        squares: Sum of squared differences from the mean.
        codes: Sorted stored values (`exact`) or bin numbers, each with its number of cells in `counts`.
    """

    cells: int = 0
    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    exact: bool = True
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Statistics of a variable in physical units."""

    minimum: float
    maximum: float
    mean: float
    stddev: float
    percentile_2: float
    percentile_98: float
    valid_percent: float


def is_counted(dtype: str) -> bool:
    """Whether cells of a type are counted value by value."""
    return dtype in ("int8", "uint8", "int16", "uint16")


def partial(cells: NDArray[Any], codec: Codec) -> Partial:
    """Statistics of the physical values of stored cells of any shape."""
    flat = np.ascontiguousarray(cells).reshape(-1)
    return _counted(flat, codec) if is_counted(cells.dtype.name) else _measured(flat, codec)


def _counted(flat: NDArray[Any], codec: Codec) -> Partial:
    """Statistics of cells of up to 16 bits."""
    counts = _byte_counts(flat) if flat.dtype.itemsize == 1 else _bins(flat.view("uint16"), 1 << 16)
    values = np.arange(counts.size, dtype=f"u{flat.dtype.itemsize}").view(flat.dtype)
    order = np.argsort(values)
    values, counts = values[order], counts[order]
    kept = codec.valid(values) & (counts > 0)
    codes, counts = values[kept].astype("int64"), counts[kept]
    if codes.size == 0:
        return Partial(cells=flat.size, codes=codes, counts=counts)
    physical = codes * codec.scale + codec.offset
    count = int(counts.sum())
    mean = float((physical * counts).sum() / count)
    return Partial(
        cells=flat.size,
        count=count,
        minimum=float(physical.min()),
        maximum=float(physical.max()),
        mean=mean,
        squares=float((np.square(physical - mean) * counts).sum()),
        codes=codes,
        counts=counts,
    )


def _byte_counts(flat: NDArray[Any]) -> NDArray[np.int64]:
    """How often each of 256 byte values occurs; two cells are looked at as one number of 16 bits."""
    even = flat.size // 2 * 2
    pairs = _bins(flat[:even].view("uint16"), 1 << 16).reshape(256, 256)
    return pairs.sum(axis=0) + pairs.sum(axis=1) + np.bincount(flat[even:].view("uint8"), minlength=256)


def _bins(codes: NDArray[Any], span: int) -> NDArray[np.int64]:
    """How often each number in [0, span) occurs."""
    counts = np.zeros(span, dtype="int64")
    step = max(_PIECE, span)
    for first in range(0, codes.size, step):
        counts += np.bincount(codes[first : first + step], minlength=span)
    return counts


def _measured(flat: NDArray[Any], codec: Codec) -> Partial:
    """Statistics of other cells, in pieces that stay in the processor's cache."""
    bins = _Bins()
    count, mean, squares, low, high = 0, 0.0, 0.0, math.inf, -math.inf
    for first in range(0, flat.size, _PIECE):
        values = _physical(flat[first : first + _PIECE], codec)
        if values.size == 0:
            continue
        bins.add(_codes(values))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        physical = values.astype("float64", copy=False)
        its_mean = float(physical.mean())
        apart, both = its_mean - mean, count + physical.size
        physical -= its_mean
        squares += float(np.square(physical, out=physical).sum()) + apart**2 * count * physical.size / both
        mean += apart * physical.size / both
        count = both
    codes, counts = bins.found()
    return Partial(
        cells=flat.size,
        count=count,
        minimum=low,
        maximum=high,
        mean=mean,
        squares=squares,
        exact=False,
        codes=codes,
        counts=counts,
    )


def _physical(cells: NDArray[Any], codec: Codec) -> NDArray[np.float32] | NDArray[np.float64]:
    """Physical values of the cells that have data, an array of their own; float32 where they are stored so."""
    values, valid = codec.decode(cells)
    if not valid.all():
        values = values[valid]
    return values if values.dtype == np.float32 else values.astype("float64", copy=values is cells)


class _Bins:
    """How many values each bin has. Values that are near share bins: a piece has few of them."""

    def __init__(self) -> None:
        self._counts = np.zeros(2 * _HALF, dtype="int64")  # memory is taken where it is written to
        self._low, self._high = 2 * _HALF, -1

    def add(self, codes: NDArray[np.int32]) -> None:
        """Count a piece."""
        low, high = int(codes.min()), int(codes.max())
        if high - low < _PIECE:
            self._counts[low + _HALF : high + _HALF + 1] += np.bincount(codes - np.int32(low))
        else:
            np.add.at(self._counts, codes + np.int32(_HALF), 1)
        self._low, self._high = min(self._low, low + _HALF), max(self._high, high + _HALF)

    def found(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Bins that have values, rising, and how many each has."""
        counts = self._counts[self._low : self._high + 1]
        found = np.flatnonzero(counts)
        return found + (self._low - _HALF), counts[found]


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


def merge(first: Partial, second: Partial) -> Partial:
    """Statistics of the cells of both (Chan, Golub and LeVeque's update of mean and squares)."""
    if first.count == 0 or second.count == 0:
        full = second if first.count == 0 else first
        return Partial(**{**vars(full), "cells": first.cells + second.cells})
    count = first.count + second.count
    apart = second.mean - first.mean
    codes, where = np.unique(np.concatenate([first.codes, second.codes]), return_inverse=True)
    counts = np.zeros(codes.size, dtype="int64")
    np.add.at(counts, where, np.concatenate([first.counts, second.counts]))
    return Partial(
        cells=first.cells + second.cells,
        count=count,
        minimum=min(first.minimum, second.minimum),
        maximum=max(first.maximum, second.maximum),
        mean=first.mean + apart * second.count / count,
        squares=first.squares + second.squares + apart**2 * first.count * second.count / count,
        exact=first.exact,
        codes=codes,
        counts=counts,
    )


def summary(whole: Partial, *, scale: float, offset: float) -> Summary | None:
    """The statistics that a catalogue keeps, or None if no cell has data."""
    if whole.count == 0:
        return None
    values = whole.codes * scale + offset if whole.exact else _bin_middles(whole.codes)
    order = np.argsort(values, kind="stable")
    values, upto = values[order], np.cumsum(whole.counts[order])

    def percentile(percent: float) -> float:
        rank = math.ceil(percent / 100 * whole.count)  # nearest rank: a value that occurs, not one in between
        found = float(values[np.searchsorted(upto, max(1, rank))])
        return min(max(found, whole.minimum), whole.maximum)

    return Summary(
        minimum=whole.minimum,
        maximum=whole.maximum,
        mean=whole.mean,
        stddev=math.sqrt(whole.squares / whole.count),
        percentile_2=percentile(2),
        percentile_98=percentile(98),
        valid_percent=100 * whole.count / whole.cells,
    )
