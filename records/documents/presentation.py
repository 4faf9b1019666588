"""A stored record as it is served: the GeoJSON of OGC API Records 1.0 (20-004r1, 8.2), in one language."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shapely.geometry import box, shape

from config.messages import Messages, Phrase
from config.vocabulary import GEOJSON, HTML, JSON
from records.documents import conforming
from records.documents.data_links import no_data_links
from records.documents.documents import box_geometry
from records.documents.kept_files import with_address
from records.exports.alternates import alternates

if TYPE_CHECKING:
    from datetime import datetime

    from records.datasets.models import Dataset
    from records.documents.data_links import DataLinker

_RECORDS = "/spec/ogcapi-records-1/"
RECORD_CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
PROFILE = "http://www.opengis.net/def/profile/OGC/0/ogc-record"
"""What a record conforms to beside its media type (20-004r1, /req/json/record-content)."""
CATALOGUE_PROFILE = "http://www.opengis.net/def/profile/OGC/0/ogc-catalog"
"""The same of the catalogue (/req/json/catalog-content-profile)."""
RECORDS_PATH = "/collections/records"

TITLES = Messages(
    {
        "catalogue": {"en": "The catalogue", "zh": "目录"},
        "collection": {"en": "The dataset as a collection", "zh": "数据集（集合）"},
        "page": {"en": "This record as a page", "zh": "本记录（网页）"},
        "record": {"en": "This record", "zh": "本记录"},
    }
)
"""Titles of the links that this server adds to a record."""

_LOCALIZED = frozenset(
    {
        "alternativeTitle",
        "attribution",
        "citation",
        "citationInstructions",
        "contents",
        "description",
        "keywords",
        "lineage",
        "name",
        "organization",
        "place",
        "position",
        "purpose",
        "quality",
        "relatedPublication",
        "rights",
        "source",
        "technicalInfo",
        "title",
    }
)
"""Members whose value may be an object by language tag."""
_NAMES = {"en": ("English", "English"), "zh": ("中文", "Chinese")}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_BOX_POINTS = 5


def served(
    document: dict[str, Any],
    language: str,
    *,
    base_url: str,
    created: datetime,
    updated: datetime,
    dataset: Dataset | None = None,
    readable: bool = True,
    link_data: DataLinker = no_data_links,
    exports: bool = False,
) -> dict[str, Any]:
    """The record in a language, or in the nearest it has.

    Args:
        document: The stored form (`records.documents.documents`).
        language: The language tag that was asked for.
        base_url: Of every link to this server.
        created: When the record entered the catalogue.
        updated: When it last changed.
        dataset: The published data that it describes, if any.
        readable: Whether the client may read that data; if not, only its metadata is linked.
        link_data: Links the services over that data.
        exports: Whether its other formats are linked, as they are from a record alone.
    """
    tags = list(document["properties"]["title"])
    tag = best_tag(language, tags)
    properties: dict[str, Any] = {
        **{name: v for name, v in in_language(document["properties"], tag).items() if v is not None},
        "language": language_object(tag),
        "languages": [language_object(t) for t in tags],
        "created": rfc3339(created),
        "updated": rfc3339(updated),
    }
    if dataset is not None:
        properties |= _of_dataset(dataset, properties)
    feature = {
        "id": document["id"],
        "type": "Feature",
        "conformsTo": [RECORD_CORE, *(uri for uri in document.get("conformsTo", []) if _RECORDS not in uri)],
        "geometry": _geometry(document.get("geometry")),
        "time": conforming.time(document.get("time")),
        "properties": conforming.properties(properties),
        "links": [
            *_titled(_own_links(document["id"], base_url), language),
            *(_titled(alternates(record_url(base_url, document["id"])), language) if exports else ()),
            *in_language(with_address(_foreign_links(document), base_url), tag),
        ],
    }
    templates = in_language(document.get("linkTemplates", []), tag)
    if dataset is not None:
        services = link_data(dataset, base_url, tag, readable)
        feature["links"] += _titled([_collection_link(dataset, base_url), *services.links], language)
        templates += services.templates
    if templates or dataset is not None:
        feature["linkTemplates"] = templates
    return feature


def _collection_link(dataset: Dataset, base_url: str) -> dict[str, Any]:
    href = f"{base_url}/collections/{dataset.id}"
    return {"rel": "data", "type": JSON, "title": TITLES.phrase("collection"), "href": href}


def _titled(links: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Return links of this server with their titles in the language that was asked for."""
    return [
        link | {"title": link["title"].in_language(language)} if isinstance(link.get("title"), Phrase) else link
        for link in links
    ]


def _of_dataset(dataset: Dataset, properties: dict[str, Any]) -> dict[str, Any]:
    """What the published data says better than their record: who may read them, and the line beside them."""
    members: dict[str, Any] = {}
    if dataset.attribution and "attribution" not in properties:
        members["attribution"] = dataset.attribution
    until = dataset.access.embargo_until
    if "access" in properties or dataset.access.policy != "open" or until is not None:
        members["access"] = {"policy": dataset.access.policy} | ({"embargoUntil": until.isoformat()} if until else {})
    return members


def best_tag(language: str, tags: list[str]) -> str:
    """The tag that fits a language best: itself, its primary language, a variant of that, English, the first."""
    primary = language.split("-", maxsplit=1)[0]
    variant = next((tag for tag in tags if tag.split("-", maxsplit=1)[0] == primary), None)
    return next((tag for tag in (language, primary, variant, "en") if tag in tags), tags[0])


def language_object(tag: str) -> dict[str, str]:
    """A language as 20-004r1 describes it: code, own name, English name, direction."""
    primary = tag.split("-", maxsplit=1)[0]
    names = dict(zip(("name", "alternate"), _NAMES.get(primary, ()), strict=False))
    return {"code": tag, **names, "dir": "rtl" if primary in _RIGHT_TO_LEFT else "ltr"}


def rfc3339(moment: datetime) -> str:
    """A time in UTC with Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def record_url(base_url: str, record_id: str) -> str:
    """Where a record is served."""
    return f"{base_url}{RECORDS_PATH}/items/{quote(record_id, safe='')}"


def in_language(value: Any, tag: str) -> Any:
    """A JSON value, each member that is given by language reduced to one, that which fits the tag best."""
    if isinstance(value, list):
        return [in_language(item, tag) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _chosen(member, tag) if name in _LOCALIZED and isinstance(member, dict) else in_language(member, tag)
        for name, member in value.items()
    }


def _chosen(texts: dict[str, Any], tag: str) -> Any:
    return texts[best_tag(tag, list(texts))] if texts else ""


def _geometry(geometry: dict[str, Any] | None) -> dict[str, Any] | None:
    """The geometry; a box starts at its lower left corner, which QGIS MetaSearch reads by position."""
    if not geometry or geometry.get("type") != "Polygon":
        return geometry or None
    rings = geometry.get("coordinates")
    corners = _box_of(rings[0]) if isinstance(rings, list) and len(rings) == 1 else None
    if corners is not None:
        return box_geometry(*corners)
    outline = shape(geometry)
    if outline.has_z:
        return geometry
    return box_geometry(*outline.bounds) if outline.equals(box(*outline.bounds)) else geometry


def profile_link(uri: str) -> dict[str, Any]:
    """The link of a document to what it conforms to beside its media type (RFC 6906); all links state a type."""
    return {"rel": "profile", "type": HTML, "href": uri}


def _own_links(record_id: str, base_url: str) -> list[dict[str, Any]]:
    here = record_url(base_url, record_id)
    return [
        {"rel": "self", "type": GEOJSON, "title": TITLES.phrase("record"), "href": here},
        {"rel": "alternate", "type": HTML, "title": TITLES.phrase("page"), "href": f"{here}?f=html"},
        {"rel": "collection", "type": JSON, "title": TITLES.phrase("catalogue"), "href": base_url + RECORDS_PATH},
        profile_link(PROFILE),
    ]


def _box_of(ring: list[list[float]]) -> tuple[float, float, float, float] | None:
    """West, south, east and north of a ring that is a box of four corners; None for any other."""
    if len(ring) != _BOX_POINTS or ring[0] != ring[-1] or len(ring[0]) > 2:  # with heights
        return None
    turns = [(a[0] == b[0], a[1] == b[1]) for a, b in pairwise(ring)]
    if turns not in ([(True, False), (False, True)] * 2, [(False, True), (True, False)] * 2):
        return None
    west, east = sorted((ring[0][0], ring[2][0]))
    south, north = sorted((ring[0][1], ring[2][1]))
    return west, south, east, north


def _foreign_links(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The links of the document, but for those that only the server of a record can give."""
    return [link for link in document.get("links", []) if link.get("rel") not in ("self", "collection", "profile")]
