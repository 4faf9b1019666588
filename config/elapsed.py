"""Moments as numbers on the axis of a CF calendar, many at once; `config.times` has the keys that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from config.times import GREGORIAN, order_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY: Final = 86_400 * 1_000_000
_KEY_DAY, _KEY_MONTH, _KEY_YEAR = order_key(0, 1, 2), order_key(0, 2), order_key(1)
"""Order keys of a day, a month and a year: what `config.times.order_key` adds for each."""
_REFORM: Final = order_key(1582, 10, 15)
_EPOCH: Final = 1970
_COMMON: Final = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_LEAP: Final = _COMMON + (np.arange(12) == 1)


def month_numbers(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The month that holds each order key, counted on from some month, and the rest of the key."""
    months, rest = np.divmod(keys, _KEY_MONTH)
    return months, rest


def elapsed(keys: NDArray[np.int64], calendar: str) -> NDArray[np.int64] | None:
    """Microseconds from 1970-01-01 00:00 of a CF calendar to each order key.

    The first day after a month, which ends computed on keys may name (31 April), is the first of the next one. None for
    keys further beyond their month, for mixed calendars before the reform of 1582, and for calendars not counted here.
    """
    years, rest = np.divmod(keys, _KEY_YEAR)
    months, rest = np.divmod(rest, _KEY_MONTH)
    days, clock = np.divmod(rest, _KEY_DAY)
    if calendar == "360_day":
        lengths, number = np.full(12, 30)[months], (years - _EPOCH) * 360 + months * 30 + days
    elif calendar in ("noleap", "365_day", "all_leap", "366_day"):
        of_year = _LEAP if calendar in ("all_leap", "366_day") else _COMMON
        before = np.concatenate([[0], np.cumsum(of_year)])[months]
        lengths, number = of_year[months], (years - _EPOCH) * int(of_year.sum()) + before + days
    elif calendar == "proleptic_gregorian" or (calendar in GREGORIAN and bool((keys >= _REFORM).all())):
        month = (years - _EPOCH) * 12 + months
        start, after = _days_before(month), _days_before(month + 1)
        lengths, number = after - start, start + days
    else:
        return None
    if (days > lengths).any():
        return None
    micros: NDArray[np.int64] = number.astype("int64") * _DAY + clock
    return micros


def _days_before(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days from 1970-01-01 to the first day of each month, counted from January 1970, in the Gregorian calendar."""
    days: NDArray[np.int64] = months.astype("datetime64[M]").astype("datetime64[D]").astype("int64")
    return days
