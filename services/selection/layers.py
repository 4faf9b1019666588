"""The layers of a variable that a request means: by the names of its axes of levels and members, or by parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.boxes import parse_number
from config.errors import GranuleNotFound, InvalidInput, InvalidParameter
from config.layers import MEMBER, layer_keys
from services.selection.axes import SPATIAL_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.datasets.models import LayerAxis, Variable

_QUOTED = re.compile(r'"([^"]*)"')
_SHOWN = 20
"""Labels that a message names."""


def layers_of(
    variable: Variable, *, level: str | None = None, member: str | None = None, axes: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Keys of the layers that a request means (`config.layers`), in stored order; none where the variable has none.

    The first level, and the first member, where the request leaves them open.

    Args:
        variable: Has the axes.
        level: What `level` names, by text or by number; empty or None: left open.
        member: What `member` names, likewise.
        axes: Axes of `subset` that are neither in space nor time: lower-case label to content.

    Raises:
        InvalidInput: for an axis that is named twice.
        InvalidParameter: for an axis that the variable has not.
        GranuleNotFound: for a level or member that it has not.
    """
    others = dict(axes or {})
    levels = _of_axis(variable, variable.levels, "level", level or None, others)
    members = _of_axis(variable, variable.members, "member", member or None, others)
    if others:
        raise _unknown(variable, next(iter(others)))
    return layer_keys(levels, members)


def _of_axis(
    variable: Variable, axis: LayerAxis | None, name: str, text: str | None, others: dict[str, str]
) -> tuple[str, ...]:
    """The labels of one axis that a request means; what `others` says of the axis is taken out of them."""
    names = [label for label in others if axis is not None and label in {name, axis.name.lower()}]
    if len(names) > 1:
        raise InvalidInput(f"subset names the {name} axis twice, as {' and '.join(names)}; use one of them")
    if names and text is not None:
        raise InvalidInput(f"{name} and subset both choose a {name}; give one of them")
    if axis is None:
        if text is not None:
            other = "; it has members" if name == "level" and variable.members is not None else ""
            raise InvalidParameter(name, text, f"{variable.id} has no {name}s{other}; leave it out")
        return ()
    if names:
        return _selected(axis, others.pop(names[0]).strip())
    return axis.labels[:1] if text is None else _same(axis, text)


def _unknown(variable: Variable, label: str) -> InvalidParameter:
    further = [(axis.name, name) for axis, name in ((variable.levels, "level"), (variable.members, "member")) if axis]
    names = dict.fromkeys([SPATIAL_NAMES, "time", *(name for pair in further for name in pair)])
    return InvalidParameter("subset", label, f"there is no axis {label}; known are {', '.join(names)}")


def _selected(axis: LayerAxis, inner: str) -> tuple[str, ...]:
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
        raise GranuleNotFound(f"{axis.name}({inner}) holds no {_kind(axis)}; {_names(axis)}")
    return tuple(inside)


def _same(axis: LayerAxis, text: str) -> tuple[str, ...]:
    number = _number(text)
    for label in axis.labels:
        if label == text or (number is not None and _number(label) == number):
            return (label,)
    raise GranuleNotFound(f"there is no {_kind(axis)} {text[:80]!r} on {axis.name}; {_names(axis)}")


def _kind(axis: LayerAxis) -> str:
    """What its labels name, for messages."""
    return MEMBER if axis.name == MEMBER else "level"


def _within(label: str, low: float | None, high: float | None) -> bool:
    number = _number(label)
    return number is not None and (low is None or number >= low) and (high is None or number <= high)


def _number(text: str) -> float | None:
    try:
        return parse_number(text, name="level")
    except InvalidParameter:
        return None


def _names(axis: LayerAxis) -> str:
    labels = ", ".join(axis.labels[:_SHOWN])
    unit = f" {axis.unit}" if axis.unit else ""
    return f"it has {labels}{unit}" + (f" and {len(axis.labels) - _SHOWN} more" if len(axis.labels) > _SHOWN else "")
