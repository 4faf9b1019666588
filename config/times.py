"""Times in any CF calendar: labels, order keys and the OGC `datetime` parameter.

A time is kept as its ISO 8601 label in the source's own calendar and as an *order key*: an integer that orders times
of one calendar as that calendar does, without converting between calendars. 30 February of a 360-day year has a key.
Keys are for comparing, never for arithmetic: the difference of two keys is no duration.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

import cftime

from config.errors import InvalidParameter

GREGORIAN = frozenset({"standard", "gregorian", "proleptic_gregorian"})
"""Calendars whose dates `datetime` can compute with (CF conventions 4.4.1)."""

_MICRO = 1_000_000
_MINUTE = 60 * _MICRO
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MONTH = 31 * _DAY
_YEAR = 12 * _MONTH
_MIDNIGHT = 24
_LEAP_SECOND = 60
_MAX_YEAR = 250_000
"""Order keys of years within it fit the 64-bit integers of the database."""

_NEVER_31 = frozenset({2, 4, 6, 9, 11})
"""Months that have a day 31 in no CF calendar; February has a day 30 in that of 360 days."""

_TIME = re.compile(
    r"(?P<year>[0-9]{4}|[+-][0-9]{4,6})"
    r"(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,30}))?)?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?)?",
    re.ASCII,
)
_WIDTHS = {"year": _YEAR, "month": _MONTH, "day": _DAY, "hour": _HOUR, "minute": _MINUTE, "second": _MICRO}
"""What a time names that is written to this part: the whole of it."""
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_PATH_TIME = re.compile(
    r"([0-9]{4}|[+-][0-9]{4,6})(?:-?([0-9]{2})(?:-?([0-9]{2})(?:T([0-9]{2})([0-9]{2})(?:([0-9]{2})(\.[0-9]{1,6})?)?Z?)?)?)?",
    re.ASCII,
)


def order_key(
    year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> int:
    """The order key of a UTC time: its parts in a mixed radix with 31 days in every month."""
    return (
        year * _YEAR
        + (month - 1) * _MONTH
        + (day - 1) * _DAY
        + hour * _HOUR
        + minute * _MINUTE
        + second * _MICRO
        + microsecond
    )


def key_parts(key: int) -> tuple[int, int, int, int, int, int, int]:
    """(year, month, day, hour, minute, second, microsecond) of an order key: the inverse of `order_key`."""
    year, rest = divmod(key, _YEAR)
    month, rest = divmod(rest, _MONTH)
    day, rest = divmod(rest, _DAY)
    hour, rest = divmod(rest, _HOUR)
    minute, rest = divmod(rest, _MINUTE)
    second, micro = divmod(rest, _MICRO)
    return year, month + 1, day + 1, hour, minute, second, micro


def key_label(key: int) -> str:
    """The full ISO label of an order key, to the second (or microsecond where it has any), always UTC."""
    year, month, day, hour, minute, second, micro = key_parts(key)
    fraction = f".{micro:06d}".rstrip("0") if micro else ""
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{fraction}Z"


def gregorian(key: int) -> datetime:
    """The moment of an order key in the Gregorian calendar, UTC, held within the years 1 to 9999.

    A day beyond its month counts on into the next: 30 February is 2 March, or 1 March in a leap year.
    """
    if key < order_key(1):
        return datetime.min.replace(tzinfo=UTC)
    if key >= order_key(9999, 12, 31):
        return datetime.max.replace(tzinfo=UTC)
    year, month, day, hour, minute, second, micro = key_parts(key)
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second, microseconds=micro)


def require_days(text: str, calendar: str, *, name: str = "datetime") -> None:
    """Raise InvalidParameter if an end of a `datetime` names a day that the calendar does not have."""
    for end in text.split("/"):
        match = _TIME.fullmatch(end.strip())
        if match is None or match["day"] is None:
            continue
        year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
        last = cftime.datetime(year, month, 1, calendar=_counted(calendar)).daysinmonth
        if day > last:
            raise InvalidParameter(name, text, f"{year:04d}-{month:02d} ends on day {last} in the {calendar} calendar")


def days_between(start: int, end: int, calendar: str) -> float:
    """Days from one order key to another in a CF calendar; a day beyond its month counts on into the next.

    Mixed calendars are counted as proleptic Gregorian ones, which have a year 0: no cftime calendar with the change of
    1582 has, and what is compared here lies on one side of it.
    """
    elapsed: timedelta = _moment(end, calendar) - _moment(start, calendar)
    return elapsed / timedelta(days=1)


def later(
    key: int, calendar: str, *, years: int = 0, months: int = 0, weeks: int = 0, days: int = 0, hours: int = 0
) -> int:
    """The order key of the time so much after another, in a CF calendar; months and years keep the day.

    Raises ValueError beyond the years that order keys hold, and for a day that its month does not have.
    """
    year, month, day, *clock = key_parts(key)
    turns, month = divmod(month - 1 + months, 12)
    year += years + turns
    if abs(year) > _MAX_YEAR:
        raise ValueError(f"the year {year} is beyond {_MAX_YEAR}")
    first = cftime.datetime(year, month + 1, day, *clock, calendar=_counted(calendar))
    after = first + timedelta(days=7 * weeks + days, hours=hours)
    return order_key(after.year, after.month, after.day, after.hour, after.minute, after.second, after.microsecond)


def _counted(calendar: str) -> str:
    return "proleptic_gregorian" if calendar in ("standard", "gregorian", "julian") else calendar


def _moment(key: int, calendar: str) -> cftime.datetime:
    year, month, day, hour, minute, second, micro = key_parts(key)
    first = cftime.datetime(year, month, 1, calendar=_counted(calendar))
    return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second, microseconds=micro)


@dataclass(frozen=True, kw_only=True)
class TimeRange:
    """What one time expression means: order keys [start, end), None where it is open.

    Attributes:
        start: First key inside, or None for no lower bound.
        end: First key after, or None for no upper bound.
        instant: True when the expression names one moment (given to the minute or finer), so `start` is that moment.
        text: The expression as it was written.
    """

    start: int | None
    end: int | None
    instant: bool
    text: str

    @property
    def is_interval(self) -> bool:
        """Whether two ends are written, and not one time, full or reduced."""
        return "/" in self.text


def _bounds_checked(match: re.Match[str], text: str, name: str) -> dict[str, int]:
    parts = {k: int(v) for k, v in match.groupdict().items() if v is not None and k not in ("zone", "fraction")}
    for part, low, high in (
        ("year", -_MAX_YEAR, _MAX_YEAR),
        ("month", 1, 12),
        ("day", 1, 30 if parts.get("month") in _NEVER_31 else 31),
        ("hour", 0, 24),
        ("minute", 0, 59),
        ("second", 0, 60),
    ):
        if part in parts and not low <= parts[part] <= high:
            raise InvalidParameter(name, text, f"{part} {parts[part]} is outside {low} to {high}")
    if parts.get("hour") == _MIDNIGHT and (any(map(parts.get, ("minute", "second"))) or int(match["fraction"] or 0)):
        raise InvalidParameter(name, text, "hour 24 is the end of a day, 24:00:00")
    return parts


def parse_time(text: str, *, name: str = "datetime") -> TimeRange:
    """Parse one ISO 8601 time, full or reduced (`2006`, `2006-05`, `2006-05-16`, `2006-05-16T12Z`, `...T12:00:00Z`).

    `t` and `z` may be small and a leap second has the number 60 (RFC 3339, 5.6 and 5.7); hour 24 is the midnight that
    ends a day (OGC 19-087, subsetting-temporal). A time without a zone is UTC; an offset is converted with the
    Gregorian calendar. Raises InvalidParameter.
    """
    time = _parsed(text, name)
    if not time.is_instant:
        return TimeRange(start=time.start, end=time.end, instant=False, text=text)
    start = _next_midnight(time.start) if time.end == time.start else time.start
    return TimeRange(start=start, end=start + 1, instant=True, text=text)


def _next_midnight(key: int) -> int:
    """The key of the Gregorian day that begins where a day ends, of the key after its last."""
    year, month, day, *_ = key_parts(key - _DAY)
    is_last = day >= monthrange(year % 400 + 2000, month)[1]
    return order_key(year, month) + _MONTH if is_last else key


class _Time(NamedTuple):
    """A time: the order keys [start, end) of all that is written of it, and whether it is a moment or a date.

    Of a midnight that is written as hour 24 both are the key after the last of its day: nothing of the day lies after
    it, and nothing of the next day, in any calendar, before it.
    """

    start: int
    end: int
    is_instant: bool


def _parsed(text: str, name: str) -> _Time:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise InvalidParameter(name, text, "give an ISO 8601 time such as 2006-05-16T12:00:00Z, 2006-05-16 or 2006-05")
    parts = _bounds_checked(match, text, name)
    is_midnight = parts.get("hour") == _MIDNIGHT
    if is_midnight:
        parts["hour"] = 0
    micro = int((match["fraction"] or "0").ljust(6, "0")[:6])
    start = order_key(**parts, microsecond=micro)
    zone = match["zone"]
    if zone and zone not in "Zz":
        start = _to_utc(parts, micro, zone, text=text, name=name)
    if is_midnight:
        return _Time(start=start + _DAY, end=start + _DAY, is_instant=True)
    width = 1 if match["fraction"] else _WIDTHS[list(parts)[-1]]
    return _Time(start=start, end=start + width, is_instant="minute" in parts)


def _to_utc(parts: dict[str, int], micro: int, zone: str, *, text: str, name: str) -> int:
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    beyond = 1 if parts.get("second") == _LEAP_SECOND else 0
    try:
        moment = datetime(
            **parts | ({"second": 59} if beyond else {}), microsecond=micro, tzinfo=timezone(offset)
        ).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidParameter(
            name, text, f"{error}; a zone other than Z needs a date of the Gregorian calendar"
        ) from error
    second = moment.second + beyond
    return order_key(moment.year, moment.month, moment.day, moment.hour, moment.minute, second, moment.microsecond)


def parse_datetime(text: str, *, name: str = "datetime") -> TimeRange:
    """Parse the OGC API `datetime` parameter: a time, or an interval `a/b` whose ends may be `..` or empty.

    An interval is closed in the standard (OGC 17-069r4, 7.15.4): its end includes the whole of the least part that is
    written of it, such as a month or a second, except for hour 24, which it excludes (OGC 19-087, subsetting-temporal).
    Raises InvalidParameter.
    """
    if "/" not in text:
        return parse_time(text, name=name)
    ends = text.split("/")
    if len(ends) != 2:
        raise InvalidParameter(name, text, "an interval has one slash: start/end, with .. for an open end")
    first, last = (None if end.strip() in ("", "..") else _parsed(end, name) for end in ends)
    start = first.start if first else None
    end = last.end if last else None
    if start is not None and end is not None and end <= start:
        raise InvalidParameter(name, text, "the interval ends before it starts")
    return TimeRange(start=start, end=end, instant=False, text=text)


def require_rfc3339(text: str, *, name: str = "datetime") -> None:
    """Raise InvalidParameter unless each end of a `datetime` is a date-time of RFC 3339 (5.6).

    Dates, and times without a zone, to the minute or of hour 24 are ISO 8601, but no date-times of RFC 3339.
    """
    for end in text.split("/"):
        is_open = "/" in text and end.strip() in ("", "..")
        if not (is_open or _RFC3339.fullmatch(end)):
            raise InvalidParameter(
                name,
                text,
                "give a time of RFC 3339 (5.6) such as 2006-05-16T12:00:00Z, or two of them with a slash "
                "between, such as 2006-05-01T00:00:00Z/2006-05-31T23:59:59Z",
            )


def in_rfc3339(text: str, *, name: str = "datetime") -> str:
    """A `datetime` of ISO 8601 as times of RFC 3339: of a date, or of a shorter one, from its first to its last moment.

    Raises InvalidParameter.
    """
    interval = parse_datetime(text, name=name)
    if interval.instant and interval.start is not None:
        return key_label(interval.start)
    start = ".." if interval.start is None else _utc_text(gregorian(interval.start))
    last = ".." if interval.end is None else _utc_text(gregorian(interval.end) - timedelta(microseconds=1))
    return f"{start}/{last}"


def _utc_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def label_to_path(label: str) -> str:
    """`2006-05-16T12:00:00Z` as `20060516T120000Z`: a time for URL paths, without colons."""
    return label.replace("-", "").replace(":", "") if "T" in label else label


def path_to_label(text: str) -> str:
    """The inverse of `label_to_path`; also accepts the reduced forms `2006`, `200605`, `20060516` and dashed ones."""
    match = _PATH_TIME.fullmatch(text)
    if match is None:
        raise InvalidParameter("time", text, "in a path, write 20060516T120000Z, 20060516, 200605 or 2006")
    year, month, day, hour, minute, second, fraction = match.groups()
    label = "-".join(part for part in (year, month, day) if part)
    if hour:
        label += f"T{hour}:{minute}:{second or '00'}{fraction or ''}Z"
    return label
