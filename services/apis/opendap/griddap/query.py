"""Queries of griddap: `v[(2001-07-01):1:(2001-07-31)][(10):(20)][0:5:last]`, by value in parentheses or by index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import numpy as np

from config.errors import InvalidInput, NotFound, TooLarge
from config.times import gregorian, parse_time
from services.apis.opendap.constraints import LONGEST, Projection, Slice
from services.gridded.reading import count

if TYPE_CHECKING:
    from services.apis.opendap.arrays import ServedDataset
    from services.apis.opendap.griddap.view import GridAxis, GridView

_NAME: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*", re.ASCII)
_BRACKET: Final = re.compile(r"\[((?:\([^()]*\)|[^\[\]()])*)\]")
_END: Final = r"\s*(\([^()]*\)|last(?:\s*-\s*[0-9]{1,9})?|[0-9]{1,9})\s*"
_STEPS: Final = re.compile(rf"{_END}(?::{_END})?(?::{_END})?")
_LAST: Final = re.compile(r"last(?:\s*-\s*([0-9.]{1,20}))?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class GridQuery:
    """What a query asks for.

    Attributes:
        fields: Names of variables; none if it asks for axes alone.
        slab: The places on each axis.
        axes: Names of the axes that are answered, in order.
    """

    fields: tuple[str, ...]
    slab: tuple[range, ...]
    axes: tuple[str, ...]

    def projections(self, dataset: ServedDataset, view: GridView) -> list[Projection]:
        """The members of a DAP 2 answer."""
        names = [axis.name for axis in view.axes]
        if not self.fields:
            return [
                Projection(
                    name=name,
                    slices=(Slice(array=dataset.arrays[name], slab=(self.slab[names.index(name)],)),),
                    kind="Array",
                )
                for name in self.axes
            ]
        maps = tuple(
            Slice(array=dataset.arrays[name], slab=(steps,)) for name, steps in zip(names, self.slab, strict=True)
        )
        return [
            Projection(name=name, slices=(Slice(array=dataset.arrays[name], slab=self.slab), *maps), kind="Grid")
            for name in self.fields
        ]

    def require_fitting(self, most_values: int) -> None:
        """Raise TooLarge for more values than a format may have."""
        values = count(self.slab) * len(self.fields)
        if values > most_values:
            raise TooLarge(
                f"Your query produced too much data: {values} values, the limit is {most_values}; ask for a smaller "
                "range of an axis, as in [(first):(last)], or use a stride"
            )


def parse_query(view: GridView, query: str) -> GridQuery:
    """Parse the query of a griddap URL; everything without one, and whole axes without brackets.

    Raises:
        InvalidInput: for a query that cannot be read.
        NotFound: for a name that there is not, or values outside an axis, as ERDDAP has it.
    """
    text = unquote(query).strip()
    if len(text) > LONGEST:
        raise InvalidInput(f"the query has {len(text)} characters, the limit is {LONGEST}; ask for less at once")
    names, *options = text.split("&")
    unknown = next((option for option in options if option and not option.startswith(".")), None)
    if unknown is not None:
        raise InvalidInput(f"&{unknown[:80]}: griddap has no selections; choose by name[(first):stride:(last)]")
    axes, fields = {axis.name: axis for axis in view.axes}, {field.name for field in view.fields}
    slabs: dict[str, tuple[range, ...]] = {}
    for name, brackets in _clauses(names) if names.strip() else [(field.name, []) for field in view.fields]:
        if name in axes:
            slabs[name] = _slab(name, (axes[name],), brackets)
        elif name in fields:
            slabs[name] = _slab(name, view.axes, brackets)
        else:
            raise NotFound(f"Unrecognized variable={name[:80]}; there are {', '.join((*axes, *sorted(fields)))}")
    requested_fields = tuple(name for name in slabs if name in fields)
    if not requested_fields:
        axes_slab = tuple(slabs[name][0] if name in slabs else range(len(axis.values)) for name, axis in axes.items())
        return GridQuery(fields=(), slab=axes_slab, axes=tuple(slabs))
    if len(requested_fields) < len(slabs):
        raise InvalidInput("ask for axes or for variables; the axes of a variable come with it")
    first = slabs[requested_fields[0]]
    if any(slabs[name] != first for name in requested_fields):
        raise InvalidInput("the variables of one query have the same ranges; ask for others by themselves")
    return GridQuery(fields=requested_fields, slab=first, axes=tuple(axes))


def _clauses(text: str) -> list[tuple[str, list[str]]]:
    """(name, contents of its brackets) of each clause."""
    clauses, place = [], 0
    while place < len(text):
        name = _NAME.match(text, place)
        if name is None:
            raise InvalidInput(f"{text[place : place + 80]!r} is no variable; write name[(first):stride:(last)]")
        place = name.end()
        brackets = []
        while (bracket := _BRACKET.match(text, place)) is not None:
            brackets.append(bracket[1])
            place = bracket.end()
        if place < len(text) and text[place] != ",":
            raise InvalidInput(f"{text[place : place + 80]!r}: write [(first):stride:(last)] for each axis")
        place += 1
        clauses.append((name[1], brackets))
    return clauses


def _slab(name: str, axes: tuple[GridAxis, ...], brackets: list[str]) -> tuple[range, ...]:
    if not brackets:
        return tuple(range(len(axis.values)) for axis in axes)
    if len(brackets) != len(axes):
        raise InvalidInput(
            f"{name} has {len(axes)} axes ({', '.join(axis.name for axis in axes)}) and {len(brackets)} ranges; give "
            "one for each, or none"
        )
    return tuple(_range(axis, inner) for axis, inner in zip(axes, brackets, strict=True))


def _range(axis: GridAxis, inner: str) -> range:
    if not inner.strip():
        return range(len(axis.values))
    match = _STEPS.fullmatch(inner)
    if match is None:
        raise InvalidInput(f"[{inner[:80]}] is no range; write [(first):stride:(last)], by value or by index")
    start, stop = match[1], match[3] or match[2] or match[1]
    stride = match[2] if match[3] is not None else "1"
    if not stride.strip().isdigit() or int(stride) < 1:
        raise InvalidInput(f"[{inner[:80]}]: the stride is a number from 1")
    first, last = _place(axis, start.strip()), _place(axis, stop.strip())
    if first > last:
        if not (start.startswith("(") and stop.startswith("(")):
            raise InvalidInput(f"[{inner[:80]}]: the first index, {first}, is behind the last one, {last}")
        first, last = last, first
    return range(first, last + 1, int(stride))


def _place(axis: GridAxis, text: str) -> int:
    """The index of an end of a range: the nearest cell of a value."""
    size = len(axis.values)
    if not text.startswith("("):
        match = _LAST.fullmatch(text)
        index = int(text) if match is None else size - 1 - int(match[1] or 0)
        if not 0 <= index < size:
            raise NotFound(
                f"Your query produced no matching results. {axis.name} has the indices 0 to {size - 1}; {text} is none"
            )
        return index
    value = _value(axis, text[1:-1].strip())
    low, high = float(axis.values[0]), float(axis.values[-1])
    cell = (high - low) / (size - 1) if size > 1 else (86400.0 if axis.is_time else 1.0)
    if not low - cell / 2 <= value <= high + cell / 2:
        ends = f"{axis.texts[0]} to {axis.texts[-1]}"
        raise NotFound(
            f"Your query produced no matching results. {axis.name} runs from {ends}; {text[:60]} lies outside"
        )
    return int(np.abs(axis.values - value).argmin())


def _value(axis: GridAxis, text: str) -> float:
    last = _LAST.fullmatch(text)
    try:
        if last is not None:
            return float(axis.values[-1]) - float(last[1] or 0)
        value = float(text)
    except ValueError:
        if not axis.is_time:
            raise InvalidInput(f"({text[:60]}) is no number of {axis.name}") from None
        when = parse_time(text)
        return gregorian(when.start or 0).timestamp()
    if not np.isfinite(value):
        raise InvalidInput(f"({text[:60]}) is no number of {axis.name}")
    return value
