"""Exact statistics of the cells of a region, in physical units, from one pass over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.statistics.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec

MOST_CLASSES = 1000
"""Most distinct codes that are counted."""
MOST_KEPT = 4_000_000
"""Most values of a band that are kept, of which percentiles are exact."""


@dataclass(kw_only=True)
class RegionStatistics:
    """Statistics of one band of a region.

    Attributes:
        cells: All cells, with and without data.
        moments: The moments of those with data, each of weight 1.
        classes: The number of cells by code, where codes of classes are counted.
    """

    cells: int = 0
    moments: Moments = field(default_factory=Moments)
    classes: dict[int, int] = field(default_factory=dict)
    _values: list[NDArray[Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Cells with data."""
        return int(self.moments.weight)

    @property
    def total(self) -> float:
        """The sum of the cells with data."""
        return self.moments.mean * self.moments.weight

    def percentiles(self, shares: Sequence[float]) -> list[float] | None:
        """Exact percentiles (0 to 100, linear between values); None of more than MOST_KEPT values, or of none."""
        if not self.count or self.count > MOST_KEPT:
            return None
        percentiles: list[float] = np.percentile(np.concatenate(self._values), shares).tolist()
        return percentiles

    def add(self, values: NDArray[Any], valid: NDArray[np.bool_]) -> None:
        """Take in more cells: physical values, and True where there is data."""
        self.cells += values.size
        present = values[valid]
        if not present.size:
            return
        self._values = [*self._values, present] if self.count + present.size <= MOST_KEPT else []
        self.moments = self.moments.merge(Moments.of(present))

    def count_classes(self, codes: NDArray[Any], valid: NDArray[np.bool_]) -> None:
        """Count the codes of more cells, as long as they are at most MOST_CLASSES."""
        distinct, counts = np.unique(codes[valid], return_counts=True)
        for code, number in zip(distinct.tolist(), counts.tolist(), strict=True):
            if code in self.classes or len(self.classes) < MOST_CLASSES:
                self.classes[code] = self.classes.get(code, 0) + number


def region_statistics(
    strips: Iterable[tuple[int, NDArray[Any]]], codec: Codec, *, are_classes: bool = False
) -> list[RegionStatistics]:
    """The statistics of each band of strips (first row, stored values); codes of classes are counted."""
    bands = [RegionStatistics() for _ in range(codec.bands)]
    for _, stored in strips:
        values, valid = codec.decode(stored)
        for band, statistics in enumerate(bands):
            statistics.add(values[band], valid[band])
            if are_classes:
                statistics.count_classes(stored[band], valid[band])
    return bands
