"""GRIB 1 and 2 by ecCodes: each field of a file is one time, level and member of a variable."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from cog.sources.calendars import declared_steps
from cog.sources.declared import choose_variables, declared_grid, require_storable, usable_variables
from cog.sources.grib.levels import level_axis
from cog.sources.grib.messages import GribError, message_at
from cog.sources.grib.parameters import GribParameter, PointOrder, parameters_of
from cog.sources.layout import CellOrder, CellRules, normalise
from cog.sources.members import member_axis
from cog.sources.models import SourceDescription, SourceVariable, TimeStep
from cog.sources.stretched import WARP, Stretched, stretched
from config.declarations.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.grids import Grid


@dataclass(frozen=True, kw_only=True)
class _FieldReading:
    """The reading of one variable: the offset of each field by (step, layer)."""

    offsets: dict[tuple[int, int], int]
    shape: tuple[int, int]
    uneven: Stretched | None
    order: PointOrder
    layout: CellOrder
    rules: CellRules


class GribSource:
    """An open GRIB file.

    Args:
        path: The file.
        declaration: What is declared of it.
        file: What it holds where that is packed, open from its start; it is closed with the source.
    """

    def __init__(self, path: Path, declaration: DatasetDeclaration, *, file: BinaryIO | None = None) -> None:
        self._path, self._declaration = path, declaration
        self._file: BinaryIO = path.open("rb") if file is None else file
        self._decoded_field: tuple[int, NDArray[np.float64]] | None = None
        try:
            self._describe()
        except GribError as error:
            self.close()
            raise SourceRefused(path, f"ecCodes cannot read it: {error}", "check that the file is whole") from error
        except BaseException:
            self.close()
            raise

    def _describe(self) -> None:
        self._readings: dict[str, _FieldReading] = {}
        parameters, unreadable = parameters_of(self._file, path=self._path)
        selection, skipped = choose_variables(list(parameters), self._declaration, path=self._path)
        variables, unusable = usable_variables(
            selection,
            lambda name, overrides: self._variable(name, parameters[name], overrides or VariableDeclaration()),
            strict=self._declaration.strict,
        )
        self.description = SourceDescription(
            path=str(self._path),
            format="GRIB",
            variables=variables,
            skipped=tuple(skipped),
            unusable=(*unusable, *unreadable),
        )

    def _variable(self, name: str, parameter: GribParameter, overrides: VariableDeclaration) -> SourceVariable:
        stored, notes, uneven = self._grid(parameter)
        grid, layout, moves = normalise(stored)
        require_storable(np.dtype(parameter.dtype), grid, name=name, path=self._path)
        steps = self._steps(parameter)
        fill = float("nan") if overrides.fill is None else overrides.fill
        rules = CellRules(dtype=parameter.dtype, nodata=fill, missing=parameter.missing, valid=overrides.valid_range)
        levels = list({f.level.label: f.level for f in parameter.fields}.values())
        members = parameter.members(declared=self._declaration.ensemble)
        layers = list(product(members, [level.label for level in levels]))
        self._readings[name] = _FieldReading(
            offsets=self._offsets(name, parameter, layers),
            shape=parameter.grid.shape,
            uneven=uneven,
            order=parameter.order,
            layout=layout,
            rules=rules,
        )
        climatology = self._declaration.time is not None and self._declaration.time.climatology
        mrms = ("Cells that hold -3 (no coverage) or -1 (missing) became no data, as MRMS documents.",)
        return SourceVariable(
            name=name,
            title=parameter.title,
            dtype=parameter.dtype,
            grid=grid,
            nodata=fill,
            scale=1.0 if overrides.scale is None else overrides.scale,
            offset=0.0 if overrides.offset is None else overrides.offset,
            unit=overrides.unit or parameter.unit,
            standard_name=overrides.standard_name or parameter.standard_name,
            kind=overrides.kind or ("categorical" if overrides.classes else "continuous"),
            steps=steps,
            levels=level_axis(levels, path=self._path),
            members=None if members == [None] else member_axis(members, path=self._path),
            climatology=climatology,
            lineage=(*notes, *moves, *(mrms if parameter.missing else ())),
        )

    def _grid(self, parameter: GribParameter) -> tuple[Grid, tuple[str, ...], Stretched | None]:
        """The grid of a variable as stored, notes, and how uneven rows were put on even ones where that is declared."""
        height, width = parameter.grid.shape
        placement = declared_grid(self._declaration, width=width, height=height, path=self._path)
        if placement is not None:
            return *placement, None
        if parameter.grid.grid is not None:
            return parameter.grid.grid, parameter.grid.notes, None
        assert parameter.grid.uneven is not None
        if not self._declaration.warp:
            raise SourceRefused(self._path, f"its fields are on {parameter.grid.kind}", WARP)
        uneven = stretched(parameter.grid.uneven, path=self._path)
        return uneven.grid, (*parameter.grid.notes, uneven.note), uneven

    def _steps(self, parameter: GribParameter) -> tuple[TimeStep | None, ...]:
        times = parameter.times
        if self._declaration.time is not None:
            return declared_steps(self._declaration.time, len(times), path=self._path)
        return tuple(times)

    def _offsets(
        self, name: str, parameter: GribParameter, layers: list[tuple[int | None, str]]
    ) -> dict[tuple[int, int], int]:
        """The offset of the field of each (step, layer); raises SourceRefused where one is missing or there are two."""
        times = {t.label if t else None: step for step, t in enumerate(parameter.times)}
        numbers = {layer: number for number, layer in enumerate(layers)}
        are_members = layers[0][0] is not None
        offsets: dict[tuple[int, int], int] = {}
        for one in parameter.fields:
            layer = (one.member if are_members else None, one.level.label)
            place = (times[one.label], numbers[layer])
            if place in offsets:
                cause = f"it has two fields of {name} at {one.label} and {_in_words(layer)}"
                raise SourceRefused(self._path, cause, "keep one of them, or split the file with grib_copy")
            offsets[place] = one.offset
        for (label, step), (layer, number) in product(times.items(), numbers.items()):
            if (step, number) not in offsets:
                cause = f"it has no field of {name} at {label} and {_in_words(layer)}, and has that at other times"
                remedy = "split the file by level, member or time with grib_copy"
                raise SourceRefused(self._path, cause, remedy)
        return offsets

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        reading = self._readings[variable]
        try:
            cells = self._decoded(reading, reading.offsets[step, layer])
        except GribError as error:
            cause = f"step {step} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

        def stored(first: int, last: int) -> NDArray[Any]:
            return cells[first:last]

        even = stored if reading.uneven is None else reading.uneven.stored(stored)
        return reading.rules.clean(reading.layout.read(even, rows))

    def _decoded(self, reading: _FieldReading, offset: int) -> NDArray[np.float64]:
        """The values of a field as (row, column); that of the last call is kept, for its next rows."""
        if self._decoded_field is None or self._decoded_field[0] != offset:
            self._decoded_field = None  # not two fields at a time
            with message_at(self._file, offset) as message:
                values = message.values()
            shape = reading.shape
            if values.size != reading.order.points(shape):
                cause = f"a field has {values.size} values, and its grid {shape[1]} x {shape[0]} points"
                raise SourceRefused(self._path, cause, "check that the file is whole")
            self._decoded_field = (offset, reading.order.cells(values, shape))
        return self._decoded_field[1]

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()


def _in_words(layer: tuple[int | None, str]) -> str:
    member, level = layer
    return f"level {level}" if member is None else f"level {level} of member {member}"
