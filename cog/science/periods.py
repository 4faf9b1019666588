"""Calendar periods: which dekad, month, season or year a time lies in, in any CF calendar, by integers alone.

A period is named by its first day; its bounds are [start, end) as order keys (`config.times`). Dekads are days 1 to 10,
11 to 20 and 21 to the end of a month. Periods of 8 days count from 1 January of each year, the last one shorter, as
those of ocean colour. Seasons are of three months; that of December to February belongs to the year of its January.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from config.times import days_between, key_label, key_parts, later, order_key

Period = Literal["day", "dekad", "8-day", "month", "season", "year", "all"]
Climatology = Literal["climatology-month", "climatology-season", "climatology-day", "anomaly-month"]

_SEASONS: Final = ("DJF", "MAM", "JJA", "SON")


@dataclass(frozen=True, order=True, kw_only=True)
class CalendarPeriod:
    """A period.

    Attributes:
        start: Order key of its first moment.
        end: Order key of the first moment after it.
        name: Label of the period: its first day, or `DJF`, `01`, `02-29` in a climatology.
    """

    start: int
    end: int
    name: str


def period_of(key: int, period: Period, calendar: str) -> CalendarPeriod:
    """The period that holds a time; `all` is one that holds every time.

    Args:
        key: Order key of the time.
        period: The kind of period.
        calendar: CF calendar.
    """
    year, month, day, *_ = key_parts(key)
    if period == "all":
        return CalendarPeriod(start=order_key(-9999), end=order_key(9999), name="all")
    first, last = _ends(year, month, day, period, calendar)
    return CalendarPeriod(start=first, end=last, name=key_label(first))


def _ends(year: int, month: int, day: int, period: Period, calendar: str) -> tuple[int, int]:
    if period == "year":
        return order_key(year), order_key(year + 1)
    if period == "month":
        first = order_key(year, month)
        return first, later(first, calendar, months=1)
    if period == "season":
        start = order_key(year - 1 if month < 3 else year, 12 if month in (12, 1, 2) else month // 3 * 3)
        return start, later(start, calendar, months=3)
    if period == "dekad":
        begin = min((day - 1) // 10, 2) * 10 + 1
        last = later(order_key(year, month), calendar, months=1) if begin > 20 else order_key(year, month, begin + 10)
        return order_key(year, month, begin), last
    today = order_key(year, month, day)
    if period == "day":
        return today, later(today, calendar, days=1)
    since = round(days_between(order_key(year), today, calendar)) // 8 * 8
    start = later(order_key(year), calendar, days=since)
    return start, min(later(start, calendar, days=8), order_key(year + 1))


def climatology_name(key: int, climatology: Climatology) -> str:
    """The name of the part of the year that a time lies in: `DJF`, `01` for January, `02-29` for a day."""
    _, month, day, *_ = key_parts(key)
    if climatology == "climatology-season":
        return _SEASONS[month % 12 // 3]
    if climatology == "climatology-day":
        return f"{month:02d}-{day:02d}"
    return f"{month:02d}"


def overlap_days(start: int, end: int, period: CalendarPeriod, calendar: str) -> float:
    """Days of [start, end) that lie in a period."""
    first, last = max(start, period.start), min(end, period.end)
    return days_between(first, last, calendar) if last > first else 0.0
