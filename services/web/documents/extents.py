"""Place and time of a dataset, as the extent of its collection document (OGC 20-024, 7.4)."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Any

from config.layers import MEMBER
from config.times import GREGORIAN
from config.vocabulary import CRS84_URI
from services.web.crs import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.datasets.models import Dataset, LayerAxis, TimeExtent

GREGORIAN_URI = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

_STANDARD_NAMES = {
    "air_pressure": "air_pressure",
    "altitude": "altitude",
    "depth": "depth",
    "height": "height",
    MEMBER: "realization",
    "pressure": "air_pressure",
}
"""CF standard names of axes of levels and members, by the names of the axes."""
_UNKNOWN = "http://www.opengis.net/def/nil/OGC/0/unknown"

_LABEL = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)Z?)?)?)?",
    re.ASCII,
)


def extent(dataset: Dataset, collection_url: str) -> dict[str, Any]:
    """Place, time, levels and members, each with its grid (OGC 20-024, 7.4 and class uad-collections).

    `spatial.bbox` has four numbers, west > east across the antimeridian; the temporal interval is closed at both ends.
    """
    members: dict[str, Any] = {
        "spatial": {"bbox": [list(dataset.bbox)], "crs": CRS84_URI} | _cells(dataset, collection_url)
    }
    interval = temporal_interval(dataset.time)
    if dataset.time is not None and interval is not None:
        members["temporal"] = {"interval": [list(interval)], "trs": GREGORIAN_URI} | _time_grid(dataset.time)
    for axes in zip(*((variable.levels, variable.members) for variable in dataset.variables), strict=True):
        axis = next((axis for axis in axes if axis is not None), None)
        members |= {} if axis is None else _further(axis)
    return members


def _time_grid(time: TimeExtent) -> dict[str, Any]:
    """The times: the first and the interval of a regular series, those that are missing too, else every one."""
    if time.interval is None or time.calendar not in GREGORIAN:
        coordinates = [moment for label in time.labels if (moment := rfc3339(label)) is not None]
        if not coordinates:
            return {"grid": {"cellsCount": time.count}}
        return {"grid": {"cellsCount": len(coordinates), "coordinates": coordinates}}
    grid = {"cellsCount": time.count + time.missing, "resolution": time.interval}
    first = rfc3339(time.first)
    if first is not None:
        grid["firstCoordinate"] = first
    if _has_instants(time):
        grid["relativeBounds"] = ["PT0S", "PT0S"]
    elif time.start == time.first:
        grid["relativeBounds"] = ["PT0S", time.interval]
    return {"grid": grid}


def _cells(dataset: Dataset, collection_url: str) -> dict[str, Any]:
    """The cells of the first variable along each axis of its CRS, and their extent in a projected one."""
    if not dataset.variables:
        return {}
    grid = dataset.variables[0].grid
    reference = Reference.of(grid, collection_url)
    west, south, east, north = grid.bounds
    axes = [_axis(west, east, grid.width), _axis(south, north, grid.height)]
    cells: dict[str, Any] = {"grid": axes[::-1] if reference.north_first else axes}
    return cells if grid.is_geographic else cells | {"storageCrsBbox": [list(reference.ordered(grid.bounds))]}


def _axis(low: float, high: float, count: int) -> dict[str, Any]:
    """Cells as areas: the first coordinate is the middle of the lowest, whose edge the extent begins at."""
    step = (high - low) / count
    return {"cellsCount": count, "resolution": step, "firstCoordinate": low + step / 2}


def _further(levels: LayerAxis) -> dict[str, Any]:
    """The levels, or the members, as a further dimension, named as the axis is."""
    coordinates = [_number(label) for label in levels.labels]
    ends = [_number(end) for pair in levels.bounds for end in pair] or coordinates
    ordered = sorted(ends) if all(isinstance(end, float) for end in ends) else ends
    grid: dict[str, Any] = {"cellsCount": len(coordinates), "coordinates": coordinates}
    if levels.bounds:
        grid["boundsCoordinates"] = [[_number(end) for end in pair] for pair in levels.bounds]
    standard = _STANDARD_NAMES.get(levels.name)
    dimension = {
        "definition": f"http://vocab.nerc.ac.uk/standard_name/{standard}/" if standard else _UNKNOWN,
        "interval": [[ordered[0], ordered[-1]]],
        "grid": grid,
    }
    unit = {"unit": levels.unit, "unitLang": "UDUNITS"} if levels.unit else {}
    name = "level" if levels.name in ("spatial", "temporal") else levels.name
    return {name: dimension | unit}


def _number(label: str) -> float | str:
    try:
        return float(label)
    except ValueError:
        return label


def temporal_interval(time: TimeExtent | None) -> tuple[str, str] | None:
    """(first, last) moment as RFC 3339 of the Gregorian calendar, or None if that cannot be written (year 12000).

    Steps that are instants end at the last of them; steps with bounds at the end of the last bounds. A day that the
    Gregorian month does not have (30 February of a 360-day year) is written as that month's last day.
    """
    if time is None:
        return None
    start, end = rfc3339(time.start), rfc3339(time.last if _has_instants(time) else time.end)
    return (start, end) if start is not None and end is not None else None


def _has_instants(time: TimeExtent) -> bool:
    """Whether its times are moments: the end of one is one microsecond after it."""
    return "." in time.end


def rfc3339(label: str) -> str | None:
    """A label, full or reduced, of any calendar as an RFC 3339 moment; None if its year has no four digits."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return None
    year, month = int(match["year"]), int(match["month"] or 1)
    if year < 1 or not 1 <= month <= 12:
        return None
    day = min(int(match["day"] or 1), calendar.monthrange(year, month)[1])
    clock = match["clock"] or "00:00:00"
    return f"{year:04d}-{month:02d}-{day:02d}T{clock if clock.count(':') == 2 else clock + ':00'}Z"


def times(time: TimeExtent | None) -> dict[str, Any] | None:
    """The extension member `graticule:time`: labels as `datetime` takes them, in the source's own calendar."""
    if time is None:
        return None
    return {
        "calendar": time.calendar,
        "gregorian": time.calendar in GREGORIAN,
        "first": time.first,
        "last": time.last,
        "start": time.start,
        "end": time.end,
        "count": time.count,
        "climatology": time.climatology,
        "interval": time.interval,
        "missing": time.missing,
    }


def moment_header(labels: Sequence[str]) -> dict[str, str]:
    """Content-Datetime of times in order, where the Gregorian calendar has them (OGC 19-087, core/response-headers)."""
    ends = [rfc3339(label) for label in dict.fromkeys((*labels[:1], *labels[-1:]))]
    if not ends or None in ends:
        return {}
    return {"Content-Datetime": "/".join(end for end in ends if end)}
