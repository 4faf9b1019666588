"""Where and when an ISO record is: EX_Extent with boxes, polygons and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import children, first, text_at
from records.harvest.values import places

if TYPE_CHECKING:
    from config.boxes import Box
    from records.harvest.draft import Draft

_SIDES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
_LONGITUDE_FIRST = ("CRS84", "CRS:84")
_LATITUDE_FIRST = ("urn:ogc:def:crs:EPSG:", "http://www.opengis.net/def/crs/EPSG/")


def read_extent(draft: Draft, identification: Any) -> None:
    """Set geometry, time, place names and heights of a draft from `identificationInfo/*`."""
    extents = list(children(identification, "extent/EX_Extent"))
    boxes = [box for extent in extents for box in _boxes(draft, extent)]
    draft.geometry = _polygons(draft, extents) or places.boxes_geometry(boxes)
    for extent in extents:
        for place in children(extent, "description"):
            draft.text("place", text_at(place, "CharacterString"), field="extent.description")
        for vertical in children(extent, "verticalElement/EX_VerticalExtent"):
            low, high = (places.number(text_at(vertical, f"{end}imumValue/Real")) for end in ("min", "max"))
            if low is not None or high is not None:
                ends = {"minimum": low, "maximum": high}
                draft.properties["elevation"] = {k: v for k, v in ends.items() if v is not None}
    _times(draft, extents)
    if draft.geometry is None:
        draft.note("extent", "", "no box or polygon is given: the record has no place")


def _boxes(draft: Draft, extent: Any) -> list[Box]:
    boxes = []
    for element in children(extent, "geographicElement/EX_GeographicBoundingBox"):
        sides = [text_at(element, f"{side}/Decimal", side) for side in _SIDES]
        box = places.box_of(*sides)
        if box is None:
            draft.note("EX_GeographicBoundingBox", sides, "left out: it is no box on the earth")
        else:
            boxes.append(box)
    return boxes


def _polygons(draft: Draft, extents: list[Any]) -> places.Geometry | None:
    holders = [h for e in extents for h in children(e, "geographicElement/EX_BoundingPolygon/polygon")]
    outlines = [element for holder in holders for element in holder.iter() if local_name(element) == "exterior"]
    rings = [ring for outline in outlines if (ring := _ring(draft, outline))]
    return places.polygons_geometry(rings) if rings else None


def _ring(draft: Draft, exterior: Any) -> list[tuple[float, float]]:
    positions = first(exterior, "LinearRing/posList")
    srs = next(
        (e.get("srsName") for e in (positions, *exterior.iterancestors()) if e is not None and e.get("srsName")), ""
    )
    numbers = [places.number(word) for word in (positions.text or "").split()] if positions is not None else []
    has_axis_order = any(mark in srs for mark in _LONGITUDE_FIRST) or srs.endswith("4326")
    if not has_axis_order or len(numbers) < 8 or len(numbers) % 2 or None in numbers:
        draft.note("EX_BoundingPolygon", srs, "left out: its reference system or its positions are not known")
        return []
    values = [value for value in numbers if value is not None]
    pairs = list(zip(values[::2], values[1::2], strict=True))
    return [(b, a) for a, b in pairs] if srs.startswith(_LATITUDE_FIRST) else pairs


def _times(draft: Draft, extents: list[Any]) -> None:
    spans = [
        ends
        for extent in extents
        for holder in children(extent, "temporalElement/*/extent")
        if (ends := _ends(holder)) is not None
    ]
    if not spans:
        draft.note("temporalElement", "", "no time is given: the record has none")
        return
    if len(spans) > 1:
        draft.note("temporalElement", spans, "several times; their first and last moment count")
    starts, finals = [s for s, _ in spans], [e for _, e in spans]
    draft.interval(
        None if None in starts else min(filter(None, starts)),
        None if None in finals else max(filter(None, finals)),
        field="temporalElement",
    )


def _ends(holder: Any) -> tuple[str | None, str | None] | None:
    """Both ends of a TimePeriod or TimeInstant, None for an open one (`indeterminatePosition`); None if it has none."""
    instant = text_at(holder, "TimeInstant/timePosition")
    if instant:
        return instant, instant
    period = first(holder, "TimePeriod")
    if period is None:
        return None
    start = text_at(period, "beginPosition", "begin/TimeInstant/timePosition")
    end = text_at(period, "endPosition", "end/TimeInstant/timePosition")
    return (start or None, end or None) if start or end else None
