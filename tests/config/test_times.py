"""What time expressions mean, as order keys."""

from __future__ import annotations

import pytest

from config.errors import InvalidParameter
from config.times import key_label, parse_datetime, parse_time


def span(text: str) -> list[str | None]:
    """The labels of [start, end) of an expression."""
    parsed = parse_datetime(text)
    return [None if key is None else key_label(key) for key in (parsed.start, parsed.end)]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2006-04/2006-06", "2006-04-01T00:00:00Z", "2006-07-01T00:00:00Z"),
        ("2006-04-16T12Z/2006-04-16T13Z", "2006-04-16T12:00:00Z", "2006-04-16T14:00:00Z"),
        ("2006-04-16T12:30/2006-04-16T12:31", "2006-04-16T12:30:00Z", "2006-04-16T12:32:00Z"),
        ("2006-04-16T00:00:00Z/2006-04-16T23:59:59Z", "2006-04-16T00:00:00Z", "2006-04-17T00:00:00Z"),
        ("2006-04-16t00:00:00z/2006-04-16T24:00:00Z", "2006-04-16T00:00:00Z", "2006-04-17T00:00:00Z"),
        ("2006-04-16T00:00:00.5Z/..", "2006-04-16T00:00:00.5Z", None),
        ("/2006", None, "2007-01-01T00:00:00Z"),
    ],
)
def test_an_interval_includes_all_that_its_end_names(text: str, start: str | None, end: str | None) -> None:
    assert span(text) == [start, end]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2006-04-30T24:00:00Z", "2006-05-01T00:00:00Z"),
        ("2003-12-31T24Z", "2004-01-01T00:00:00Z"),
        ("2004-02-28T24:00Z", "2004-02-29T00:00:00Z"),
        ("2003-02-28T24:00Z", "2003-03-01T00:00:00Z"),
        ("2006-04-16t12:00:00z", "2006-04-16T12:00:00Z"),
        ("2006-04-16T14:00:00+02:00", "2006-04-16T12:00:00Z"),
    ],
)
def test_the_same_instant_in_other_words(text: str, same: str) -> None:
    assert parse_time(text).start == parse_time(same).start
    assert parse_time(text).instant


def test_a_leap_second_lies_between_its_neighbours() -> None:
    times = ("2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2017-01-01T00:00:01Z")
    keys = [parse_time(text).start or 0 for text in times]
    assert sorted(set(keys)) == keys
    assert parse_time("1990-12-31T15:59:60-08:00").start == parse_time("1990-12-31T23:59:60Z").start


@pytest.mark.parametrize("text", ["2006-04-16T24:01Z", "2006-04-16T24:00:00.5Z", "2006-04-16T12:00:00.Z", "2006/2005"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        parse_datetime(text)
