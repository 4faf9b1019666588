"""The coordinate reference systems in which geometries of records are answered and asked for (OGC 18-058r1).

Records are stored in CRS84. Coordinates stand in the axis order of each system: latitude before longitude in EPSG:4326
and EPSG:4490.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import shapely
from pyproj import Transformer
from shapely.geometry import box, mapping, shape

from config.errors import InvalidParameter
from config.vocabulary import CRS84_URI, epsg_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.boxes import Box

WEB_MERCATOR: Final = epsg_uri(3857)
CRS_URIS: Final = (CRS84_URI, epsg_uri(4326), WEB_MERCATOR, epsg_uri(4490))
"""The systems, that of storage first."""
_NAMES: Final = {CRS84_URI: "OGC:CRS84", **{epsg_uri(code): f"EPSG:{code}" for code in (4326, 3857, 4490)}}
_MOST_LATITUDE: Final = 85.06
"""Degrees to which EPSG:3857 is meant to be used; the poles lie at infinity."""
_ANY: Final = 1e4
"""Degrees beyond every longitude."""
_TURN: Final = 2 * math.pi * 6_378_137.0
"""Metres of a turn around the earth in EPSG:3857."""
_GEOMETRIES: Final = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


def in_crs(geometry: dict[str, Any] | None, uri: str) -> dict[str, Any] | None:
    """A GeoJSON geometry in CRS84 in another system; heights stay.

    In EPSG:3857 what lies beyond its latitudes is cut off, and a geometry that lies there alone is None.
    """
    if geometry is None or uri == CRS84_URI:
        return geometry
    outline = shape(geometry)
    if uri == WEB_MERCATOR and max(abs(outline.bounds[1]), abs(outline.bounds[3])) > _MOST_LATITUDE:
        outline = outline.intersection(box(-_ANY, -_MOST_LATITUDE, _ANY, _MOST_LATITUDE))
        if outline.is_empty:
            return None
    moved: dict[str, Any] = mapping(_moved(outline, CRS84_URI, uri))
    return moved


def box_in_degrees(numbers: Sequence[float], uri: str, *, name: str = "bbox") -> Box:
    """The box (west, south, east, north) in degrees of four numbers of a system: lower corner, upper corner.

    A lower end of longitudes, or of x, above the upper one crosses the antimeridian. Raises InvalidParameter.
    """
    left, low, right, high = numbers
    if uri == WEB_MERCATOR and right - left >= _TURN:
        left, right = -_TURN / 2, math.nextafter(_TURN / 2, 0)
    places = _transformer(uri, CRS84_URI)
    (west, south), (east, north) = places.transform(left, low), places.transform(right, high)
    if not all(map(math.isfinite, (west, south, east, north))):
        raise InvalidParameter(name, ",".join(map(repr, numbers)), f"it lies beside what {_NAMES[uri]} shows")
    return west, south, east, north


def filter_in_degrees(node: Any, uri: str) -> Any:
    """A CQL2 filter in its JSON encoding, its geometries and boxes moved from a system to CRS84."""
    if uri == CRS84_URI:
        return node
    if isinstance(node, list):
        return [filter_in_degrees(part, uri) for part in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") in _GEOMETRIES and isinstance(node.get("coordinates"), list):
        return {**node, "coordinates": _coordinates(node["coordinates"], uri)}
    corners = node.get("bbox")
    if isinstance(corners, list) and len(corners) == 4 and all(_is_number(corner) for corner in corners):
        return {**node, "bbox": list(box_in_degrees(corners, uri, name="filter"))}
    return {name: filter_in_degrees(member, uri) for name, member in node.items()}


def _coordinates(value: list[Any], uri: str) -> list[Any]:
    """Positions at any depth, in degrees; what is no position is left for whoever reads the filter to refuse."""
    if len(value) in (2, 3) and all(_is_number(number) for number in value):
        return [*_transformer(uri, CRS84_URI).transform(*value[:2]), *value[2:]]
    return [_coordinates(part, uri) if isinstance(part, list) else part for part in value]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _moved(outline: Any, source: str, target: str) -> Any:
    transformer = _transformer(source, target)

    def move(coordinates: Any) -> Any:
        coordinates[:, 0], coordinates[:, 1] = transformer.transform(coordinates[:, 0], coordinates[:, 1])
        return coordinates

    return shapely.transform(outline, move, include_z=outline.has_z)


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(_NAMES[source], _NAMES[target])
