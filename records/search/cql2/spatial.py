"""Spatial functions (21-065r2, 7.5) between the geometry of what is searched and one in CRS84: longitude, latitude.

A box may cross the antimeridian (west > east): it is two boxes then, as the geometry of a record is two polygons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from shapely import GEOSException, from_geojson, get_coordinates, is_valid_reason, union_all
from shapely.geometry import LineString, Point, box
from sqlalchemy import String, bindparam, func

from config.boxes import plain_boxes
from config.errors import InvalidParameter
from records.search.cql2.operands import is_property, property_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import ColumnElement

    from records.search.cql2.properties import Property
    from records.search.cql2.reading import Node

MAX_VERTICES = 10_000
_LIMITS = (180.0, 90.0)
_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})

OPERATIONS: Final = {
    "s_contains": "ST_Contains",
    "s_crosses": "ST_Crosses",
    "s_disjoint": "ST_Disjoint",
    "s_equals": "ST_Equals",
    "s_intersects": "ST_Intersects",
    "s_overlaps": "ST_Overlaps",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
}
"""The function of PostGIS for each."""


def condition(name: str, first: Node, second: Node, properties: Mapping[str, Property]) -> ColumnElement[bool]:
    """The relation of two geometries, of which one at least is a property; raises InvalidParameter."""
    if not (is_property(first) or is_property(second)):
        raise InvalidParameter("filter", name, "one side must be the property geometry")
    related: ColumnElement[bool] = getattr(func, OPERATIONS[name])(
        _operand(first, properties), _operand(second, properties)
    )
    return related


def _operand(node: Node, properties: Mapping[str, Property]) -> ColumnElement[Any]:
    if is_property(node):
        prop = property_of(node, properties)
        if prop.kind != "geometry" or prop.column is None:
            raise InvalidParameter("filter", prop.name, "it is no geometry; there is `geometry`")
        return prop.column
    return bound(geometry(node))


def bound(shape: BaseGeometry) -> ColumnElement[Any]:
    """A geometry in CRS84 as a bound value."""
    text = bindparam(None, shape.wkt, type_=String, unique=True)
    shaped: ColumnElement[Any] = func.ST_GeomFromText(text, 4326)
    return shaped


def geometry(node: Node) -> BaseGeometry:
    """A GeoJSON geometry or {"bbox": [...]}, valid and within the degrees of CRS84; raises InvalidParameter."""
    if isinstance(node, dict) and "bbox" in node:
        return _box(node["bbox"])
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in _TYPES:
        raise InvalidParameter("filter", node, f"a BBOX or one of {', '.join(sorted(_TYPES))} is needed here")
    try:
        shape = from_geojson(orjson.dumps(node))
    except (GEOSException, ValueError, TypeError) as error:
        raise InvalidParameter("filter", kind, f"it is no geometry: {error}") from error
    return _checked(shape)


def _box(corners: object) -> BaseGeometry:
    numbers = corners if isinstance(corners, list) and len(corners) in (4, 6) else []
    if not numbers or not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        raise InvalidParameter("filter", corners, "BBOX(west, south, east, north) in degrees is needed")
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    _require_degrees((west, south), (east, north))
    if south > north:
        raise InvalidParameter("filter", corners, "south must not be greater than north")
    parts = [_plain(*sides) for sides in plain_boxes((west, south, east, north))]
    whole: BaseGeometry = union_all(parts)
    return whole


def _plain(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box, which may have no width or no height."""
    if (west, south) == (east, north):
        return Point(west, south)
    if west == east or south == north:
        return LineString([(west, south), (east, north)])
    return box(west, south, east, north)


def _checked(shape: BaseGeometry) -> BaseGeometry:
    coordinates = get_coordinates(shape).tolist()
    if not 1 <= len(coordinates) <= MAX_VERTICES:
        raise InvalidParameter("filter", f"{len(coordinates)} vertices", f"a geometry has 1 to {MAX_VERTICES}")
    _require_degrees(*coordinates)
    if not shape.is_valid:
        raise InvalidParameter("filter", shape.geom_type, f"it is not valid: {is_valid_reason(shape)}")
    return shape


def _require_degrees(*points: Any) -> None:
    for point in points:
        if not all(abs(value) <= limit for value, limit in zip(point, _LIMITS, strict=True)):
            raise InvalidParameter("filter", point, "longitude -180..180 and latitude -90..90 are needed (CRS84)")
