"""Records to export, schemas that judge them, and the way back through the harvest readers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from records.exports.making import export_record
from records.exports.models import ExportRecord
from records.exports.registry import EXPORTS
from records.harvest.fetch.content import Content
from records.harvest.reading import records
from records.harvest.registry import recognised
from records.search.search import Found
from tests.support.records import document

BASE = "https://data.example.org"
METADATA_FORMATS = ("iso19139", "dcat", "schemaorg", "datacite", "dc")
CITATIONS = ("bibtex", "ris", "csl", "gbt7714")
CHANGED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def rich(**changes: Any) -> dict[str, Any]:
    """A stored record with everything that the formats write, in Chinese and English."""
    properties: dict[str, Any] = {
        "description": {"en": "Daily snow depth.", "zh": "逐日雪深。"},
        "keywords": {"en": ["snow", "depth, of snow"], "zh": ["雪"]},
        "themes": [
            {"scheme": "GB/T 13745-2009", "concepts": [{"id": "170.15", "title": {"zh": "大气科学"}}]},
            {"scheme": "ISO 19115 topic category", "concepts": [{"id": "climatologyMeteorologyAtmosphere"}]},
        ],
        "externalIds": [
            {"scheme": "doi", "value": "10.12072/ncdc.snow.db0001.2024"},
            {"scheme": "cstr", "value": "11738.11.NCDC.SNOW.DB0001.2024"},
            {"scheme": "uuid", "value": "0a4269e1-65f4-45f1-aeba-88ea3068eebf"},
        ],
        "license": "CC-BY-4.0",
        "contacts": [
            {"name": "车涛", "organization": "某研究所", "roles": ["author"]},
            {"name": "Anna Maria Müller", "roles": ["author"], "links": [{"href": "https://orcid.org/0000-0001"}]},
            {
                "organization": {"en": "Data Centre", "zh": "数据中心"},
                "roles": ["publisher", "pointOfContact"],
                "emails": [{"value": "data@example.org"}],
                "phones": [{"value": "+86 931 4967287"}, {"value": "ext. 12"}],
                "links": [{"href": "https://example.org", "rel": "about"}],
            },
        ],
        "formats": [{"name": "NetCDF", "mediaType": "application/netcdf"}],
        "issued": "2024-05-21",
        "modified": "2026-01-14T08:00:00+08:00",
        "version": "2.1",
        "lineage": {"en": "Passive microwave.", "zh": "被动微波。"},
        "spatialResolution": {"value": 25000, "unit": "m"},
        "elevation": {"minimum": 100, "maximum": 8848},
        "access": {"policy": "apply", "embargoUntil": "2030-01-01"},
    }
    links = (
        {"rel": "enclosure", "href": "https://example.org/snow.nc", "type": "application/netcdf", "title": "File"},
        {"rel": "service", "href": "https://example.org/wms?a=1&b=2", "protocol": "OGC:WMS", "title": "地图"},
        {"rel": "preview", "href": "https://example.org/snow.png", "type": "image/png"},
    )
    made = document(
        "snow",
        "Snow depth of China",
        zh="中国雪深数据集",
        box=(170, 18, -170, 54),
        interval=("1979-01-01", ".."),
        links=links,
        **properties,
    )
    return made | {"properties": made["properties"] | changes}


def exported(stored: dict[str, Any], language: str = "en") -> ExportRecord:
    """What is exported of a stored record."""
    found = Found(document=stored, created=CHANGED, updated=CHANGED, dataset=None)
    return export_record(found, base_url=BASE, language=language)


def written(stored: dict[str, Any], name: str, language: str = "en") -> bytes:
    """A stored record in a format."""
    return EXPORTS[name].encode(exported(stored, language))


def read_back(data: bytes) -> dict[str, Any]:
    """The one record that our own readers find in an export."""
    content = Content(data, "export")
    adapter = recognised(content)
    (found,) = records(content, adapter)
    read: dict[str, Any] = getattr(found, "document", {})
    assert read, found
    return read


@cache
def iso_schema() -> Any:
    """The schema of ISO 19139 (2007-04-17, with GML 3.2.1) that pycsw ships."""
    return _schema("plugins/profiles/apiso/schemas/ogc/iso/19139/20070417/gmx/gmx.xsd")


@cache
def csw_schema() -> Any:
    """The schema of the records of CSW 2.0.2 that pycsw ships."""
    return _schema("core/schemas/ogc/csw/2.0.2/record.xsd")


def _schema(path: str) -> Any:
    package = find_spec("pycsw")
    assert package is not None
    assert package.submodule_search_locations
    return etree.XMLSchema(etree.parse(str(Path(package.submodule_search_locations[0]) / path)))
