"""The times of a layer as capabilities list them: instants, or start/end/period (OGC 06-042, annex D)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from config.times import GREGORIAN, key_label, order_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
_MONTH_KEYS: Final = order_key(0, 2) - order_key(0, 1)
_DAY_KEYS: Final = order_key(0, 1, 2) - order_key(0, 1, 1)
_EPOCH_MONTH: Final = 1970 * 12
_FEW: Final = 8
"""Instants for each interval, at least, with which a list of intervals tells more than the instants."""
_FEWEST: Final = 4
"""Instants that are written as an interval with a period: middles of months can be equally far apart three times."""

_Gap = tuple[str, int]
"""A distance between two times: months (`M`) or microseconds (`U`)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerTimes:
    """The distinct times of a variable.

    Attributes:
        keys: Order keys, rising, at least one.
        calendar: CF calendar of the keys.
    """

    keys: NDArray[np.int64]
    calendar: str

    @property
    def default(self) -> str:
        """The latest time: what a request without a time shows."""
        return key_label(int(self.keys[-1]))

    @cached_property
    def labels(self) -> list[str]:
        """Every time as a full ISO 8601 label, to the second, in UTC."""
        return [key_label(int(key)) for key in self.keys]

    @cached_property
    def intervals(self) -> list[str]:
        """The times, regular runs as `start/end/period`; with full dates, since QGIS reads no others."""
        gaps = [*_gaps(self.keys, is_gregorian=self.calendar in GREGORIAN), None]
        parts, first = [], 0
        while first < len(self.keys):
            last = first
            while gaps[last] is not None and gaps[last] == gaps[first]:
                last += 1
            gap = gaps[first]
            if gap is None or last - first + 1 < _FEWEST:
                parts.append(key_label(int(self.keys[first])))
                first += 1
                continue
            ends = key_label(int(self.keys[first])), key_label(int(self.keys[last]))
            parts.append(f"{ends[0]}/{ends[1]}/{_period(gap)}")
            first = last + 1
        return parts

    @cached_property
    def shortest(self) -> str:
        """The times as one text, separated by commas: as intervals where these are few, else one by one.

        Middles of months are equally far apart for half a year, which says nothing of the axis.
        """
        return ",".join(self.intervals if len(self.intervals) * _FEW <= len(self.keys) + _FEW else self.labels)


def _gaps(keys: NDArray[np.int64], *, is_gregorian: bool) -> list[_Gap | None]:
    """The distance from each time to the next: whole months, else microseconds; None where it cannot be told.

    Days of other calendars are not counted: clients would count them as Gregorian ones.
    """
    months, rest = np.divmod(keys, _MONTH_KEYS)
    steps = np.diff(months)
    is_whole = (np.diff(rest) == 0) & (steps > 0)
    if not is_gregorian:
        is_early = rest[:-1] < 28 * _DAY_KEYS  # such a day is in every month
        return [("M", int(step)) if ok else None for step, ok in zip(steps, is_whole & is_early, strict=True)]
    firsts = (months - _EPOCH_MONTH).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days, clock = np.divmod(rest, _DAY_KEYS)
    elapsed = np.diff((firsts + days) * _DAY + clock)
    return [
        ("M", int(step)) if ok else ("U", int(micros))
        for step, ok, micros in zip(steps, is_whole, elapsed, strict=True)
    ]


def _period(gap: _Gap) -> str:
    """A distance as an ISO 8601 duration."""
    unit, count = gap
    if unit == "M":
        return f"P{count // 12}Y" if count % 12 == 0 else f"P{count}M"
    if count % _DAY == 0:
        return f"P{count // _DAY}D"
    for name, size in (("H", 3600 * _SECOND), ("M", 60 * _SECOND), ("S", _SECOND)):
        if count % size == 0:
            return f"PT{count // size}{name}"
    return f"PT{count / _SECOND:.6f}".rstrip("0") + "S"


def axis_of(keys: list[int], calendar: str) -> LayerTimes | None:
    """The axis of order keys in rising order; None without any."""
    assert all(first < second for first, second in pairwise(keys[:_FEWEST]))
    return LayerTimes(keys=np.array(keys, dtype=np.int64), calendar=calendar) if keys else None
