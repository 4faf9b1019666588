"""The parameters of EDR queries: variables, times, levels, CRS, statistics and format, resolved against a dataset.

`z` chooses levels: one, a list, an interval low/high, or R{n}/start/step; absent: all of them.
`member` chooses one member of an ensemble; absent: the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

import numpy as np
from fastapi import Query

from cog.series.summary import STATISTICS, StatisticName
from config.boxes import parse_number
from config.errors import GranuleNotFound, InvalidInput, InvalidParameter
from config.grids import CRS84
from config.times import GREGORIAN, key_label, parse_datetime, require_days
from config.vocabulary import COVERAGE_JSON, CSV, GEOJSON, JSON, NETCDF
from services.gridded.arrays import ArrayDataset, ArrayField
from services.web.crs import Reference, parse_crs
from services.web.dependencies import inline
from services.web.negotiation import Offer, choose, offers

if TYPE_CHECKING:
    from services.gridded.arrays import TimeCoordinate

Encoding = Literal["CoverageJSON", "GeoJSON", "CSV", "NetCDF"]
MEDIA_TYPES: Final[dict[Encoding, str]] = {
    "CoverageJSON": COVERAGE_JSON,
    "GeoJSON": GEOJSON,
    "CSV": CSV,
    "NetCDF": NETCDF,
}
_NAMES: Final[dict[str, Encoding]] = {
    **dict.fromkeys(("coveragejson", "covjson", "json", JSON, COVERAGE_JSON), "CoverageJSON"),
    "application/prs.coverage+json": "CoverageJSON",
    **dict.fromkeys(("geojson", GEOJSON), "GeoJSON"),
    **dict.fromkeys(("csv", CSV), "CSV"),
    **dict.fromkeys(("netcdf", "nc", "netcdf4", NETCDF, "application/x-netcdf"), "NetCDF"),
}
_OFFERS: Final[tuple[Offer[Encoding], ...]] = offers({media: name for name, media in MEDIA_TYPES.items()})
Over = Literal["time", "area"]


@dataclass(frozen=True, kw_only=True)
class CommonParameters:
    """The parameters that every query has, as written."""

    names: str | None
    datetime: str | None
    z: str | None
    member: str | None
    crs: str | None
    statistics: str | None
    over: str | None
    f: tuple[str, ...]


def _common(
    parameter_name: Annotated[
        str | None,
        Query(alias="parameter-name", max_length=2000, description="Variables by id, joined by commas; absent: all."),
    ] = None,
    parameter_names: Annotated[
        str | None, Query(alias="parameter_names", max_length=2000, description="The same, as OWSLib writes it.")
    ] = None,
    datetime: Annotated[
        str | None, Query(max_length=200, description="A time, a reduced date or an interval; absent: every time.")
    ] = None,
    z: Annotated[
        str | None,
        # the official suite wants a described z to be required
        Query(max_length=500, include_in_schema=False),
    ] = None,
    member: Annotated[
        str | None, Query(max_length=100, description="A member of an ensemble; absent: the first.")
    ] = None,
    crs: Annotated[
        str | None, Query(max_length=300, description="CRS of coords and bbox, x before y; absent: CRS84.")
    ] = None,
    statistics: Annotated[
        str | None, Query(max_length=100, description="mean, min, max, std, count, joined by commas.")
    ] = None,
    over: Annotated[
        str | None,
        Query(alias="statistics-over", max_length=10, description="time or area; absent: area where there is one."),
    ] = None,
    f: Annotated[
        list[str] | None, Query(description="CoverageJSON, GeoJSON, CSV or NetCDF; absent: by Accept.")
    ] = None,
) -> CommonParameters:
    if parameter_name is not None and parameter_names is not None:
        raise InvalidInput("parameter-name and parameter_names are the same; give one of them")
    return CommonParameters(
        names=parameter_name or parameter_names or None,
        datetime=datetime or None,
        z=z or None,
        member=member or None,
        crs=crs or None,
        statistics=statistics or None,
        over=over or None,
        f=tuple(f or ()),
    )


CommonDep = Annotated[CommonParameters, inline(_common)]


@dataclass(frozen=True, kw_only=True)
class EdrQuery:
    """A query, resolved.

    Attributes:
        arrays: The dataset.
        fields: The variables, all with the same axes.
        times: Places on their time axis; one without meaning where they have none.
        levels: Places on their level axis; likewise.
        member: Place on their axis of members; likewise.
        reference: The CRS of the coordinates.
        statistics: Names of statistics; empty: the values themselves.
        over: What the statistics are over; None: what the query suggests.
        encoding: The format of the answer.
    """

    arrays: ArrayDataset
    fields: tuple[ArrayField, ...]
    times: range
    levels: tuple[int, ...]
    member: int
    reference: Reference
    statistics: tuple[StatisticName, ...]
    over: Over | None
    encoding: Encoding

    @property
    def first(self) -> ArrayField:
        """Any of the variables: they share their axes."""
        return self.fields[0]

    @property
    def labels(self) -> tuple[str, ...]:
        """The times: moments of the Gregorian calendar, labels of another one; empty where the data have none."""
        axis = self.first.time
        if axis is None:
            return ()
        if axis.calendar in GREGORIAN:
            return tuple(key_label(axis.steps[n].key) for n in self.times)
        return tuple(axis.steps[n].label for n in self.times)

    @property
    def level_labels(self) -> tuple[str | None, ...]:
        """Labels of the levels; (None,) where the data have none."""
        axis = self.first.levels
        return (None,) if axis is None else tuple(axis.labels[n] for n in self.levels)

    @property
    def layers(self) -> tuple[int, ...]:
        """Places of the levels, at the one member, among the layers of a field."""
        count = 1 if self.first.levels is None else len(self.first.levels.labels)
        return tuple(self.member * count + level for level in self.levels)

    @property
    def member_label(self) -> str | None:
        """Label of the member; None where the data have none."""
        axis = self.first.members
        return None if axis is None else axis.labels[self.member]


def resolve_query(arrays: ArrayDataset, parameters: CommonParameters, accept: str) -> EdrQuery:
    """Resolve the parameters of a query against a dataset.

    Raises:
        InvalidInput: for a parameter that cannot be used, or variables with different axes.
        GranuleNotFound: for times and levels that the data do not have.
    """
    encoding = choose(parameters.f, accept, names=_NAMES, offers=_OFFERS, default="CoverageJSON")
    fields = _fields(arrays, parameters.names)
    return EdrQuery(
        arrays=arrays,
        fields=fields,
        times=_times(fields[0], parameters.datetime),
        levels=_levels(fields[0], parameters.z),
        member=_member(fields[0], parameters.member),
        reference=_reference(parameters.crs, encoding),
        statistics=_statistics(parameters.statistics),
        over=_over(parameters.over),
        encoding=encoding,
    )


def served_fields(arrays: ArrayDataset) -> list[ArrayField]:
    """The variables that EDR serves: those of one band."""
    return [field for field in arrays.fields.values() if field.axis("band") is None]


def _fields(arrays: ArrayDataset, names: str | None) -> tuple[ArrayField, ...]:
    served = {field.name: field for field in served_fields(arrays)}
    if not served:
        raise InvalidInput(f"collection {arrays.dataset.id} has no variable of one band")
    if names is None:
        first = next(iter(served.values()))
        return tuple(field for field in served.values() if field.dimensions == first.dimensions)
    identifiers = list(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = next((name for name in identifiers if name not in served), None)
    if unknown is not None:
        raise InvalidParameter("parameter-name", names, f"there is no {unknown[:80]!r}; there are {', '.join(served)}")
    fields = tuple(served[name] for name in identifiers)
    other = next((field for field in fields if field.dimensions != fields[0].dimensions), None)
    if other is not None:
        raise InvalidParameter(
            "parameter-name", names, f"{fields[0].name} and {other.name} have different axes; ask for each by itself"
        )
    return fields


def _times(field: ArrayField, text: str | None) -> range:
    axis = field.time
    if axis is None:
        if text is not None:
            raise InvalidParameter("datetime", text, f"{field.name} has no times; leave datetime out")
        return range(1)
    if text is None:
        return range(len(axis.steps))
    require_days(text, axis.calendar)
    when = parse_datetime(text)
    first = 0 if when.start is None else int(np.searchsorted(axis.keys, when.start))
    stop = len(axis.keys) if when.end is None else int(np.searchsorted(axis.keys, when.end))
    if first < stop:
        return range(first, stop)
    met = [
        n
        for n, step in enumerate(axis.steps)
        if (when.end is None or (step.start_key is not None and step.start_key < when.end))
        and (when.start is None or (step.end_key is not None and step.end_key > when.start))
    ]
    if met:
        return range(met[0], met[-1] + 1)
    raise _no_time(axis, text, first)


def _no_time(axis: TimeCoordinate, text: str, place: int) -> InvalidParameter | GranuleNotFound:
    extent = f"they run from {axis.steps[0].label} to {axis.steps[-1].label}"
    if place in (0, len(axis.steps)):
        return InvalidParameter("datetime", text, f"it lies outside the times of the data; {extent}")
    near = f"{axis.steps[place - 1].label} and {axis.steps[place].label}"
    return GranuleNotFound(f"datetime={text[:80]} selects no time of the data; {extent}; nearest: {near}")


def _levels(field: ArrayField, text: str | None) -> tuple[int, ...]:
    axis = field.levels
    if axis is None:
        if text is not None:
            raise InvalidParameter("z", text, f"{field.name} has no levels; leave z out")
        return (0,)
    if text is None:
        return tuple(range(len(axis.labels)))
    numbers = axis.values
    if numbers is None:
        labels = [part.strip() for part in text.split(",")]
        chosen_labels = [n for n, label in enumerate(axis.labels) if label in labels]
    else:
        chosen_labels = _numbered_levels(numbers, text)
    if not chosen_labels:
        raise GranuleNotFound(f"z={text[:80]} selects no level of {axis.name}, which has {', '.join(axis.labels[:20])}")
    return tuple(chosen_labels)


def _member(field: ArrayField, text: str | None) -> int:
    axis = field.members
    if axis is None:
        if text is not None:
            raise InvalidParameter("member", text, f"{field.name} has no members; leave member out")
        return 0
    if text is None:
        return 0
    if text not in axis.labels:
        raise GranuleNotFound(f"there is no member {text[:80]!r}; it has {', '.join(axis.labels[:20])}")
    return axis.labels.index(text)


def _numbered_levels(numbers: tuple[float, ...], text: str) -> list[int]:
    parts = text.split("/")
    if len(parts) == 2:
        low, high = sorted(parse_number(part, name="z") for part in parts)
        return [n for n, value in enumerate(numbers) if low <= value <= high]
    if len(parts) == 3 and parts[0][:1] in ("R", "r") and parts[0][1:].isdecimal():
        count, start, step = int(parts[0][1:4]), parse_number(parts[1], name="z"), parse_number(parts[2], name="z")
        heights = {round(start + n * step, 9) for n in range(count)}
    elif len(parts) == 1:
        heights = {round(parse_number(part, name="z"), 9) for part in text.split(",")}
    else:
        raise InvalidParameter("z", text, "write one level, a list 10,20, an interval 10/20 or R5/0/10")
    return [n for n, value in enumerate(numbers) if round(value, 9) in heights]


def _reference(crs: str | None, encoding: Encoding) -> Reference:
    reference = parse_crs(crs or CRS84, name="crs")
    if encoding == "GeoJSON" and reference.crs != CRS84:
        raise InvalidParameter("crs", crs, "GeoJSON is in CRS84 (RFC 7946); leave crs out, or ask for CoverageJSON")
    return reference


def _statistics(text: str | None) -> tuple[StatisticName, ...]:
    if text is None:
        return ()
    words = tuple(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    unknown = next((word for word in words if word not in STATISTICS), None)
    if unknown is not None:
        raise InvalidParameter("statistics", text, f"there is no {unknown!r}; there are {', '.join(STATISTICS)}")
    return tuple(next(name for name in STATISTICS if name == word) for word in words)


def _over(text: str | None) -> Over | None:
    if text is None:
        return None
    if text == "time":
        return "time"
    if text == "area":
        return "area"
    raise InvalidParameter("statistics-over", text, "statistics are over time or over area")
