"""Reference times of CF time coordinates: `hours since 2000-01-01 00:00:00 -6:00`, read as UDUNITS reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

_REFERENCE = re.compile(
    r"\s*(?P<unit>[A-Za-z]+)\s+since\s+"
    r"(?P<year>[-+]?\d{1,4}|[-+]\d{5,6})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:(?:T|\s+)(?P<clock>\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?)"
    r"\s*(?P<zone>Z|UTC|GMT|[-+]\d{1,2}:\d{2}|[-+]\d{1,4})?|\s*(?P<utc>Z|UTC|GMT))?)?)?\s*",
    re.ASCII,
)
_MONTHS = ("month", "months")
_YEARS = ("year", "years", "common_year", "common_years")
_ALIASES = {"day": "days", "d": "days", "hour": "hours", "hr": "hours", "h": "hours", "hrs": "hours"} | {
    "minute": "minutes",
    "min": "minutes",
    "mins": "minutes",
    "second": "seconds",
    "sec": "seconds",
    "secs": "seconds",
    "s": "seconds",
    "millisec": "milliseconds",
    "msec": "milliseconds",
    "ms": "milliseconds",
    "millisecond": "milliseconds",
}
_LAST_COMMON_DAY = 28
_HOURS_ONLY = 2
"""Digits of a zone that counts hours alone, as `-6`; more are hours and minutes, as `-600`."""
_MOST_HOURS = 15


@dataclass(frozen=True, kw_only=True)
class TimeReference:
    """A unit of time and the moment from which it is counted, in UTC.

    Attributes:
        unit: As CF spells it, in the plural: `hours`, `months`.
        moment: `2000-01-01 00:00:00`, without a zone.
        zone: What its clock is ahead of UTC.
    """

    unit: str
    moment: str
    zone: timedelta

    @property
    def counts_months(self) -> bool:
        """Whether whole months or years are counted, which have no fixed length."""
        return self.unit in _MONTHS + _YEARS


def parse_reference(units: str) -> TimeReference:
    """The reference of the units of a time coordinate; raises ValueError for one that could be misread."""
    match = _REFERENCE.fullmatch(units)
    if match is None:
        raise ValueError("it does not read `UNIT since YEAR-MONTH-DAY HOUR:MINUTE:SECOND ZONE`, the zone as +H:MM or Z")
    unit = match["unit"].lower()
    unit = _ALIASES.get(unit, unit)
    clock = (match["clock"] or "0").split(":")
    clock += ["0"] * (3 - len(clock))
    hour, minute, second = int(clock[0]), int(clock[1]), float(clock[2])
    if hour > 23 or minute > 59 or second >= 60:
        raise ValueError(f"{match['clock']} is no time of day")
    date = f"{int(match['year']):04d}-{int(match['month'] or 1):02d}-{int(match['day'] or 1):02d}"
    moment = f"{date} {hour:02d}:{minute:02d}:{clock[2] if '.' in clock[2] else f'{int(second):02d}'}"
    return TimeReference(unit=unit, moment=moment, zone=_zone(match["zone"] or ""))


def _zone(text: str) -> timedelta:
    """What a zone's clock is ahead of UTC: `-6`, `-3:30`, `-600`."""
    if text in ("", "Z", "UTC", "GMT"):
        return timedelta(0)
    sign, digits = (-1 if text[0] == "-" else 1), text[1:]
    if ":" in digits:
        hours, minutes = (int(part) for part in digits.split(":"))
    elif len(digits) <= _HOURS_ONLY:
        hours, minutes = int(digits), 0
    else:
        hours, minutes = divmod(int(digits), 100)
    if hours > _MOST_HOURS or minutes > 59:
        raise ValueError(f"{text} is no zone")
    return sign * timedelta(hours=hours, minutes=minutes)


def moments(values: NDArray[Any], units: str, calendar: str) -> list[Any]:
    """The cftime dates, in UTC, of values of a time coordinate; raises ValueError.

    Months and years are counted on the calendar: whole ones after a day that every month has mean the same everywhere.
    UDUNITS' own month, a twelfth of 365.2425 days, is nobody's month. In a year of 360 days a month is 30 days.
    """
    reference = parse_reference(units)
    if reference.counts_months and calendar != "360_day":
        dates = _months_after(np.asarray(values, "float64").ravel(), reference, calendar)
    else:
        counted = f"{reference.unit} since {reference.moment}"
        is_nought = reference.moment.startswith("0000-") or None  # None: as the calendar has it
        dates = cftime.num2date(np.asarray(values).ravel(), counted, calendar, has_year_zero=is_nought)
    return [date - reference.zone for date in np.asarray(dates).ravel()]


def _months_after(values: NDArray[np.float64], reference: TimeReference, calendar: str) -> list[Any]:
    first = cftime.num2date(0, f"seconds since {reference.moment}", calendar)
    months = values * (12 if reference.unit in _YEARS else 1)
    if not np.isfinite(months).all() or not (np.rint(months) == months).all():
        raise ValueError("fractions of a month or year have no one meaning in this calendar")
    if first.day > _LAST_COMMON_DAY:
        raise ValueError(f"not each month has a day {first.day}")
    dates = []
    for count in months.astype("int64"):
        turns, month = divmod(first.month - 1 + int(count), 12)
        year = first.year + turns
        if year == 0 and not first.has_year_zero:
            raise ValueError("it counts to the year 0, which its calendar does not have")
        dates.append(first.replace(year=year, month=month + 1))
    return dates
