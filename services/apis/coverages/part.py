"""OGC API Coverages as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import GEOTIFF
from services.apis.coverages import routes
from services.apis.coverages.description import coverage_links, describe
from services.apis.coverages.titles import TITLES
from services.web.links import Link, ogc_links
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_CLASSES = (
    "core",
    "subsetting-spatial",
    "subsetting-temporal",
    "scaling-spatial",
    "field-selection",
    "crs",
    "geotiff",
    "netcdf",
    "coveragejson",
)


def _record_data_links(dataset: Dataset, base_url: str, _language: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/coverage"
    return ogc_links("coverage", href, GEOTIFF, title=TITLES.phrase("values"))


PART: Final = Part(
    name="OGC API Coverages",
    routers=lambda: [routes.router, routes.descriptions],
    # the draft writes https, its test suite http
    conformance=tuple(
        f"{scheme}://www.opengis.net/spec/ogcapi-coverages-1/1.0/conf/{name}"
        for scheme in ("http", "https")
        for name in _CLASSES
    ),
    data_links=coverage_links,
    data_members=describe,
    record_data_links=_record_data_links,
    uncrawled=("/collections/*/coverage",),
)
