"""Trends of many series against scipy's of each one, with gaps, ties, seasons and autocorrelation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from cog.science.trends.analysis import TrendMethod, analyse
from cog.science.trends.least_squares import fit_lines
from cog.science.trends.mann_kendall import (
    autocorrelation,
    hamed_rao_factor,
    p_of_score,
    score_variance,
    whitened_p,
)
from cog.science.trends.theil_sen import median_slopes, pairs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH, SERIES = 90, 40
TIMES = 2000 + np.cumsum(np.tile([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], 8)[:LENGTH]) / 365.2425


def series(*, step: float = 0.0) -> NDArray[np.float32]:
    """Noise with trends and gaps, rounded to a step; the last series is empty, the one before has 2 values."""
    random = np.random.default_rng(4)
    values = 300 + random.normal(size=(LENGTH, SERIES)) + 0.05 * (TIMES - 2000)[:, np.newaxis] * np.arange(SERIES) / 10
    values = np.round(values / step) * step if step else values
    values[random.random(values.shape) < 0.1] = np.nan
    values[2:, -2] = np.nan
    values[:2, -2] = [300, 301]
    values[:, -1] = np.nan
    return values.astype("float32")


def each(values: NDArray[Any]) -> list[tuple[int, NDArray[Any], NDArray[Any]]]:
    kept = [(number, np.isfinite(values[:, number])) for number in range(SERIES - 2)]
    return [(number, TIMES[there], values[there, number].astype("float64")) for number, there in kept]


def test_lines_are_those_of_linregress() -> None:
    values = series()
    lines = fit_lines(TIMES, values, autocorrelated=False)
    for number, t, y in each(values):
        one = stats.linregress(t, y)
        found = (lines.slope[number], lines.error[number], lines.r2[number], lines.p[number], lines.count[number])
        assert found == pytest.approx((one.slope, one.stderr, one.rvalue**2, one.pvalue, t.size), rel=2e-9)
        assert lines.intercept[number] == pytest.approx(one.intercept, rel=1e-9)
    assert np.isnan(lines.slope[-2:]).all()
    assert lines.count[-2:].tolist() == [2, 0]


def test_autocorrelated_residuals_are_fewer_independent_ones() -> None:
    random = np.random.default_rng(5)
    noise = random.normal(size=(400, 50))
    for step in range(1, 400):
        noise[step] += 0.6 * noise[step - 1]
    lines = fit_lines(np.arange(400.0), noise)
    assert np.median(lines.r1) == pytest.approx(0.6, abs=0.05)
    assert lines.effective == pytest.approx(400 * (1 - lines.r1) / (1 + lines.r1), rel=1e-12)
    assert (lines.p > fit_lines(np.arange(400.0), noise, autocorrelated=False).p).all()


@pytest.mark.parametrize("step", [0.0, 0.25])
def test_median_slopes_and_scores_are_exact_with_gaps_and_ties(step: float) -> None:
    values = series(step=step)
    lines, pairs = fit_lines(TIMES, values), pairs_of(TIMES)
    slopes, scores = median_slopes(values, pairs, lines.slope, lines.error)
    variance = score_variance(values)
    for number, t, y in each(values):
        assert slopes[number] == pytest.approx(stats.theilslopes(y, t).slope, abs=3e-5)
        assert scores[number] == np.sign(y - y[:, np.newaxis])[np.triu_indices(y.size, 1)].sum()
        _, ties = np.unique(y, return_counts=True)
        n = y.size
        expected = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
        assert variance[number] == pytest.approx(expected)
    assert slopes[-2] == pytest.approx(1 / (TIMES[1] - TIMES[0]), rel=1e-5)
    assert np.isnan(slopes[-1])


@pytest.mark.parametrize("step", [0.0, 0.25])
def test_intervals_of_median_slopes_are_those_of_scipy_with_gaps_and_ties(step: float) -> None:
    values = series(step=step)
    method = TrendMethod(method="theil-sen", autocorrelation="none", alpha=0.1)
    trends = analyse(TIMES, values, np.zeros(LENGTH), method)
    for number, t, y in each(values):
        one = stats.theilslopes(y, t, alpha=0.9)
        ends = (trends["lower"][number], trends["upper"][number])
        assert ends == pytest.approx((one.low_slope, one.high_slope), abs=3e-5)
    assert np.isnan(trends["lower"][-1])


def test_intervals_of_least_squares_are_those_of_the_t_distribution() -> None:
    values = series()
    trends = analyse(TIMES, values, np.zeros(LENGTH), TrendMethod(autocorrelation="none"))
    for number, t, y in each(values):
        one = stats.linregress(t, y)
        reach = stats.t.ppf(0.975, y.size - 2) * one.stderr
        ends = (trends["lower"][number], trends["upper"][number])
        assert ends == pytest.approx((one.slope - reach, one.slope + reach), rel=1e-4, abs=1e-9)


def test_the_whitened_interval_covers_no_trend_where_the_plain_one_does_not() -> None:
    random = np.random.default_rng(9)
    noise = random.normal(size=(180, 600))
    for step in range(1, 180):
        noise[step] += 0.6 * noise[step - 1]
    covered = {}
    for allowance in ("none", "whiten"):
        method = TrendMethod(method="theil-sen", autocorrelation=allowance)
        trends = analyse(np.arange(180.0), noise, np.zeros(180), method)
        covered[allowance] = ((trends["lower"] <= 0) & (trends["upper"] >= 0)).mean()
    assert covered["none"] < 0.8
    assert covered["whiten"] > 0.9


def test_equal_values_have_no_slope_and_no_trend() -> None:
    flat = np.full((20, 3), 5.0)
    slopes, scores = median_slopes(flat, pairs_of(TIMES[:20]), np.zeros(3), np.zeros(3))
    assert (slopes.tolist(), scores.tolist()) == ([0, 0, 0], [0, 0, 0])
    assert p_of_score(scores, score_variance(flat)).tolist() == [1, 1, 1]


def test_the_seasonal_slope_counts_pairs_within_a_season() -> None:
    seasons = np.arange(LENGTH) % 12
    values = (10 * np.sin(seasons / 12 * 2 * np.pi) + 0.5 * (TIMES - 2000))[:, np.newaxis].astype("float32")
    slopes, score = median_slopes(values, pairs_of(TIMES, seasons), np.zeros(1), np.zeros(1))
    assert slopes[0] == pytest.approx(0.5, abs=2e-3)
    assert p_of_score(score, score_variance(values, seasons))[0] < 1e-12


def test_hamed_rao_corrects_by_the_autocorrelation_of_ranks() -> None:
    random = np.random.default_rng(6)
    noise = random.normal(size=(LENGTH, 6))
    for step in range(1, LENGTH):
        noise[step] += 0.6 * noise[step - 1]
    factor = hamed_rao_factor(TIMES, noise, np.zeros(6), 3)
    for number in range(6):
        y, n = stats.rankdata(noise[:, number]), LENGTH
        y -= y.mean()
        r = [(y[k:] * y[:-k]).sum() / (y * y).sum() for k in (1, 2, 3)]
        kept = [(n - k) * (n - k - 1) * (n - k - 2) * r[k - 1] for k in (1, 2, 3) if abs(r[k - 1]) > 1.959964 / n**0.5]
        assert factor[number] == pytest.approx(1 + 2 / (n * (n - 1) * (n - 2)) * sum(kept), rel=1e-12)


def test_whitening_holds_the_level_where_the_plain_test_does_not() -> None:
    random = np.random.default_rng(7)
    noise = random.normal(size=(180, 600))
    for step in range(1, 180):
        noise[step] += 0.6 * noise[step - 1]
    times, zero = np.arange(180.0), np.zeros(600)
    pairs = pairs_of(times)
    slopes, score = median_slopes(noise, pairs, zero, zero)
    assert (p_of_score(score, score_variance(noise)) < 0.05).mean() > 0.2
    whitened, r1 = whitened_p(times, noise, slopes, pairs)
    assert 0.02 < (whitened < 0.05).mean() < 0.11
    assert autocorrelation(noise, 2)[0].mean() == pytest.approx(0.6, abs=0.05)
    assert r1.mean() == pytest.approx(0.58, abs=0.05)
