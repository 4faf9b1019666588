"""Boxes of longitude and latitude, and the `bbox` parameter of the OGC APIs (OGC 17-069r4, 7.15.3)."""

from __future__ import annotations

import math
import re

from config.errors import InvalidParameter

Box = tuple[float, float, float, float]
"""(west, south, east, north) in CRS84, degrees; west > east across the antimeridian."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_LONGEST = 500
"""Characters of a bbox: six numbers need far fewer."""
_MOST_LONGITUDE = 720.0
_REMEDY = "give 4 numbers west,south,east,north, such as 100,-10,150,40; west > east crosses the antimeridian"


def parse_number(text: str, *, name: str) -> float:
    """A finite decimal number in ASCII; raises InvalidParameter."""
    if len(text) > _LONGEST or _NUMBER.fullmatch(text.strip()) is None or not math.isfinite(float(text)):
        raise InvalidParameter(name, text, "a finite decimal number is needed, such as -12.5")
    return float(text)


def parse_numbers(text: str, *, name: str = "bbox") -> list[float]:
    """The four or six finite numbers of a box, as written; raises InvalidParameter."""
    if len(text) > _LONGEST:
        raise InvalidParameter(name, text, _REMEDY)
    numbers = [parse_number(part, name=name) for part in text.split(",")]
    if len(numbers) not in (4, 6):
        raise InvalidParameter(name, text, f"it has {len(numbers)} numbers; {_REMEDY}")
    return numbers


def parse_bbox(text: str) -> Box:
    """A box of four numbers, or of six, whose heights are left out; raises InvalidParameter.

    Longitudes are as they were written, up to two turns either way; latitudes are cut to -90..90.
    """
    numbers = parse_numbers(text)
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    if south > north:
        raise InvalidParameter("bbox", text, f"south {south:g} is above north {north:g}; {_REMEDY}")
    if half == 3 and numbers[2] > numbers[5]:
        raise InvalidParameter("bbox", text, "the lower height is above the upper one")
    if max(abs(west), abs(east)) > _MOST_LONGITUDE or south > 90 or north < -90:
        raise InvalidParameter("bbox", text, f"it lies outside the earth; {_REMEDY}")
    return west, max(south, -90.0), east, min(north, 90.0)


def plain_boxes(box: Box) -> list[Box]:
    """A box as one or two whose longitudes lie in -180..180 and rise."""
    west, south, east, north = box
    if east - west >= 360:
        return [(-180.0, south, 180.0, north)]
    west, east = _wrapped(west), _wrapped(east)
    if west <= east:
        return [(west, south, east, north)]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def _wrapped(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180
