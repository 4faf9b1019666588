"""Dublin Core: `oai_dc:dc` of OAI-PMH 2.0, and `csw:Record` of CSW 2.0.2 (OGC 07-006r1, 10.2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from records.exports import xml
from records.exports.identifiers import urls
from records.exports.licences import licence_urls
from records.exports.places import decimal, place_of
from records.exports.protocol import Export
from records.exports.texts import person_or_body
from records.exports.xml import Namespace, sub

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

Form = Literal["oai_dc", "brief", "summary", "full"]
"""`oai_dc`, or `csw:Record` as CSW's element sets cut it: BriefRecord, SummaryRecord, Record."""

OAI_DC: Final = Namespace("http://www.openarchives.org/OAI/2.0/oai_dc/")
CSW: Final = Namespace("http://www.opengis.net/cat/csw/2.0.2")
DC: Final = Namespace("http://purl.org/dc/elements/1.1/")
DCT: Final = Namespace("http://purl.org/dc/terms/")
OWS: Final = Namespace("http://www.opengis.net/ows")
_PREFIXES: Final[dict[str | None, str]] = {"dc": DC.uri, "dct": DCT.uri, "ows": OWS.uri}
_CSW_ROOTS: Final = {"brief": "BriefRecord", "summary": "SummaryRecord", "full": "Record"}
_SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_CREATORS: Final = ("author", "creator", "principalInvestigator")


def element(record: ExportRecord, *, form: Form = "oai_dc") -> Any:
    """The element of a record in one of the forms."""
    if form == "oai_dc":
        root = xml.root(OAI_DC("dc"), {"oai_dc": OAI_DC.uri, "dc": DC.uri}, _SCHEMA)
        _fifteen(root, record)
        return root
    root = xml.root(CSW(_CSW_ROOTS[form]), {"csw": CSW.uri, **_PREFIXES})
    if form == "brief":
        _identity(root, record)
    elif form == "summary":
        _summary(root, record)
    else:
        _full(root, record)
    _boxes(root, record)
    return root


def _encode(record: ExportRecord) -> bytes:
    return xml.document(element(record))


EXPORT: Final = Export(
    name="dc",
    title="Dublin Core",
    media_type="application/xml",
    profile=OAI_DC.uri,
    suffix=".dc.xml",
    encode=_encode,
    media_types=("text/xml",),
)


def _fifteen(parent: Any, record: ExportRecord) -> None:
    """The fifteen elements, which stand in any order."""
    _texts(parent, record, "title", "title")
    for party in record.contacts:
        _plain(parent, DC(_kind(party.roles)), person_or_body(party))
    _subjects(parent, record)
    _texts(parent, record, "description", "description")
    _plain(parent, DC("date"), record.word("issued") or record.updated)
    _plain(parent, DC("type"), record.type)
    for name, media_type in record.formats:
        _plain(parent, DC("format"), media_type or name)
    for identifier in (record.id, *urls(record)):
        _plain(parent, DC("identifier"), identifier)
    _texts(parent, record, "source", "source")
    for tag in record.languages:
        _plain(parent, DC("language"), tag)
    for link in record.links:
        if link.rel != "license":
            _plain(parent, DC("relation"), link.href)
    _coverage(parent, record)
    place = place_of(record)
    for west, south, east, north in place.plain_boxes if place else ():
        sides = {"northlimit": north, "southlimit": south, "westlimit": west, "eastlimit": east}
        encoded = "; ".join(f"{name}={decimal(side)}" for name, side in sides.items())
        _plain(parent, DC("coverage"), f"{encoded}; units=degrees")  # DCMI Box Encoding Scheme
    _rights(parent, record)


def _full(parent: Any, record: ExportRecord) -> None:
    """Elements of `csw:Record`, which stand in any order, with times and links in terms of DCMI."""
    _identity(parent, record)
    _subjects(parent, record)
    for party in record.contacts:
        _plain(parent, DC(_kind(party.roles)), person_or_body(party))
    _texts(parent, record, "description", "abstract", DCT)
    _dates(parent, record)
    for name, media_type in record.formats:
        _plain(parent, DC("format"), media_type or name)
    _texts(parent, record, "source", "source")
    for tag in record.languages:
        _plain(parent, DC("language"), tag)
    for link in record.links:
        if link.rel != "license":
            child = _plain(parent, DCT("references"), link.href)
            if link.protocol:
                child.set("scheme", xml.legal(link.protocol))
    _coverage(parent, record)
    _rights(parent, record)


def _identity(parent: Any, record: ExportRecord) -> None:
    _plain(parent, DC("identifier"), record.id)
    for address in urls(record):
        _plain(parent, DC("identifier"), address)
    _texts(parent, record, "title", "title")
    _plain(parent, DC("type"), record.type)


def _summary(parent: Any, record: ExportRecord) -> None:
    """Elements of `csw:SummaryRecord` in the order that its schema wants."""
    _identity(parent, record)
    _subjects(parent, record)
    for name, media_type in record.formats:
        _plain(parent, DC("format"), media_type or name)
    for link in record.links:
        if link.rel == "related":
            _plain(parent, DC("relation"), link.href)
    _plain(parent, DCT("modified"), record.word("modified") or record.updated)
    _texts(parent, record, "description", "abstract", DCT)


def _dates(parent: Any, record: ExportRecord) -> None:
    _plain(parent, DCT("modified"), record.word("modified") or record.updated)
    if record.word("issued"):
        _plain(parent, DCT("issued"), record.word("issued"))


def _kind(roles: tuple[str, ...]) -> str:
    if any(role in _CREATORS for role in roles):
        return "creator"
    return "publisher" if "publisher" in roles else "contributor"


def _subjects(parent: Any, record: ExportRecord) -> None:
    words_written = set()
    for tag, words in record.keywords.items():
        for word in words:
            _said(parent, DC("subject"), word, tag)
            words_written.add(word)
    for theme in record.themes:
        for identifier, titles in theme.concepts:
            for word in titles.values() or (identifier,):
                if word not in words_written:
                    _plain(parent, DC("subject"), word)
                    words_written.add(word)


def _coverage(parent: Any, record: ExportRecord) -> None:
    _texts(parent, record, "place", "coverage")
    if record.interval is not None:
        start, end = record.interval
        _plain(parent, DC("coverage"), start if start == end else f"{start or '..'}/{end or '..'}")


def _rights(parent: Any, record: ExportRecord) -> None:
    for address in licence_urls(record):
        _plain(parent, DC("rights"), address)
    _texts(parent, record, "rights", "rights")


def _boxes(parent: Any, record: ExportRecord) -> None:
    """Boxes in CRS84, longitude first; the schema has no box across the antimeridian, which becomes two."""
    place = place_of(record)
    for west, south, east, north in place.plain_boxes if place else ():
        box = sub(parent, OWS("BoundingBox"), crs="urn:ogc:def:crs:OGC:1.3:CRS84", dimensions="2")
        sub(box, OWS("LowerCorner"), f"{decimal(west)} {decimal(south)}")
        sub(box, OWS("UpperCorner"), f"{decimal(east)} {decimal(north)}")


def _texts(parent: Any, record: ExportRecord, name: str, tag: str, namespace: Namespace = DC) -> None:
    for language, text in record.texts(name).items():
        _said(parent, namespace(tag), text, language)


def _said(parent: Any, tag: str, text: str, language: str) -> None:
    """A text with its language, which CSW's SimpleLiteral has no place for (record.xsd)."""
    child = sub(parent, tag, text)
    if parent.tag == OAI_DC("dc"):
        child.set(xml.XML_LANG, language)


def _plain(parent: Any, tag: str, text: str) -> Any:
    return sub(parent, tag, text)
