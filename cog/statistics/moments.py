"""Moments of values that come in pieces: what all statistics of cells share, and how they merge.

Each piece is summed by itself, and pieces are merged by the update of Chan, Golub and LeVeque (1979), which loses no
digits where the mean is large beside the deviation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Weight, extremes, mean and spread of some values; those of no values unless given.

    Attributes:
        weight: Sum of the weights of the values; their number where each has weight 1.
        minimum: Least value; infinite without values, as is `maximum`.
        maximum: Greatest value.
        mean: Mean by weight.
        squares: Sum of weight times squared difference from the mean.
    """

    weight: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """The moments of values of any shape, each of weight 1."""
        if values.size == 0:
            return cls()
        apart = values.astype("float64")
        mean = float(apart.mean())
        apart -= mean
        squares = float(np.square(apart, out=apart).sum())
        return cls(
            weight=values.size, minimum=float(values.min()), maximum=float(values.max()), mean=mean, squares=squares
        )

    @classmethod
    def weighted(cls, values: NDArray[np.float64], weights: NDArray[Any], *, total: float | None = None) -> Self:
        """The moments of values with weights > 0, of one shape; `total` is their weighted sum where it is known."""
        if values.size == 0:
            return cls()
        with np.errstate(invalid="ignore", over="ignore"):
            weight = float(weights.sum())
            mean = (weighted_sum(values, weights) if total is None else total) / weight
            squares = float(((values - mean) ** 2 * weights).sum())
        return cls(weight=weight, minimum=float(values.min()), maximum=float(values.max()), mean=mean, squares=squares)

    def merge(self, other: Self) -> Self:
        """The moments of the values of both."""
        if not self.weight or not other.weight:
            return self if self.weight else other
        both, apart = self.weight + other.weight, other.mean - self.mean
        return type(self)(
            weight=both,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
            mean=self.mean + apart * other.weight / both,
            squares=self.squares + other.squares + apart * apart * self.weight * other.weight / both,
        )

    @classmethod
    def merged(cls, parts: Sequence[Self]) -> Self:
        """The moments of the values of all parts, with exactly rounded sums: the same in whatever order."""
        parts = [part for part in parts if part.weight]
        if not parts:
            return cls()
        weight = sum(part.weight for part in parts)
        mean = math.fsum(part.mean * (part.weight / weight) for part in parts)
        between = math.fsum(part.weight * (part.mean - mean) ** 2 for part in parts)
        return cls(
            weight=weight,
            minimum=min(part.minimum for part in parts),
            maximum=max(part.maximum for part in parts),
            mean=mean,
            squares=math.fsum(part.squares for part in parts) + between,
        )

    @property
    def stddev(self) -> float:
        """The standard deviation of the values themselves (divided by their weight); NaN without any."""
        return math.sqrt(self.squares / self.weight) if self.weight else math.nan


def weighted_sum(values: NDArray[np.float64], weights: NDArray[Any]) -> float:
    """The sum of weight times value, infinite beyond float64."""
    with np.errstate(invalid="ignore", over="ignore"):  # no dot product: BLAS would start threads of its own
        return float((values * weights).sum())
