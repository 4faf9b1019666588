"""The stored record of a dataset (`records.documents.documents`), from its declaration or else from its files."""

from __future__ import annotations

import calendar
import re
from typing import Any

from config.declarations.datasets import ContactDeclaration, RecordDeclaration
from config.times import key_label, key_parts, order_key
from records.datasets.footprint import Box, geometry
from records.datasets.models import Granule
from records.harvest.values.identifiers import slug

CONFORMANCE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"
MINIMAL_NOTE = {
    "en": "This record was made from the attributes of the data files, because none was declared.",
    "zh": "本元数据由数据文件的属性自动生成，尚未另行编写。",
}
_ATTRIBUTES = {"title": ("title", "TITLE"), "description": ("summary", "comment", "description", "abstract")}


def declared_form(declaration: RecordDeclaration) -> dict[str, Any]:
    """The members of an OGC record (20-004r1, 7.2) that a declaration states: texts by language tag."""
    properties: dict[str, Any] = {
        "type": "dataset",
        "title": declaration.title,
        "description": declaration.description,
        "keywords": declaration.keywords,
        "contacts": [_contact(c) for c in declaration.contacts],
        "externalIds": [external_id(text) for text in declaration.external_ids],
        "lineage": declaration.lineage,
    }
    optional = {
        "license": declaration.license,
        "licenseUrl": declaration.license_url,
        "attribution": declaration.attribution,
        "source": declaration.source,
    }
    properties |= {name: value for name, value in optional.items() if value}
    links = list(declaration.links)
    if declaration.license_url:
        links.append({"href": declaration.license_url, "rel": "license", "type": "text/html"})
    return {"properties": {name: value for name, value in properties.items() if value not in ({}, [])}, "links": links}


def completed(
    document: dict[str, Any],
    dataset_id: str,
    *,
    box: Box,
    granules: tuple[Granule, ...],
    climatology: bool,
    lineage: tuple[str, ...],
) -> dict[str, Any]:
    """The record of a dataset: what is given of it, with the place and time of the data.

    Data without times, or with the nominal years of a climatology, leave the given time. `lineage` tells what ingest
    did, and is added to the given English lineage. A record with an id of its own keeps it among its `externalIds`.
    """
    properties = {"type": "dataset", **document["properties"]}
    notes = _lineage(properties.get("lineage"), lineage)
    if notes:
        properties["lineage"] = notes
    keep_foreign_id(properties, document.get("id"), dataset_id)
    return {
        **{name: value for name, value in document.items() if name not in ("id", "properties", "links", "minimal")},
        "id": dataset_id,
        "type": "Feature",
        "conformsTo": list(dict.fromkeys([CONFORMANCE, *document.get("conformsTo", [])])),
        "geometry": geometry(box),
        "time": (None if climatology else _time(granules)) or document.get("time"),
        "properties": properties,
        "links": document.get("links", []),
    }


def keep_foreign_id(properties: dict[str, Any], own: str | None, dataset_id: str) -> None:
    """Add a record's own id to its `externalIds` where the dataset has another one, unless it was made of one there."""
    identifiers = properties.get("externalIds", [])
    if (
        own
        and own != dataset_id
        and own not in {slug(each["value"]) for each in identifiers} | {e["value"] for e in identifiers}
    ):
        properties["externalIds"] = [*identifiers, {"value": own}]


def minimal_record(dataset_id: str, attributes: dict[str, str]) -> RecordDeclaration:
    """A record from a file's global attributes, marked as such in its lineage."""
    texts = {
        ours: next((attributes[name].strip() for name in names if attributes.get(name, "").strip()), "")
        for ours, names in _ATTRIBUTES.items()
    }
    organization = attributes.get("institution", "").strip()
    contacts = (
        [ContactDeclaration(name=organization, organization=organization, roles=["producer"])] if organization else []
    )
    keywords = [w.strip() for w in re.split(r"[,;>]", attributes.get("keywords", "")) if w.strip()][:50]
    return RecordDeclaration(
        title={"en": texts["title"][:500] or dataset_id},
        description={"en": texts["description"]} if texts["description"] else {},
        keywords={"en": keywords} if keywords else {},
        contacts=contacts,
        lineage=MINIMAL_NOTE,
    )


def _contact(contact: ContactDeclaration) -> dict[str, Any]:
    members: dict[str, Any] = {"name": contact.name}
    if contact.organization:
        members["organization"] = contact.organization
    if contact.roles:
        members["roles"] = contact.roles
    if contact.url:
        members["links"] = [{"href": contact.url, "rel": "about", "type": "text/html"}]
    return members


def external_id(text: str) -> dict[str, str]:
    """An identifier `scheme:value` as a member of `externalIds`."""
    scheme, _, value = text.partition(":")
    return {"scheme": scheme, "value": value} if value else {"scheme": "", "value": scheme}


def _lineage(text: Any, notes: tuple[str, ...]) -> dict[str, str]:
    texts = dict(text) if isinstance(text, dict) else {"en": str(text)} if text else {}
    if not notes:
        return texts
    return texts | {"en": " ".join(part for part in (texts.get("en", ""), "Ingest:", *notes) if part)}


def _time(granules: tuple[Granule, ...]) -> dict[str, Any] | None:
    starts = [g.start_key if g.start_key is not None else g.key for g in granules if g.key is not None]
    ends = [g.end_key if g.end_key is not None else g.key for g in granules if g.key is not None]
    if not starts:
        return None
    first = min(key for key in starts if key is not None)
    last = max(key for key in ends if key is not None)
    return {"interval": [gregorian_label(first), gregorian_label(last)]}


def gregorian_label(key: int) -> str:
    """The label of a key whose day is one of the Gregorian calendar, for RFC 3339: no 30 February of a 360-day year."""
    year, month, day, *clock = key_parts(key)
    if not 1 <= year <= 9999:
        return key_label(key)
    return key_label(order_key(year, month, min(day, calendar.monthrange(year, month)[1]), *clock))
