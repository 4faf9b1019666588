"""Statistics of a period over cells, from steps that come one after the other, weighted by days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    Cells = NDArray[np.float64]

Statistic = Literal["mean", "min", "max", "count", "std", "median", "sum"]
MeanOf = Literal["value", "log10"]

_NEEDS_ALL: Final = frozenset({"median"})


class Reducer:
    """Collects the steps of a period, (row, column) arrays of one shape with NaN for no data.

    Sums are in double precision about the first value of each cell, so that thousands of steps of 300 K lose nothing.
    `median` keeps every step: the caller bounds their number and size.

    Args:
        shape: (rows, columns).
        statistics: What will be asked for.
        mean_of: `log10` makes means and deviations of logarithms: the mean is geometric, and the deviation a factor.
    """

    def __init__(self, shape: tuple[int, int], statistics: Collection[Statistic], *, mean_of: MeanOf = "value") -> None:
        self.count = np.zeros(shape, dtype="int32")
        self._weight, self._origin = np.zeros(shape), np.full(shape, np.nan)
        self._sum, self._squares = np.zeros(shape), np.zeros(shape)
        self._low, self._high = np.full(shape, np.nan), np.full(shape, np.nan)
        self._steps: list[Cells] = []
        self._keeps_all = bool(_NEEDS_ALL & set(statistics))
        self._mean_of = mean_of

    def add(self, values: Cells, weight: float = 1.0) -> None:
        """Add a step that stands for a number of days."""
        with np.errstate(invalid="ignore", divide="ignore"):
            self._low, self._high = np.fmin(self._low, values), np.fmax(self._high, values)
            if self._mean_of == "log10":
                values = np.where(values > 0, np.log10(values), np.nan)
        valid = np.isfinite(values)
        self.count += valid
        fresh = valid & np.isnan(self._origin)
        self._origin[fresh] = values[fresh]
        distance = np.where(valid, values - self._origin, 0.0)
        self._weight += valid * weight
        self._sum += distance * weight
        self._squares += distance**2 * weight
        if self._keeps_all:
            self._steps.append(values.astype("float32"))

    def result(self, statistic: Statistic, *, minimum: NDArray[np.int32] | int = 1) -> Cells:
        """A statistic; NaN in cells with fewer steps with data than `minimum`. The deviation is that of the sample."""
        enough = (self.count >= minimum) & (self.count > 0)
        if statistic == "count":
            return self.count.astype("float64")
        with np.errstate(invalid="ignore", divide="ignore"):
            values = self._values(statistic)
        return np.where(enough, values, np.nan)

    def _values(self, statistic: Statistic) -> Cells:
        if statistic == "min":
            return self._low
        if statistic == "max":
            return self._high
        mean = self._sum / self._weight
        if statistic == "sum":
            return self._sum + self._origin * self._weight
        if statistic == "mean":
            return self._physical(self._origin + mean)
        if statistic == "std":
            variance = np.maximum(self._squares / self._weight - mean**2, 0)
            return self._physical(np.sqrt(variance * self.count / (self.count - 1)))
        with np.errstate(all="ignore"):
            stacked = np.sort(np.stack(self._steps), axis=0)  # NaN last
        low, high = np.maximum((self.count - 1) // 2, 0), np.maximum(self.count // 2, 0)
        pairs = [np.take_along_axis(stacked, each[np.newaxis], axis=0)[0].astype("float64") for each in (low, high)]
        return self._physical((pairs[0] + pairs[1]) / 2)

    def _physical(self, values: Cells) -> Cells:
        return np.asarray(10.0**values) if self._mean_of == "log10" else values
