"""Place and time of a dataset, as the extent of its collection document (OGC 20-024, 7.4)."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Any

from config.times import GREGORIAN
from config.vocabulary import CRS84_URI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.datasets.models import Dataset, TimeExtent

GREGORIAN_URI = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

_LABEL = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)Z?)?)?)?",
    re.ASCII,
)


def extent(dataset: Dataset) -> dict[str, Any]:
    """Spatial bbox as four numbers, west > east across the antimeridian; temporal interval closed at both ends."""
    members: dict[str, Any] = {"spatial": {"bbox": [list(dataset.bbox)], "crs": CRS84_URI} | _grid(dataset)}
    interval = temporal_interval(dataset.time)
    if interval is not None:
        members["temporal"] = {"interval": [list(interval)], "trs": GREGORIAN_URI} | _time_grid(dataset.time)
    return members


def _time_grid(time: TimeExtent | None) -> dict[str, Any]:
    """The times of a series at one interval, those that are missing too (OGC 20-024, uad-collections)."""
    if time is None or time.interval is None or time.calendar not in GREGORIAN:
        return {}
    first = rfc3339(time.first)
    start = {} if first is None else {"firstCoordinate": first}
    return {"grid": {"cellsCount": time.count + time.missing, **start, "resolution": time.interval}}


def _grid(dataset: Dataset) -> dict[str, Any]:
    """The cells of the first variable (OGC 20-024, uad-collections), and their extent in a projected CRS."""
    if not dataset.variables:
        return {}
    grid = dataset.variables[0].grid
    axes = ((grid.width, abs(grid.transform[0])), (grid.height, abs(grid.transform[4])))
    cells: dict[str, Any] = {"grid": [{"cellsCount": count, "resolution": step} for count, step in axes]}
    return cells if grid.is_geographic else cells | {"storageCrsBbox": [list(grid.bounds)]}


def temporal_interval(time: TimeExtent | None) -> tuple[str, str] | None:
    """(first, last) moment as RFC 3339 of the Gregorian calendar, or None if that cannot be written (year 12000).

    Steps that are instants end at the last of them; steps with bounds at the end of the last bounds. A day that the
    Gregorian month does not have (30 February of a 360-day year) is written as that month's last day.
    """
    if time is None:
        return None
    instants = "." in time.end  # an instant's end is one microsecond after it
    start, end = rfc3339(time.start), rfc3339(time.last if instants else time.end)
    return (start, end) if start is not None and end is not None else None


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
