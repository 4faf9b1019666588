"""Statistics over any number of steps in one pass and bounded memory: those of strips and steps merge in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cog.statistics.histogram import PIECE, Bins, Histogram, bins_of, value_counts
from cog.statistics.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec

_PERCENTILES = (2, 98)


@dataclass(frozen=True, kw_only=True)
class Partial:
    """Statistics of some cells, in physical units.

    Attributes:
        cells: All cells, with and without data.
        moments: The moments of those with data.
        histogram: The values of those with data.
    """

    cells: int
    moments: Moments
    histogram: Histogram

    @property
    def count(self) -> int:
        """Cells with data."""
        return int(self.moments.weight)

    def merge(self, other: Self) -> Self:
        """The statistics of the cells of both."""
        filled = [part.histogram for part in (self, other) if part.count] or [self.histogram]
        return type(self)(
            cells=self.cells + other.cells,
            moments=self.moments.merge(other.moments),
            histogram=Histogram.merged(filled),
        )

    @classmethod
    def merged(cls, parts: Sequence[Self]) -> Self:
        """The statistics of the cells of all parts, the same for the same parts in the same order."""
        filled = [part.histogram for part in parts if part.count] or [parts[0].histogram]
        return cls(
            cells=sum(part.cells for part in parts),
            moments=Moments.merged([part.moments for part in parts]),
            histogram=Histogram.merged(filled),
        )


@dataclass(frozen=True, kw_only=True)
class VariableStatistics:
    """Statistics of a variable in physical units, as a catalogue keeps them."""

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
    values, counts = value_counts(flat)
    occurring = codec.valid(values) & (counts > 0)
    codes, counts = values[occurring].astype("int64"), counts[occurring]
    return Partial(
        cells=flat.size,
        moments=Moments.weighted(codes * codec.scale + codec.offset, counts),
        histogram=Histogram(exact=True, codes=codes, counts=counts),
    )


def _measured(flat: NDArray[Any], codec: Codec) -> Partial:
    """Statistics of other cells, in pieces that stay in the processor's cache."""
    if flat.size <= PIECE // 4:
        values = _physical(flat, codec)
        few = Moments.of(values) if values.size else Moments()
        return Partial(cells=flat.size, moments=few, histogram=bins_of(values))
    bins, moments = Bins(), Moments()
    for first in range(0, flat.size, PIECE):
        values = _physical(flat[first : first + PIECE], codec)
        if values.size:
            bins.add(values)
            moments = moments.merge(Moments.of(values))
    return Partial(cells=flat.size, moments=moments, histogram=bins.histogram())


def _physical(cells: NDArray[Any], codec: Codec) -> NDArray[np.float32] | NDArray[np.float64]:
    """Physical values of the cells that have data; float32 where they are stored so."""
    values, valid = codec.decode(cells)
    if not valid.all():
        values = values[valid]
    return values if values.dtype == np.float32 else values.astype("float64", copy=False)


def variable_statistics(whole: Partial, *, scale: float, offset: float) -> VariableStatistics | None:
    """The statistics that a catalogue keeps of a variable's cells, or None if no cell has data."""
    if whole.count == 0:
        return None
    moments = whole.moments
    low, high = (
        min(max(value, moments.minimum), moments.maximum)
        for value in whole.histogram.percentiles(_PERCENTILES, scale=scale, offset=offset)
    )
    return VariableStatistics(
        minimum=moments.minimum,
        maximum=moments.maximum,
        mean=moments.mean,
        stddev=moments.stddev,
        percentile_2=low,
        percentile_98=high,
        valid_percent=100 * whole.count / whole.cells,
    )
