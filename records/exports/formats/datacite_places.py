"""Where an exported record is, as DataCite writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from records.exports.places import decimal, place_of
from records.exports.xml import XML_LANG, Namespace, at, sub

if TYPE_CHECKING:
    from records.exports.models import ExportRecord


def write_places(resource: Any, record: ExportRecord, kernel: Namespace) -> None:
    """The `geoLocations` of a record: a point, polygons or boxes, and names of places."""
    place, names = place_of(record), record.texts("place")
    if place is None and not names:
        return
    group = at(resource, kernel("geoLocations"))
    for tag, name in names.items():
        sub(at(group, kernel("geoLocation")), kernel("geoLocationPlace"), name).set(XML_LANG, tag)
    for west, south, east, north in place.plain_boxes if place and not place.is_point and not place.polygons else ():
        box = at(group, kernel("geoLocation"), kernel("geoLocationBox"))
        sides = (("westBoundLongitude", west), ("eastBoundLongitude", east))
        for name, value in (*sides, ("southBoundLatitude", south), ("northBoundLatitude", north)):
            sub(box, kernel(name), decimal(value))
    for outer, *_ in place.polygons if place else ():
        polygon = at(group, kernel("geoLocation"), kernel("geoLocationPolygon"))
        for position in outer:
            _position(at(polygon, kernel("polygonPoint")), kernel, position)
    if place is not None and place.is_point:
        west, south, *_ = place.boxes[0]
        _position(at(group, kernel("geoLocation"), kernel("geoLocationPoint")), kernel, (west, south))


def _position(parent: Any, kernel: Namespace, position: tuple[float, float]) -> None:
    longitude, latitude = position
    sub(parent, kernel("pointLongitude"), decimal(longitude))
    sub(parent, kernel("pointLatitude"), decimal(latitude))
