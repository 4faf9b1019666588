"""Geometries of filters: GML 3.1 (03-105r1), and of GML 2 coordinates and boxes, into GeoJSON or a box in CRS84.

Coordinates stand in the order of their `srsName`: latitude first for URNs and URLs of EPSG:4326 (OGC 05-010 and
09-048r5), longitude first for `EPSG:4326`, the old `…/epsg.xml#4326`, CRS84 and where no CRS is named.
"""

from __future__ import annotations

import math
import re
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from config.boxes import parse_bbox, plain_boxes
from config.errors import InvalidParameter
from records.harvest.fetch.content import local_name

if TYPE_CHECKING:
    from records.search.cql2 import Node

GML: Final = ("http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2")
MAX_NUMBERS: Final = 20_000

_LONGITUDE_FIRST = re.compile(
    r"(epsg:(4326|4258|4979)|https?://www\.opengis\.net/gml/srs/epsg\.xml#4326|(ogc:|crs:)?crs:?84|wgs84"
    r"|urn:(x-)?ogc:def:crs:ogc:[\d.]*:crs84|https?://www\.opengis\.net/def/crs/ogc/1\.3/crs84)"
)
_LATITUDE_FIRST = re.compile(
    r"(urn:(x-)?ogc:def:crs:epsg:[\d.]*:4326|https?://www\.opengis\.net/def/crs/epsg/[\d.]+/4326)"
)
_MEMBERS: Final = {
    "MultiPoint": ("MultiPoint", "Point"),
    "MultiLineString": ("MultiLineString", "LineString"),
    "MultiCurve": ("MultiLineString", "LineString"),
    "MultiPolygon": ("MultiPolygon", "Polygon"),
    "MultiSurface": ("MultiPolygon", "Polygon"),
}

Position = tuple[float, float]


def geometry(element: Any, srs: str = "") -> Node:
    """The geometry of a GML element as GeoJSON, that of an Envelope or Box as `{"bbox": [w, s, e, n]}`, degrees.

    Raises InvalidParameter for another CRS than WGS 84, another element, or numbers that are none.
    """
    kind = local_name(element)
    srs = str(element.get("srsName") or srs)
    if kind in ("Envelope", "Box"):
        return _box(element, srs)
    if kind in _MEMBERS:
        multi, single = _MEMBERS[kind]
        parts = [geometry(e, srs) for e in element.iter() if e is not element and local_name(e) == single]
        return {"type": multi, "coordinates": [part["coordinates"] for part in parts]}
    if kind == "Point":
        return {"type": "Point", "coordinates": _positions(element, srs, exactly=1)[0]}
    if kind == "LineString":
        return {"type": "LineString", "coordinates": _positions(element, srs)}
    if kind == "Polygon":
        rings = [_positions(e, str(e.get("srsName") or srs)) for e in element.iter() if local_name(e) == "LinearRing"]
        return {"type": "Polygon", "coordinates": rings}
    kinds = ", ".join(("Envelope", "Box", "Point", "LineString", "Polygon", *_MEMBERS))
    raise InvalidParameter("constraint", kind, f"it is no geometry that is read here; there are {kinds}")


def bbox(west: float, south: float, east: float, north: float) -> Node:
    """A box for `records.search.cql2`, its longitudes within -180..180; west > east across the antimeridian."""
    boxes = plain_boxes(parse_bbox(f"{west!r},{south!r},{east!r},{north!r}"))
    return {"bbox": [boxes[0][0], boxes[0][1], boxes[-1][2], boxes[0][3]]}


def is_latitude_first(srs: str) -> bool:
    """Whether coordinates of a CRS begin with the latitude; raises InvalidParameter unless it is WGS 84."""
    name = srs.strip().lower()
    if _LATITUDE_FIRST.fullmatch(name):
        return True
    if not name or _LONGITUDE_FIRST.fullmatch(name):
        return False
    raise InvalidParameter("srsName", srs, "give coordinates in urn:ogc:def:crs:EPSG::4326 or …OGC:1.3:CRS84")


def _box(element: Any, srs: str) -> Node:
    corners = _positions(element, srs, exactly=2)
    (west, south), (east, north) = corners
    return bbox(west, south, east, north)


def _positions(element: Any, srs: str, *, exactly: int | None = None) -> list[Position]:
    """The positions of an element, longitude first."""
    positions: list[Position] = []
    for child in element:
        positions += _of_child(child)
    if not positions or (exactly is not None and len(positions) != exactly):
        raise InvalidParameter("constraint", local_name(element), f"it has {len(positions)} positions")
    return [(y, x) for x, y in positions] if is_latitude_first(srs) else positions


def _of_child(child: Any) -> list[Position]:
    kind, text = local_name(child), child.text or ""
    if kind in ("pos", "lowerCorner", "upperCorner", "posList"):
        size = _dimensions(child)
        numbers = _numbers(text.split())
        if kind != "posList" and len(numbers) in (2, 3):
            size = len(numbers)
        return _pairs(numbers, size)
    if kind == "coordinates":
        between, after, point = (
            child.get(name) or usual for name, usual in (("cs", ","), ("ts", " "), ("decimal", "."))
        )
        tuples = text.split() if after == " " else text.split(after)
        rows = [_numbers([n.replace(point, ".") for n in pair.split(between)]) for pair in tuples if pair.strip()]
        return [position for row in rows for position in _pairs(row, len(row))]
    if kind == "coord":
        return _pairs(_numbers([(axis.text or "") for axis in child if local_name(axis) in ("X", "Y")]), 2)
    return _of_child(child[0]) if kind in ("pointProperty", "Point") and len(child) else []


def _dimensions(child: Any) -> int:
    return 3 if (child.get("srsDimension") or child.get("dimension") or "2") == "3" else 2


def _pairs(numbers: list[float], size: int) -> list[Position]:
    if size not in (2, 3) or not numbers or len(numbers) % size:
        raise InvalidParameter("constraint", f"{len(numbers)} numbers", "positions of two or three numbers are needed")
    return [(position[0], position[1]) for position in batched(numbers, size)]


def _numbers(words: list[str]) -> list[float]:
    if len(words) > MAX_NUMBERS:
        raise InvalidParameter("constraint", f"{len(words)} numbers", f"at most {MAX_NUMBERS} are read")
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        raise InvalidParameter("constraint", " ".join(words), "numbers are needed") from error
    if not all(map(math.isfinite, numbers)):
        raise InvalidParameter("constraint", " ".join(words), "finite numbers are needed")
    return numbers
