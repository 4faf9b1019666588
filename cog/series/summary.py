"""Statistics of cells over an area, of each time of a series, from pieces of cells that come in any order.

Weights are areas: mean and standard deviation are weighted by them; minimum, maximum and count are of the cells that
have any. Deviations are merged as Chan, Golub and LeVeque do (1983, The American Statistician 37, 242-247), so that a
large common value costs no precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cog.cells.codec import Codec

type StatisticName = Literal["mean", "min", "max", "std", "count"]
STATISTICS: Final[tuple[StatisticName, ...]] = ("mean", "min", "max", "std", "count")
MEAN: Final[frozenset[StatisticName]] = frozenset({"mean"})
_NO_ENDS: Final = ((np.inf,), (-np.inf,))


class AreaSummary:
    """Weighted statistics of stored values at each of some times; of those that are not needed nothing is made."""

    def __init__(self, times: int, names: Iterable[StatisticName]) -> None:
        self.names = frozenset(names)
        self._sums: NDArray[np.float64] = np.zeros((2, times))
        self._spread: NDArray[np.float64] = np.zeros((2, times))
        self._ends: NDArray[np.float64] = np.repeat(np.array(_NO_ENDS), times, axis=1)

    @classmethod
    def of_cells(
        cls,
        values: NDArray[np.float64],
        valid: NDArray[np.bool_] | None,
        weights: NDArray[np.float64],
        names: Iterable[StatisticName],
    ) -> AreaSummary:
        """The statistics of cells.

        Args:
            values: Stored values as (time, cell), 0 where there are no data.
            valid: Where there are data, in the same shape; None: everywhere.
            weights: Weight of each cell, not negative; 0 leaves it out.
            names: What is needed.
        """
        summary = cls(len(values), names)
        members = np.flatnonzero(weights)
        if summary.names - MEAN and len(members) < len(weights):
            values, weights = values[:, members], weights[members]
            valid = None if valid is None else valid[:, members]
        summary._sums[0] = values @ weights
        summary._sums[1] = weights.sum() if valid is None else valid.astype("float64") @ weights
        if summary.names - MEAN:
            summary._count_and_spread(values, valid, weights)
        return summary

    @property
    def weights(self) -> NDArray[np.float64]:
        """The sum of the weights of the cells with data, of each time."""
        weights: NDArray[np.float64] = self._sums[1]
        return weights

    def at(self, times: NDArray[np.integer[Any]]) -> AreaSummary:
        """The statistics of some of the times."""
        chosen = AreaSummary(0, self.names)
        chosen._sums, chosen._spread, chosen._ends = (a[:, times] for a in (self._sums, self._spread, self._ends))
        return chosen

    def merge(self, other: AreaSummary, times: NDArray[np.intp] | slice = slice(None)) -> None:
        """Add what another one, of the same statistics, holds of other cells at these of the times."""
        if self.names - MEAN:
            (total, weight), (more_total, more_weight) = self._sums[:, times], other._sums
            apart = _ratio(more_total, more_weight) - _ratio(total, weight)
            between = apart**2 * _ratio(weight * more_weight, weight + more_weight)
            self._spread[:, times] += other._spread
            self._spread[1, times] += between
            least, most = self._ends[:, times]
            self._ends[:, times] = np.minimum(least, other._ends[0]), np.maximum(most, other._ends[1])
        self._sums[:, times] += other._sums

    def result(self, name: StatisticName, codec: Codec) -> NDArray[np.float64]:
        """A statistic of the physical values at each time; NaN where no cell has data, but a count of 0."""
        total, weight = self._sums
        there = weight > 0
        if name == "count":
            counts: NDArray[np.float64] = self._spread[0]
            return counts
        if name == "std":
            return np.where(there, abs(codec.scale) * np.sqrt(_ratio(self._spread[1], weight)), np.nan)
        if name == "mean":
            return np.where(there, codec.scale * _ratio(total, weight) + codec.offset, np.nan)
        ends: NDArray[np.float64] = self._ends[0 if (name == "min") == (codec.scale > 0) else 1]
        return codec.scale * np.where(there, ends, np.nan) + codec.offset

    def _count_and_spread(
        self, values: NDArray[np.float64], valid: NDArray[np.bool_] | None, weights: NDArray[np.float64]
    ) -> None:
        self._spread[0] = values.shape[1] if valid is None else valid.sum(axis=1)
        if "std" in self.names:
            squares = (values - _ratio(*self._sums)[:, np.newaxis]) ** 2
            self._spread[1] = (squares if valid is None else np.where(valid, squares, 0.0)) @ weights
        if self.names & {"min", "max"}:  # both: a negative scale makes the one of the other
            self._ends[0] = np.where(True if valid is None else valid, values, np.inf).min(axis=1, initial=np.inf)
            self._ends[1] = np.where(True if valid is None else valid, values, -np.inf).max(axis=1, initial=-np.inf)


def _ratio(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values by the weights; 0 where there is no weight."""
    return np.divide(values, weights, out=np.zeros_like(values), where=weights > 0)
