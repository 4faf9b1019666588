"""schema.org `Dataset` of a record as JSON-LD, as search engines for data read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from records.exports.formats.jsonld import Node, embeddable, encode, names, subject, texts
from records.exports.identifiers import address
from records.exports.licences import licence_urls
from records.exports.places import decimal, place_of
from records.exports.protocol import Export
from records.exports.services import is_distribution, is_file
from records.exports.texts import iri, without_empty
from records.harvest.values.languages import language_of

if TYPE_CHECKING:
    from records.exports.models import Contact, ExportRecord, Link

_ROLES: Final = {
    "author": "creator", "creator": "creator", "principalInvestigator": "creator", "publisher": "publisher",
    "distributor": "provider", "contributor": "contributor", "funder": "funder", "rightsHolder": "copyrightHolder",
    "owner": "copyrightHolder", "custodian": "maintainer", "pointOfContact": "maintainer",
}  # fmt: skip
_REGISTRY: Final = "https://registry.identifiers.org/registry/"
_MEASURED: Final = "http://schema.org/variableMeasured"
_PARTS: Final = re.compile(r"[,;，；]")
_PREFIXES: Final = {"doi": "doi:", "cstr": "CSTR:", "uuid": "urn:uuid:"}


def _encode(record: ExportRecord) -> bytes:
    return encode(document(record))


EXPORT: Final = Export(
    name="schemaorg",
    title="schema.org",
    media_type="application/ld+json",
    profile="https://schema.org/",
    suffix=".schemaorg.jsonld",
    encode=_encode,
)


def script(record: ExportRecord) -> str:
    """The document as the text of a script element in the page of a record."""
    return embeddable(document(record))


def document(record: ExportRecord) -> Node:
    """The dataset that a record describes."""
    access = record.member("access")
    node: Node = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": subject(record),
        "url": record.page,
        "name": texts(record.texts("title")),
        "alternateName": texts(record.texts("alternativeTitle")),
        "description": texts(record.texts("description")),
        "identifier": [_identifier(scheme, value) for scheme, value in record.external_ids] or record.id,
        "keywords": _keywords(record),
        "inLanguage": list(record.languages),
        "datePublished": record.word("issued"),
        "dateModified": record.word("modified"),
        "version": record.word("version"),
        "license": [iri(url) for url in licence_urls(record)],
        "creditText": texts(record.texts("citation")),
        "isAccessibleForFree": access["policy"] == "open" if "policy" in access else None,
        "spatialCoverage": _places(record),
        "temporalCoverage": _period(record),
        "variableMeasured": [i for theme in record.themes if theme.scheme == _MEASURED for i, _ in theme.concepts],
        "distribution": [_distribution(link) for link in record.links if is_distribution(link)],
    }
    return without_empty({**node, **_parties(record)})


def _identifier(scheme: str, value: str) -> Node:
    prefix, resolved = _PREFIXES.get(scheme.casefold(), ""), address(scheme, value)
    return without_empty(
        {
            "@type": "PropertyValue",
            "propertyID": _REGISTRY + scheme.casefold() if prefix else scheme,
            "value": prefix + value,
            "url": resolved if resolved.startswith("http") else None,
        }
    )


def _keywords(record: ExportRecord) -> list[Node]:
    """Keywords and concepts; a word that has a comma is a term of its own, as commas part the words of plain texts."""
    nodes: list[Node] = []
    for tag, words in record.keywords.items():
        for word in words:
            label = {"@value": word, "@language": language_of(word, tag)}
            nodes.append({"@type": "DefinedTerm", "name": label} if _PARTS.search(word) else label)
    for theme in record.themes:
        if theme.scheme != _MEASURED:
            nodes += [
                without_empty(
                    {
                        "@type": "DefinedTerm",
                        "name": names(titles) or identifier,
                        "termCode": identifier,
                        "inDefinedTermSet": theme.scheme,
                    }
                )
                for identifier, titles in theme.concepts
            ]
    return nodes


def _parties(record: ExportRecord) -> Node:
    members: dict[str, list[Any]] = {}
    for contact in record.contacts:
        for name in dict.fromkeys(_ROLES.get(role, "contributor") for role in contact.roles or ("contributor",)):
            members.setdefault(name, []).append(_party(contact))
    return members


def _party(contact: Contact) -> Node:
    organization = names(contact.organization)
    node: Node = {
        "@type": "Person" if contact.is_person else "Organization",
        "name": names(contact.name) if contact.is_person else organization,
        "url": contact.url,
        "email": list(contact.emails),
        "telephone": list(contact.phones),
    }
    if contact.is_person and organization:
        node["affiliation"] = {"@type": "Organization", "name": organization}
    return without_empty(node)


def _places(record: ExportRecord) -> list[Node]:
    place = place_of(record)
    place_names = names(record.texts("place"))
    shapes: list[Node] = []
    if place is not None and place.is_point:
        west, south, *_ = place.boxes[0]
        shapes = [{"@type": "GeoCoordinates", "latitude": south, "longitude": west}]
    elif place is not None and place.polygons:
        rings = (polygon[0] for polygon in place.polygons)
        shapes = [{"@type": "GeoShape", "polygon": " ".join(f"{decimal(y)} {decimal(x)}" for x, y in r)} for r in rings]
    elif place is not None:
        sides = ((s, w, n, e) for w, s, e, n in place.plain_boxes)
        shapes = [{"@type": "GeoShape", "box": " ".join(decimal(side) for side in box)} for box in sides]
    if not shapes:
        return [{"@type": "Place", "name": place_names}] if place_names else []
    return [without_empty({"@type": "Place", "name": place_names, "geo": shapes})]


def _period(record: ExportRecord) -> str:
    if record.interval is None:
        return ""
    start, end = record.interval
    return start if start == end else f"{start or '..'}/{end or '..'}"


def _distribution(link: Link) -> Node:
    node: Node = {"@type": "DataDownload", "name": link.title, "encodingFormat": link.type}
    if link.templated:
        target = {"@type": "EntryPoint", "urlTemplate": link.href, "contentType": link.type}
        node["potentialAction"] = {"@type": "SearchAction", "target": without_empty(target)}
    else:
        node["contentUrl" if is_file(link) else "url"] = iri(link.href)
    return without_empty(node)
