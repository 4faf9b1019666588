"""OGC API Coverages as a part of the service."""

from __future__ import annotations

from typing import Final

from services.apis.coverages import routes
from services.apis.coverages.description import coverage_links, describe
from services.web.part import Part

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

PART: Final = Part(
    name="OGC API Coverages",
    routers=lambda: [routes.router],
    # the draft writes https, its test suite http
    conformance=tuple(
        f"{scheme}://www.opengis.net/spec/ogcapi-coverages-1/1.0/conf/{name}"
        for scheme in ("http", "https")
        for name in _CLASSES
    ),
    data_links=coverage_links,
    data_members=describe,
    uncrawled=("/collections/*/coverage",),
)
