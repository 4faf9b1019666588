"""The JSON Schemas below `/collections/records`, and the catalogue as a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import CRS84_URI, GEOJSON, HTML, JSON, OGC_CATALOG_JSON, REL, SCHEMA_JSON
from records import search
from records.documents import FIRST_TIME, LAST_TIME
from records.presentation import RECORDS_PATH, language_object, rfc3339
from records.queryables import GEOMETRY, QUERYABLES, TIME, sortables
from services.links import catalogue_services, link
from services.negotiation import LANGUAGES, preferences

if TYPE_CHECKING:
    from datetime import datetime

    from services.context import Context

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_RECORD_COLLECTION: Final = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection"
TITLE: Final = {"en": "Metadata catalogue", "zh": "元数据目录"}
_DESCRIPTION: Final = {
    "en": "One metadata record for each dataset: full text, place and time can be searched.",
    "zh": "每个数据集一条元数据记录，可按全文、地点与时间检索。",
}


def queryables_schema(url: str) -> dict[str, Any]:
    """The queryables (OGC 19-079r2, 6.2)."""
    properties = {**QUERYABLES, "geometry": GEOMETRY, "time": TIME}
    return {**_schema(url, "Queryables of the records", properties), "additionalProperties": False}


def sortables_schema(url: str) -> dict[str, Any]:
    """The sortables (OGC 20-004r1, 7.6)."""
    return {**_schema(url, "Sortables of the records", sortables()), "additionalProperties": False}


def record_schema(url: str) -> dict[str, Any]:
    """The properties of a record (OGC 23-058r2); there may be others, as metadata has them."""
    return _schema(url, "Properties of the records", {**QUERYABLES, "geometry": GEOMETRY})


def _schema(url: str, title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "$id": url, "type": "object", "title": title, "properties": properties}


def collection_document(context: Context, language: str = "en") -> dict[str, Any]:
    """The catalogue of records as a collection (OGC 20-004r1, 8.3); `itemType` is a string, a list breaks OWSLib."""
    here = context.settings.base_url + RECORDS_PATH
    tag = language if language in TITLE else "en"
    return {
        "id": "records",
        "type": "Catalog",
        "itemType": "record",
        "title": TITLE[tag],
        "description": _DESCRIPTION[tag],
        "conformsTo": [_RECORD_COLLECTION],
        "language": language_object(tag),
        "languages": [language_object(known) for known in TITLE],
        "recordLanguages": [language_object(known) for known in LANGUAGES],
        "extent": _extent(context),
        "crs": [CRS84_URI],
        "storageCrs": CRS84_URI,
        "links": [
            link("self", here, JSON, title="The catalogue"),
            link("alternate", f"{here}?f=html", HTML, title="The catalogue as a page"),
            link("items", f"{here}/items", GEOJSON, title="Records"),
            link("items", f"{here}/items?f=html", HTML, title="Records as a page"),
            link(REL + "queryables", f"{here}/queryables", SCHEMA_JSON, title="Queryables"),
            link(REL + "sortables", f"{here}/sortables", SCHEMA_JSON, title="Sortables"),
            link(REL + "schema", f"{here}/schema", SCHEMA_JSON, title="Properties"),
            link("enclosure", f"{here}/dump", "application/x-ndjson", title="Every record, as lines of JSON"),
            *catalogue_services(context.settings.base_url),
        ],
    }


def _extent(context: Context) -> dict[str, Any]:
    """Where and when the records are; the whole world and all times while there are none."""
    box, start, end = search.extent(context.catalogue.repository.engine)
    interval = [_end(start, FIRST_TIME), _end(end, LAST_TIME)]
    return {
        "spatial": {"bbox": [list(box or (-180.0, -90.0, 180.0, 90.0))], "crs": CRS84_URI},
        "temporal": {"interval": [interval], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
    }


def _end(moment: datetime | None, open_end: datetime) -> str | None:
    return None if moment is None or moment == open_end else rfc3339(moment)


def collection_media_type(accept: str, f: str | None = None) -> str:
    """The label of the catalogue's document.

    Its own type is the default (20-004r1, /req/record-collection/default-mediatype); GDAL's OAPIF driver asks for
    application/json and fails on anything else.
    """
    names = {name for name, _ in preferences(accept)}
    if f:
        return OGC_CATALOG_JSON if f == OGC_CATALOG_JSON else JSON
    return JSON if JSON in names and OGC_CATALOG_JSON not in names else OGC_CATALOG_JSON
