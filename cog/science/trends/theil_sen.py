"""The median of all pairwise slopes of many series (Theil 1950, Sen 1968), exact, without keeping the slopes.

The ends of its confidence interval are slopes too, of other ranks. `slope_search` finds a slope by its rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.science.trends.slope_search import LANES, search_slopes, survey_slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The pairs of times whose slopes count.

    Attributes:
        first: Number of the earlier time of each pair.
        second: Number of the later one.
        inverse: 1 / difference of times.
    """

    first: NDArray[np.uint64]
    second: NDArray[np.uint64]
    inverse: NDArray[np.float32]


def pairs_of(times: Numbers, seasons: NDArray[Any] | None = None) -> Pairs:
    """All pairs of different times; with `seasons`, a number for each time, only those within one season."""
    first, second = np.triu_indices(times.size, 1)
    is_pair = times[second] > times[first]
    if seasons is not None:
        is_pair &= seasons[first] == seasons[second]
    first, second = first[is_pair], second[is_pair]
    return Pairs(
        first=first.astype("uint64"),
        second=second.astype("uint64"),
        inverse=(1.0 / (times[second] - times[first])).astype("float32"),
    )


def means_of(values: NDArray[Any]) -> Numbers:
    """Mean of each series (time, series) over the times that have values; NaN of none."""
    valid = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Numbers = np.where(valid, values, 0.0).sum(axis=0, dtype="float64") / valid.sum(axis=0)
    return means


def median_slopes(values: NDArray[Any], pairs: Pairs, guess: Numbers, width: Numbers) -> tuple[Numbers, Numbers]:
    """The median slope of each series, and S: pairs that rise less pairs that fall.

    Args:
        values: (time, series), NaN for gaps; computed in single precision about each series' mean.
        pairs: The pairs.
        guess: (series,) where the search begins, such as the slope of least squares.
        width: (series,) how far the median may lie from it, about; only speed depends on both.

    Returns:
        (series,) slopes, NaN where no pair has both values, and S.
    """
    survey = _Survey.of(values, pairs)
    middle = np.stack([np.maximum(survey.count - 1, 0) // 2, survey.count // 2])
    return survey.slopes(middle, guess, width), survey.score


def slope_interval(
    values: NDArray[Any], pairs: Pairs, slopes: Numbers, width: Numbers, reach: Numbers
) -> tuple[Numbers, Numbers]:
    """The confidence interval of the median slope of each series.

    Its ends are the slopes of the ranks (N - reach) / 2 and (N + reach) / 2 + 1 of all N, counted from 1 (Sen 1968, J.
    Am. Stat. Assoc. 63, 1379; Gilbert 1987, Statistical Methods for Environmental Pollution Monitoring, 16.4.2, and
    17.4.2 within seasons), rounded as scipy.stats.theilslopes rounds them.

    Args:
        values: (time, series), NaN for gaps.
        pairs: The pairs.
        slopes: (series,) the median slopes.
        width: (series,) how far the ends may lie from them, about; only speed depends on it.
        reach: (series,) the quantile of the normal distribution, such as 1.96 for 95 %, times the standard deviation of
            S without trend.

    Returns:
        (series,) lower and upper ends, NaN where no pair has both values or the reach is not known.
    """
    survey = _Survey.of(values, pairs)
    known = np.isfinite(reach) & (survey.count > 0)
    half = np.where(known, reach, 0.0)
    below = np.maximum(np.rint((survey.count - half) / 2).astype("int64") - 1, 0)
    above = np.minimum(np.rint((survey.count + half) / 2).astype("int64"), np.maximum(survey.count - 1, 0))
    ends = [
        survey.slopes(np.stack([rank, rank]), slopes + side * width, width / 4)
        for rank, side in ((below, -1.0), (above, 1.0))
    ]
    return np.where(known, ends[0], np.nan), np.where(known, ends[1], np.nan)


@dataclass(frozen=True, kw_only=True)
class _Survey:
    """The slopes of series, of which one by rank can be found.

    Attributes:
        block: (time, series) values about the mean of each series, with empty series up to a whole group of lanes.
        pairs: The pairs.
        series: Number of series without the empty ones.
        low: (series,) the least slope.
        high: (series,) the greatest slope.
        count: (series,) number of slopes.
        score: (series,) slopes above 0 less slopes below.
    """

    block: NDArray[np.float32]
    pairs: Pairs
    series: int
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    count: NDArray[np.int64]
    score: Numbers

    @classmethod
    def of(cls, values: NDArray[Any], pairs: Pairs) -> _Survey:
        """Survey series (time, series), NaN for gaps."""
        centred = values - means_of(values)
        series = values.shape[1]
        padding = ((0, 0), (0, -series % LANES))
        block = np.ascontiguousarray(np.pad(centred.astype("float32"), padding, constant_values=np.nan))
        low, high, rising, falling, count = survey_slopes(block, pairs.first, pairs.second, pairs.inverse)
        return cls(
            block=block,
            pairs=pairs,
            series=series,
            low=low[:series],
            high=high[:series],
            count=count[:series],
            score=(rising - falling)[:series].astype("float64"),
        )

    def slopes(self, ranks: NDArray[np.int64], guess: Numbers, width: Numbers) -> Numbers:
        """The mean of the slopes of two ranks, which are equal or follow each other: (2, series), from 0."""
        padding = (0, self.block.shape[1] - self.series)
        pairs = self.pairs
        slopes = search_slopes(
            self.block, pairs.first, pairs.second, pairs.inverse,
            np.nan_to_num(np.pad(guess, padding)).astype("float32"),
            np.nan_to_num(np.pad(width, padding), posinf=0.0).astype("float32"),
            np.pad(self.low, padding), np.pad(self.high, padding), np.pad(self.count, padding),
            np.pad(ranks[0], padding), np.pad(ranks[1], padding),
        )  # fmt: skip
        result: Numbers = slopes[: self.series].astype("float64")
        return result
