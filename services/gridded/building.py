"""Builds the array dataset of the granules that the catalogue has."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cog.grids.gridmath import is_upright
from cog.writers import cf
from cog.writers.cube import CoverageTime
from services.gridded.arrays import ArrayDataset, ArrayDimension, ArrayField, Coordinate, TimeCoordinate
from services.gridded.credits import global_attributes
from services.selection.moments import codec_of
from services.selection.opening.cubes import cube_axis, field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cog.cells.codec import Codec
    from cog.writers.cube import CubeAxis
    from config.grids import Grid
    from records.datasets.models import Dataset, Variable
    from records.datasets.series.steps import StepIndex

BOUNDS_DIMENSION = "bnds"


type Indexes = Mapping[str | None, StepIndex]
"""Key of a layer (`config.layers`) -> what the catalogue has of it; None where a variable has no levels or members."""


def build(dataset: Dataset, indexes: Mapping[str, Indexes], *, base_url: str) -> ArrayDataset:
    """Build the arrays of a dataset.

    Variables whose grid is rotated against its axes, and variables without a granule, are left out. Variables of one
    calendar share a time axis that has every time of any of them; equal grids, levels and members share their axes,
    others have the id of the variable in their name.

    Args:
        dataset: The dataset.
        indexes: Its granules, by id of the variable.
        base_url: Base URL of the service.
    """
    variables = [v for v in dataset.variables if any(map(len, indexes[v.id].values())) and _is_served(v.grid)]
    names = _Names({variable.id for variable in dataset.variables})
    times = _times({variable.id: indexes[variable.id] for variable in variables}, names)
    space = _Space(names)
    fields = {}
    for variable in variables:
        fields[variable.id] = _field(
            variable, indexes[variable.id], space=space, time=times.get(variable.id), names=names
        )
    axes = {axis.name: axis for axis in times.values()}
    coordinates = {c.name: c for axis in axes.values() for c in _time_coordinates(axis)} | space.coordinates
    dimensions = {d.name: d for field in fields.values() for d in field.dimensions}
    return ArrayDataset(
        dataset=dataset,
        attributes={"Conventions": cf.CONVENTIONS} | global_attributes(dataset, base_url),
        dimensions=dimensions,
        coordinates=coordinates,
        fields=fields,
        times=axes,
    )


def _is_served(grid: Grid) -> bool:
    return is_upright(grid) and grid.transform[0] > 0 and grid.transform[4] < 0


class _Names:
    """Names of dimensions and coordinates, each given once."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = set(taken)

    def free(self, name: str, variable_id: str) -> str:
        """The name itself, or with the id of the variable that needs another, or with a number."""
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name) or "axis"
        plain = plain if plain[0].isalpha() else f"axis_{plain}"
        candidates = (plain, f"{plain}_{variable_id}", *(f"{plain}_{n}" for n in range(2, 1000)))
        free_name = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(free_name)
        return free_name


def _times(indexes: Mapping[str, Indexes], names: _Names) -> dict[str, TimeCoordinate]:
    """The time axis of each variable that has times."""
    calendars: dict[str, list[str]] = defaultdict(list)
    for variable_id, layers in indexes.items():
        calendar = next((index.calendar for index in layers.values() if index.calendar is not None), None)
        if calendar is not None:
            calendars[calendar].append(variable_id)
    axes: dict[str, TimeCoordinate] = {}
    for calendar, ids in calendars.items():
        axis = _axis(names.free("time", ids[0]), calendar, [i for name in ids for i in indexes[name].values()])
        axes |= dict.fromkeys(ids, axis)
    return axes


def _axis(name: str, calendar: str, indexes: Iterable[StepIndex]) -> TimeCoordinate:
    """The axis of every time of any index."""
    steps: dict[int, CoverageTime] = {}
    for index in indexes:
        for position, key in enumerate(index.keys.tolist()):
            if key not in steps:
                start, end = index.bounds(position)
                steps[key] = CoverageTime(label=index.labels[position], key=key, start_key=start, end_key=end)
    ordered = tuple(steps[key] for key in sorted(steps))
    keys = np.array([step.key for step in ordered], dtype="int64")
    return TimeCoordinate(name=name, calendar=calendar, steps=ordered, keys=keys)


def _time_coordinates(axis: TimeCoordinate) -> list[Coordinate]:
    numbers = cf.time_axis(axis.steps, axis.calendar)
    attributes = {"standard_name": "time", "long_name": "time", "axis": "T"}
    attributes |= {"units": numbers.units, "calendar": numbers.calendar}
    if numbers.bounds is None:
        return [Coordinate(name=axis.name, dimensions=(axis.name,), values=numbers.values, attributes=attributes)]
    bounds = f"{axis.name}_bnds"
    return [
        Coordinate(
            name=axis.name,
            dimensions=(axis.name,),
            values=numbers.values,
            attributes=attributes | {"bounds": bounds},
        ),
        Coordinate(name=bounds, dimensions=(axis.name, BOUNDS_DIMENSION), values=numbers.bounds, attributes={}),
    ]


class _Space:
    """The horizontal axes, axes of layers and grid mappings of a dataset, each made once."""

    def __init__(self, names: _Names) -> None:
        self._names = names
        self._grids: list[tuple[Grid, tuple[ArrayDimension, ArrayDimension], str]] = []
        self._layers: list[tuple[CubeAxis, ArrayDimension]] = []
        self.coordinates: dict[str, Coordinate] = {}

    def horizontal(self, variable: Variable) -> tuple[tuple[ArrayDimension, ArrayDimension], str]:
        """(y, x) of the grid of a variable, and the name of its grid mapping."""
        for grid, dimensions, mapping in self._grids:
            if grid.matches(variable.grid):
                return dimensions, mapping
        dimensions = self._dimension(variable, "y"), self._dimension(variable, "x")
        mapping = self._names.free("crs", variable.id)
        self._add(mapping, (), np.array(0, dtype="int32"), cf.grid_mapping(variable.grid))
        self._grids.append((variable.grid, dimensions, mapping))
        return dimensions, mapping

    def _dimension(self, variable: Variable, role: Any) -> ArrayDimension:
        axis = cf.horizontal_axes(variable.grid)[0 if role == "y" else 1]
        name = self._names.free(axis.name, variable.id)
        bounds = f"{name}_bnds"
        self._add(name, (name,), axis.values, axis.attributes | {"bounds": bounds})
        self._add(bounds, (name, BOUNDS_DIMENSION), axis.bounds, {})
        return ArrayDimension(name=name, size=len(axis.values), role=role)

    def layers(self, variable: Variable, role: Literal["level", "member"]) -> tuple[CubeAxis, ArrayDimension] | None:
        """The levels or members of a variable and their dimension; labels that are no numbers have no coordinate."""
        known = variable.levels if role == "level" else variable.members
        if known is None:
            return None
        axis = cube_axis(known)
        for other, dimension in self._layers:
            if other == axis:
                return axis, dimension
        name = self._names.free(cf.layer_axis_name(axis), variable.id)
        if axis.values is not None:
            bounds = f"{name}_bnds"
            attributes = cf.layer_attributes(axis)
            self._add(name, (name,), np.array(axis.values), attributes | ({"bounds": bounds} if axis.ends else {}))
            if axis.ends:
                self._add(bounds, (name, BOUNDS_DIMENSION), np.array(axis.ends), {})
        dimension = ArrayDimension(name=name, size=len(axis.labels), role=role)
        self._layers.append((axis, dimension))
        return axis, dimension

    def _add(self, name: str, dimensions: tuple[str, ...], values: Any, attributes: Mapping[str, Any]) -> None:
        values.flags.writeable = False
        self.coordinates[name] = Coordinate(name=name, dimensions=dimensions, values=values, attributes=attributes)


def _field(
    variable: Variable, indexes: Indexes, *, space: _Space, time: TimeCoordinate | None, names: _Names
) -> ArrayField:
    (y, x), mapping = space.horizontal(variable)
    members, levels = (space.layers(variable, role) for role in ("member", "level"))
    dimensions = [ArrayDimension(name=time.name, size=len(time.steps), role="time")] if time else []
    dimensions += [axis[1] for axis in (members, levels) if axis]
    if variable.band_count > 1:
        name = names.free(f"{variable.id}_band", variable.id)
        dimensions.append(ArrayDimension(name=name, size=variable.band_count, role="band"))
    stored = codec_of(variable)
    count = len(time.steps) if time else 1
    is_full = all(
        len(index) == count and index.is_uniform and index.grids[0].matches(variable.grid) for index in indexes.values()
    )
    codec = _served_codec(stored, is_full=is_full)
    attributes = cf.field_attributes(replace(field_of(variable, codec=codec, method="nearest"), scale=1.0, offset=0.0))
    for axis in (levels, members):
        if axis is not None and axis[0].values is None:
            attributes[f"{axis[1].role}_labels"] = ", ".join(axis[0].labels)
    return ArrayField(
        variable=variable,
        dimensions=(*dimensions, y, x),
        grid=variable.grid,
        codec=codec,
        stored=stored,
        attributes=attributes | {"grid_mapping": mapping},
        indexes=indexes,
        time=time,
        levels=levels[0] if levels else None,
        members=members[0] if members else None,
    )


def _served_codec(stored: Codec, *, is_full: bool) -> Codec:
    """The stored values, with room for missing ones unless every cell is there and the type has no NaN."""
    return stored if is_full and not stored.is_float else stored.fillable()
