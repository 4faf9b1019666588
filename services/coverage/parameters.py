"""The query of a coverage request as values, syntax checked, before any dataset is looked at (OGC 19-087)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from cog.window import MAX_LONGITUDE, Interval
from config.boxes import parse_bbox, parse_number
from config.errors import InvalidInput, InvalidParameter
from config.times import TimeRange, parse_datetime
from config.vocabulary import COG, GEOTIFF, NETCDF
from services.negotiation import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KNOWN = (
    "bbox",
    "subset",
    "datetime",
    "properties",
    "scale-size",
    "scaleSize",
    "scale-factor",
    "scaleFactor",
    "scale-axes",
    "resolution",
    "f",
)
_MAX_TEXT = 2000

AxisName = Literal["longitude", "latitude", "x", "y", "time"]
_AXES: dict[str, AxisName] = {
    **dict.fromkeys(("lon", "long", "longitude"), "longitude"),
    **dict.fromkeys(("lat", "latitude"), "latitude"),
    **dict.fromkeys(("x", "e"), "x"),
    **dict.fromkeys(("y", "n"), "y"),
    "time": "time",
}
_DIRECTION: dict[AxisName, Literal["x", "y"]] = {"longitude": "x", "x": "x", "latitude": "y", "y": "y"}

_CALL = re.compile(r"\s*([A-Za-z]{1,20})\(([^()]{0,200})\)\s*(,|$)", re.ASCII)
_QUOTED = re.compile(r'(?:"([^"]*)"|(\*))(?::(?:"([^"]*)"|(\*)))?')


class Format(StrEnum):
    """An encoding of coverages."""

    GEOTIFF = "geotiff"
    NETCDF = "netcdf"

    @property
    def media_type(self) -> str:
        """The media type of an answer."""
        return GEOTIFF if self is Format.GEOTIFF else NETCDF

    @property
    def suffix(self) -> str:
        """The ending of a file name."""
        return ".tif" if self is Format.GEOTIFF else ".nc"


_FORMATS = {
    **dict.fromkeys(("geotiff", "gtiff", "tiff", "tif", "image/tiff", GEOTIFF.replace(" ", "")), Format.GEOTIFF),
    **dict.fromkeys(("netcdf", "nc", "netcdf4", NETCDF, "application/x-netcdf"), Format.NETCDF),
}
_ACCEPTED = {
    **dict.fromkeys(("image/tiff", "image/*", "*/*"), Format.GEOTIFF),
    **dict.fromkeys((NETCDF, "application/x-netcdf"), Format.NETCDF),
}


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How many cells the answer has, by axis `x` and `y`; an axis without an entry keeps its cells.

    Attributes:
        sizes: Numbers of cells.
        factors: How many times fewer cells.
        resolutions: Sizes of a cell, in the unit of the axis.
        text: As it was asked, for messages.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    resolutions: Mapping[str, float] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of a coverage.

    Attributes:
        axes: The interval on each axis that was named, in its unit. `bbox` is longitude and latitude.
        when: The times, or None.
        properties: Ids of variables in the order asked, or None.
        format: The encoding.
    """

    axes: Mapping[AxisName, Interval]
    when: TimeRange | None
    properties: tuple[str, ...] | None
    scaling: Scaling
    format: Format


def parse_query(items: Iterable[tuple[str, str]], *, accept: str = "") -> Query:
    """The query of decoded (name, value) pairs; raises InvalidParameter or InvalidInput."""
    given: dict[str, list[str]] = {}
    for name, value in items:
        if name not in KNOWN:
            raise InvalidParameter("query", name, f"there is no such parameter; known are {', '.join(KNOWN)}")
        if len(value) > _MAX_TEXT:
            raise InvalidParameter(name, value, f"longer than {_MAX_TEXT} characters")
        given.setdefault(name, []).append(value)
    axes, when = _subsets(given)
    return Query(
        axes=axes,
        when=when,
        properties=_properties(given),
        scaling=_scaling(given),
        format=_format(given.get("f", []), accept),
    )


def _single(given: Mapping[str, list[str]], *names: str) -> tuple[str, str] | None:
    """(name, value) of a parameter under any of its names; raises InvalidInput if it has several values."""
    found = {value: name for name in names for value in given.get(name, [])}
    if len(found) > 1:
        raise InvalidInput(f"{names[0]} is given more than once, with different values")
    return next(((name, value) for value, name in found.items()), None)


def _subsets(given: Mapping[str, list[str]]) -> tuple[dict[AxisName, Interval], TimeRange | None]:
    axes: dict[AxisName, Interval] = {}
    times: list[TimeRange | None] = []
    for text in given.get("subset", []):
        for label, inner in _calls(text, name="subset"):
            axis = _axis(label, text, name="subset")
            if axis in axes or (axis == "time" and times):
                raise InvalidParameter("subset", text, f"axis {label} is given twice")
            if axis == "time":
                times.append(_time(inner, text))
            else:
                axes[axis] = _interval(inner, text, axis)
    if box := _single(given, "bbox"):
        if axes:
            raise InvalidInput(f"bbox and subset both limit {', '.join(axes)}; give one of them")
        axes |= _bbox(box[1])
    if moment := _single(given, "datetime"):
        if times:
            raise InvalidInput("datetime and subset=time(...) both limit time; give one of them")
        times.append(parse_datetime(moment[1]))
    return axes, times[0] if times else None


def _calls(text: str, *, name: str) -> Iterator[tuple[str, str]]:
    """(axis, content) of each `axis(content)` of a comma-joined list."""
    position = 0
    while True:
        match = _CALL.match(text, position)
        if match is None:
            raise InvalidParameter(name, text, f"write axis(value), joined by commas, such as {_EXAMPLES[name]}")
        yield match[1], match[2]
        position = match.end()
        if not match[3]:
            return


_EXAMPLES = {
    "subset": "Lat(-10:10),Lon(170:190)",
    "scale-size": "Lon(360),Lat(180)",
    "scale-axes": "Lon(2),Lat(2)",
    "resolution": "Lon(0.5),Lat(0.5)",
}


def _axis(label: str, text: str, *, name: str) -> AxisName:
    axis = _AXES.get(label.lower())
    if axis is None:
        known = "Lat, Lon, x, y, E, N" + (" and time" if name == "subset" else "")
        raise InvalidParameter(name, text, f"there is no axis {label}; known are {known}")
    return axis


def _interval(inner: str, text: str, axis: AxisName) -> Interval:
    ends = inner.split(":")
    if len(ends) > 2:  # noqa: PLR2004
        raise InvalidParameter("subset", text, "an interval has one colon: axis(low:high), with * for an open end")
    low, high = (None if end.strip() == "*" else parse_number(end, name="subset") for end in (ends[0], ends[-1]))
    _require_rising(low, high, axis, name="subset", text=text)
    return Interval(low=low, high=high)


def _require_rising(low: float | None, high: float | None, axis: AxisName, *, name: str, text: str) -> None:
    if axis == "longitude":
        for value in (low, high):
            if value is not None and abs(value) > MAX_LONGITUDE:
                raise InvalidParameter(name, text, f"longitude {value} is outside -{MAX_LONGITUDE} to {MAX_LONGITUDE}")
    elif low is not None and high is not None and low > high:
        raise InvalidParameter(name, text, f"the lower end of {axis}, {low:.10g}, is above the upper end, {high:.10g}")


def _bbox(text: str) -> dict[AxisName, Interval]:
    west, south, east, north = parse_bbox(text)
    return {"longitude": Interval(low=west, high=east), "latitude": Interval(low=south, high=north)}


def _time(inner: str, text: str) -> TimeRange | None:
    match = _QUOTED.fullmatch(inner.strip())
    if match is None:
        raise InvalidParameter(
            "subset", text, 'write times in quotation marks: time("2006-04-01":"2006-06-30"), or time("2006-05")'
        )
    first, open_start, last, open_end = match.groups()
    if last is None and open_end is None:
        return None if open_start else parse_datetime(first, name="subset")
    start, end = ".." if open_start else first, ".." if open_end else last
    if "/" in start or "/" in end:
        raise InvalidParameter("subset", text, 'an interval of times is time("start":"end")')
    return parse_datetime(f"{start}/{end}", name="subset")


def _properties(given: Mapping[str, list[str]]) -> tuple[str, ...] | None:
    values = given.get("properties")
    if values is None:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    if not all(names):
        raise InvalidParameter("properties", ",".join(values), "name one or more variables, joined by commas")
    return tuple(dict.fromkeys(names))


def _scaling(given: Mapping[str, list[str]]) -> Scaling:
    asked = {
        "scale-size": _single(given, "scale-size", "scaleSize"),
        "scale-factor": _single(given, "scale-factor", "scaleFactor"),
        "scale-axes": _single(given, "scale-axes"),
        "resolution": _single(given, "resolution"),
    }
    found = {name: pair[1] for name, pair in asked.items() if pair}
    if len(found) > 1:
        raise InvalidInput(f"{' and '.join(found)} both set the size of the answer; give one of them")
    for name, text in found.items():
        if name == "scale-factor":
            factor = _positive(text, text, name=name)
            return Scaling(factors={"x": factor, "y": factor}, text=f"{name}={text}")
        numbers = _by_direction(text, name=name)
        if name == "scale-size":
            return Scaling(sizes=_sizes(numbers, text), text=f"{name}={text}")
        if name == "scale-axes":
            return Scaling(factors=numbers, text=f"{name}={text}")
        return Scaling(resolutions=numbers, text=f"{name}={text}")
    return Scaling()


def _by_direction(text: str, *, name: str) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for label, inner in _calls(text, name=name):
        direction = _DIRECTION.get(_axis(label, text, name=name))
        if direction is None:
            raise InvalidParameter(name, text, "time is not scaled; choose times by datetime")
        if direction in numbers:
            raise InvalidParameter(name, text, f"axis {label} is given twice")
        numbers[direction] = _positive(inner, text, name=name)
    return numbers


def _sizes(numbers: Mapping[str, float], text: str) -> dict[str, int]:
    for number in numbers.values():
        if number != math.floor(number):
            raise InvalidParameter("scale-size", text, f"{number:.10g} is no whole number of cells")
    return {direction: int(number) for direction, number in numbers.items()}


def _positive(text: str, whole: str, *, name: str) -> float:
    number = parse_number(text, name=name)
    if number <= 0:
        raise InvalidParameter(name, whole, "a number above 0 is needed")
    return number


def _format(values: list[str], accept: str) -> Format:
    """The first known format of `f` (clients repeat it), else the most wanted of Accept, else GeoTIFF."""
    for value in values:
        # a plus sign in a query is a blank; media types here have none, so blanks carry no meaning
        found = _FORMATS.get(value.replace(" ", "").lower())
        if found is not None or value.replace(" ", "").lower() == COG.replace(" ", ""):
            return found or Format.GEOTIFF
    if values:
        raise InvalidParameter("f", values[0], "known formats are geotiff and netcdf")
    return _accepted(accept)


def _accepted(accept: str) -> Format:
    """The known format that Accept names with the most weight, the first of equals; GeoTIFF for a wildcard."""
    wanted = [(weight, media) for media, weight in preferences(accept) if media in _ACCEPTED and weight > 0]
    return _ACCEPTED[max(wanted, key=lambda pair: pair[0])[1]] if wanted else Format.GEOTIFF
