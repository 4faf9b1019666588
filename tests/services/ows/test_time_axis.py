"""The times of a layer are listed as intervals where they are regular, whatever the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.times import key_label, parse_time
from services.ows.time_axis import axis_of


def keys(*labels: str) -> list[int]:
    return [parse_time(label).start or 0 for label in labels]


def days(first: date, count: int) -> list[str]:
    return [(first + timedelta(n)).isoformat() for n in range(count)]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([f"{year}-01-01" for year in range(2000, 2005)], "2000-01-01T00:00:00Z/2004-01-01T00:00:00Z/P1Y"),
        ([f"2001-{m:02d}-16T12:00:00Z" for m in range(1, 13)], "2001-01-16T12:00:00Z/2001-12-16T12:00:00Z/P1M"),
        (days(date(2020, 2, 27), 5), "2020-02-27T00:00:00Z/2020-03-02T00:00:00Z/P1D"),
        ([f"2001-01-01T{h:02d}:00:00Z" for h in (0, 6, 12, 18)], "2001-01-01T00:00:00Z/2001-01-01T18:00:00Z/PT6H"),
        ([f"2001-01-01T00:{m:02d}:00Z" for m in (0, 10, 20, 30)], "2001-01-01T00:00:00Z/2001-01-01T00:30:00Z/PT10M"),
        (["2001-01-01", "2001-01-03"], "2001-01-01T00:00:00Z,2001-01-03T00:00:00Z"),
        (
            [*days(date(2020, 1, 1), 9), *days(date(2020, 2, 1), 9)],
            "2020-01-01T00:00:00Z/2020-01-09T00:00:00Z/P1D,2020-02-01T00:00:00Z/2020-02-09T00:00:00Z/P1D",
        ),
    ],
)
def test_regular_times_are_intervals_with_a_period(labels: list[str], expected: str) -> None:
    axis = axis_of(keys(*labels), "standard")
    assert axis is not None
    assert axis.shortest == expected
    assert axis.default == key_label(keys(labels[-1])[0])


def test_days_of_another_calendar_are_never_counted() -> None:
    february = axis_of(keys("2001-01-30", "2001-02-30", "2001-03-30"), "360_day")
    assert february is not None
    assert february.shortest == "2001-01-30T00:00:00Z,2001-02-30T00:00:00Z,2001-03-30T00:00:00Z"
    daily = axis_of(keys(*days(date(2001, 1, 1), 4)), "noleap")
    assert daily is not None
    assert daily.shortest.count(",") == 3
    monthly = axis_of(keys("2001-01-16", "2001-02-16", "2001-03-16", "2001-04-16"), "360_day")
    assert monthly is not None
    assert monthly.shortest == "2001-01-16T00:00:00Z/2001-04-16T00:00:00Z/P1M"


def test_a_variable_without_times_has_no_axis() -> None:
    assert axis_of([], "standard") is None
