"""Times of sources: CF time coordinates in any calendar, and declared labels, as `cog.sources.models.TimeStep`."""

from __future__ import annotations

import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from cog.sources.models import TimeStep
from config.datasets import TimeDeclaration
from config.errors import SourceRefused
from config.times import key_label, key_parts, order_key, parse_time

_SECOND = 1_000_000
_ROUNDING = 1_000
"""Microseconds of rounding that a floating-point time coordinate may carry."""


def cf_steps(
    values: NDArray[Any], units: str, calendar: str, *, bounds: NDArray[Any] | None, path: Path
) -> tuple[TimeStep, ...]:
    """The steps of a CF time coordinate (CF conventions 4.4); `bounds` is (time, 2). Raises SourceRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cftime.CFWarning)  # of a reference in the year 0
            moments = [_key(d) for d in cftime.num2date(values, units, calendar)]
            edges = None if bounds is None else [_key(d) for d in cftime.num2date(bounds.ravel(), units, calendar)]
    except (ValueError, OverflowError, TypeError) as error:
        cause = f"its time coordinate ({units!r}, calendar {calendar!r}) cannot be decoded: {error}"
        raise SourceRefused(path, cause, "declare `time`") from error
    _require_real_years(moments, units, path)
    steps = []
    for index, key in enumerate(moments):
        start, end = (None, None) if edges is None else sorted((edges[2 * index], edges[2 * index + 1]))
        if start is not None and start == end:
            start = end = None
        steps.append(_step(key_label(key), key, calendar, start, end))
    _require_distinct(steps, path)
    return tuple(steps)


def _require_real_years(moments: list[int], units: str, path: Path) -> None:
    """Raise SourceRefused for times of the year 0, which stand for a mean of many years."""
    nought = next((key for key in moments if key_parts(key)[0] == 0), None)
    if nought is None:
        return
    cause = f"its time coordinate ({units!r}) names the year 0, as in {key_label(nought)}: a climatology's, or no year"
    remedy = "declare `time`: labels with a nominal year and `climatology: true`, or the real times"
    raise SourceRefused(path, cause, remedy)


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
