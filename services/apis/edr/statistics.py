"""Statistics of values over time; NaN counts nothing. Those over areas are `cog.series.summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from services.apis.edr.samples import Sampling


class Accumulator:
    """Statistics of values that come in pieces, of each place; moments are merged as in Chan et al. (1983)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._count = np.zeros(shape)
        self._mean = np.zeros(shape)
        self._squares = np.zeros(shape)
        self._least = np.full(shape, np.inf)
        self._most = np.full(shape, -np.inf)

    def add(self, values: NDArray[np.float64]) -> None:
        """Add values, the times along the first axis."""
        valid = np.isfinite(values)
        count = valid.sum(axis=0).astype("float64")
        total = np.where(valid, values, 0.0).sum(axis=0)
        mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
        squares = (np.where(valid, values - mean, 0.0) ** 2).sum(axis=0)
        both = self._count + count
        share = np.divide(count, both, out=np.zeros_like(both), where=both > 0)
        apart = mean - self._mean
        self._squares += squares + apart**2 * self._count * share
        self._mean += apart * share
        self._count = both
        self._least = np.minimum(self._least, np.where(valid, values, np.inf).min(axis=0))
        self._most = np.maximum(self._most, np.where(valid, values, -np.inf).max(axis=0))

    def result(self, name: str) -> NDArray[np.float64]:
        """A statistic: mean, min, max, std (of the population) or count; NaN of no values."""
        if name == "count":
            return self._count
        values = {
            "mean": self._mean,
            "min": self._least,
            "max": self._most,
            "std": np.sqrt(np.divide(self._squares, self._count, out=np.zeros_like(self._mean), where=self._count > 0)),
        }[name]
        return np.where(self._count > 0, values, np.nan)


def over_time(answer: Sampling, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Statistics of each parameter over all times, as (1, level, place)."""
    shape = (len(answer.query.levels), answer.size)
    sums = {parameter.name: Accumulator(shape) for parameter in answer.parameters}
    for _, values in answer.blocks():
        for parameter in answer.parameters:
            sums[parameter.name].add(values[parameter.name])
    return {f"{p.name}_{name}": sums[p.name].result(name)[np.newaxis] for p in answer.parameters for name in names}
