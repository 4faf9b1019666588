"""The axes of a request: `subset`, `bbox` and `datetime` as intervals, by the names that the draft and clients use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from cog.grids.enclosing import Interval
from cog.grids.window import MAX_LONGITUDE
from config.boxes import parse_number, parse_numbers
from config.errors import InvalidInput, InvalidParameter
from config.times import TimeRange, parse_datetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.web.crs import Reference

AxisName = Literal["longitude", "latitude", "x", "y", "time"]
AXES: dict[str, AxisName] = {
    **dict.fromkeys(("lon", "long", "longitude"), "longitude"),
    **dict.fromkeys(("lat", "latitude"), "latitude"),
    **dict.fromkeys(("x", "e"), "x"),
    **dict.fromkeys(("y", "n"), "y"),
    **dict.fromkeys(("time", "t"), "time"),
}
DIRECTION: dict[AxisName, Literal["x", "y"]] = {"longitude": "x", "x": "x", "latitude": "y", "y": "y"}
SPATIAL_NAMES = "Lat, Lon, x, y, E, N"

_LARGEST = 1e9
"""Coordinates beyond it have no place on the earth."""
_CALL = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]{0,60})\(([^()]{0,200})\)\s*(,|$)", re.ASCII)
_QUOTED = re.compile(r'(?:"([^"]*)"|(\*))(?::(?:"([^"]*)"|(\*)))?')
_EXAMPLES = {
    "subset": "Lat(-10:10),Lon(170:190)",
    "scale-size": "Lon(360),Lat(180)",
    "scale-axes": "Lon(2),Lat(2)",
    "resolution": "Lon(0.5),Lat(0.5)",
}


@dataclass(frozen=True, kw_only=True)
class Axes:
    """The intervals that a request takes of each axis.

    Attributes:
        spatial: The interval on each spatial axis that the request names; a box is two of them.
        sliced: The spatial axes of which the request names one coordinate, which is one cell.
        when: The times, or None.
        latest: Whether the request names the latest time.
        others: Axes whose meaning depends on the variable: lower-case label to content, as written.
    """

    spatial: Mapping[AxisName, Interval] = field(default_factory=dict)
    sliced: frozenset[AxisName] = frozenset()
    when: TimeRange | None = None
    latest: bool = False
    others: Mapping[str, str] = field(default_factory=dict)


def calls(text: str, *, name: str) -> Iterator[tuple[str, str]]:
    """Iterate over (axis, content) of each `axis(content)` of a comma-joined list; raises InvalidParameter."""
    position = 0
    while True:
        match = _CALL.match(text, position)
        if match is None:
            raise InvalidParameter(name, text, f"write axis(value), joined by commas, such as {_EXAMPLES[name]}")
        yield match[1], match[2]
        position = match.end()
        if not match[3]:
            return


def parse_subset(values: list[str]) -> Axes:
    """Parse all values of `subset` of a request; raises InvalidParameter."""
    spatial: dict[AxisName, Interval] = {}
    sliced: set[AxisName] = set()
    others: dict[str, str] = {}
    times: list[tuple[TimeRange | None, bool]] = []
    for text in values:
        for label, inner in calls(text, name="subset"):
            axis = AXES.get(label.lower())
            if axis in spatial or (axis == "time" and times) or label.lower() in others:
                raise InvalidParameter("subset", text, f"axis {label} is given twice")
            if axis is None:
                others[label.lower()] = inner
            elif axis == "time":
                times.append(_time(inner, text))
            else:
                spatial[axis] = _interval(inner, text, axis)
                if ":" not in inner and inner.strip() != "*":
                    sliced.add(axis)
    when, latest = times[0] if times else (None, False)
    return Axes(spatial=spatial, sliced=frozenset(sliced), when=when, latest=latest, others=others)


def parse_box(text: str, reference: Reference | None) -> dict[AxisName, Interval]:
    """Parse `bbox` into intervals, its numbers in the axis order of its CRS (None: CRS84).

    Raises InvalidParameter, also for a box that lies beyond a pole.
    """
    numbers = parse_numbers(text, name="bbox")
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if half == 3 and numbers[2] > numbers[5]:
        raise InvalidParameter("bbox", text, "the lower height is above the upper one")
    first, second, third, fourth = low[0], low[1], high[0], high[1]
    if reference is not None:
        first, second, third, fourth = reference.ordered((first, second, third, fourth))
    degrees = reference is None or reference.is_degrees
    x: AxisName = "longitude" if degrees else "x"
    y: AxisName = "latitude" if degrees else "y"
    require_rising(first, third, x, name="bbox", text=text)
    require_rising(second, fourth, y, name="bbox", text=text)
    if degrees and (second > 90 or fourth < -90):
        raise InvalidParameter("bbox", text, "latitudes are from -90 to 90")
    return {x: Interval(low=first, high=third), y: Interval(low=second, high=fourth)}


def require_rising(low: float | None, high: float | None, axis: AxisName, *, name: str, text: str) -> None:
    """Raise InvalidParameter for an interval that no axis has. Longitudes may fall, across the antimeridian."""
    ends = [value for value in (low, high) if value is not None]
    if axis == "longitude":
        far = next((value for value in ends if abs(value) > MAX_LONGITUDE), None)
        if far is not None:
            raise InvalidParameter(name, text, f"longitude {far} is outside -{MAX_LONGITUDE} to {MAX_LONGITUDE}")
        return
    if any(abs(value) > _LARGEST for value in ends):
        raise InvalidParameter(name, text, f"coordinates are within {_LARGEST:g}; this one lies outside the earth")
    if low is not None and high is not None and low > high:
        raise InvalidParameter(name, text, f"the lower end of {axis}, {low:.10g}, is above the upper end, {high:.10g}")


def _interval(inner: str, text: str, axis: AxisName) -> Interval:
    ends = inner.split(":")
    if len(ends) > 2:
        raise InvalidParameter("subset", text, "an interval has one colon: axis(low:high), with * for an open end")
    low, high = (None if end.strip() == "*" else parse_number(end, name="subset") for end in (ends[0], ends[-1]))
    require_rising(low, high, axis, name="subset", text=text)
    return Interval(low=low, high=high)


def _time(inner: str, text: str) -> tuple[TimeRange | None, bool]:
    """(times, whether the latest is meant): `*` alone is the latest (OGC 19-087, subsetting-temporal)."""
    match = _QUOTED.fullmatch(inner.strip())
    if match is None:
        raise InvalidParameter(
            "subset", text, 'write times in quotation marks: time("2006-04-01":"2006-06-30"), or time("2006-05")'
        )
    first, open_start, last, open_end = match.groups()
    if last is None and open_end is None:
        return (None, True) if open_start else (parse_datetime(first, name="subset"), False)
    start, end = ".." if open_start else first, ".." if open_end else last
    if "/" in start or "/" in end:
        raise InvalidParameter("subset", text, 'an interval of times is time("start":"end")')
    return parse_datetime(f"{start}/{end}", name="subset"), False


def combine(axes: Axes, *, box: str | None = None, when: TimeRange | None = None) -> Axes:
    """Add `datetime` to the axes of `subset`; raises InvalidInput where two parameters limit the same axis."""
    if box is not None and axes.spatial:
        raise InvalidInput(f"bbox and subset both limit {', '.join(axes.spatial)}; give one of them")
    if when is None:
        return axes
    if axes.when is not None or axes.latest:
        raise InvalidInput("datetime and subset=time(...) both limit time; give one of them")
    return replace(axes, when=when)
