"""Builds the array dataset of the granules that the catalogue has."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.grids.gridmath import is_upright
from cog.reading.sheets import Sheet
from cog.writers import cf
from cog.writers.cube import CoverageTime, VerticalAxis
from services.gridded.arrays import ArrayDataset, Coordinate, Dimension, Field, TimeAxis
from services.gridded.credits import global_attributes
from services.selection.cubes import field_of
from services.selection.moments import codec_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cog.cells.codec import Codec
    from config.grids import Grid
    from records.datasets.frames import Frame
    from records.datasets.models import Dataset, Variable

BOUNDS_DIMENSION = "bnds"


def build(dataset: Dataset, frames: Iterable[Frame], *, store: Path, base_url: str) -> ArrayDataset:
    """Build the arrays of a dataset.

    Variables whose grid is rotated against its axes, and variables without a granule, are left out. Variables of one
    calendar share a time axis that has every time of any of them; equal grids and equal levels share their axes, others
    have the id of the variable in their name.

    Args:
        dataset: The dataset.
        frames: Its granules, by variable, time and part.
        store: Folder of the assets.
        base_url: Base URL of the service.
    """
    by_variable: dict[str, list[Frame]] = defaultdict(list)
    for frame in frames:
        by_variable[frame.variable_id].append(frame)
    variables = [v for v in dataset.variables if v.id in by_variable and _is_served(v.grid)]
    names = _Names({variable.id for variable in dataset.variables})
    times = _times(variables, by_variable, names)
    space = _Space(names)
    fields = {}
    for variable in variables:
        fields[variable.id] = _field(
            variable, by_variable[variable.id], space=space, time=times.get(variable.id), names=names, store=store
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
        chosen = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(chosen)
        return chosen


def _times(variables: Iterable[Variable], by_variable: Mapping[str, list[Frame]], names: _Names) -> dict[str, TimeAxis]:
    """The time axis of each variable that has times."""
    calendars: dict[str, list[str]] = defaultdict(list)
    steps: dict[str, dict[int, CoverageTime]] = defaultdict(dict)
    for variable in variables:
        timed = [frame for frame in by_variable[variable.id] if frame.key is not None]
        if not timed:
            continue
        calendar = timed[0].calendar or "standard"
        calendars[calendar].append(variable.id)
        for frame in timed:
            key = frame.key or 0
            if key not in steps[calendar]:
                steps[calendar][key] = CoverageTime(
                    label=frame.time or "", key=key, start_key=frame.start_key, end_key=frame.end_key
                )
    axes: dict[str, TimeAxis] = {}
    for calendar, ids in calendars.items():
        ordered = tuple(step for _, step in sorted(steps[calendar].items()))
        axis = TimeAxis(name=names.free("time", ids[0]), calendar=calendar, steps=ordered)
        axes |= dict.fromkeys(ids, axis)
    return axes


def _time_coordinates(axis: TimeAxis) -> list[Coordinate]:
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
    """The horizontal and vertical axes and grid mappings of a dataset, each made once."""

    def __init__(self, names: _Names) -> None:
        self._names = names
        self._grids: list[tuple[Grid, tuple[Dimension, Dimension], str]] = []
        self._levels: list[tuple[VerticalAxis, Dimension]] = []
        self.coordinates: dict[str, Coordinate] = {}

    def horizontal(self, variable: Variable) -> tuple[tuple[Dimension, Dimension], str]:
        """(y, x) of the grid of a variable, and the name of its grid mapping."""
        for grid, dimensions, mapping in self._grids:
            if grid.matches(variable.grid):
                return dimensions, mapping
        dimensions = self._dimension(variable, "y"), self._dimension(variable, "x")
        mapping = self._names.free("crs", variable.id)
        self._add(mapping, (), np.array(0, dtype="int32"), cf.grid_mapping(variable.grid))
        self._grids.append((variable.grid, dimensions, mapping))
        return dimensions, mapping

    def _dimension(self, variable: Variable, role: Any) -> Dimension:
        axis = cf.horizontal_axes(variable.grid)[0 if role == "y" else 1]
        name = self._names.free(axis.name, variable.id)
        bounds = f"{name}_bnds"
        self._add(name, (name,), axis.values, axis.attributes | {"bounds": bounds})
        self._add(bounds, (name, BOUNDS_DIMENSION), axis.bounds, {})
        return Dimension(name=name, size=len(axis.values), role=role)

    def vertical(self, variable: Variable) -> tuple[VerticalAxis, Dimension] | None:
        """The levels of a variable and their dimension; levels that are no numbers have no coordinate."""
        if variable.levels is None:
            return None
        levels = variable.levels
        axis = VerticalAxis(name=levels.name, unit=levels.unit, positive=levels.positive, labels=levels.labels)
        for other, dimension in self._levels:
            if other == axis:
                return axis, dimension
        name = self._names.free(cf.level_name(axis), variable.id)
        if axis.values is not None:
            self._add(name, (name,), np.array(axis.values), cf.level_attributes(axis))
        dimension = Dimension(name=name, size=len(axis.labels), role="level")
        self._levels.append((axis, dimension))
        return axis, dimension

    def _add(self, name: str, dimensions: tuple[str, ...], values: Any, attributes: Mapping[str, Any]) -> None:
        values.flags.writeable = False
        self.coordinates[name] = Coordinate(name=name, dimensions=dimensions, values=values, attributes=attributes)


def _field(
    variable: Variable, frames: list[Frame], *, space: _Space, time: TimeAxis | None, names: _Names, store: Path
) -> Field:
    (y, x), mapping = space.horizontal(variable)
    vertical = space.vertical(variable)
    dimensions = [Dimension(name=time.name, size=len(time.steps), role="time")] if time else []
    dimensions += [vertical[1]] if vertical else []
    if variable.band_count > 1:
        name = names.free(f"{variable.id}_band", variable.id)
        dimensions.append(Dimension(name=name, size=variable.band_count, role="band"))
    levels = vertical[0] if vertical else None
    sheets: dict[tuple[int | None, str | None], list[Sheet]] = defaultdict(list)
    for frame in frames:
        sheet = Sheet(path=str(store / frame.href), grid=frame.grid, version=frame.sha256)
        sheets[frame.key, frame.level if levels else None].append(sheet)
    places = (len(time.steps) if time else 1) * (len(levels.labels) if levels else 1)
    stored = codec_of(variable)
    is_full = len(sheets) == places and all(
        len(parts) == 1 and parts[0].grid.matches(variable.grid) for parts in sheets.values()
    )
    codec = _served_codec(stored, is_full=is_full)
    attributes = cf.field_attributes(replace(field_of(variable, codec=codec, method="nearest"), scale=1.0, offset=0.0))
    if levels is not None and levels.values is None:
        attributes["level_labels"] = ", ".join(levels.labels)
    return Field(
        variable=variable,
        dimensions=(*dimensions, y, x),
        grid=variable.grid,
        codec=codec,
        stored=stored,
        attributes=attributes | {"grid_mapping": mapping},
        frames={place: tuple(parts) for place, parts in sheets.items()},
        time=time,
        levels=levels,
    )


def _served_codec(stored: Codec, *, is_full: bool) -> Codec:
    """The stored values, with room for missing ones unless every cell is there and the type has no NaN."""
    return stored if is_full and not stored.is_float else stored.fillable()
