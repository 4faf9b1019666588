"""The JSON Schemas below `/collections/records`, and the list of its facets."""

from __future__ import annotations

from typing import Any, Final

from config.vocabulary import HTML, JSON, REL, SCHEMA_JSON
from records.documents.presentation import RECORDS_PATH
from records.documents.queryables import GEOMETRY, QUERYABLES, TIME, sortables
from records.search.facets import DEFAULT_BUCKETS, NAMES
from services.apis.records.titles import TITLES
from services.web.links import link

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def queryables_schema(url: str) -> dict[str, Any]:
    """The queryables (OGC 19-079r2, 6.2)."""
    properties = {**QUERYABLES, "geometry": GEOMETRY, "time": TIME}
    return {**_schema(url, "Queryables of the records", properties), "additionalProperties": False}


def sortables_schema(url: str) -> dict[str, Any]:
    """The sortables (OGC 20-004r1, 7.6)."""
    return {**_schema(url, "Sortables of the records", sortables()), "additionalProperties": False}


def record_schema(url: str) -> dict[str, Any]:
    """The properties of a record (OGC 23-058r2); a record may have others."""
    return _schema(url, "Properties of the records", {**QUERYABLES, "geometry": GEOMETRY})


def facets_document(base_url: str, language: str, media_type: str) -> dict[str, Any]:
    """The facets that a search can ask for (draft OGC 25-013, simple facets): each with the property it counts.

    Args:
        base_url: Of the links.
        language: Language of the title.
        media_type: Under which the document is answered.
    """
    here = base_url + RECORDS_PATH
    return {
        "id": "records",
        "title": TITLES.text("facets", language),
        "facets": {
            name: {"type": "term", "property": property_, "sortedBy": "count", "minOccurs": 1}
            for name, property_ in NAMES.items()
        },
        "defaultBucketCount": DEFAULT_BUCKETS,
        "links": [
            link("self", f"{here}/facets", media_type, title=TITLES.phrase("facets")),
            link("alternate", f"{here}/facets?f=html", HTML, title=TITLES.phrase("facets")),
            link("collection", here, JSON, title=TITLES.phrase("catalogue")),
            link(REL + "queryables", f"{here}/queryables", SCHEMA_JSON, title=TITLES.phrase("queryables")),
        ],
    }


def _schema(url: str, title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "$id": url, "type": "object", "title": title, "properties": properties}
