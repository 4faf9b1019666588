"""Times of sources as RFC 3339 dates and date-times, durations as ISO 8601."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN = ".."
"""An end of an interval that has none."""

_TIME = re.compile(
    r"(?P<year>[0-9]{4})(?:-?(?P<month>[0-9]{2})(?:-?(?P<day>[0-9]{2})"
    r"(?:[T ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?(?P<zone>Z|z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?",
    re.ASCII,
)
_ZONED_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:?[0-9]{2})", re.ASCII)
_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)
_COUNTED = re.compile(r"(?:逐|每)?\s*(?P<count>[0-9]{1,6}|[一二两三四五六七八九十半])?\s*个?\s*(?P<unit>[^\W\d]+)")
_UNITS = {
    "Y": ("年", "a", "year", "years", "yearly", "annual"),
    "M": ("月", "month", "months", "monthly"),
    "W": ("周", "星期", "week", "weeks", "weekly"),
    "D": ("日", "天", "d", "day", "days", "daily"),
    "TH": ("小时", "时", "h", "hour", "hours", "hourly"),
    "TM": ("分钟", "分", "min", "minute", "minutes"),
    "TS": ("秒", "s", "second", "seconds"),
}
_MANY = {"旬": (10, "D"), "候": (5, "D"), "季": (3, "M"), "季度": (3, "M"), "季节": (3, "M"), "quarterly": (3, "M")}
_DIGITS = {word: value for value, word in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}


def moment(text: str, *, last: bool = False, zone: str = "Z") -> str | None:
    """A time as RFC 3339, or None if it is none.

    Args:
        text: An ISO 8601 time, full or reduced, with `T` or a blank.
        last: Whether a reduced one means its last day rather than its first.
        zone: The zone of a clock without one.
    """
    text = text.strip()
    if zoned := _ZONED_DATE.fullmatch(text):  # XML Schema dates may have a zone, RFC 3339 dates have none
        text = zoned[1]
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month = int(match["year"]), int(match["month"] or (12 if last else 1))
    if not (1 <= month <= 12 and year >= 1):
        return None
    day = int(match["day"] or (calendar.monthrange(year, month)[1] if last else 1))
    text_ = f"{year:04d}-{month:02d}-{day:02d}"
    if match["clock"]:
        clock = match["clock"] if match["clock"].count(":") == 2 else match["clock"] + ":00"
        text_ += f"T{clock}{(match['zone'] or zone).upper()}"
    return text_ if _exists(text_) else None


def _exists(text: str) -> bool:
    try:
        (datetime if "T" in text else date).fromisoformat(text)
    except ValueError:
        return False
    return True


def order(text: str, *, last: bool = False) -> datetime:
    """The moment of a date or date-time of `moment`, by which ends of intervals are compared; of a date its `last`."""
    if "T" in text:
        moment_ = datetime.fromisoformat(text)
        return moment_ if moment_.tzinfo else moment_.replace(tzinfo=UTC)
    return datetime.combine(date.fromisoformat(text), time.max if last else time.min, UTC)


def hull(one: Sequence[str], other: Sequence[str]) -> tuple[str, str]:
    """The interval from the first to the last moment of two, each of whose ends may be open."""
    starts, ends = (one[0], other[0]), (one[1], other[1])
    return (
        OPEN if OPEN in starts else min(starts, key=order),
        OPEN if OPEN in ends else max(ends, key=lambda text: order(text, last=True)),
    )


def has_no_zone(text: str) -> bool:
    """Whether a time has a clock and no zone."""
    match = _TIME.fullmatch(text.strip())
    return match is not None and match["clock"] is not None and match["zone"] is None


def duration(text: str) -> str | None:
    """A resolution in time as an ISO 8601 duration (`日`, `2年`, `3 hours`, `P1D`), or None if it is none."""
    text = text.strip()
    if _DURATION.fullmatch(text):
        return text
    match = _COUNTED.fullmatch(text.casefold())
    if match is None or match["count"] == "半":
        return None
    count = 1 if match["count"] is None else _DIGITS.get(match["count"]) or int(match["count"])
    unit = match["unit"].removeprefix("个")
    if unit in _MANY:
        times, letter = _MANY[unit]
        return f"P{count * times}{letter}"
    letter_ = next((letter for letter, words in _UNITS.items() if unit in words), None)
    if letter_ is None or count == 0:
        return None
    return f"PT{count}{letter_[1]}" if letter_.startswith("T") else f"P{count}{letter_}"
