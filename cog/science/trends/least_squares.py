"""Ordinary least squares of many series, with a test that allows for autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit
from scipy.special import stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_LANES: Final = 256


@dataclass(frozen=True, kw_only=True)
class LinearTrend:
    """Lines through series, each member (series,); NaN where a series has fewer than 3 values.

    Attributes:
        slope: Units of the values by unit of time.
        intercept: Value of the line at time 0.
        error: Standard error of the slope.
        p: Two-sided probability of a slope as steep in a series without trend.
        count: Number of values.
        effective: The number of independent values that was taken for the test.
        r1: Lag-1 autocorrelation of the residuals, over the pairs of successive times that both have values.
        r2: Share of the variance that the line explains.
        mean: Mean of the values.
    """

    slope: Numbers
    intercept: Numbers
    error: Numbers
    p: Numbers
    count: Numbers
    effective: Numbers
    r1: Numbers
    r2: Numbers
    mean: Numbers


def fit_lines(times: Numbers, values: NDArray[Any], *, autocorrelated: bool = True) -> LinearTrend:
    """Fit a line to each series.

    Args:
        times: (time,), such as years; need not be equidistant.
        values: (time, series), float32 or float64, NaN for gaps.
        autocorrelated: Reduce the number of independent values to n (1 - r1) / (1 + r1), where r1 > 0 (Santer et al.
            2000, J. Geophys. Res. 105, 7337).
    """
    centre = float(times.mean())
    sums = _line_sums(np.ascontiguousarray(times - centre), np.ascontiguousarray(values))
    count, mean_t, mean_y, stt, sty, syy = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = sty / stt
        residual = np.maximum(syy - slope * sty, 0.0)
        products, pairs = _lag_products(times - centre, np.ascontiguousarray(values), slope, mean_t, mean_y)
        r1 = np.where(residual > 0, products / residual * np.where(pairs > 0, (count - 1) / pairs, np.nan), 0.0)
        bound = np.clip(r1, 0.0, 0.999999)
        effective = count * (1 - bound) / (1 + bound) if autocorrelated else count.copy()
        freedom = effective - 2
        error = np.sqrt(residual / freedom / stt)
        p = 2 * stdtr(freedom, -np.abs(slope / error))
        p = np.where(freedom > 0, np.where(error > 0, p, np.where(slope == 0, 1.0, 0.0)), 1.0)
        error = np.where(freedom > 0, error, np.inf)
        r2 = np.where(syy > 0, slope * sty / syy, np.nan)
    enough = (count >= 3) & (stt > 0)
    members = {
        "slope": slope, "intercept": mean_y - slope * (mean_t + centre), "error": error, "p": p,
        "effective": effective, "r1": r1, "r2": r2, "mean": mean_y,
    }  # fmt: skip
    return LinearTrend(count=count, **{name: np.where(enough, each, np.nan) for name, each in members.items()})


@njit(cache=True)
def _line_sums(times: Numbers, values: NDArray[Any]) -> tuple[Numbers, ...]:
    """Number, means of times and values, and centred sums of squares and products, about the first value of each."""
    length, series = values.shape
    count, mean_t, mean_y = np.zeros(series), np.zeros(series), np.zeros(series)
    stt, sty, syy = np.zeros(series), np.zeros(series), np.zeros(series)
    for first in range(0, series, _LANES):
        last = min(first + _LANES, series)
        size = last - first
        origin = np.zeros(size)
        n, t, y = np.zeros(size), np.zeros(size), np.zeros(size)
        tt, ty, yy = np.zeros(size), np.zeros(size), np.zeros(size)
        for lane in range(size):
            for step in range(length):
                value = values[step, first + lane]
                if not math.isnan(value):
                    origin[lane] = value
                    break
        for step in range(length):
            time = times[step]
            for lane in range(size):
                value = values[step, first + lane]
                there = 0.0 if math.isnan(value) else 1.0
                distance = value - origin[lane] if there > 0 else 0.0
                n[lane] += there
                t[lane] += there * time
                tt[lane] += there * time * time
                y[lane] += distance
                ty[lane] += distance * time
                yy[lane] += distance * distance
        for lane in range(size):
            number = n[lane] if n[lane] > 0 else np.nan
            place = first + lane
            count[place] = n[lane]
            mean_t[place], mean_y[place] = t[lane] / number, y[lane] / number + origin[lane]
            stt[place] = tt[lane] - t[lane] * t[lane] / number
            sty[place] = ty[lane] - t[lane] * y[lane] / number
            syy[place] = yy[lane] - y[lane] * y[lane] / number
    return count, mean_t, mean_y, stt, sty, syy


@njit(cache=True)
def _lag_products(
    times: Numbers, values: NDArray[Any], slope: Numbers, mean_t: Numbers, mean_y: Numbers
) -> tuple[Numbers, Numbers]:
    """Sum of the products of successive residuals, and number of the pairs."""
    length, series = values.shape
    products, pairs = np.zeros(series), np.zeros(series)
    for first in range(0, series, _LANES):
        last = min(first + _LANES, series)
        before = np.full(last - first, np.nan)
        for step in range(length):
            for place in range(first, last):
                rest = values[step, place] - mean_y[place] - slope[place] * (times[step] - mean_t[place])
                product = rest * before[place - first]
                there = 0.0 if math.isnan(product) else 1.0
                products[place] += product if there > 0 else 0.0
                pairs[place] += there
                before[place - first] = rest
    return products, pairs
