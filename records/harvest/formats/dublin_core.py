"""Dublin Core as OAI-PMH (oai_dc) and CSW (csw:Record) carry it: fifteen elements, repeated at will."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from records.harvest.draft import Draft
from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import attribute, children
from records.harvest.values import places
from records.harvest.values.identifiers import doi
from records.harvest.values.languages import language_tag
from records.harvest.values.times import OPEN, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.boxes import Box
    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_ROOTS: Final = (
    "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc",
    "{http://www.opengis.net/cat/csw/2.0.2}Record",
    "{http://www.opengis.net/cat/csw/3.0}Record",
)
_LIMIT: Final = re.compile(r"\b(northlimit|southlimit|westlimit|eastlimit)\s*=\s*([+-]?[0-9.]+)")
_PARTIES: Final = {"creator": "author", "contributor": "contributor", "publisher": "publisher"}
_FACTS: Final = ("type", "date", "modified", "issued")
_TEXTS: Final = {"title": "title", "description": "description", "abstract": "description", "rights": "rights"}


class DublinCore:
    """The adapter `dc`."""

    name = "dc"

    def recognises(self, content: Content) -> bool:
        """Whether the content holds such records."""
        return any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[Any]:
        """The records of the content."""
        root = content.xml
        for element in root.iter() if root is not None else ():
            if element.tag in _ROOTS:
                yield element

    def record(self, entry: Any, *, base: str) -> Harvested:
        """The record of one element; raises InvalidRecord."""
        del base
        elements = [(local_name(e), (e.text or "").strip(), attribute(e, "lang")) for e in entry if local_name(e)]
        language = next((tag for name, text, _ in elements if name == "language" and (tag := language_tag(text))), None)
        draft = Draft("dc", language=language)
        for name, text, tag in elements:
            _take(draft, name, text, language_tag(tag))
        _place_and_time(
            draft, entry, [text for name, text, _ in elements if name in ("coverage", "spatial", "temporal")]
        )
        identifiers = [text for name, text, _ in elements if name == "identifier" and text]
        return draft.finish(_source_id(entry, identifiers))


def _take(draft: Draft, name: str, text: str, tag: str | None) -> None:
    if not text:
        return
    if name in _TEXTS:
        draft.text(_TEXTS[name], text, language=tag)
        if name == "rights":
            draft.license(text)
    elif name in _PARTIES:
        draft.contact({"organization" if name == "publisher" else "name": text}, roles=[_PARTIES[name]])
    elif name == "subject":
        draft.keyword(text, language=tag)
    elif name == "format":
        draft.format_name(text, text if "/" in text else None)
    elif name in _FACTS:
        _take_fact(draft, name, text)
    elif name == "identifier":
        draft.identifier(text)
        draft.link(text, rel="about")
    elif name in ("relation", "source", "references"):
        draft.link(text, rel="related") if "://" in text else draft.keep(name, text)


def _take_fact(draft: Draft, name: str, text: str) -> None:
    if name == "type":
        draft.properties["type"] = text.rpartition("/")[2].lower()
    elif date := moment(text):
        draft.properties.setdefault("modified" if name == "modified" else "issued", date)
    else:
        draft.note(name, text, "left out: it is no time")


def _place_and_time(draft: Draft, entry: Any, coverages: list[str]) -> None:
    """A coverage is a DCMI Box, a time in ISO 8601, or else a place's name. OWS boxes are those of csw:Record."""
    boxes = []
    for element in children(entry, "BoundingBox|WGS84BoundingBox"):
        corners = " ".join((c.text or "") for c in element if local_name(c) in ("LowerCorner", "UpperCorner")).split()
        is_wgs84 = local_name(element) == "WGS84BoundingBox"
        first_latitude = not is_wgs84 and "4326" in str(element.get("crs") or "") and "urn" in str(element.get("crs"))
        west, south, east, north = corners if len(corners) == 4 else ("", "", "", "")
        box = places.box_of(south, west, north, east) if first_latitude else places.box_of(west, south, east, north)
        if box is None:
            draft.note("BoundingBox", corners, "left out: it is no box on the earth")
        else:
            boxes.append(box)
    for coverage in coverages:
        start, slash, end = coverage.partition("/")
        if (box := _dcmi_box(coverage)) is not None:
            boxes.append(box)
        elif (moment(start) or (slash and start == OPEN)) and (not slash or end == OPEN or moment(end)):
            draft.interval(start, end if slash else start, field="coverage")
        else:
            draft.text("place", coverage)
    draft.geometry = places.boxes_geometry(boxes)
    if draft.time is None:
        draft.note("coverage", "", "no time is given: the record has none")


def _dcmi_box(text: str) -> Box | None:
    """The box that a coverage is in the encoding of DCMI (`northlimit=40; southlimit=26; ...`), or None."""
    limits = dict(_LIMIT.findall(text[:500]))
    return (
        places.box_of(*(limits.get(f"{side}limit") for side in ("west", "south", "east", "north"))) if limits else None
    )


def _source_id(entry: Any, identifiers: list[str]) -> str | None:
    """The DOI of a record, else its identifier in the archive, else its first one."""
    identifier = next((value for text in identifiers if (value := doi(text))), None)
    if identifier:
        return identifier
    for ancestor in entry.iterancestors():
        if local_name(ancestor) == "record":
            header = next(children(ancestor, "header/identifier"), None)
            if header is not None and (header.text or "").strip():
                return str(header.text).strip()
    return identifiers[0] if identifiers else None
