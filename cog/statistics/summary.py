"""Exact statistics of the cells of a region, in physical units, from one pass over them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec

MOST_CLASSES = 1000
"""Most distinct codes that are counted."""
MOST_KEPT = 4_000_000
"""Most values of a band that are kept, of which percentiles are exact."""


@dataclass(kw_only=True)
class Summary:
    """Statistics of one band: cells, cells with data, minimum, maximum, mean and standard deviation of those.

    The deviation is that of the cells themselves (divided by their number). `classes` counts codes of classes.
    """

    cells: int = 0
    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    classes: dict[int, int] = field(default_factory=dict)
    kept: list[NDArray[Any]] = field(default_factory=list)

    def percentiles(self, shares: Sequence[float]) -> list[float] | None:
        """Exact percentiles (0 to 100, linear between values); None of more than MOST_KEPT values, or of none."""
        if not self.count or self.count > MOST_KEPT:
            return None
        found: list[float] = np.percentile(np.concatenate(self.kept), shares).tolist()
        return found

    @property
    def stddev(self) -> float:
        """The population standard deviation."""
        return math.sqrt(self.squares / self.count) if self.count else math.nan

    @property
    def total(self) -> float:
        """The sum of the cells with data."""
        return self.mean * self.count

    def add(self, values: NDArray[Any], valid: NDArray[np.bool_]) -> None:
        """Take in more cells; partial means are joined without loss of digits (Chan, Golub and LeVeque, 1979)."""
        self.cells += values.size
        chosen = values[valid]
        if not chosen.size:
            return
        self.kept = [*self.kept, chosen] if self.count + chosen.size <= MOST_KEPT else []
        found = chosen.astype("float64")
        mean = float(found.mean())
        squares = float(((found - mean) ** 2).sum())
        count, apart = self.count + found.size, mean - self.mean
        self.squares += squares + apart * apart * self.count * found.size / count
        self.mean += apart * found.size / count
        self.count = count
        self.minimum, self.maximum = min(self.minimum, float(found.min())), max(self.maximum, float(found.max()))

    def count_classes(self, values: NDArray[Any], valid: NDArray[np.bool_]) -> None:
        """Count the codes of more cells, as long as they are at most MOST_CLASSES."""
        codes, counts = np.unique(values[valid], return_counts=True)
        for code, number in zip(codes.tolist(), counts.tolist(), strict=True):
            if code in self.classes or len(self.classes) < MOST_CLASSES:
                self.classes[code] = self.classes.get(code, 0) + number


def summaries(strips: Iterable[tuple[int, NDArray[Any]]], codec: Codec, *, are_classes: bool = False) -> list[Summary]:
    """The statistics of each band of strips of stored values; codes of classes are counted."""
    found = [Summary() for _ in range(codec.bands)]
    for _, stored in strips:
        values, valid = codec.decode(stored)
        for band, summary in enumerate(found):
            summary.add(values[band], valid[band])
            if are_classes:
                summary.count_classes(stored[band], valid[band])
    return found
