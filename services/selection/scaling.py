"""The number of cells of an answer: `scale-size`, `scale-factor`, `scale-axes`, `resolution`, `width` and `height`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from config.boxes import parse_number
from config.errors import InvalidInput, InvalidParameter
from services.selection.axes import AXES, DIRECTION, SPATIAL_NAMES, AxisName, calls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.grids import Grid

MAX_SCALED_EDGE: Final = 65_536
"""Most cells along an axis of a scaled answer, unless the window itself has more."""


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """The number of cells of an answer, by axis `x` and `y`; an axis without an entry keeps its cells.

    Attributes:
        sizes: Numbers of cells.
        factors: How many times fewer cells.
        resolutions: Sizes of a cell, in the unit of the axis.
        named_axes: The axes as the request spells them: which CRS they belong to is known later.
        text: The parameter as written, for messages.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    resolutions: Mapping[str, float] = field(default_factory=dict)
    named_axes: frozenset[AxisName] = frozenset()
    text: str = ""

    @property
    def is_none(self) -> bool:
        """Whether every axis keeps its cells."""
        return not (self.sizes or self.factors or self.resolutions)


def parse_scaling(query: Mapping[str, str]) -> Scaling:
    """The scaling of parameters by name; raises InvalidParameter or InvalidInput."""
    parameters = {
        name: query[name] for name in ("scale-size", "scale-factor", "scale-axes", "resolution") if name in query
    }
    edges = {name: query[name] for name in ("width", "height") if name in query}
    if len(parameters) + bool(edges) > 1:
        raise InvalidInput(f"{' and '.join([*parameters, *edges])} both set the size of the answer; give one of them")
    if edges:
        return _edges(edges)
    for name, text in parameters.items():
        if name == "scale-factor":
            factor = _positive(text, text, name=name)
            return Scaling(factors={"x": factor, "y": factor}, text=f"{name}={text}")
        if name == "resolution":
            return _resolution(text)
        numbers, axes = _by_direction(text, name=name)
        if name == "scale-size":
            sizes = {direction: _whole(number, name, text) for direction, number in numbers.items()}
            return Scaling(sizes=sizes, named_axes=axes, text=f"{name}={text}")
        return Scaling(factors=numbers, named_axes=axes, text=f"{name}={text}")
    return Scaling()


def scaled_size(grid: Grid, scaling: Scaling) -> tuple[int, int]:
    """(columns, rows) that a scaling makes of a grid; raises InvalidParameter."""
    a, _, _, _, e, _ = grid.transform
    return _cells(grid.width, abs(a), scaling, "x"), _cells(grid.height, abs(e), scaling, "y")


def _cells(count: int, cell: float, scaling: Scaling, axis: str) -> int:
    size: float = scaling.sizes.get(axis, count)
    if axis in scaling.factors:
        size = count / scaling.factors[axis]
    if axis in scaling.resolutions:
        size = count * cell / scaling.resolutions[axis]
    limit = max(MAX_SCALED_EDGE, count)
    if size > limit + 0.5:
        name, _, value = scaling.text.partition("=")
        raise InvalidParameter(name, value, f"{size:.10g} cells along {axis} are above {limit}")
    return max(1, math.floor(size + 0.5))


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
        rest = ",".join(f"{label}({inner})" for label, inner in calls(text, name="resolution") if inner.strip())
        for label in empty:
            _axis(label, text, name="resolution")
        return _resolution(rest)
    numbers, axes = _by_direction(text, name="resolution")
    return Scaling(resolutions=numbers, named_axes=axes, text=f"resolution={text}")


def _by_direction(text: str, *, name: str) -> tuple[dict[str, float], frozenset[AxisName]]:
    numbers: dict[str, float] = {}
    axes: set[AxisName] = set()
    for label, inner in calls(text, name=name):
        axis = _axis(label, text, name=name)
        direction = DIRECTION.get(axis)
        if direction is None:
            raise InvalidParameter(name, text, "time is not scaled; choose times by datetime")
        if direction in numbers:
            raise InvalidParameter(name, text, f"axis {label} is given twice")
        numbers[direction] = _positive(inner, text, name=name)
        axes.add(axis)
    return numbers, frozenset(axes)


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
