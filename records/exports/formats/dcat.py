"""DCAT-AP 3 of a record as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapely.geometry import Polygon as ShapelyPolygon
from shapely.geometry import box, shape

from records.exports.formats.jsonld import (
    Node,
    dated,
    encode,
    identifiers,
    reference,
    references,
    subject,
    texts,
    words,
)
from records.exports.licences import licence_urls
from records.exports.places import place_of
from records.exports.protocol import Export
from records.exports.services import is_distribution, is_file, protocol_of
from records.exports.texts import iri, positive, without_empty
from records.harvest.values.languages import three_letters

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from records.exports.models import Contact, ExportRecord, Link, Theme

_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "locn": "http://www.w3.org/ns/locn#",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "gsp": "http://www.opengis.net/ont/geosparql#",
}
_DATES: Final = ("xsd:date", "xsd:dateTime")
_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_ROLES: Final = "http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/"
_AGENTS: Final = {
    "author": "dct:creator",
    "creator": "dct:creator",
    "contributor": "dct:contributor",
    "rightsHolder": "dct:rightsHolder",
}
_TYPES: Final = {"series": "dcat:DatasetSeries", "service": "dcat:DataService"}


def _encode(record: ExportRecord) -> bytes:
    return encode(document(record))


EXPORT: Final = Export(
    name="dcat",
    title="DCAT-AP",
    media_type="application/ld+json",
    profile="http://data.europa.eu/r5r/",
    suffix=".dcat.jsonld",
    encode=_encode,
)


def document(record: ExportRecord) -> Node:
    """The dataset that a record describes, and the record as its catalogue record."""
    licences = references(licence_urls(record))
    node: Node = {
        "@context": _CONTEXT,
        "@id": subject(record),
        "@type": ["dcat:Dataset", *([_TYPES[record.type]] if record.type in _TYPES else [])],
        "dct:title": texts(record.texts("title")),
        "dct:description": texts(record.texts("description")),
        "dct:identifier": identifiers(record),
        "dcat:keyword": words(record.keywords),
        "dcat:theme": [_concept(t, i, titles, record) for t in record.themes for i, titles in t.concepts],
        "dct:language": [reference(f"{_AUTHORITY}language/{_code(tag)}") for tag in record.languages],
        "dct:issued": dated(record.word("issued"), _DATES),
        "dct:modified": dated(record.word("modified"), _DATES),
        "dcat:version": record.word("version"),
        "dct:spatial": _locations(record),
        "dct:temporal": _period(record),
        "dcat:temporalResolution": _typed(record.resolution, "xsd:duration"),
        "dcat:spatialResolutionInMeters": _cell(record),
        "dct:provenance": _statement("dct:ProvenanceStatement", record, "lineage"),
        "dct:rights": _statement("dct:RightsStatement", record, "rights"),
        "dct:accessRights": _access(record),
        "dct:license": licences,
        "dcat:landingPage": reference(record.page),
        "dcat:distribution": [_distribution(link, record, licences) for link in record.links if _is_shown(link)],
        "foaf:isPrimaryTopicOf": _catalogue_record(record),
    }
    return without_empty({**node, **_parties(record)})


def _is_shown(link: Link) -> bool:
    """Link templates are no addresses; their services have a description, which is linked."""
    return is_distribution(link) and not link.templated


def _code(tag: str) -> str:
    return three_letters(tag.split("-", maxsplit=1)[0], bibliographic=False).upper()


def _typed(value: str, kind: str) -> Node | None:
    return {"@value": value, "@type": kind} if value else None


def _concept(theme: Theme, identifier: str, titles: dict[str, str], record: ExportRecord) -> Node:
    """A concept; one whose identifier is no address gets one, and its identifier as notation."""
    is_address = "://" in identifier
    return without_empty(
        {
            "@id": iri(identifier) if is_address else f"{record.url}#concept-{iri(identifier)}",
            "@type": "skos:Concept",
            "skos:notation": "" if is_address else identifier,
            "skos:prefLabel": texts(titles),
            "skos:inScheme": {"@type": "skos:ConceptScheme", "dct:title": theme.scheme} if theme.scheme else None,
        }
    )


def _parties(record: ExportRecord) -> Node:
    """Parties by their roles; DCAT-AP allows one publisher, further ones are attributed as others are."""
    members: dict[str, list[Any]] = {}
    for contact in record.contacts:
        for role in contact.roles or ("pointOfContact",):
            if role == "pointOfContact":
                members.setdefault("dcat:contactPoint", []).append(_card(contact))
            elif role in _AGENTS:
                members.setdefault(_AGENTS[role], []).append(_agent(contact))
            elif role == "publisher" and "dct:publisher" not in members:
                members["dct:publisher"] = [_agent(contact)]
            else:
                node = {"@type": "prov:Attribution", "prov:agent": _agent(contact)}
                node["dcat:hadRole"] = reference(_ROLES + role)
                members.setdefault("prov:qualifiedAttribution", []).append(node)
    return members


def _agent(contact: Contact) -> Node:
    return without_empty(
        {
            "@type": "foaf:Person" if contact.is_person else "foaf:Organization",
            "foaf:name": texts(contact.name or contact.organization),
            "foaf:homepage": reference(contact.url) if contact.url else None,
            "foaf:mbox": references(f"mailto:{mail}" for mail in contact.emails),
        }
    )


def _card(contact: Contact) -> Node:
    return without_empty(
        {
            "@type": "vcard:Individual" if contact.is_person else "vcard:Organization",
            "vcard:fn": texts(contact.name or contact.organization),
            "vcard:organization-name": texts(contact.organization) if contact.is_person else None,
            "vcard:hasURL": reference(contact.url) if contact.url else None,
            "vcard:hasEmail": references(f"mailto:{mail}" for mail in contact.emails),
            "vcard:hasTelephone": references(f"tel:{phone.replace(' ', '-')}" for phone in contact.phones),
        }
    )


def _locations(record: ExportRecord) -> list[Node]:
    place = place_of(record)
    names = texts(record.texts("place"))
    if place is None:
        return [{"@type": "dct:Location", "skos:prefLabel": names}] if names else []
    shapes: list[Node]
    if place.polygons:
        shapes = [_with_shape(polygon) for polygon in place.polygons]
    elif place.is_point:
        shapes = [{"dcat:centroid": _wkt(shape(record.document["geometry"]))}]
    else:
        shapes = [{"dcat:bbox": _wkt(box(*sides, ccw=False))} for sides in place.plain_boxes]
    nodes = [{"@type": "dct:Location", **node} for node in shapes]
    if names and nodes:
        nodes[0]["skos:prefLabel"] = names
    return nodes


def _with_shape(rings: tuple[Any, ...]) -> Node:
    polygon = ShapelyPolygon(rings[0], rings[1:])
    return {"dcat:bbox": _wkt(polygon.envelope), "locn:geometry": _wkt(polygon)}


def _wkt(geometry: BaseGeometry) -> Node:
    return {"@value": geometry.wkt, "@type": "gsp:wktLiteral"}


def _period(record: ExportRecord) -> Node | None:
    if record.interval is None:
        return None
    start, end = (dated(text, _DATES) for text in record.interval)
    return without_empty({"@type": "dct:PeriodOfTime", "dcat:startDate": start, "dcat:endDate": end})


def _cell(record: ExportRecord) -> Node | None:
    size = record.member("spatialResolution")
    cell = positive(size.get("value")) if size.get("unit", "m") == "m" else None
    return None if cell is None else {"@value": f"{cell:g}", "@type": "xsd:decimal"}


def _statement(kind: str, record: ExportRecord, name: str) -> Node | None:
    labels = texts(record.texts(name))
    return {"@type": kind, "rdfs:label": labels} if labels else None


def _access(record: ExportRecord) -> Node | None:
    access = record.member("access")
    if "policy" not in access:
        return None
    is_open = access["policy"] == "open" and not access.get("embargoUntil")
    return reference(f"{_AUTHORITY}access-right/{'PUBLIC' if is_open else 'RESTRICTED'}")


def _distribution(link: Link, record: ExportRecord, licences: list[Node]) -> Node:
    media_type = link.type.partition(";")[0].strip()
    node: Node = {
        "@type": "dcat:Distribution",
        "dct:title": {"@value": link.title, "@language": record.language} if link.title else None,
        "dcat:accessURL": reference(record.page if is_file(link) else link.href),
        "dcat:downloadURL": reference(link.href) if is_file(link) else None,
        "dcat:mediaType": reference(_MEDIA_TYPES + media_type) if media_type else None,
        "dct:license": licences,
    }
    if not is_file(link):
        node["dcat:accessService"] = {
            "@type": "dcat:DataService",
            "dct:title": link.title or protocol_of(link),
            "dcat:endpointURL": reference(link.href),
        }
    return without_empty(node)


def _catalogue_record(record: ExportRecord) -> Node:
    return {
        "@id": record.url,
        "@type": "dcat:CatalogRecord",
        "dct:identifier": record.id,
        "dct:issued": dated(record.created, _DATES),
        "dct:modified": dated(record.updated, _DATES),
        "foaf:primaryTopic": reference(subject(record)),
    }
