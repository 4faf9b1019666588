"""The statistics of one granule in a few kilobytes, kept in the catalogue so that a series grows without reading again.

Number of cells, least and greatest value, mean and standard deviation merge exactly (apart from rounding). For
percentiles at most about a thousand codes of `cog.statistics.histogram` are kept: all of them where there are no more,
else neighbouring ones joined into groups of at most 1/512 of the cells with data, each known by its highest code.
Groups of several granules are never joined again, so the error does not grow with their number: a percentile of the
merged whole is a value whose rank is off by at most 1/512 of all cells with data (0.2 percentage points), besides the
relative 1/8192 by which wide types are binned. Merging depends on the granules alone, not on when they were added.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
from isal import isal_zlib

from cog.statistics.histogram import Histogram
from cog.statistics.moments import Moments
from cog.statistics.partial import Partial

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS = 1024
_HEADER = struct.Struct("<4s?qqddddI")
_MAGIC = b"GSU1"
_LEVEL = 1
"""Of ISA-L, whose bytes every zlib reads."""


def pack(partial: Partial) -> bytes:
    """Statistics as bytes that `unpack` reads, made coarse where they hold many codes."""
    moments, histogram = partial.moments, partial.histogram
    codes, counts = _grouped(histogram.codes, histogram.counts)
    head = _HEADER.pack(
        _MAGIC,
        histogram.exact,
        partial.cells,
        partial.count,
        moments.minimum,
        moments.maximum,
        moments.mean,
        moments.squares,
        codes.size,
    )
    steps = np.diff(codes, prepend=np.int64(0)).astype("<i8")
    return isal_zlib.compress(head + steps.tobytes() + counts.astype("<i8").tobytes(), _LEVEL)


def unpack(data: bytes) -> Partial | None:
    """The statistics that `pack` made, or None where the bytes are of another version."""
    content = isal_zlib.decompress(data)
    if not content.startswith(_MAGIC):
        return None
    _, exact, cells, count, minimum, maximum, mean, squares, size = _HEADER.unpack_from(content)
    numbers = np.frombuffer(content, dtype="<i8", offset=_HEADER.size).astype("int64")
    return Partial(
        cells=cells,
        moments=Moments(weight=count, minimum=minimum, maximum=maximum, mean=mean, squares=squares),
        histogram=Histogram(exact=exact, codes=np.cumsum(numbers[:size]), counts=numbers[size:]),
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
