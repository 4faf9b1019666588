"""The statistics of one granule in a few kilobytes, kept in the catalogue so that a series grows without reading again.

Number of cells, least and greatest value, mean and standard deviation merge exactly (but for rounding). For percentiles
a summary keeps at most about a thousand codes of `cog.statistics.statistics.Partial`: all of them where there are no
more, else neighbouring ones joined into groups of at most 1/512 of the cells with data, each known by its highest code.
Groups of several granules are never joined again, so the error does not grow with their number: a percentile of the
merged whole is a value whose rank is off by at most 1/512 of all cells with data (0.2 percentage points), besides the
relative 1/8192 by which `cog.statistics.statistics` bins wide types. Merging depends on the granules alone, not on when
they were added.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cog.statistics.statistics import Partial

GROUPS = 1024
_HEADER = struct.Struct("<4s?qqddddI")
_MAGIC = b"GSU1"
_BATCH = 256
"""Summaries whose codes are joined at once: bounds memory."""


def pack(partial: Partial) -> bytes:
    """Statistics as bytes that `unpack` reads, made coarse where they hold many codes."""
    codes, counts = _grouped(partial.codes, partial.counts)
    head = _HEADER.pack(
        _MAGIC,
        partial.exact,
        partial.cells,
        partial.count,
        partial.minimum,
        partial.maximum,
        partial.mean,
        partial.squares,
        codes.size,
    )
    steps = np.diff(codes, prepend=np.int64(0)).astype("<i8")
    return zlib.compress(head + steps.tobytes() + counts.astype("<i8").tobytes(), 6)


def unpack(data: bytes) -> Partial | None:
    """The statistics that `pack` made, or None where the bytes are of another version."""
    content = zlib.decompress(data)
    if not content.startswith(_MAGIC):
        return None
    _, exact, cells, count, minimum, maximum, mean, squares, size = _HEADER.unpack_from(content)
    numbers = np.frombuffer(content, dtype="<i8", offset=_HEADER.size).astype("int64")
    return Partial(
        cells=cells,
        count=count,
        minimum=minimum,
        maximum=maximum,
        mean=mean,
        squares=squares,
        exact=exact,
        codes=np.cumsum(numbers[:size]),
        counts=numbers[size:],
    )


def _grouped(codes: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes joined with their neighbours where there are more than `GROUPS`; a code of many cells stays alone."""
    if codes.size <= GROUPS:
        return codes, counts
    upto = np.cumsum(counts)
    total = int(upto[-1])
    slot = (upto - 1).astype("float64") * GROUPS // total
    heavy = counts * GROUPS > total
    begins = np.ones(codes.size, dtype=bool)
    begins[1:] = (slot[1:] != slot[:-1]) | heavy[1:] | heavy[:-1]
    first = np.flatnonzero(begins)
    last = np.append(first[1:], codes.size) - 1
    return codes[last], np.add.reduceat(counts, first)


def merged(partials: Sequence[Partial]) -> Partial:
    """The statistics of all cells together, the same for the same granules in the same order."""
    full = [p for p in partials if p.count]
    cells = sum(p.cells for p in partials)
    if not full:
        empty = np.empty(0, dtype="int64")
        return Partial(cells=cells, exact=all(p.exact for p in partials), codes=empty, counts=empty)
    count, mean, squares = _moments(full)
    codes, counts = _joined(full)
    return Partial(
        cells=cells,
        count=count,
        minimum=min(p.minimum for p in full),
        maximum=max(p.maximum for p in full),
        mean=mean,
        squares=squares,
        exact=full[0].exact,
        codes=codes,
        counts=counts,
    )


def _moments(partials: Sequence[Partial]) -> tuple[int, float, float]:
    """Count, mean and sum of squared differences from it, with exactly rounded sums."""
    count = sum(p.count for p in partials)
    mean = math.fsum(p.mean * (p.count / count) for p in partials)
    within = math.fsum(p.squares for p in partials)
    between = math.fsum(p.count * (p.mean - mean) ** 2 for p in partials)
    return count, mean, within + between


def _joined(partials: Sequence[Partial]) -> tuple[NDArray[Any], NDArray[Any]]:
    codes, counts = partials[0].codes, partials[0].counts
    for start in range(1, len(partials), _BATCH):
        batch = partials[start : start + _BATCH]
        every = np.concatenate([codes, *(p.codes for p in batch)])
        weights = np.concatenate([counts, *(p.counts for p in batch)])
        codes, where = np.unique(every, return_inverse=True)
        counts = np.zeros(codes.size, dtype="int64")
        np.add.at(counts, where, weights)
    return codes, counts
