"""Where and when an exported record is, as EX_Extent of ISO 19139."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports.formats.iso_xml import GCO, GMD, GML, Writer, missing
from records.exports.places import decimal, place_of
from records.exports.xml import at, sub

if TYPE_CHECKING:
    from config.boxes import Box
    from records.exports.models import ExportRecord
    from records.exports.places import Polygon

_CRS84: Final = "urn:ogc:def:crs:OGC:1.3:CRS84"


def write_extent(parent: Any, record: ExportRecord, writer: Writer) -> None:
    """The extents of a record: boxes and polygons, time, heights, names of places."""
    place, interval, heights = place_of(record), record.interval, _heights(record)
    names = record.texts("place")
    if place is None and interval is None and heights is None and not names:
        return
    extent = at(parent, GMD("extent"), GMD("EX_Extent"))
    if names:
        writer.text(extent, "description", names)
    for box in place.plain_boxes if place else ():
        _box(extent, box)
    for number, polygon in enumerate(place.polygons if place else (), start=1):
        _polygon(extent, polygon, number)
    if interval is not None:
        _period(extent, *interval)
    if heights is not None:
        _vertical(extent, *heights)


def _box(extent: Any, box: Box) -> None:
    west, south, east, north = box
    box_ = at(extent, GMD("geographicElement"), GMD("EX_GeographicBoundingBox"))
    sides = (("westBoundLongitude", west), ("eastBoundLongitude", east))
    for name, value in (*sides, ("southBoundLatitude", south), ("northBoundLatitude", north)):
        sub(at(box_, GMD(name)), GCO("Decimal"), decimal(value))


def _polygon(extent: Any, polygon: Polygon, number: int) -> None:
    holder = at(extent, GMD("geographicElement"), GMD("EX_BoundingPolygon"), GMD("polygon"))
    polygon_ = sub(holder, GML("Polygon"), srsName=_CRS84)
    polygon_.set(GML("id"), f"polygon-{number}")
    for name, ring in zip(["exterior"] + ["interior"] * len(polygon), polygon, strict=False):
        positions = " ".join(f"{decimal(x)} {decimal(y)}" for x, y in ring)
        sub(at(polygon_, GML(name), GML("LinearRing")), GML("posList"), positions, srsDimension="2")


def _period(extent: Any, start: str, end: str) -> None:
    holder = at(extent, GMD("temporalElement"), GMD("EX_TemporalExtent"), GMD("extent"))
    if start == end:
        instant = sub(holder, GML("TimeInstant"))
        instant.set(GML("id"), "time-1")
        sub(instant, GML("timePosition"), start)
        return
    period = sub(holder, GML("TimePeriod"))
    period.set(GML("id"), "time-1")
    for name, text in (("beginPosition", start), ("endPosition", end)):
        if text:
            sub(period, GML(name), text)
        else:
            sub(period, GML(name), indeterminatePosition="unknown")


def _heights(record: ExportRecord) -> tuple[float | None, float | None] | None:
    ends = [record.member("elevation").get(name) for name in ("minimum", "maximum")]
    numbers = [float(e) if isinstance(e, int | float) and not isinstance(e, bool) else None for e in ends]
    return (numbers[0], numbers[1]) if any(n is not None for n in numbers) else None


def _vertical(extent: Any, low: float | None, high: float | None) -> None:
    vertical = at(extent, GMD("verticalElement"), GMD("EX_VerticalExtent"))
    for name, value in (("minimumValue", low), ("maximumValue", high)):
        if value is None:
            missing(vertical, name)
        else:
            sub(at(vertical, GMD(name)), GCO("Real"), repr(value))
    missing(vertical, "verticalCRS")
