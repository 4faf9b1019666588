"""The median of all pairwise slopes of many series (Theil 1950, Sen 1968), exact, without keeping the slopes.

For a candidate the slopes below it are counted over all pairs, 32 series at a time. The median is bracketed by
regula falsi and bisection; near the end candidates snap to slopes that occur, which settles ties of rounded data. Gaps
cost nothing: a comparison with NaN is false.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_LANES: Final = 32
_PASSES: Final = 200
_SNAP_AFTER: Final = 9


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The pairs of times whose slopes count.

    Attributes:
        first: Number of the earlier time of each pair.
        second: Number of the later one.
        inverse: 1 / difference of times.
    """

    first: NDArray[np.uint64]
    second: NDArray[np.uint64]
    inverse: NDArray[np.float32]


def pairs_of(times: Numbers, seasons: NDArray[Any] | None = None) -> Pairs:
    """All pairs of different times; with `seasons`, a number for each time, only those within one season."""
    first, second = np.triu_indices(times.size, 1)
    is_pair = times[second] > times[first]
    if seasons is not None:
        is_pair &= seasons[first] == seasons[second]
    first, second = first[is_pair], second[is_pair]
    return Pairs(
        first=first.astype("uint64"),
        second=second.astype("uint64"),
        inverse=(1.0 / (times[second] - times[first])).astype("float32"),
    )


def means_of(values: NDArray[Any]) -> Numbers:
    """Mean of each series (time, series) over the times that have values; NaN of none."""
    valid = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Numbers = np.where(valid, values, 0.0).sum(axis=0, dtype="float64") / valid.sum(axis=0)
    return means


def median_slopes(values: NDArray[Any], pairs: Pairs, guess: Numbers, width: Numbers) -> tuple[Numbers, Numbers]:
    """The median slope of each series, and S: pairs that rise less pairs that fall.

    Args:
        values: (time, series), NaN for gaps; computed in single precision about each series' mean.
        pairs: The pairs.
        guess: (series,) where the search begins, such as the slope of least squares.
        width: (series,) how far the median may lie from it, about; only speed depends on both.

    Returns:
        (series,) slopes, NaN where no pair has both values, and S.
    """
    centred = values - means_of(values)
    series = values.shape[1]
    padded = -series % _LANES
    block = np.ascontiguousarray(np.pad(centred.astype("float32"), ((0, 0), (0, padded)), constant_values=np.nan))
    start = np.nan_to_num(np.pad(guess, (0, padded))).astype("float32")
    reach = np.nan_to_num(np.pad(width, (0, padded)), posinf=0.0).astype("float32")
    slopes, rising, falling = _medians(block, pairs.first, pairs.second, pairs.inverse, start, reach)
    return slopes[:series].astype("float64"), (rising - falling)[:series].astype("float64")


@njit(cache=True, fastmath=False)
def _count(block: Any, first: Any, second: Any, inverse: Any, candidate: Any, below: Any) -> None:
    """Count the slopes below a candidate in each of the lanes."""
    for each in range(_LANES):
        below[each] = 0
    for pair in range(first.size):
        a, b, factor = first[pair], second[pair], inverse[pair]
        for each in range(_LANES):
            slope = (block[b, each] - block[a, each]) * factor
            below[each] += 1 if slope < candidate[each] else 0


@njit(cache=True)
def _neighbours(block: Any, first: Any, second: Any, inverse: Any, candidate: Any, under: Any, over: Any) -> None:
    """The largest slope below a candidate and the smallest not below it, in each of the lanes."""
    for each in range(_LANES):
        under[each], over[each] = -np.inf, np.inf
    for pair in range(first.size):
        a, b, factor = first[pair], second[pair], inverse[pair]
        for each in range(_LANES):
            slope = (block[b, each] - block[a, each]) * factor
            is_below = slope < candidate[each]
            under[each] = slope if is_below and slope > under[each] else under[each]
            over[each] = slope if slope >= candidate[each] and slope < over[each] else over[each]


@njit(cache=True)
def _medians(block: Any, first: Any, second: Any, inverse: Any, start: Any, reach: Any) -> Any:
    series = block.shape[1]
    slopes = np.full(series, np.nan, dtype=np.float32)
    rising, falling = np.zeros(series, dtype=np.int64), np.zeros(series, dtype=np.int64)
    for lane in range(0, series, _LANES):
        group = np.ascontiguousarray(block[:, lane : lane + _LANES])
        _median_of_lanes(group, first, second, inverse, lane, start, reach, slopes, rising, falling)
    return slopes, rising, falling


@njit(cache=True)
def _survey(
    block: Any, first: Any, second: Any, inverse: Any, low: Any, high: Any, falling: Any, rising: Any, total: Any
) -> None:
    """The least and the greatest slope of each of the lanes, and how many there are, fall and rise."""
    for each in range(_LANES):
        low[each], high[each] = np.inf, -np.inf
        falling[each], rising[each], total[each] = 0, 0, 0
    for pair in range(first.size):
        a, b, factor = first[pair], second[pair], inverse[pair]
        for each in range(_LANES):
            slope = (block[b, each] - block[a, each]) * factor
            low[each] = min(low[each], slope)
            high[each] = max(high[each], slope)
            falling[each] += 1 if slope < 0 else 0
            rising[each] += 1 if slope > 0 else 0
            total[each] += 0 if math.isnan(slope) else 1


@njit(cache=True)
def _median_of_lanes(
    block: Any, first: Any, second: Any, inverse: Any, lane: int, start: Any, reach: Any, slopes: Any, rising: Any,
    falling: Any,
) -> None:  # fmt: skip
    """The medians of the series of one group of lanes: [low, high) holds the middle slopes of each all the time."""
    below, total = np.zeros(_LANES, dtype=np.int32), np.zeros(_LANES, dtype=np.int32)
    falls, rises = np.zeros(_LANES, dtype=np.int32), np.zeros(_LANES, dtype=np.int32)
    candidate = np.zeros(_LANES, dtype=np.float32)
    low, high = np.zeros(_LANES, dtype=np.float32), np.zeros(_LANES, dtype=np.float32)
    under, over = np.zeros(_LANES, dtype=np.float32), np.zeros(_LANES, dtype=np.float32)
    _survey(block, first, second, inverse, low, high, falls, rises, total)
    falling[lane : lane + _LANES], rising[lane : lane + _LANES] = falls, rises
    low_count, high_count = np.zeros(_LANES, dtype=np.int32), total.copy()
    for each in range(_LANES):
        high[each] = np.nextafter(high[each], np.float32(np.inf))
    done, met = total == 0, total == 0  # a candidate that parts the slopes in the middle is met, and kept
    for number in range(_PASSES):
        if met.all():
            break
        _next_candidates(number, lane, candidate, low, high, low_count, high_count, total, start, reach, met)
        is_snapped = number >= _SNAP_AFTER and number % 2 == 0
        if is_snapped:
            _neighbours(block, first, second, inverse, high, under, over)
            for each in range(_LANES):
                candidate[each] = candidate[each] if met[each] else under[each]
        _count(block, first, second, inverse, candidate, below)
        _narrow(lane, candidate, below, total, low, high, low_count, high_count, done, met, slopes, is_snapped)
    _neighbours(block, first, second, inverse, candidate, under, over)
    _count(block, first, second, inverse, candidate, below)
    _read_off(lane, below, total, under, over, done, slopes)


@njit(cache=True)
def _read_off(lane: int, below: Any, total: Any, under: Any, over: Any, done: Any, slopes: Any) -> None:
    """The medians, from the slopes on both sides of candidates that part them in the middle."""
    for each in range(_LANES):
        if done[each]:
            continue
        half, odd = total[each] // 2, total[each] % 2
        if odd == 1:
            slopes[lane + each] = over[each] if below[each] == half else under[each]
        else:
            slopes[lane + each] = (under[each] + over[each]) / 2


@njit(cache=True)
def _narrow(
    lane: int, candidate: Any, below: Any, total: Any, low: Any, high: Any, low_count: Any, high_count: Any, done: Any,
    met: Any, slopes: Any, is_snapped: Any,
) -> None:  # fmt: skip
    """Take over the counts below candidates: some are met, or settled where they were snapped to a slope."""
    for each in range(_LANES):
        if met[each]:
            continue
        half, odd = total[each] // 2, total[each] % 2
        if is_snapped and below[each] <= (total[each] - 1) // 2:
            # all slopes from here up to `high` are equal, and both middle ones are among them
            slopes[lane + each], done[each], met[each] = candidate[each], True, True
        elif below[each] == half or (odd == 1 and below[each] == half + 1):
            met[each] = True
        elif below[each] <= (total[each] - 1) // 2:
            low[each], low_count[each] = candidate[each], below[each]
        else:
            high[each], high_count[each] = candidate[each], below[each]


@njit(cache=True)
def _next_candidates(
    number: int, lane: int, candidate: Any, low: Any, high: Any, low_count: Any, high_count: Any, total: Any,
    start: Any, reach: Any, met: Any,
) -> None:  # fmt: skip
    for each in range(_LANES):
        if met[each]:
            continue
        a, b = low[each], high[each]
        if number == 0:
            guess = start[lane + each]
        elif number <= 2:
            side = 1.0 if low_count[each] > 0 or number == 2 else -1.0
            guess = start[lane + each] + side * reach[lane + each]
        elif number % 3 == 0:
            guess = a + (b - a) / 2
        else:
            share = (total[each] / 2 - low_count[each]) / max(1, high_count[each] - low_count[each])
            guess = a + (b - a) * min(max(share, 0.02), 0.98)
        if not a < guess < b:
            guess = a + (b - a) / 2
        candidate[each] = guess
