"""Days of calendars."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.errors import InvalidParameter
from config.times import days_between, gregorian, parse_datetime, parse_time, require_days


def _key(text: str) -> int:
    start = parse_time(text).start
    assert start is not None
    return start


@pytest.mark.parametrize(
    "text", ["2003-02-31", "2006-04-31", "2006-13-01", "2006-01-01T24:00:01Z", "2006-01-01T25Z", "2006-01-01T00:00:61Z"]
)
def test_what_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        parse_datetime(text)


def test_a_day_is_one_of_its_own_calendar() -> None:
    require_days("1860-02-30", "360_day")
    require_days("2004-02-29/..", "standard")
    for text, calendar in (("1860-02-30", "standard"), ("2004-02-29", "noleap"), ("2006-05-31", "360_day")):
        with pytest.raises(InvalidParameter, match="ends on day"):
            require_days(text, calendar)


def test_days_are_counted_in_the_calendar() -> None:
    assert days_between(_key("2021-02-20"), _key("2021-03-02"), "standard") == 10
    assert days_between(_key("2021-02-20"), _key("2021-03-02"), "360_day") == 12
    assert days_between(_key("2004-02-28"), _key("2004-03-01"), "noleap") == 1


def test_a_day_beyond_its_gregorian_month_counts_on() -> None:
    assert gregorian(_key("1860-02-30")) == datetime(1860, 3, 1, tzinfo=UTC)
    assert gregorian(_key("1861-02-30")) == datetime(1861, 3, 2, tzinfo=UTC)
    assert gregorian(_key("+20000-01-01")) == datetime.max.replace(tzinfo=UTC)
