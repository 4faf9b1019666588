"""OGC API Coverages (19-087, draft): subsets of the stored grids in any CRS, as files of many kinds."""

from __future__ import annotations

from fastapi import APIRouter

from services.apis.coverages.description import coverage_links, describe
from services.apis.coverages.routes import router

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

CONFORMANCE: tuple[str, ...] = tuple(
    f"{scheme}://www.opengis.net/spec/ogcapi-coverages-1/1.0/conf/{name}"
    for scheme in ("http", "https")
    for name in _CLASSES
)
"""Conformance classes that are kept. The draft writes https, its test suite http."""


def routers() -> list[APIRouter]:
    """The routers of this package, with full paths."""
    return [router]


__all__ = ["CONFORMANCE", "coverage_links", "describe", "routers"]
