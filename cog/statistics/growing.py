"""Statistics that grow by those of added granules, and are then exactly those of all granules taken together.

Histograms are counts, which add up in any order. Means and spreads do not, in floating point: the moments of a granule
are kept apart and merged anew (`Moments.merged`, whose sums are exactly rounded), 40 bytes each. Nothing is made
coarse here; each granule was, once (`cog.statistics.packing`).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import batched
from typing import TYPE_CHECKING, Self

import numpy as np

from cog.statistics.histogram import Histogram
from cog.statistics.moments import Moments
from cog.statistics.partial import Partial

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_HEADER = struct.Struct("<4s?qII")
_MAGIC = b"GSS1"
_LEVEL = 1
_BATCH = 256
"""Granules whose histograms are held at once: unpacked, each takes up to 16 kB."""


@dataclass(frozen=True, kw_only=True)
class GrowingStatistics:
    """Statistics of granules.

    Attributes:
        cells: All cells, with and without data.
        moments: (granule, 5): weight, least and greatest value, mean and squares, of those with data.
        histogram: The values of all of them.
    """

    cells: int
    moments: NDArray[np.float64]
    histogram: Histogram

    @classmethod
    def of(cls, parts: Iterable[Partial]) -> Self:
        """The statistics of at least one granule; few are held at a time."""
        return reduce(cls.merge, (cls._of(batch) for batch in batched(parts, _BATCH)))

    @classmethod
    def _of(cls, parts: Sequence[Partial]) -> Self:
        filled = [part.histogram for part in parts if part.count] or [parts[0].histogram]
        rows = [(m.weight, m.minimum, m.maximum, m.mean, m.squares) for m in (p.moments for p in parts) if m.weight]
        return cls(
            cells=sum(part.cells for part in parts),
            moments=np.array(rows, "float64").reshape(-1, 5),
            histogram=Histogram.merged(filled),
        )

    def merge(self, other: Self) -> Self:
        """The statistics of the granules of both."""
        filled = [part.histogram for part in (self, other) if len(part.moments)] or [self.histogram]
        return type(self)(
            cells=self.cells + other.cells,
            moments=np.concatenate([self.moments, other.moments]),
            histogram=Histogram.merged(filled),
        )

    @cached_property
    def whole(self) -> Partial:
        """The statistics of all cells."""
        moments = [
            Moments(weight=weight, minimum=low, maximum=high, mean=mean, squares=squares)
            for weight, low, high, mean, squares in self.moments.tolist()
        ]
        return Partial(cells=self.cells, moments=Moments.merged(moments), histogram=self.histogram)

    def pack(self) -> bytes:
        """As bytes that `unpack` reads, nothing lost."""
        codes, counts = self.histogram.codes, self.histogram.counts
        head = _HEADER.pack(_MAGIC, self.histogram.exact, self.cells, len(self.moments), codes.size)
        steps = np.diff(codes, prepend=np.int64(0)).astype("<i8")
        numbers = steps.tobytes() + counts.astype("<i8").tobytes() + self.moments.astype("<f8").tobytes()
        return zlib.compress(head + numbers, _LEVEL)

    @classmethod
    def unpack(cls, data: bytes) -> Self | None:
        """The statistics that `pack` made, or None where the bytes are of another version."""
        content = zlib.decompress(data)
        if not content.startswith(_MAGIC):
            return None
        _, exact, cells, granules, size = _HEADER.unpack_from(content)
        numbers = np.frombuffer(content, "<i8", 2 * size, _HEADER.size).astype("int64")
        moments = np.frombuffer(content, "<f8", 5 * granules, _HEADER.size + 16 * size).astype("float64")
        return cls(
            cells=cells,
            moments=moments.reshape(granules, 5),
            histogram=Histogram(exact=exact, codes=np.cumsum(numbers[:size]), counts=numbers[size:]),
        )
