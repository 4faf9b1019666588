"""Media types, link relations, CRS identifiers and other words of the standards, each copied literally."""

from __future__ import annotations

from typing import Final

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
HTML: Final = "text/html"
XML: Final = "application/xml"
SCHEMA_JSON: Final = "application/schema+json"
OGC_CATALOG_JSON: Final = "application/ogc-catalog+json"
FACETS_JSON: Final = "application/facets+json"
OPENAPI_30: Final = "application/vnd.oai.openapi+json;version=3.0"
"""Exactly as clients and test suites compare it: without a blank (OGC 19-072, 8.6)."""
GEOTIFF: Final = "image/tiff; application=geotiff"
COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"
NETCDF: Final = "application/netcdf"
COVERAGE_JSON: Final = "application/vnd.cov+json"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
PARQUET: Final = "application/vnd.apache.parquet"
PNG: Final = "image/png"
WEBP: Final = "image/webp"
JPEG: Final = "image/jpeg"
SVG: Final = "image/svg+xml"
NPY: Final = "application/x-binary"

REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
"""Prefix of OGC link relations; clients compare the full URI, so the `ogc-rel:` CURIE is never used."""
REL_HTTPS: Final = "https://www.opengis.net/def/rel/ogc/1.0/"
"""The same in the spelling of Maps 1.0 (OGC 20-058) and of the draft of Coverages (OGC 19-087)."""

CRS84_URI: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

COLLECTION_ID: Final = r"[a-z0-9][a-z0-9-]{0,126}"
"""A dataset id: QGIS breaks on dots, so the slug has none."""
VARIABLE_ID: Final = r"[A-Za-z][A-Za-z0-9_]{0,126}"
STYLE_ID: Final = r"[a-z0-9][a-z0-9-]{0,62}"
LANGUAGE_TAG: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
"""A language tag (BCP 47), its language in lower case."""

RESERVED_IDS: Final = frozenset({"records", "cite-records"})


def epsg_uri(code: int) -> str:
    """The OGC URI of an EPSG CRS."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"
