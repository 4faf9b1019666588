"""Calendar periods in several calendars, and statistics of a period against numpy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cog.science.periods import climatology_name, overlap_days, period_of
from cog.science.reducers import Reducer
from config.times import order_key


@pytest.mark.parametrize(
    ("time", "period", "calendar", "start", "end"),
    [
        ((2020, 2, 29), "dekad", "standard", (2020, 2, 21), (2020, 3, 1)),
        ((2020, 2, 30), "dekad", "360_day", (2020, 2, 21), (2020, 3, 1)),
        ((2020, 2, 11), "dekad", "standard", (2020, 2, 11), (2020, 2, 21)),
        ((2019, 12, 31), "season", "standard", (2019, 12), (2020, 3)),
        ((2020, 1, 15), "season", "standard", (2019, 12), (2020, 3)),
        ((2020, 11, 30), "season", "noleap", (2020, 9), (2020, 12)),
        ((2020, 12, 31), "8-day", "standard", (2020, 12, 26), (2021, 1, 1)),
        ((2020, 1, 9), "8-day", "standard", (2020, 1, 9), (2020, 1, 17)),
        ((2020, 12, 31), "month", "standard", (2020, 12), (2021, 1)),
        ((2020, 7, 1), "year", "360_day", (2020,), (2021,)),
        ((2020, 2, 28), "day", "noleap", (2020, 2, 28), (2020, 3, 1)),
    ],
)
def test_a_time_lies_in_its_period(
    time: tuple[int, ...], period: str, calendar: str, start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    found = period_of(order_key(*time), period, calendar)  # type: ignore[arg-type]
    assert (found.start, found.end) == (order_key(*start), order_key(*end))


def test_three_years_of_days_have_36_months_and_108_dekads_in_every_calendar() -> None:
    for calendar, most in (("360_day", 30), ("noleap", 28), ("standard", 28)):
        keys = [order_key(y, m, d) for y in (2001, 2002, 2003) for m in range(1, 13) for d in range(1, most + 1)]
        assert len({period_of(key, "month", calendar) for key in keys}) == 36
        assert len({period_of(key, "dekad", calendar) for key in keys}) == 108


def test_parts_of_the_year_have_names() -> None:
    leap = order_key(2020, 2, 29)
    assert climatology_name(leap, "climatology-day") == "02-29"
    assert climatology_name(leap, "climatology-season") == "DJF"
    assert climatology_name(order_key(2020, 12), "climatology-season") == "DJF"
    assert climatology_name(order_key(2020, 12), "climatology-month") == "12"


def test_days_of_a_month_in_a_year_weigh_means() -> None:
    year = period_of(order_key(2021), "year", "standard")
    months = [order_key(2021, month) for month in range(1, 13)] + [order_key(2022)]
    days = [overlap_days(a, b, year, "standard") for a, b in itertools.pairwise(months)]
    assert days == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    reducer = Reducer((1, 1), ["mean"])
    for number, weight in enumerate(days, start=1):
        reducer.add(np.array([[number / 10]]), weight)
    assert reducer.result("mean")[0, 0] == pytest.approx(np.average(np.arange(1, 13) / 10, weights=days), rel=1e-12)


def test_statistics_are_those_of_numpy_with_gaps() -> None:
    steps = np.random.default_rng(2).normal(300, 5, size=(31, 4, 5))
    steps[np.random.default_rng(3).random(steps.shape) < 0.4] = np.nan
    reducer = Reducer((4, 5), ["median"])
    for step in steps:
        reducer.add(step)
    np.testing.assert_allclose(reducer.result("mean"), np.nanmean(steps, axis=0), rtol=1e-13)
    np.testing.assert_allclose(reducer.result("std"), np.nanstd(steps, axis=0, ddof=1), rtol=1e-9)
    np.testing.assert_allclose(reducer.result("median"), np.nanmedian(steps, axis=0), rtol=1e-6)
    np.testing.assert_array_equal(reducer.result("min"), np.nanmin(steps, axis=0))
    np.testing.assert_array_equal(reducer.result("max"), np.nanmax(steps, axis=0))
    np.testing.assert_array_equal(reducer.result("count"), np.isfinite(steps).sum(axis=0))
    assert np.isnan(reducer.result("mean", minimum=40)).all()


def test_sums_do_not_drift_and_logarithms_make_geometric_means() -> None:
    reducer = Reducer((1, 1), ["mean"])
    for _ in range(4000):
        reducer.add(np.array([[300.1]]))
    assert reducer.result("mean")[0, 0] == 300.1
    chlorophyll = Reducer((1, 1), ["mean"], mean_of="log10")
    for value in (0.05, 0.06, 0.08, 5.0):
        chlorophyll.add(np.array([[value]]))
    assert chlorophyll.result("mean")[0, 0] == pytest.approx(0.186, abs=5e-4)
