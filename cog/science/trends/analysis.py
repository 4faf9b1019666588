"""Trends of many series by a method with its options: what maps and tables of trends show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from cog.science.trends.least_squares import fit_lines
from cog.science.trends.mann_kendall import (
    autocorrelation,
    effective_factor,
    hamed_rao_factor,
    p_of_score,
    score_variance,
    whitened_p,
)
from cog.science.trends.theil_sen import means_of, median_slopes, pairs_of, slope_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Method = Literal["ols", "theil-sen"]
Autocorrelation = Literal["n_eff", "whiten", "hamed-rao", "none"]
Season = Literal["none", "climatology", "seasonal-kendall"]

YEAR_DAYS: Final = 365.2425
"""Days of a year of trends: the mean of the Gregorian calendar."""


@dataclass(frozen=True, kw_only=True)
class TrendMethod:
    """How trends are computed.

    Attributes:
        method: `ols`, or `theil-sen` with the Mann-Kendall test.
        autocorrelation: `n_eff` goes with `ols`; `whiten` and `hamed-rao` go with `theil-sen`; `none` with both.
        lags: Lags of `hamed-rao`.
        season: `climatology` takes the mean of each month of the year out first; `seasonal-kendall` compares values of
            the same month only.
        alpha: Level of significance; intervals have a confidence of 1 - alpha.
        minimum: Least number of values of a series.
    """

    method: Method = "ols"
    autocorrelation: Autocorrelation = "n_eff"
    lags: int = 3
    season: Season = "none"
    alpha: float = 0.05
    minimum: int = 3


def analyse(
    times: Numbers, values: NDArray[Any], seasons: NDArray[Any], method: TrendMethod, *, with_interval: bool = True
) -> dict[str, Numbers]:
    """Trends of series (time, series) with NaN for gaps, by the name of a result, each (series,).

    `slope`, `lower` and `upper` (the ends of its confidence interval) and `error` (standard error, of `ols`) by unit of
    time, `intercept` at time 0, `p`, `count`, `r1`, `r2` (of
    `ols`), `percent` (100 slope / mean of the values, by unit of time) and `significant` (1 or 0). NaN where there are
    fewer values than the minimum.

    Args:
        times: (time,), such as years.
        values: float32 or float64.
        seasons: (time,) the month of the year of each.
        method: How.
        with_interval: Compute `lower` and `upper`, which nearly triples the work of `theil-sen`.
    """
    means = means_of(values)
    if method.season == "climatology":
        values = without_seasons(values, seasons)
    if method.method == "ols":
        results = _least_squares(times, values, method)
    else:
        results = _ranked(times, values, seasons, method, with_interval=with_interval)
    count = np.isfinite(values).sum(axis=0).astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        results["percent"] = 100 * results["slope"] / means
    results["significant"] = np.where(np.isnan(results["p"]), np.nan, results["p"] < method.alpha)
    enough = count >= max(method.minimum, 3)
    return {name: np.where(enough, each, np.nan) for name, each in results.items()} | {"count": count}


def without_seasons(values: NDArray[Any], seasons: NDArray[Any]) -> NDArray[Any]:
    """Series less the mean of each season, plus their mean."""
    result = values.astype("float64")
    overall = means_of(values)
    for season in np.unique(seasons):
        rows = seasons == season
        result[rows] -= means_of(values[rows]) - overall
    return result


def _least_squares(times: Numbers, values: NDArray[Any], method: TrendMethod) -> dict[str, Numbers]:
    lines = fit_lines(times, values, autocorrelated=method.autocorrelation == "n_eff")
    results = {
        "slope": lines.slope, "intercept": lines.intercept, "error": lines.error, "p": lines.p, "r1": lines.r1,
        "r2": lines.r2,
    }  # fmt: skip
    freedom = np.where(lines.effective > 2, lines.effective - 2, np.nan)
    reach = stdtrit(freedom, 1 - method.alpha / 2) * lines.error
    return results | {"lower": lines.slope - reach, "upper": lines.slope + reach}


def _ranked(
    times: Numbers, values: NDArray[Any], seasons: NDArray[Any], method: TrendMethod, *, with_interval: bool
) -> dict[str, Numbers]:
    is_seasonal = method.season == "seasonal-kendall"
    pairs = pairs_of(times, seasons if is_seasonal else None)
    guess = fit_lines(times, values, autocorrelated=False)
    slopes, score = median_slopes(values, pairs, guess.slope, guess.error)
    residuals = values - slopes * (times - times.mean())[:, np.newaxis]
    r1 = autocorrelation(residuals, 1)[0]
    variance = score_variance(np.asarray(values, dtype="float32"), seasons if is_seasonal else None)
    factor = np.ones_like(variance)
    p = p_of_score(score, variance)
    if method.autocorrelation == "whiten" and not is_seasonal:
        p, r1 = whitened_p(times, np.asarray(values, dtype="float64"), slopes, pairs)
        factor = effective_factor(r1)
    elif method.autocorrelation == "hamed-rao" and not is_seasonal:
        factor = hamed_rao_factor(times, np.asarray(values, dtype="float64"), slopes, method.lags)
        p = p_of_score(score, variance * factor)
    results = {"slope": slopes, "intercept": _middle_of(residuals - slopes * times.mean()), "p": p, "r1": r1}
    if with_interval:
        quantile = float(ndtri(1 - method.alpha / 2))
        width = quantile * np.nan_to_num(guess.error, posinf=0.0) * np.sqrt(np.nan_to_num(factor, nan=1.0))
        lower, upper = slope_interval(values, pairs, slopes, width, quantile * np.sqrt(variance * factor))
        results |= {"lower": lower, "upper": upper}
    return results


def _middle_of(values: Numbers) -> Numbers:
    """The median of each series (time, series) with NaN for gaps."""
    ordered = np.sort(values, axis=0)
    count = np.isfinite(values).sum(axis=0)
    middle = [np.maximum((count - 1) // 2, 0), np.maximum(count // 2, 0)]
    pair = [np.take_along_axis(ordered, each[np.newaxis], axis=0)[0] for each in middle]
    median: Numbers = (pair[0] + pair[1]) / 2
    return median
