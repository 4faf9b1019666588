"""Whether times follow each other at one interval, and which are missing then.

Order keys are no durations (`config.times`), so months are counted as months, and days and hours on the axis of the
times' own calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from config.elapsed import elapsed, month_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MICRO: Final = 1_000_000
_DAY: Final = 86_400 * _MICRO


@dataclass(frozen=True, kw_only=True)
class TimeInterval:
    """The interval of times.

    Attributes:
        duration: ISO 8601 duration, such as P1D, PT3H or P1M.
        missing: How many times are missing between the first and the last.
        gaps: (position of the time before a gap, number of times that are missing there).
    """

    duration: str
    missing: int
    gaps: tuple[tuple[int, int], ...]


def interval_of(keys: NDArray[np.int64], calendar: str) -> TimeInterval | None:
    """The interval of times, None where they have none.

    They have one if each is a whole number of intervals after the first and at most as many are missing as are there.

    Args:
        keys: Their order keys, rising, each once.
        calendar: Their CF calendar.
    """
    if len(keys) < 2:
        return None
    months, rest = month_numbers(keys)
    if (rest == rest[0]).all():
        spacing = _interval(months)
        return None if spacing is None else _described(spacing, _month_text)
    micros = elapsed(keys, calendar)
    spacing = None if micros is None else _interval(micros)
    return None if spacing is None else _described(spacing, _duration_text)


def _interval(numbers: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]] | None:
    """The least difference, and how many of it lie between neighbours; None where it does not divide all."""
    steps = np.diff(numbers)
    least = int(steps.min())
    if least <= 0 or (steps % least).any():
        return None
    counts = steps // least
    return (least, counts) if int((counts - 1).sum()) <= len(numbers) else None


def _described(spacing: tuple[int, NDArray[np.int64]], text: Callable[[int], str]) -> TimeInterval:
    least, counts = spacing
    places = np.flatnonzero(counts > 1)
    return TimeInterval(
        duration=text(least),
        missing=int((counts - 1).sum()),
        gaps=tuple((int(place), int(counts[place]) - 1) for place in places),
    )


def _month_text(months: int) -> str:
    return f"P{months}M" if months % 12 else f"P{months // 12}Y"


def _duration_text(micros: int) -> str:
    days, rest = divmod(micros, _DAY)
    seconds, micro = divmod(rest, _MICRO)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    second = f"{seconds}.{micro:06d}".rstrip("0") if micro else str(seconds)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    clock += f"{second}S" if seconds or micro else ""
    return f"P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"
