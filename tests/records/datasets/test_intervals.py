"""The interval of times and what is missing, in every calendar."""

from __future__ import annotations

import cftime
import numpy as np
import pytest

from config.times import order_key
from records.datasets.series.intervals import TimeInterval, interval_of


def dates(start: str, step: float, count: int, calendar: str) -> np.ndarray:
    """Order keys of dates that cftime counts."""
    numbers = np.arange(count) * step
    moments = cftime.num2date(numbers, f"days since {start}", calendar=calendar)
    return np.array([order_key(d.year, d.month, d.day, d.hour, d.minute, d.second) for d in moments])


@pytest.mark.parametrize(
    "calendar", ["standard", "proleptic_gregorian", "360_day", "noleap", "all_leap", "365_day", "366_day"]
)
@pytest.mark.parametrize(
    ("step", "duration"), [(1, "P1D"), (0.125, "PT3H"), (8, "P8D"), (1.5, "P1DT12H"), (1 / 48, "PT30M")]
)
def test_steps_of_days_and_hours_are_found(calendar: str, step: float, duration: str) -> None:
    keys = dates("1999-12-20", step, 900, calendar)
    assert interval_of(keys, calendar) == TimeInterval(duration=duration, missing=0, gaps=())


def test_missing_days_are_gaps() -> None:
    keys = np.delete(dates("2000-02-20", 1, 30, "standard"), [5, 6, 20])
    assert interval_of(keys, "standard") == TimeInterval(duration="P1D", missing=3, gaps=((4, 2), (17, 1)))


@pytest.mark.parametrize(("months", "duration"), [(1, "P1M"), (3, "P3M"), (12, "P1Y"), (120, "P10Y")])
def test_months_and_years_are_counted_as_such(months: int, duration: str) -> None:
    keys = [order_key(1990 + n // 12, n % 12 + 1, 16, 12) for n in range(0, months * 9, months)]
    assert interval_of(np.array(keys), "standard") == TimeInterval(duration=duration, missing=0, gaps=())
    assert interval_of(np.array(keys[:3] + keys[4:]), "360_day") == TimeInterval(
        duration=duration, missing=1, gaps=((2, 1),)
    )


@pytest.mark.parametrize(
    "keys",
    [
        [order_key(2000)],
        [order_key(2000, 1, 1), order_key(2000, 1, 2), order_key(2000, 1, 4, 1)],
        [order_key(2000, 1, 16), order_key(2000, 2, 15), order_key(2000, 3, 16, 12)],
        [order_key(2000, 1, 1), order_key(2000, 1, 2), order_key(2009, 1, 7)],
    ],
)
def test_other_times_have_no_interval(keys: list[int]) -> None:
    assert interval_of(np.array(keys), "standard") is None


def test_days_before_the_reform_are_not_counted() -> None:
    assert interval_of(np.array([order_key(1500, 1, 1), order_key(1500, 1, 2)]), "standard") is None
    assert interval_of(np.array([order_key(1500, 1, 1), order_key(1500, 1, 2)]), "proleptic_gregorian") is not None
