"""How many cells a request wants: `scale-size`, `scale-factor`, `scale-axes`, `resolution`, `width` and `height`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.boxes import parse_number
from config.errors import InvalidInput, InvalidParameter
from services.selection.axes import AXES, DIRECTION, SPATIAL_NAMES, AxisName, calls

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How many cells the answer has, by axis `x` and `y`; an axis without an entry keeps its cells.

    Attributes:
        sizes: Numbers of cells.
        factors: How many times fewer cells.
        resolutions: Sizes of a cell, in the unit of the axis.
        named: The axes that were named, as spelled: which CRS they belong to is known later.
        text: As it was asked, for messages.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    resolutions: Mapping[str, float] = field(default_factory=dict)
    named: frozenset[AxisName] = frozenset()
    text: str = ""

    @property
    def is_none(self) -> bool:
        """Whether every axis keeps its cells."""
        return not (self.sizes or self.factors or self.resolutions)


def parse_scaling(given: Mapping[str, str]) -> Scaling:
    """The scaling of parameters by name; raises InvalidParameter or InvalidInput."""
    found = {name: given[name] for name in ("scale-size", "scale-factor", "scale-axes", "resolution") if name in given}
    edges = {name: given[name] for name in ("width", "height") if name in given}
    if len(found) + bool(edges) > 1:
        raise InvalidInput(f"{' and '.join([*found, *edges])} both set the size of the answer; give one of them")
    if edges:
        return _edges(edges)
    for name, text in found.items():
        if name == "scale-factor":
            factor = _positive(text, text, name=name)
            return Scaling(factors={"x": factor, "y": factor}, text=f"{name}={text}")
        if name == "resolution":
            return _resolution(text)
        numbers, named = _by_direction(text, name=name)
        if name == "scale-size":
            sizes = {direction: _whole(number, name, text) for direction, number in numbers.items()}
            return Scaling(sizes=sizes, named=named, text=f"{name}={text}")
        return Scaling(factors=numbers, named=named, text=f"{name}={text}")
    return Scaling()


def _edges(edges: Mapping[str, str]) -> Scaling:
    sizes = {
        {"width": "x", "height": "y"}[name]: _whole(_positive(text, text, name=name), name, text)
        for name, text in edges.items()
    }
    return Scaling(sizes=sizes, text="&".join(f"{name}={text}" for name, text in edges.items()))


def _resolution(text: str) -> Scaling:
    """Without a number an axis keeps its cells (OGC 19-087, scaling-spatial/native-resolution)."""
    if not text.strip():
        return Scaling()
    empty = [label for label, inner in calls(text, name="resolution") if not inner.strip()]
    if empty:
        kept = ",".join(f"{label}({inner})" for label, inner in calls(text, name="resolution") if inner.strip())
        for label in empty:
            _axis(label, text, name="resolution")
        return _resolution(kept)
    numbers, named = _by_direction(text, name="resolution")
    return Scaling(resolutions=numbers, named=named, text=f"resolution={text}")


def _by_direction(text: str, *, name: str) -> tuple[dict[str, float], frozenset[AxisName]]:
    numbers: dict[str, float] = {}
    named: set[AxisName] = set()
    for label, inner in calls(text, name=name):
        axis = _axis(label, text, name=name)
        direction = DIRECTION.get(axis)
        if direction is None:
            raise InvalidParameter(name, text, "time is not scaled; choose times by datetime")
        if direction in numbers:
            raise InvalidParameter(name, text, f"axis {label} is given twice")
        numbers[direction] = _positive(inner, text, name=name)
        named.add(axis)
    return numbers, frozenset(named)


def _axis(label: str, text: str, *, name: str) -> AxisName:
    axis = AXES.get(label.lower())
    if axis is None:
        raise InvalidParameter(name, text, f"there is no axis {label}; known are {SPATIAL_NAMES}")
    return axis


def _whole(number: float, name: str, text: str) -> int:
    if number != math.floor(number):
        raise InvalidParameter(name, text, f"{number:.10g} is no whole number of cells")
    return int(number)


def _positive(text: str, whole: str, *, name: str) -> float:
    number = parse_number(text, name=name)
    if number <= 0:
        raise InvalidParameter(name, whole, "a number above 0 is needed")
    return number
