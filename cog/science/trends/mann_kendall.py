"""The Mann-Kendall test of many series, plain or with an allowance for autocorrelation.

Autocorrelation makes a plain test find trends where there are none: of series of 180 values without trend and a lag-1
autocorrelation of 0.3 it calls 15 % significant at the 5 % level, of 0.6 30 %. `whiten` (5.7 % and 6.5 %) and
`hamed-rao` over three lags (7.3 % and 8.1 %) hold the level better.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit
from scipy.special import ndtr
from scipy.stats import rankdata

from cog.science.trends.theil_sen import means_of, median_slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.science.trends.theil_sen import Pairs

    Numbers = NDArray[np.float64]

_SIGNIFICANT: Final = 1.959964
"""Standard normal quantile of 0.975."""


def effective_factor(r1: Numbers) -> Numbers:
    """The factor of the variance of S of series with a lag-1 autocorrelation: (1 + r1) / (1 - r1) where r1 > 0.

    n over the number of independent values (Yue and Wang 2004, Water Resour. Manage. 18, 201).
    """
    bound = np.clip(np.nan_to_num(r1), 0.0, 0.99)
    factor: Numbers = (1 + bound) / (1 - bound)
    return factor


def p_of_score(score: Numbers, variance: Numbers) -> Numbers:
    """Two-sided probability of a score S with a variance, with the correction for continuity."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (score - np.sign(score)) / np.sqrt(variance)
    return np.where(variance > 0, 2 * ndtr(-np.abs(z)), np.where(np.isnan(variance), np.nan, 1.0))


def score_variance(values: NDArray[Any], seasons: NDArray[Any] | None = None) -> Numbers:
    """Variance of S of each series (time, series) without trend, with ties, summed over seasons.

    n (n-1) (2n+5) / 18 less the same of each group of ties (Kendall 1975).
    """
    groups = [slice(None)] if seasons is None else [seasons == each for each in np.unique(seasons)]
    total = np.zeros(values.shape[1])
    for group in groups:
        total += _variance(np.ascontiguousarray(np.sort(values[group], axis=0)))  # NaN last
    return total


@njit(cache=True)
def _variance(ordered: NDArray[Any]) -> Numbers:
    length, series = ordered.shape
    result = np.zeros(series)
    for each in range(series):
        count, ties, run = 0, 0.0, 1
        for step in range(length):
            value = ordered[step, each]
            if math.isnan(value):
                break
            count += 1
            if step > 0 and value == ordered[step - 1, each]:
                run += 1
            else:
                ties += run * (run - 1.0) * (2.0 * run + 5.0)
                run = 1
        ties += run * (run - 1.0) * (2.0 * run + 5.0)
        result[each] = (count * (count - 1.0) * (2.0 * count + 5.0) - ties) / 18.0
    return result


def autocorrelation(residuals: Numbers, lags: int) -> Numbers:
    """Autocorrelation (lag, series) at lags 1 to `lags`, over the pairs that both have values; NaN for gaps."""
    centred = residuals - means_of(residuals)
    valid = np.isfinite(centred)
    filled = np.where(valid, centred, 0.0)
    count = valid.sum(axis=0)
    square = (filled**2).sum(axis=0)
    result = np.zeros((lags, residuals.shape[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        for lag in range(1, lags + 1):
            pairs = (valid[lag:] & valid[:-lag]).sum(axis=0)
            product = (filled[lag:] * filled[:-lag]).sum(axis=0)
            result[lag - 1] = np.where(pairs > 0, product / square * (count - lag) / pairs, 0.0)
    return np.nan_to_num(result)


def whitened_p(times: Numbers, values: Numbers, slopes: Numbers, pairs: Pairs) -> tuple[Numbers, Numbers]:
    """P after the lag-1 autocorrelation of the detrended series was taken out where it is significant, and that r1.

    (y[t] - r1 y[t-1]) / (1 - r1), one round of Wang and Swail 2001, J. Climate 14, 2204.
    """
    count = np.isfinite(values).sum(axis=0)
    r1 = autocorrelation(values - slopes * (times - times.mean())[:, np.newaxis], 1)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        taken = np.where(np.abs(r1) > _SIGNIFICANT / np.sqrt(count), np.clip(r1, -0.99, 0.99), 0.0)
    whitened = values.astype("float64").copy()
    whitened[1:] = np.where(taken != 0, (values[1:] - taken * values[:-1]) / (1 - taken), values[1:])
    whitened[0] = np.where(taken != 0, np.nan, values[0])
    _, score = median_slopes(whitened, pairs, slopes, np.zeros_like(slopes))
    return p_of_score(score, score_variance(whitened.astype("float32"))), r1


def hamed_rao_factor(times: Numbers, values: Numbers, slopes: Numbers, lags: int) -> Numbers:
    """The factor of the variance of S for significant autocorrelation of the ranks of the detrended series.

    1 + 2 / (n (n-1) (n-2)) sum of (n-k) (n-k-1) (n-k-2) r[k] (Hamed and Rao 1998, J. Hydrol. 204, 182), k up to `lags`.
    """
    residuals = values - slopes * (times - times.mean())[:, np.newaxis]
    ranks = np.where(np.isfinite(residuals), rankdata(residuals, axis=0, nan_policy="omit"), np.nan)
    count = np.isfinite(values).sum(axis=0).astype("float64")
    total = np.zeros(values.shape[1])
    for lag, r in enumerate(autocorrelation(ranks, lags), start=1):
        with np.errstate(invalid="ignore", divide="ignore"):
            counted = np.where(np.abs(r) > _SIGNIFICANT / np.sqrt(count), r, 0.0)
        total += (count - lag) * (count - lag - 1) * (count - lag - 2) * counted
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = 1 + 2 / (count * (count - 1) * (count - 2)) * total
    return np.where(factor > 0, factor, np.nan)
