"""OGC API Records as a part of the service: the catalogue of records, which is a collection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import GEOJSON, HTML, REL
from records.documents.presentation import RECORDS_PATH, record_url
from records.search.parameters import DEFAULT_LIMIT
from services.apis.records import catalogue_collection, dump, records, transactions
from services.apis.records.operations import BEARER
from services.apis.records.titles import TITLES
from services.web.documents.titles import TITLES as SHARED_TITLES
from services.web.links import Link, link
from services.web.part import CatalogueCollection, Part

if TYPE_CHECKING:
    from config.settings import Settings
    from records.datasets.models import Dataset

CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/cql-filter",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core-query-parameters",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/records-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/autodiscovery",
    "http://www.opengis.net/spec/ogcapi-records-2/1.0/conf/simple",
    "http://www.opengis.net/spec/ogcapi-records-2/1.0/conf/advanced",
    *transactions.CONFORMANCE,
)
"""Classes that are kept. 20-004r1 spells record-api in its table and records-api in Annex A: both are declared."""


def _landing_links(base_url: str) -> list[Link]:
    """Link to the items: a searchable catalogue is entered there (OGC 20-004r1, autodiscovery)."""
    return [link(f"{REL}ogc-catalog", f"{base_url}{RECORDS_PATH}/items", GEOJSON, title=TITLES.phrase("landing"))]


def _collection_links(dataset: Dataset, base_url: str) -> list[Link]:
    record = record_url(base_url, dataset.id)
    return [
        link("describedby", record, GEOJSON, title=SHARED_TITLES.phrase("record")),
        link("describedby", f"{record}?f=html", HTML, title=SHARED_TITLES.phrase("record")),
    ]


def _describe(document: dict[str, Any], settings: Settings) -> None:
    """State the security scheme, and the largest `limit` of a search: clients page by what is declared here."""
    document["components"]["securitySchemes"] = {"bearer": BEARER}
    most = settings.limit.items
    for parameter in document["paths"][f"{RECORDS_PATH}/items"]["get"]["parameters"]:
        if parameter["name"] == "limit":
            default = min(DEFAULT_LIMIT, most)
            parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": most, "default": default}


PART: Final = Part(
    name="OGC API Records",
    routers=lambda: [catalogue_collection.router, dump.router, records.searches, records.router, transactions.router],
    conformance=CONFORMANCE,
    landing_links=_landing_links,
    collection_links=_collection_links,
    catalogue=CatalogueCollection(
        id="records",
        titles=catalogue_collection.NAMES,
        document=catalogue_collection.collection_document,
    ),
    describe=_describe,
)
