"""Where and when an ISO record is: EX_Extent with boxes, polygons and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import children, first, text_at
from records.harvest.values import places
from records.harvest.values.reference_systems import reference_system

if TYPE_CHECKING:
    from config.boxes import Box
    from records.harvest.draft import Draft

_SIDES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


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
        if _is_excluded(draft, element):
            continue
        sides = [text_at(element, f"{side}/Decimal", side) for side in _SIDES]
        box = places.box_of(*sides)
        if box is None:
            draft.note("EX_GeographicBoundingBox", sides, "left out: it is no box on the earth")
        else:
            boxes.append(box)
    return boxes


def _polygons(draft: Draft, extents: list[Any]) -> places.Geometry | None:
    polygons = [p for e in extents for p in children(e, "geographicElement/EX_BoundingPolygon")]
    holders = [h for p in polygons if not _is_excluded(draft, p) for h in children(p, "polygon")]
    outlines = [element for holder in holders for element in holder.iter() if local_name(element) == "exterior"]
    geometries = [geometry for outline in outlines if (geometry := _polygon(draft, outline)) is not None]
    return places.union(geometries)


def _is_excluded(draft: Draft, element: Any) -> bool:
    """Whether an extent is one where the data are not: `extentTypeCode` false (ISO 19115, B.3.1.2)."""
    excluded = text_at(element, "extentTypeCode/Boolean", "extentTypeCode").strip().lower() in ("false", "0")
    if excluded:
        draft.note(local_name(element), "extentTypeCode false", "left out: the data do not lie there")
    return excluded


def _polygon(draft: Draft, exterior: Any) -> places.Geometry | None:
    """A polygon in the reference system that it, or what holds it, names; without one, longitude stands first."""
    positions = first(exterior, "LinearRing/posList")
    holders = [e for e in (positions, *exterior.iterancestors()) if e is not None]
    srs = next((e.get("srsName") for e in holders if e.get("srsName")), "")
    numbers = [places.number(word) for word in (positions.text or "").split()] if positions is not None else []
    size = _dimensions(holders, numbers)
    system = reference_system(srs or "CRS84")
    is_known = system is not None and system.is_geographic  # rings in metres are more often degrees that say so
    if not is_known or len(numbers) < 4 * size or len(numbers) % size or None in numbers:
        draft.note("EX_BoundingPolygon", srs, "left out: its reference system or its positions are not known")
        return None
    values = [value for value in numbers if value is not None]
    geometry = places.polygons_geometry([list(zip(values[::size], values[1::size], strict=True))], system)
    if not srs:
        draft.note("EX_BoundingPolygon", "", "it names no reference system; taken for WGS 84, longitude first")
    if geometry is None:
        draft.note("EX_BoundingPolygon", srs, "left out: it is no polygon on the earth")
    return geometry


def _dimensions(holders: list[Any], numbers: list[float | None]) -> int:
    """Numbers of a position: as `srsDimension` says, else three where a closed ring is one of three numbers alone."""
    told = next((e.get("srsDimension") for e in holders if e.get("srsDimension")), "")
    if told in ("2", "3"):
        return int(told)
    is_pairs = len(numbers) % 2 == 0 and numbers[:2] == numbers[-2:]
    return 3 if not is_pairs and len(numbers) % 3 == 0 and numbers[:3] == numbers[-3:] else 2


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
    for start, end in spans:
        draft.interval(start, end, field="temporalElement")


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
