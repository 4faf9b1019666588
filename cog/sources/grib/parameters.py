"""The variables of a GRIB file: fields of one parameter, kind of level and kind of statistic, and what they share."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from cog.sources.grib.grids import GribGrid, grib_grid
from cog.sources.grib.levels import GribLevel, level_of
from cog.sources.grib.messages import Message, messages
from cog.sources.grib.times import interval_name, valid_time
from cog.sources.members import is_one_of_several
from cog.sources.models import TimeStep
from config.errors import SourceRefused

MAX_FIELDS = 100_000
_FLOAT32_BITS = 24
_UNKNOWN = ("", "unknown", "~", "None")
_UNSTATED_SIZES = (None, 255)
_MRMS = (209, 6)
_MRMS_MISSING = (-3.0, -1.0)
"""Values that MRMS writes for no coverage and for missing data in precipitation fields (its discipline 209)."""


@dataclass(frozen=True, kw_only=True)
class PointOrder:
    """The order of the points of a field: by columns, or by rows, of which each second one may run back.

    `row_points` are the numbers of points of the rows of a reduced grid, which are shown as long as the longest.
    """

    by_columns: bool
    to_and_fro: bool
    row_points: tuple[int, ...] = ()

    def cells(self, values: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
        """Values in the order of the message as (row, column), all rows in the direction of the first."""
        if self.row_points:
            return self._expanded(values, shape[1])
        lines = values.reshape(shape[::-1] if self.by_columns else shape)
        if self.to_and_fro:
            lines = lines.copy()
            lines[1::2] = lines[1::2, ::-1]
        return lines.T if self.by_columns else lines

    def _expanded(self, values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
        """Each row with the nearest of its points in each column."""
        starts = np.concatenate([[0], np.cumsum(self.row_points)[:-1]])
        count = np.array(self.row_points)[:, np.newaxis]
        nearest = np.floor(np.arange(width) * count / width + 0.5).astype("int64") % count
        expanded: NDArray[np.float64] = values[starts[:, np.newaxis] + nearest]
        return expanded

    def points(self, shape: tuple[int, int]) -> int:
        """Number of values of a field on a grid of that shape."""
        return sum(self.row_points) if self.row_points else shape[0] * shape[1]


@dataclass(frozen=True, kw_only=True)
class GribField:
    """The place of a message, and the time, level and member that distinguish it within its variable."""

    offset: int
    time: TimeStep | None
    level: GribLevel
    member: int | None = None

    @property
    def label(self) -> str | None:
        """The label of its time."""
        return self.time.label if self.time else None

    @property
    def start(self) -> int | None:
        """The order key at which its interval begins, if it has one."""
        return self.time.start_key if self.time else None


@dataclass(kw_only=True)
class GribParameter:
    """The fields of one variable, and what they share; `ensemble` is the size of their ensemble, if that is stated."""

    name: str
    title: str
    unit: str | None
    standard_name: str | None
    level_type: str
    step_type: str
    grid: GribGrid
    grid_digest: str
    order: PointOrder
    dtype: str
    missing: tuple[float, ...]
    fields: list[GribField] = field(default_factory=list)
    ensemble: int = 0

    def members(self, *, declared: bool | None) -> list[int | None]:
        """The members of its fields in stored order; one None where not all have one, or one is not of several."""
        members = list(dict.fromkeys(one.member for one in self.fields))
        if None in members:
            return [None]
        is_alone = len(members) == 1 and not is_one_of_several(members[0], size=self.ensemble, declared=declared)
        return [None] if is_alone else members

    @property
    def times(self) -> list[TimeStep | None]:
        """The distinct times of its fields, in order."""
        times = {f.label: f.time for f in self.fields}
        return sorted(times.values(), key=lambda time: time.key if time else 0)


def parameters_of(file: BinaryIO, *, path: Path) -> tuple[dict[str, GribParameter], tuple[tuple[str, str], ...]]:
    """The variables of a file by name, and those that cannot be read with the reason.

    Raises SourceRefused for a file of which nothing can be read.
    """
    parameters: dict[tuple[Any, ...], GribParameter] = {}
    refused: dict[tuple[Any, ...], tuple[str, SourceRefused]] = {}
    for number, message in enumerate(messages(file)):
        if number >= MAX_FIELDS:
            raise SourceRefused(path, f"holds more than {MAX_FIELDS} fields", "split it")
        level = level_of(message)
        identity = (*(message.get(name) for name in _IDENTITY), level.kind)
        if identity in refused:
            continue
        try:
            _add(parameters, identity, message, number, level, path)
        except SourceRefused as error:
            parameters.pop(identity, None)
            refused[identity] = (_name(message, number, path)[0], error)
    if not parameters:
        raise next(
            (error for _, error in refused.values()),
            SourceRefused(path, "it holds no field", "check that the file is whole"),
        )
    unusable = tuple((name, f"{error.cause}; {error.remedy}") for name, error in refused.values())
    return _with_unique_names([part for whole in parameters.values() for part in _by_interval(whole)]), unusable


def _add(
    parameters: dict[tuple[Any, ...], GribParameter],
    identity: tuple[Any, ...],
    message: Message,
    number: int,
    level: GribLevel,
    path: Path,
) -> None:
    """Add a field to its variable; raises SourceRefused where its grid is not served, or another than the first's."""
    parameter = parameters.get(identity) or _parameter(message, number, level.kind, path)
    if message.get("md5GridSection") != parameter.grid_digest:
        cause = f"the fields of {parameter.name} are on different grids"
        raise SourceRefused(path, cause, "split the file, for example with grib_copy")
    parameters[identity] = parameter
    member = message.get("number", int)
    size = message.get("numberOfForecastsInEnsemble", int)
    parameter.ensemble = max(parameter.ensemble, 0 if size in _UNSTATED_SIZES else size)
    parameter.fields.append(GribField(offset=message.offset, time=valid_time(message), level=level, member=member))


def _parameter(message: Message, number: int, level_type: str, path: Path) -> GribParameter:
    """The variable that a message belongs to, with its metadata; raises SourceRefused."""
    grid = grib_grid(message, path=path)
    name, title, unit = _name(message, number, path)
    standard = str(message.get("cfName"))
    is_mrms = (message.get("discipline"), message.get("parameterCategory")) == _MRMS
    return GribParameter(
        name=name,
        title=title,
        unit=unit,
        standard_name=None if standard in _UNKNOWN else standard,
        level_type=level_type,
        step_type=str(message.get("stepType")),
        grid=grid,
        grid_digest=str(message.get("md5GridSection")),
        order=PointOrder(
            by_columns=bool(message.get("jPointsAreConsecutive")),
            to_and_fro=bool(message.get("alternativeRowScanning")),
            row_points=grid.row_points,
        ),
        dtype="float32" if (message.get("bitsPerValue") or 0) <= _FLOAT32_BITS else "float64",
        missing=_MRMS_MISSING if is_mrms else (),
    )


def _name(message: Message, number: int, path: Path) -> tuple[str, str, str | None]:
    """Name, title and unit of a parameter: by ecCodes, by GDAL's tables, else its numbers."""
    name, title, unit = _identified(message)
    if name is not None:
        return name, title, unit
    return _from_local_table(number, path) or _numbered(message)


def _from_local_table(number: int, path: Path) -> tuple[str, str, str | None] | None:
    """Name, title and unit of a field whose parameter ecCodes does not know and GDAL does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GRIB", sharing=False, GRIB_NORMALIZE_UNITS="NO") as file:
                tags = file.tags(number + 1) if number < file.count else {}
    except RasterioError:
        return None
    name = tags.get("GRIB_ELEMENT", "")
    if name.lower() in _UNKNOWN or not name.isidentifier():
        return None
    unit = tags.get("GRIB_UNIT", "").strip("[]")
    return name, tags.get("GRIB_COMMENT", name).split(" [")[0], unit if unit not in ("", "-") else None


_IDENTITY = (
    "paramId",
    "shortName",
    "discipline",
    "parameterCategory",
    "parameterNumber",
    "stepType",
)
"""Keys whose values, with the kind of level, are one variable."""


def _by_interval(parameter: GribParameter) -> list[GribParameter]:
    """A variable by the length of its intervals, where two of them end at one time: 3 and 6 hours of precipitation."""
    starts: dict[tuple[str | None, str], set[int | None]] = {}
    for one in parameter.fields:
        starts.setdefault((one.label, f"{one.level.label} {one.member}"), set()).add(one.start)
    if all(len(different) == 1 for different in starts.values()):
        return [parameter]
    by_length: dict[str, list[GribField]] = {}
    for one in parameter.fields:
        by_length.setdefault(interval_name(one.time), []).append(one)
    return [replace(parameter, name=f"{parameter.name}_{length}", fields=f) for length, f in by_length.items()]


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


def _with_unique_names(parameters: list[GribParameter]) -> dict[str, GribParameter]:
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
