"""GRIB 1 and 2 by ecCodes: each field of a file is one time and level of a variable."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from cog.sources.calendars import declared_steps
from cog.sources.declared import choose_variables, declared_grid, require_storable
from cog.sources.grib.grids import grib_grid
from cog.sources.grib.levels import level_axis
from cog.sources.grib.messages import GribError, Message, message_at, messages
from cog.sources.grib.times import valid_time
from cog.sources.layout import CellOrder, CellRules, normalise
from cog.sources.levels import level_label
from cog.sources.models import SourceDescription, SourceVariable, TimeStep
from config.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.grids import Grid

MAX_FIELDS = 100_000
_FLOAT32_BITS = 24
_UNKNOWN = ("", "unknown", "~", "None")
_MRMS = (209, 6)
_MRMS_MISSING = (-3.0, -1.0)
"""Values that MRMS writes for no coverage and for missing data in precipitation fields (its discipline 209)."""


@dataclass(frozen=True, kw_only=True)
class _Field:
    """The place of a message, and the time and level that distinguish it within its variable."""

    offset: int
    time: TimeStep | None
    level: str


@dataclass(kw_only=True)
class _Parameter:
    """The fields of one variable, and what they share."""

    name: str
    title: str
    unit: str | None
    standard_name: str | None
    level_type: str
    step_type: str
    grid: Grid
    grid_digest: str
    by_columns: bool
    notes: tuple[str, ...]
    dtype: str
    missing: tuple[float, ...]
    fields: list[_Field] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _FieldReading:
    """The reading of one variable: the offset of each field by (step, level)."""

    offsets: dict[tuple[int, int], int]
    stored: Grid
    by_columns: bool
    layout: CellOrder
    rules: CellRules


class GribSource:
    """An open GRIB file."""

    def __init__(self, path: Path, declaration: DatasetDeclaration) -> None:
        self._path, self._declaration = path, declaration
        self._file = path.open("rb")
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
        parameters = self._parameters()
        selection, skipped = choose_variables(list(parameters), self._declaration, path=self._path)
        variables = tuple(
            self._variable(name, parameters[name], overrides or VariableDeclaration()) for name, overrides in selection
        )
        self.description = SourceDescription(
            path=str(self._path), format="GRIB", variables=variables, skipped=tuple(skipped)
        )

    def _parameters(self) -> dict[str, _Parameter]:
        """The variables of the file by name: fields of one parameter, kind of level and kind of statistic."""
        parameters: dict[tuple[Any, ...], _Parameter] = {}
        for number, message in enumerate(messages(self._file)):
            if number >= MAX_FIELDS:
                raise SourceRefused(self._path, f"holds more than {MAX_FIELDS} fields", "split it")
            identity = tuple(message.get(name) for name in _IDENTITY)
            parameter = parameters.get(identity) or parameters.setdefault(identity, self._parameter(message, number))
            if message.get("md5GridSection") != parameter.grid_digest:
                cause = f"the fields of {parameter.name} are on different grids"
                raise SourceRefused(self._path, cause, "split the file, for example with grib_copy")
            level = level_label(np.asarray(message.get("level") or 0))
            parameter.fields.append(_Field(offset=message.offset, time=valid_time(message), level=level))
        if not parameters:
            raise SourceRefused(self._path, "it holds no field", "check that the file is whole")
        return _with_unique_names(list(parameters.values()))

    def _parameter(self, message: Message, number: int) -> _Parameter:
        """The variable that a message belongs to, with its metadata; raises SourceRefused."""
        if message.get("alternativeRowScanning"):
            raise SourceRefused(self._path, "its rows run to and fro", "convert it with grib_set first")
        grid, notes = grib_grid(message, path=self._path)
        name, title, unit = _identified(message)
        if name is None:
            name, title, unit = self._from_local_table(number) or _numbered(message)
        standard = str(message.get("cfName"))
        is_mrms = (message.get("discipline"), message.get("parameterCategory")) == _MRMS
        return _Parameter(
            name=name,
            title=title,
            unit=unit,
            standard_name=None if standard in _UNKNOWN else standard,
            level_type=str(message.get("typeOfLevel")),
            step_type=str(message.get("stepType")),
            grid=grid,
            grid_digest=str(message.get("md5GridSection")),
            by_columns=bool(message.get("jPointsAreConsecutive")),
            notes=notes,
            dtype="float32" if (message.get("bitsPerValue") or 0) <= _FLOAT32_BITS else "float64",
            missing=_MRMS_MISSING if is_mrms else (),
        )

    def _from_local_table(self, number: int) -> tuple[str, str, str | None] | None:
        """Name, title and unit of a field whose parameter ecCodes does not know and GDAL does."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                with rasterio.open(self._path, driver="GRIB", sharing=False, GRIB_NORMALIZE_UNITS="NO") as file:
                    tags = file.tags(number + 1) if number < file.count else {}
        except RasterioError:
            return None
        name = tags.get("GRIB_ELEMENT", "")
        if name.lower() in _UNKNOWN or not name.isidentifier():
            return None
        unit = tags.get("GRIB_UNIT", "").strip("[]")
        return name, tags.get("GRIB_COMMENT", name).split(" [")[0], unit if unit not in ("", "-") else None

    def _variable(self, name: str, parameter: _Parameter, overrides: VariableDeclaration) -> SourceVariable:
        placement = declared_grid(
            self._declaration, width=parameter.grid.width, height=parameter.grid.height, path=self._path
        )
        stored, notes = placement or (parameter.grid, parameter.notes)
        grid, layout, moves = normalise(stored)
        require_storable(np.dtype(parameter.dtype), grid, name=name, path=self._path)
        steps = self._steps(parameter)
        fill = float("nan") if overrides.fill is None else overrides.fill
        rules = CellRules(dtype=parameter.dtype, nodata=fill, missing=parameter.missing, valid=overrides.valid_range)
        labels = list(dict.fromkeys(f.level for f in parameter.fields))
        self._readings[name] = _FieldReading(
            offsets=self._offsets(name, parameter, labels),
            stored=parameter.grid,
            by_columns=parameter.by_columns,
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
            levels=level_axis(parameter.level_type, labels, path=self._path),
            climatology=climatology,
            lineage=(*notes, *moves, *(mrms if parameter.missing else ())),
        )

    def _steps(self, parameter: _Parameter) -> tuple[TimeStep | None, ...]:
        times = _times(parameter)
        if self._declaration.time is not None:
            return declared_steps(self._declaration.time, len(times), path=self._path)
        return tuple(times)

    def _offsets(self, name: str, parameter: _Parameter, labels: list[str]) -> dict[tuple[int, int], int]:
        """The offset of the field of each (step, level); raises SourceRefused where one is missing or there are two."""
        times = [t.label if t else None for t in _times(parameter)]
        offsets: dict[tuple[int, int], int] = {}
        for one in parameter.fields:
            label = one.time.label if one.time else None
            place = (times.index(label), labels.index(one.level))
            if place in offsets:
                cause = f"it has two fields of {name} at {label} and level {one.level}, such as members of an ensemble"
                raise SourceRefused(self._path, cause, "keep one of them, for example with grib_copy -w number=0")
            offsets[place] = one.offset
        for step, label in enumerate(times):
            gap = next((level for n, level in enumerate(labels) if (step, n) not in offsets), None)
            if gap is not None:
                cause = f"it has no field of {name} at {label} and level {gap}, and has that level at other times"
                raise SourceRefused(self._path, cause, "split the file by level or by time with grib_copy")
        return offsets

    def read(self, variable: str, step: int, *, rows: tuple[int, int], level: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        reading = self._readings[variable]
        try:
            cells = self._decoded(reading, reading.offsets[step, level])
        except GribError as error:
            cause = f"step {step} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

        def stored(first: int, last: int) -> NDArray[Any]:
            return cells[first:last]

        return reading.rules.clean(reading.layout.read(stored, rows))

    def _decoded(self, reading: _FieldReading, offset: int) -> NDArray[np.float64]:
        """The values of a field as (row, column); that of the last call is kept, for its next rows."""
        if self._decoded_field is None or self._decoded_field[0] != offset:
            self._decoded_field = None  # not two fields at a time
            with message_at(self._file, offset) as message:
                values = message.values()
            shape = (reading.stored.height, reading.stored.width)
            if values.size != shape[0] * shape[1]:
                cause = f"a field has {values.size} values, and its grid {shape[1]} x {shape[0]} points"
                raise SourceRefused(self._path, cause, "check that the file is whole")
            cells = values.reshape(shape[::-1]).T if reading.by_columns else values.reshape(shape)
            self._decoded_field = (offset, cells)
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


_IDENTITY = (
    "paramId",
    "shortName",
    "discipline",
    "parameterCategory",
    "parameterNumber",
    "typeOfLevel",
    "stepType",
)
"""Keys whose values together are one variable."""


def _times(parameter: _Parameter) -> list[TimeStep | None]:
    """The distinct times of a variable, in order."""
    times = {f.time.label if f.time else None: f.time for f in parameter.fields}
    return sorted(times.values(), key=lambda time: time.key if time else 0)


def _identified(message: Message) -> tuple[str | None, str, str | None]:
    """Name, title and unit of a parameter that ecCodes knows; no name for another."""
    short, title, unit = (str(message.get(name)) for name in ("shortName", "name", "units"))
    if short in _UNKNOWN:
        return None, "", None
    return short, title, None if unit in _UNKNOWN else unit


def _numbered(message: Message) -> tuple[str, str, str | None]:
    """The name of a parameter that no table knows: its numbers."""
    keys = ("discipline", "parameterCategory", "parameterNumber")
    if message.get("edition") == 1:
        keys = ("centre", "table2Version", "indicatorOfParameter")
    numbers = "_".join(str(message.get(name)) for name in keys)
    return f"parameter_{numbers}", f"Parameter {numbers.replace('_', '.')}", None


def _with_unique_names(parameters: list[_Parameter]) -> dict[str, _Parameter]:
    """Parameters by name, each made unique by its kind of level and then of statistic."""
    for attribute in ("level_type", "step_type"):
        often = Counter(p.name for p in parameters)
        for p in parameters:
            if often[p.name] > 1:
                p.name = f"{p.name}_{getattr(p, attribute)}"
    often = Counter(p.name for p in parameters)
    for number, p in enumerate(parameters):
        if often[p.name] > 1:
            p.name = f"{p.name}_{number + 1}"
    return {p.name: p for p in parameters}
