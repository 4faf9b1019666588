"""Slopes of given ranks among all pairwise slopes of many series, exact, without keeping the slopes.

For a candidate the slopes below it are counted over all pairs, 32 series at a time. The slope of a rank is bracketed by
regula falsi and bisection; near the end candidates snap to slopes that occur, which settles ties of rounded data. Gaps
cost nothing: a comparison with NaN is false.

Arrays are (time, series) and (series,), single precision; the number of series is a multiple of `LANES`.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

LANES: Final = 32
_PASSES: Final = 200
_SNAP_AFTER: Final = 9


@njit(cache=True, fastmath=False)
def _count(block: Any, first: Any, second: Any, inverse: Any, candidate: Any, below: Any) -> None:
    """Count the slopes below a candidate in each of the lanes."""
    for each in range(LANES):
        below[each] = 0
    for pair in range(first.size):
        a, b, factor = first[pair], second[pair], inverse[pair]
        for each in range(LANES):
            slope = (block[b, each] - block[a, each]) * factor
            below[each] += 1 if slope < candidate[each] else 0


@njit(cache=True)
def _neighbours(block: Any, first: Any, second: Any, inverse: Any, candidate: Any, under: Any, over: Any) -> None:
    """The largest slope below a candidate and the smallest not below it, in each of the lanes."""
    for each in range(LANES):
        under[each], over[each] = -np.inf, np.inf
    for pair in range(first.size):
        a, b, factor = first[pair], second[pair], inverse[pair]
        for each in range(LANES):
            slope = (block[b, each] - block[a, each]) * factor
            is_below = slope < candidate[each]
            under[each] = slope if is_below and slope > under[each] else under[each]
            over[each] = slope if slope >= candidate[each] and slope < over[each] else over[each]


@njit(cache=True)
def survey_slopes(block: Any, first: Any, second: Any, inverse: Any) -> Any:
    """Of each series the least and the greatest slope, and how many rise, fall and there are."""
    series = block.shape[1]
    low, high = np.zeros(series, dtype=np.float32), np.zeros(series, dtype=np.float32)
    rising, falling = np.zeros(series, dtype=np.int64), np.zeros(series, dtype=np.int64)
    count = np.zeros(series, dtype=np.int64)
    for lane in range(0, series, LANES):
        end = lane + LANES
        group = np.ascontiguousarray(block[:, lane:end])
        _survey(
            group, first, second, inverse, low[lane:end], high[lane:end], falling[lane:end], rising[lane:end],
            count[lane:end],
        )  # fmt: skip
    return low, high, rising, falling, count


@njit(cache=True)
def search_slopes(
    block: Any, first: Any, second: Any, inverse: Any, start: Any, reach: Any, low: Any, high: Any, count: Any,
    lower: Any, upper: Any,
) -> Any:  # fmt: skip
    """The mean of the slopes of ranks `lower` and `upper` of each series."""
    series = block.shape[1]
    slopes = np.full(series, np.nan, dtype=np.float32)
    for lane in range(0, series, LANES):
        end = lane + LANES
        group = np.ascontiguousarray(block[:, lane:end])
        _search_lanes(
            group, first, second, inverse, start[lane:end], reach[lane:end], low[lane:end].copy(),
            high[lane:end].copy(), count[lane:end], lower[lane:end], upper[lane:end], slopes[lane:end],
        )  # fmt: skip
    return slopes


@njit(cache=True)
def _survey(
    block: Any, first: Any, second: Any, inverse: Any, low: Any, high: Any, falling: Any, rising: Any, total: Any
) -> None:
    """The least and the greatest slope of each of the lanes, and how many there are, fall and rise."""
    for each in range(LANES):
        low[each], high[each] = np.inf, -np.inf
        falling[each], rising[each], total[each] = 0, 0, 0
    for pair in range(first.size):
        a, b, factor = first[pair], second[pair], inverse[pair]
        for each in range(LANES):
            slope = (block[b, each] - block[a, each]) * factor
            low[each] = min(low[each], slope)
            high[each] = max(high[each], slope)
            falling[each] += 1 if slope < 0 else 0
            rising[each] += 1 if slope > 0 else 0
            total[each] += 0 if math.isnan(slope) else 1


@njit(cache=True)
def _search_lanes(
    block: Any, first: Any, second: Any, inverse: Any, start: Any, reach: Any, low: Any, high: Any, count: Any,
    lower: Any, upper: Any, slopes: Any,
) -> None:  # fmt: skip
    """The slopes of ranks in one group of lanes: [low, high) holds both ranks of each all the time."""
    below = np.zeros(LANES, dtype=np.int32)
    candidate = np.zeros(LANES, dtype=np.float32)
    under, over = np.zeros(LANES, dtype=np.float32), np.zeros(LANES, dtype=np.float32)
    low_count, high_count = np.zeros(LANES, dtype=np.int64), count.copy()
    for each in range(LANES):
        high[each] = np.nextafter(high[each], np.float32(np.inf))
    done, met = count == 0, count == 0  # a candidate that parts the slopes beside the ranks is met, and kept
    for number in range(_PASSES):
        if met.all():
            break
        _next_candidates(number, candidate, low, high, low_count, high_count, lower, upper, start, reach, met)
        is_snapped = number >= _SNAP_AFTER and number % 2 == 0
        if is_snapped:
            _neighbours(block, first, second, inverse, high, under, over)
            for each in range(LANES):
                candidate[each] = candidate[each] if met[each] else under[each]
        _count(block, first, second, inverse, candidate, below)
        _narrow(candidate, below, lower, upper, low, high, low_count, high_count, done, met, slopes, is_snapped)
    _neighbours(block, first, second, inverse, candidate, under, over)
    _count(block, first, second, inverse, candidate, below)
    _read_off(below, lower, upper, under, over, done, slopes)


@njit(cache=True)
def _read_off(below: Any, lower: Any, upper: Any, under: Any, over: Any, done: Any, slopes: Any) -> None:
    """The slopes, from those on both sides of candidates that part them."""
    for each in range(LANES):
        if done[each]:
            continue
        if lower[each] < upper[each]:
            slopes[each] = (under[each] + over[each]) / 2
        else:
            slopes[each] = over[each] if below[each] == lower[each] else under[each]


@njit(cache=True)
def _narrow(
    candidate: Any, below: Any, lower: Any, upper: Any, low: Any, high: Any, low_count: Any, high_count: Any,
    done: Any, met: Any, slopes: Any, is_snapped: Any,
) -> None:  # fmt: skip
    """Take over the counts below candidates: some are met, or settled where they were snapped to a slope."""
    for each in range(LANES):
        if met[each]:
            continue
        if is_snapped and below[each] <= lower[each]:
            # all slopes from here up to `high` are equal, and both ranks are among them
            slopes[each], done[each], met[each] = candidate[each], True, True
        elif below[each] == upper[each] or (lower[each] == upper[each] and below[each] == upper[each] + 1):
            met[each] = True
        elif below[each] <= lower[each]:
            low[each], low_count[each] = candidate[each], below[each]
        else:
            high[each], high_count[each] = candidate[each], below[each]


@njit(cache=True)
def _next_candidates(
    number: int, candidate: Any, low: Any, high: Any, low_count: Any, high_count: Any, lower: Any, upper: Any,
    start: Any, reach: Any, met: Any,
) -> None:  # fmt: skip
    for each in range(LANES):
        if met[each]:
            continue
        a, b = low[each], high[each]
        if number == 0:
            guess = start[each]
        elif number <= 2:
            side = 1.0 if low_count[each] > 0 or number == 2 else -1.0
            guess = start[each] + side * reach[each]
        elif number % 3 == 0:
            guess = a + (b - a) / 2
        else:
            middle = (lower[each] + upper[each] + 1) / 2
            share = (middle - low_count[each]) / max(1, high_count[each] - low_count[each])
            guess = a + (b - a) * min(max(share, 0.02), 0.98)
        if not a < guess < b:
            guess = a + (b - a) / 2
        candidate[each] = guess
