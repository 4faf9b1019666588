"""Round numbers along an axis, and how they are written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 6
"""Marks of an axis, unless its width says otherwise."""

_FACTORS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), tuple(float(n) for n in range(1, 10)))
"""Marks of one decade, the fewest first."""
_MINUS = "\N{MINUS SIGN}"


def ticks(low: float, high: float, *, scale: Literal["linear", "log"] = "linear", most: int = MOST) -> list[float]:
    """At most `most` round values from `low` to `high`, in rising order, both included if they are round.

    A logarithmic axis has marks at powers of ten, and between them if there are few; one within a decade that has no
    two such marks gets those of a linear axis.
    """
    if scale == "log":
        marks = _decades(low, high, most)
        if len(marks) > 1:
            return marks
    return _linear(low, high, most)


def _linear(low: float, high: float, most: int) -> list[float]:
    rough = (high - low) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if power * factor >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(number * step, digits) for number in range(first, last + 1)]


def _decades(low: float, high: float, most: int) -> list[float]:
    """The densest marks that are not too many: whole decades, every second or third of them, or parts of each."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    densest: list[float] = []
    for factors in _FACTORS:
        marks = _within(low, high, (float(f"{factor}e{n}") for n in exponents for factor in factors))
        if len(marks) > most:
            break
        densest = marks
    if densest:
        return densest
    powers = _within(low, high, (float(f"1e{n}") for n in exponents))
    return powers[:: max(1, math.ceil(len(powers) / most))]


def _within(low: float, high: float, values: Iterable[float]) -> list[float]:
    return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def share_of(value: float, low: float, high: float, *, scale: Literal["linear", "log"] = "linear") -> float:
    """The place of a value between both ends, 0 to 1: by its logarithm on a logarithmic axis."""
    if scale == "log":
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def value_at(share: float, low: float, high: float, *, scale: Literal["linear", "log"] = "linear") -> float:
    """The value at a share of the axis: the inverse of `share_of`."""
    if scale == "log":
        return float(low * (high / low) ** share)
    return low + share * (high - low)


def written(value: float) -> str:
    """A number of at most six digits with a true minus sign; an exponent without its filling zeros."""
    digits, _, exponent = f"{value:.6g}".partition("e")
    text = f"{digits}e{int(exponent)}" if exponent else digits
    return text.replace("-", _MINUS)
