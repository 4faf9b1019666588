"""Constraint expressions of DAP 2 (DAP 2.0, 6.1): which arrays, which members of grids, and which slabs of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from config.errors import InvalidInput, NotFound, TooLarge
from services.apis.opendap.slabs import parse_slab
from services.gridded.reading import count

if TYPE_CHECKING:
    from services.apis.opendap.arrays import ServedArray, ServedDataset

LONGEST: Final = 16_000
"""Characters of a constraint."""
MOST_PROJECTIONS: Final = 1000

_PROJECTION: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\.([A-Za-z_][A-Za-z0-9_]*))?((?:\[[^\[\]]*\])*)", re.ASCII)
_COMMA: Final = re.compile(r",(?![^\[]*\])")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """An array and the slab of it that is asked for."""

    array: ServedArray
    slab: tuple[range, ...]

    @property
    def count(self) -> int:
        """Number of values."""
        return count(self.slab)


@dataclass(frozen=True, kw_only=True)
class Projection:
    """One member of the answer.

    Attributes:
        name: Its name.
        slices: An array alone; the array of a grid and then its maps; or the chosen members of a grid.
        kind: A plain array, a whole Grid, or a Structure of members of a grid.
    """

    name: str
    slices: tuple[Slice, ...]
    kind: str

    @property
    def count(self) -> int:
        """Number of values."""
        return sum(slice_.count for slice_ in self.slices)


def parse_constraint(dataset: ServedDataset, query: str, *, most_values: int) -> list[Projection]:
    """Parse the query of a DAP 2 request; everything if it is empty.

    Members come in the order in which the constraint names them first; those of one grid become one Structure.

    Args:
        dataset: The arrays that there are.
        query: As it stands in the URL, percent-encoded or not.
        most_values: The limit on the number of values of the answer.

    Raises:
        InvalidInput: for a constraint that cannot be read, or a slab outside its array.
        NotFound: for a name that the dataset does not have.
        TooLarge: for too many values.
    """
    projections = _parse(dataset, unquote(query).strip())
    values = sum(projection.count for projection in projections)
    if values > most_values:
        largest = max(projections, key=lambda projection: projection.count)
        raise TooLarge(
            f"the answer would have {values} values, the limit is {most_values}; ask for a slab, such as "
            f"{largest.name}{'[0:1:0]' * len(largest.slices[0].slab)}, or use a stride"
        )
    return projections


def _parse(dataset: ServedDataset, text: str) -> list[Projection]:
    if len(text) > LONGEST:
        raise InvalidInput(f"the constraint has {len(text)} characters, the limit is {LONGEST}; ask for less at once")
    names, _, selection = text.partition("&")
    if selection.strip():
        raise InvalidInput(
            f"&{selection[:80]}: arrays have no selections; choose by index, as in name[first:stride:last]"
        )
    clauses = [clause.strip() for clause in _COMMA.split(names)] if names.strip() else list(dataset.arrays)
    if len(clauses) > MOST_PROJECTIONS:
        raise InvalidInput(f"{len(clauses)} projections; the limit is {MOST_PROJECTIONS}")
    projections: dict[str, Projection] = {}
    for clause in clauses:
        match = _PROJECTION.fullmatch(clause)
        if match is None:
            raise InvalidInput(f"{clause[:80]!r} is no projection; write name[first:stride:last], joined by commas")
        name, member, brackets = match.groups()
        array = _array(dataset, name)
        if member is None:
            projections[name] = _whole(dataset, array, brackets)
        else:
            slice_ = _member(dataset, array, member, brackets)
            before = projections.get(name)
            earlier = before.slices if before is not None and before.kind == "Structure" else ()
            projections[name] = Projection(name=name, slices=(*earlier, slice_), kind="Structure")
    return list(projections.values())


def _array(dataset: ServedDataset, name: str) -> ServedArray:
    if name not in dataset.arrays:
        raise NotFound(f"there is no array {name[:80]!r} here; there are {', '.join(dataset.arrays)}")
    return dataset.arrays[name]


def _whole(dataset: ServedDataset, array: ServedArray, brackets: str) -> Projection:
    slab = parse_slab(array, brackets)
    slices = [Slice(array=array, slab=slab)]
    slices += [Slice(array=dataset.arrays[name], slab=(steps,)) for name, steps in zip(array.maps, slab, strict=False)]
    return Projection(name=array.name, slices=tuple(slices), kind="Grid" if array.maps else "Array")


def _member(dataset: ServedDataset, array: ServedArray, member: str, brackets: str) -> Slice:
    if not array.maps or member not in (array.name, *array.maps):
        members = ", ".join((array.name, *array.maps)) if array.maps else "none: it is no grid"
        raise NotFound(f"{array.name} has no member {member[:80]!r}; it has {members}")
    source = array if member == array.name else dataset.arrays[member]
    return Slice(array=source, slab=parse_slab(source, brackets))


def everything(dataset: ServedDataset) -> list[Projection]:
    """The projections of an empty constraint, whatever their size: what a description describes."""
    return [_whole(dataset, array, "") for array in dataset.arrays.values()]
