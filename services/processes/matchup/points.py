"""Measurements at points, from a table (CSV, TSV) or GeoJSON. Everything is bounded."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from config.errors import GraticuleError, InvalidInput, TooLarge
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_POINTS: Final = 200_000
_NAMES: Final = {
    "lon": ("lon", "longitude", "x", "long", "lon_deg"),
    "lat": ("lat", "latitude", "y", "lat_deg"),
    "time": ("time", "datetime", "date_time", "date", "timestamp"),
    "id": ("id", "station", "name"),
}
_PARTS: Final = ("year", "month", "day", "hour", "minute", "second")
_DELIMITERS: Final = ("\t", ",", ";")


@dataclass(frozen=True, kw_only=True)
class Point:
    """A measurement.

    Attributes:
        row: Its number in the input, from 0.
        id: Its id, or empty.
        lon: Degrees east.
        lat: Degrees north.
        time: As text, in UTC.
        key: Order key of its time.
        value: The measured value; NaN where there is none.
    """

    row: int
    id: str
    lon: float
    lat: float
    time: str
    key: int
    value: float


def points_of_table(text: str, columns: Mapping[str, str]) -> list[Point]:
    """The points of a table with a header; raises InvalidInput naming the row and column that is wrong.

    Args:
        text: CSV, TSV or semicolons; lines before the header that begin with # are left out.
        columns: Names of the columns `lon`, `lat`, `time`, `measured`, `id`; those that are absent are found by their
            usual names, and times by `year`, `month`, `day`, ... where there is no column of them.
    """
    lines = text.lstrip("\ufeff").splitlines()
    while lines and (not lines[0].strip() or lines[0].startswith("#")):
        lines.pop(0)
    if len(lines) < 2:
        raise InvalidInput("points: a table with a header and at least one row is needed")
    if len(lines) > MOST_POINTS + 1:
        raise TooLarge(f"points: {len(lines) - 1} rows are more than {MOST_POINTS}; send fewer at a time")
    delimiter = max(_DELIMITERS, key=lines[0].count)
    reader = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    header = [name for name in reader.fieldnames or [] if name]
    column_of = _columns(header, columns)
    try:
        return [_point(number, row, column_of) for number, row in enumerate(reader)]
    except csv.Error as error:
        raise InvalidInput(f"points: the table cannot be read: {error}") from error


def points_of_features(document: Mapping[str, Any], columns: Mapping[str, str]) -> list[Point]:
    """The points of a GeoJSON FeatureCollection; times and values are properties. Raises InvalidInput or TooLarge."""
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise InvalidInput("features: a GeoJSON FeatureCollection of points is needed")
    if len(features) > MOST_POINTS:
        raise TooLarge(f"features: {len(features)} are more than {MOST_POINTS}; send fewer at a time")
    rows = [_feature_row(number, feature) for number, feature in enumerate(features)]
    header = list(dict.fromkeys(name for row in rows[:100] for name in row))
    column_of = _columns(header, {"lon": "@lon", "lat": "@lat", **columns})
    return [_point(number, row, column_of) for number, row in enumerate(rows)]


def _feature_row(number: int, feature: Any) -> dict[str, Any]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    position = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(position, list) or len(position) < 2:
        raise InvalidInput(f"features: feature {number} is no point")
    properties = feature.get("properties") or {}
    return {"@lon": position[0], "@lat": position[1], "id": feature.get("id", ""), **properties}


def _columns(header: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """The name of each column; raises InvalidInput naming the one that is not found."""
    unknown = [name for name in given.values() if name not in header]
    if unknown:
        raise InvalidInput(f"columns: there is no column {unknown[0]!r:.80}; there are {', '.join(header)[:300]}")
    lower = {name.strip().lower(): name for name in header}
    column_of = {
        column: next((lower[name] for name in names if name in lower), "") for column, names in _NAMES.items()
    } | dict(given)
    if not column_of["time"] and all(part in lower for part in _PARTS[:3]):
        column_of |= {part: lower[part] for part in _PARTS if part in lower}
    missing = [name for name in ("lon", "lat") if not column_of[name]]
    missing += [] if column_of["time"] or "year" in column_of else ["time"]
    missing += [] if "measured" in column_of else ["measured"]
    if missing:
        raise InvalidInput(
            f'columns: say which column is {missing[0]}, such as {{"{missing[0]}": "{header[-1]:.40}"}}; there are '
            f"{', '.join(header)[:300]}"
        )
    return column_of


def _point(number: int, row: Mapping[str, Any], columns: Mapping[str, str]) -> Point:
    time = str(row.get(columns["time"]) or "") if columns["time"] else _time_of_parts(row, columns)
    try:
        key = parse_time(time.strip()).start
    except GraticuleError as error:
        raise InvalidInput(f"points: row {number}: {error.detail}") from error
    assert key is not None
    lon = _number(row.get(columns["lon"]), number, columns["lon"])
    lat = _number(row.get(columns["lat"]), number, columns["lat"])
    if not (-720 <= lon <= 720 and -90 <= lat <= 90):  # NaN too
        raise InvalidInput(f"points: row {number}: longitude {lon}, latitude {lat} is no place")
    return Point(
        row=number,
        id=str(row.get(columns["id"], "") or "") if columns["id"] else "",
        lon=lon,
        lat=lat,
        time=time.strip(),
        key=key,
        value=_number(row.get(columns["measured"]), number, columns["measured"]),
    )


def _time_of_parts(row: Mapping[str, Any], columns: Mapping[str, str]) -> str:
    numbers = [int(float(row.get(columns[part]) or 0)) if part in columns else 0 for part in _PARTS]
    year, month, day, hour, minute, second = numbers
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{min(second, 59):02d}Z"


def _number(value: Any, row: int, column: str) -> float:
    if value is None or (isinstance(value, str) and value.strip().lower() in ("", "nan", "na", "null")):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"points: row {row}: {column} is {value!r:.60}, not a number") from error
