"""The levels of a variable that a request means: by the name of its vertical axis, or by `level`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.boxes import parse_number
from config.errors import GranuleNotFound, InvalidInput, InvalidParameter
from services.selection.axes import SPATIAL_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.datasets.models import LevelAxis, Variable

_QUOTED = re.compile(r'"([^"]*)"')
_SHOWN = 20
"""Labels that a message names."""


def levels_of_axes(variable: Variable, others: Mapping[str, str]) -> tuple[str, ...]:
    """Labels of the levels that axes of `subset` name; the first without one; empty where the variable has no levels.

    Args:
        variable: Has the axis.
        others: Axes that are neither in space nor time: lower-case label to content.

    Raises InvalidParameter for an axis that the variable has not, and GranuleNotFound for a level that it has not.
    """
    axis = variable.levels
    names = {"level", axis.name.lower()} if axis else set()
    unknown = next((label for label in others if label not in names), None)
    if unknown is not None:
        names_of_axes = [SPATIAL_NAMES, "time", *([axis.name, "level"] if axis else [])]
        raise InvalidParameter("subset", unknown, f"there is no axis {unknown}; known are {', '.join(names_of_axes)}")
    if len(others) > 1:
        raise InvalidInput(f"subset names the vertical axis twice, as {' and '.join(others)}; use one of them")
    if axis is None:
        return ()
    return next((_selected(axis, inner.strip()) for inner in others.values()), axis.labels[:1])


def level_label(variable: Variable, text: str | None) -> str | None:
    """The label of the level that a `level` parameter names, by text or by number; the first without one.

    None where the variable has no levels. Raises GranuleNotFound, or InvalidParameter where there are no levels.
    """
    axis = variable.levels
    if axis is None:
        if text is not None:
            raise InvalidParameter("level", text, f"{variable.id} has no levels; leave it out")
        return None
    return axis.labels[0] if text is None else _same(axis, text)[0]


def _selected(axis: LevelAxis, inner: str) -> tuple[str, ...]:
    if inner == "*":
        return axis.labels
    ends = inner.split(":")
    if len(ends) == 1:
        quoted = _QUOTED.fullmatch(inner)
        return _same(axis, quoted[1] if quoted else inner)
    if len(ends) > 2:
        raise InvalidParameter("subset", inner, f"an interval has one colon: {axis.name}(low:high)")
    low, high = (None if end.strip() == "*" else parse_number(end, name="subset") for end in ends)
    if low is not None and high is not None and low > high:
        raise InvalidParameter("subset", inner, f"the lower end of {axis.name}, {low:.10g}, is above the upper end")
    inside = [label for label in axis.labels if _within(label, low, high)]
    if not inside:
        raise GranuleNotFound(f"{axis.name}({inner}) holds no level; {_names(axis)}")
    return tuple(inside)


def _same(axis: LevelAxis, text: str) -> tuple[str, ...]:
    number = _number(text)
    for label in axis.labels:
        if label == text or (number is not None and _number(label) == number):
            return (label,)
    raise GranuleNotFound(f"there is no level {text[:80]!r} on {axis.name}; {_names(axis)}")


def _within(label: str, low: float | None, high: float | None) -> bool:
    number = _number(label)
    return number is not None and (low is None or number >= low) and (high is None or number <= high)


def _number(text: str) -> float | None:
    try:
        return parse_number(text, name="level")
    except InvalidParameter:
        return None


def _names(axis: LevelAxis) -> str:
    labels = ", ".join(axis.labels[:_SHOWN])
    unit = f" {axis.unit}" if axis.unit else ""
    return f"it has {labels}{unit}" + (f" and {len(axis.labels) - _SHOWN} more" if len(axis.labels) > _SHOWN else "")
