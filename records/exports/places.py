"""Where an exported record is, as boxes, points and rings of longitude and latitude."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shapely.errors import GEOSException
from shapely.geometry import shape

from config.boxes import Box, plain_boxes

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from records.exports.models import ExportRecord

MAX_PARTS: Final = 100
"""Polygons that are written one by one; of more, the box of all."""
_HALF_CIRCLE: Final = 180.0

Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]
"""The outer ring, then those of the holes."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A record's geometry.

    Attributes:
        boxes: (west, south, east, north) in degrees, one a part; west > east for one across the antimeridian.
        polygons: Rings of (longitude, latitude) of its polygons, if any of them is no box.
        is_point: Whether it is one point, which then is the only box.
    """

    boxes: tuple[Box, ...]
    polygons: tuple[Polygon, ...] = ()
    is_point: bool = False

    @property
    def plain_boxes(self) -> tuple[Box, ...]:
        """The boxes, each across the antimeridian cut there."""
        return tuple(part for box in self.boxes for part in plain_boxes(box))


def place_of(record: ExportRecord) -> Place | None:
    """Where a record is; None if it has no geometry."""
    shape = _shape(record.document.get("geometry"))
    if shape is None or shape.is_empty:
        return None
    parts = list(getattr(shape, "geoms", [shape]))
    if len(parts) > MAX_PARTS:
        parts = [shape.envelope]
    boxes = _joined([_box(part) for part in parts])
    solid = [part for part in parts if part.geom_type == "Polygon"]
    has_shape = any(not part.equals(part.envelope) for part in solid)
    polygons = tuple(_polygon(part) for part in solid) if has_shape else ()
    return Place(boxes=boxes, polygons=polygons, is_point=shape.geom_type == "Point")


def _polygon(part: Any) -> Polygon:
    rings = (part.exterior, *part.interiors)
    return tuple(tuple((float(x), float(y)) for x, y, *_ in ring.coords) for ring in rings)


def decimal(value: float) -> str:
    """A number as xs:decimal, which knows no exponent."""
    return repr(value) if "e" not in repr(value) else f"{value:.20f}".rstrip("0").rstrip(".")


def _shape(geometry: Any) -> BaseGeometry | None:
    if not isinstance(geometry, dict):
        return None
    try:
        return shape(geometry)
    except (GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def _box(part: BaseGeometry) -> Box:
    west, south, east, north = part.bounds
    return west, south, east, north


def _joined(boxes: list[Box]) -> tuple[Box, ...]:
    """Boxes, two that meet at the antimeridian in the same latitudes as one whose west is greater than its east."""
    if len(boxes) != 2:
        return tuple(boxes)
    first, second = sorted(boxes, key=lambda box: box[0], reverse=True)
    meets = first[2] == _HALF_CIRCLE and second[0] == -_HALF_CIRCLE and first[1::2] == second[1::2]
    return ((first[0], first[1], second[2], first[3]),) if meets and first[0] > second[2] else tuple(boxes)
