"""Where a record is, as GeoJSON in CRS84 within -180..180: boxes, polygons and points of sources, also across 180."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.errors import GEOSException
from shapely.geometry import GeometryCollection, MultiPolygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

from config.boxes import Box, plain_boxes
from records.documents.documents import MAX_VERTICES, box_geometry
from records.harvest.values.reference_systems import reference_system

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.harvest.values.reference_systems import ReferenceSystem

Geometry = dict[str, Any]

_FULL_CIRCLE = 360.0
_MOST = 540.0
_ROUNDING = 1e-6
"""Degrees, a decimetre."""
_ENVELOPE = re.compile(r"ENVELOPE\s*\(\s*([^,()]+),([^,()]+),([^,()]+),([^,()]+)\)", re.IGNORECASE)
_REFERENCE = re.compile(r"^\s*(<[^>]*>|SRID=[0-9]+;)\s*", re.IGNORECASE)


def number(value: object) -> float | None:
    """A finite number, also one that is written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number_ = float(value)
    except ValueError:
        return None
    return number_ if math.isfinite(number_) else None


def box_of(west: object, south: object, east: object, north: object) -> Box | None:
    """A box, or None unless all four are numbers on the earth and south is not above north; longitudes up to 540."""
    sides = [number(side) for side in (west, south, east, north)]
    if any(side is None for side in sides):
        return None
    w, s, e, n = (
        _rounded(side, limit) for side, limit in zip(sides, (180.0, 90.0) * 2, strict=True) if side is not None
    )
    if w > e and (w - e) % _FULL_CIRCLE == 0:  # from 180 to -180: the whole turn, not a line
        w, e = -180.0, 180.0
    return (w, s, e, n) if max(abs(w), abs(e)) <= _MOST and -90 <= s <= n <= 90 else None


def _rounded(value: float, limit: float) -> float:
    """A coordinate that lies beyond its limit by no more than the rounding of a computation, as the limit."""
    return math.copysign(limit, value) if limit < abs(value) <= limit + _ROUNDING else value


def boxes_geometry(boxes: Iterable[Box]) -> Geometry | None:
    """The GeoJSON of boxes, cut at the antimeridian; a box without extent is a point or a line. None without boxes."""
    plain = [part for box in boxes for part in plain_boxes(box)]
    if not plain:
        return None
    if len(plain) == 1:
        return _of_one(plain[0])
    solid = [part for part in plain if part[0] < part[2] and part[1] < part[3]]
    return {"type": "MultiPolygon", "coordinates": [box_geometry(*part)["coordinates"] for part in solid or plain]}


def _of_one(part: Box) -> Geometry:
    west, south, east, north = part
    if west == east and south == north:
        return {"type": "Point", "coordinates": [west, south]}
    if west == east or south == north:
        return {"type": "LineString", "coordinates": [[west, south], [east, north]]}
    return box_geometry(*part)


def geojson_geometry(value: object, *, crosses: bool = False) -> Geometry | None:
    """A GeoJSON geometry within -180..180, or None if it is none that a record can have.

    Args:
        value: A geometry, whose longitudes may run beyond 180.
        crosses: Whether the source says, by a box whose west is greater than its east, that it crosses the
            antimeridian: then longitudes below 0 lie east of 180.
    """
    if not isinstance(value, dict):
        return None
    try:
        geometry = shapely.force_2d(shapely.from_geojson(json.dumps(value)))
    except (GEOSException, ValueError, TypeError):
        return None
    return _within(geometry, crosses=crosses)


def wkt_geometry(text: str) -> Geometry | None:
    """The GeoJSON of WKT, also with its reference system (GeoSPARQL, EWKT), or of ENVELOPE(w, e, n, s); or None.

    Coordinates stand in the order of the reference system that GeoSPARQL names by its URI (1.1, 8.5), east first in
    EWKT and where none is named. Where the latitudes would lie beyond the poles, the other order is meant.
    """
    if match := _ENVELOPE.fullmatch(text.strip()):
        west, east, north, south = match.groups()
        box = box_of(west, south, east, north)
        return boxes_geometry([box]) if box else None
    try:
        shape_ = shapely.force_2d(shapely.from_wkt(_REFERENCE.sub("", text)))
    except (GEOSException, ValueError, TypeError):
        return None
    match = _REFERENCE.match(text)
    return _within(shape_, crosses=False) if match is None else _referred(shape_, match[1])


def has_ambiguous_order(text: str) -> bool:
    """Whether the coordinates of WKT make sense in either order, and an EWKT prefix does not tell which is meant."""
    return text.lstrip().upper().startswith("SRID=") and "SRID=3857" not in text.upper()


def _referred(shape_: BaseGeometry, name: str) -> Geometry | None:
    """A geometry in the reference system of that name; None if it is not known."""
    system = reference_system(name)
    if system is None or shape_ is None or shape_.is_empty:
        return None
    placed = system.to_degrees(shape_)
    geometry = None if placed is None else _within(placed, crosses=False)
    if geometry is None and system.by_register:
        swapped = replace(system, by_register=False).to_degrees(shape_)
        geometry = None if swapped is None else _within(swapped, crosses=False)
    return geometry


def polygons_geometry(
    rings: Iterable[list[tuple[float, float]]], system: ReferenceSystem | None = None
) -> Geometry | None:
    """The GeoJSON of polygons given by their outer rings, or None if none is one.

    Positions are (longitude, latitude), or as in a reference system.
    """
    try:
        polygons = [shapely.Polygon(ring) for ring in rings]
    except (GEOSException, ValueError, TypeError):
        return None
    whole = MultiPolygon(polygons) if len(polygons) != 1 else polygons[0]
    placed = whole if system is None else system.to_degrees(whole)
    return None if placed is None else _within(placed, crosses=False)


def union(geometries: Iterable[Geometry]) -> Geometry | None:
    """Several polygons as one geometry; points and lines count only where there are no polygons."""
    shapes = [shape(geometry) for geometry in geometries]
    solid = [part for shape_ in shapes for part in getattr(shape_, "geoms", [shape_]) if part.geom_type == "Polygon"]
    if len(solid) > 1:
        return _json(MultiPolygon(solid))
    if solid:
        return _json(solid[0])
    if not shapes:
        return None
    merged = shapely.union_all(shapes)
    return _json(merged if merged.geom_type != "GeometryCollection" else merged.envelope)


def _within(shape_: BaseGeometry, *, crosses: bool) -> Geometry | None:
    """A geometry cut at the antimeridian."""
    if shape_ is None or shape_.is_empty:
        return None
    if isinstance(shape_, GeometryCollection):
        parts = (_within(part, crosses=crosses) for part in shape_.geoms)
        return union(part for part in parts if part is not None)
    coordinates = shapely.get_coordinates(shape_)
    if len(coordinates) > MAX_VERTICES or not all(math.isfinite(v) for point in coordinates for v in point):
        return None
    if crosses:
        shape_ = shapely.transform(shape_, _eastward)
        coordinates = shapely.get_coordinates(shape_)
    shape_ = shapely.transform(shape_, _unrounded)
    coordinates = shapely.get_coordinates(shape_)
    (west, south), (east, north) = coordinates.min(axis=0), coordinates.max(axis=0)
    if west < -_MOST or east > _MOST or south < -90 or north > 90:
        return None
    return _json(shape_ if west >= -180 and east <= 180 else _cut(shape_))


def _unrounded(xy: Any) -> Any:
    return np.column_stack([[_rounded(x, 180.0) for x in xy[:, 0]], [_rounded(y, 90.0) for y in xy[:, 1]]])


def _eastward(xy: Any) -> Any:
    moved = xy.copy()
    moved[moved[:, 0] < 0, 0] += _FULL_CIRCLE
    return moved


def _cut(shape_: BaseGeometry) -> BaseGeometry:
    """A geometry of longitudes within -540..540, each part moved into -180..180."""
    valid = shape_ if shape_.is_valid else shapely.make_valid(shape_)
    turns = [translate(valid.intersection(box(-180 + t, -90, 180 + t, 90)), xoff=-t) for t in (-360, 0, 360)]
    parts = [part for turn in turns if not turn.is_empty for part in getattr(turn, "geoms", [turn])]
    whole = [part for part in parts if part.geom_type == shape_.geom_type.removeprefix("Multi")]
    return shapely.union_all(whole or parts) if len(whole or parts) > 1 else (whole or parts)[0]


def _json(shape_: BaseGeometry) -> Geometry:
    geometry: Geometry = json.loads(json.dumps(mapping(shape_)))
    return geometry
