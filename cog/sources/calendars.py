"""Times of sources: CF time coordinates in any calendar, and declared labels, as `cog.sources.models.TimeStep`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from cog.sources.models import TimeStep
from cog.sources.references import moments
from config.declarations.datasets import TimeDeclaration
from config.errors import InvalidParameter, SourceRefused
from config.times import GREGORIAN, key_label, key_parts, order_key, parse_time

_DECLARE = "declare `time`: labels, one a step, or a pattern on the file's name"
_FEBRUARY = 28
_SECOND = 1_000_000
_DIGITS = re.compile(
    r"(?P<year>\d{4})(?:[-_]?(?P<month>\d{2})(?:[-_]?(?P<day>\d{2})"
    r"(?:[-_T: ]?(?P<hour>\d{2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?)?)?)?Z?",
    re.ASCII,
)
"""Times as some models write them into texts: 200605, 2006-05-16_12:00:00."""
_ROUNDING = 1_000
"""Microseconds of rounding that a floating-point time coordinate may carry."""


def cf_steps(
    values: NDArray[Any], units: str, calendar: str, *, bounds: NDArray[Any] | None, path: Path
) -> tuple[TimeStep, ...]:
    """The steps of a CF time coordinate (CF conventions 4.4); `bounds` is (time, 2). Raises SourceRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cftime.CFWarning)  # of a reference in the year 0
            keys = [_key(d) for d in moments(values, units, calendar)]
            edges = None if bounds is None else [_key(d) for d in moments(bounds, units, calendar)]
    except (ValueError, OverflowError, TypeError) as error:
        cause = f"its time coordinate ({units!r}, calendar {calendar!r}) cannot be decoded: {error}"
        raise SourceRefused(path, cause, _DECLARE) from error
    steps = []
    for index, key in enumerate(keys):
        start, end = (None, None) if edges is None else sorted((edges[2 * index], edges[2 * index + 1]))
        if start is not None and start == end:
            start = end = None
        steps.append(_step(key_label(key), key, calendar, start, end))
    _require_distinct(steps, path)
    return tuple(steps)


def text_steps(texts: Sequence[str], calendar: str, *, path: Path) -> tuple[TimeStep, ...]:
    """The steps of a time coordinate of texts, each a time of ISO 8601 or of digits; raises SourceRefused."""
    try:
        labels = [_in_utc(_iso(text.strip("\0 "))) for text in texts]
        times = TimeDeclaration.model_validate({"labels": labels, "calendar": calendar})
    except (ValueError, InvalidParameter) as error:
        cause = f"its time coordinate holds texts such as {texts[0][:40]!r}, which are no times"
        raise SourceRefused(path, cause, _DECLARE) from error
    return declared_steps(times, len(labels), path=path)


def _in_utc(label: str) -> str:
    """A time of day as our labels have it; a reduced date as it is. Raises InvalidParameter."""
    time = parse_time(label)
    return key_label(time.start or 0) if time.instant else label


def _iso(text: str) -> str:
    """A time of digits alone, or with a blank, a slash or a zone of its own kind, as ISO 8601 writes it."""
    digits = _DIGITS.fullmatch(text)
    if digits is None:
        return text.replace("/", "-").replace("_", "T", 1).replace(" ", "T", 1).removesuffix("UTC").strip()
    date = "-".join(part for part in digits.group("year", "month", "day") if part)
    clock = ":".join(part for part in digits.group("hour", "minute", "second") if part)
    return f"{date}T{clock if ':' in clock else clock + ':00'}Z" if clock else date


def without_year_nought(steps: tuple[TimeStep, ...], *, path: Path) -> tuple[tuple[TimeStep, ...], tuple[str, ...]]:
    """Steps of the year 0, or of the year 1 of a real calendar, as a climatology's; and a note on them, if they are.

    Nothing was measured then: such times count the months or days of a mean year, whose nominal year becomes 1. The
    years of models count from any number, so that the year 1 of another calendar, or among others, stays as it is.
    Raises SourceRefused for times of the year 0 among others than 0 and 1, and for more than one year of them.
    """
    years = {key_parts(step.key)[0] for step in steps}
    is_nominal = 0 in years or (years == {1} and steps[0].calendar in GREGORIAN)
    if not is_nominal:
        return steps, ()
    if not years <= {0, 1}:
        cause = f"its times lie in the years {min(years)} to {max(years)}, and the year 0 is no real one"
        raise SourceRefused(path, cause, _DECLARE)
    nominal = [_in_year_one(step) for step in steps]
    labels = [step.label for step in nominal]
    if len(set(labels)) < len(labels):
        raise SourceRefused(path, "its times lie in the years 0 and 1, and are more than one year's", _DECLARE)
    note = (
        f"Its times lie in the year {min(years)}, so that they were taken for a climatology's; the year 1 is nominal."
    )
    return tuple(nominal), (note,)


def _in_year_one(step: TimeStep) -> TimeStep:
    """A step of the year 0 or 1 with the nominal year 1; bounds that are real years stay, others become its."""
    key = _moved(step.key)
    start, end = step.start_key, step.end_key
    if start is not None and end is not None:
        start, end = (_moved(start, by=_moved_by(step.key)), _moved(end, by=_moved_by(step.key)))
    return _step(key_label(key), key, step.calendar, start, end)


def _moved_by(key: int) -> int:
    return 1 - key_parts(key)[0]


def _moved(key: int, *, by: int | None = None) -> int:
    """A key in the year 1, or so many years later if it is no real year's."""
    year, month, day, *clock = key_parts(key)
    if year not in (-1, 0, 1, 2):
        return key
    day = min(day, _FEBRUARY) if month == 2 else day
    return order_key(year + (_moved_by(key) if by is None else by), month, day, *clock)


def _step(label: str, key: int, calendar: str, start: int | None, end: int | None) -> TimeStep:
    return TimeStep(
        label=label,
        calendar=calendar,
        key=key,
        start=None if start is None else key_label(start),
        end=None if end is None else key_label(end),
        start_key=start,
        end_key=end,
    )


def _key(moment: Any) -> int:
    """The order key of a cftime date, its rounding to the nearest second taken off."""
    off = (moment.microsecond + _SECOND // 2) % _SECOND - _SECOND // 2
    if 0 < abs(off) <= _ROUNDING:
        moment -= timedelta(microseconds=off)
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)
    return order_key(*parts)


def declared_steps(time: TimeDeclaration, count: int, *, path: Path) -> tuple[TimeStep, ...]:
    """The declared steps of a source that has `count`; a reduced label (2003-01) has the bounds it names."""
    try:
        spans = time.spans(path.name, count)
    except ValueError as error:
        remedy = "declare one `time.labels` entry a step, or a `time.pattern` that fits its name"
        raise SourceRefused(path, str(error), remedy) from error
    steps = [_step(s.label, parse_time(s.label).start or 0, time.calendar, s.start, s.end) for s in spans]
    _require_distinct(steps, path)
    return tuple(steps)


def _require_distinct(steps: list[TimeStep], path: Path) -> None:
    labels = [s.label for s in steps]
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise SourceRefused(path, f"two of its steps have the time {twice}", "declare `time`, or split the file")


def as_numbers(values: Any) -> NDArray[Any]:
    """Coordinate values as a plain array; a masked one becomes NaN, which is refused later."""
    array = np.ma.asanyarray(values)
    return np.asarray(array.astype("float64").filled(np.nan)) if np.ma.is_masked(array) else np.asarray(array)
