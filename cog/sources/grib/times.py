"""The time of a GRIB field: when it is valid, and over which interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cog.sources.grib.messages import Message
from cog.sources.models import TimeStep
from config.times import gregorian, key_label, order_key

_UNITS = {0: 60, 1: 3600, 2: 86_400, 10: 3 * 3600, 11: 6 * 3600, 12: 12 * 3600, 13: 1, 254: 1}
"""Seconds of a unit of time (GRIB code table 4.4; 254 is edition 1's second); months and longer have no fixed one."""
_UNIT_NAMES = {"s": 1, "m": 60, "h": 3600, "D": 86_400}


def valid_time(message: Message) -> TimeStep | None:
    """When a field is valid: the end of its interval where it has one, with bounds. None for one without a date."""
    end = _moment(message.get("validityDate"), message.get("validityTime"))
    if end is None:
        return None
    length = _interval(message)
    start = end - length if length else None
    key = _key(end)
    return TimeStep(
        label=key_label(key),
        calendar="proleptic_gregorian",
        key=key,
        start=key_label(_key(start)) if start else None,
        end=key_label(key) if start else None,
        start_key=_key(start) if start else None,
        end_key=key if start else None,
    )


def interval_name(time: TimeStep | None) -> str:
    """The length of a field's interval as part of a name: `6h`, `30min`, `instant`."""
    if time is None or time.start_key is None or time.end_key is None:
        return "instant"
    minutes = round((gregorian(time.end_key) - gregorian(time.start_key)).total_seconds() / 60)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}min"


def _moment(date: object, time: object) -> datetime | None:
    """The moment of a date YYYYMMDD and a time HHMM."""
    if not isinstance(date, int) or not isinstance(time, int):
        return None
    try:
        return datetime(date // 10_000, date // 100 % 100, date % 100, time // 100, time % 100, tzinfo=UTC)
    except ValueError:
        return None


def _interval(message: Message) -> timedelta | None:
    """The length of the interval of an accumulation, a mean or an extreme."""
    if message.get("stepType") in (None, "instant"):
        return None
    seconds = _UNIT_NAMES.get(str(message.get("stepUnits")), _UNITS.get(_number(message.get("stepUnits"))))
    first, last = (_number(message.get(name)) for name in ("startStep", "endStep"))
    if seconds is None or last <= first:
        return None
    return timedelta(seconds=(last - first) * seconds)


def _number(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return -1


def _key(moment: datetime) -> int:
    return order_key(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
