"""The words of STAC: versions, extensions and conformance classes, each copied literally."""

from __future__ import annotations

from typing import Final

STAC_VERSION: Final = "1.1.0"

FILE: Final = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
PROJECTION: Final = "https://stac-extensions.github.io/projection/v1.2.0/schema.json"
"""The version that has both `proj:code` and `proj:epsg`: 2.0 forbids the latter, without which GDAL 3.6 fails."""
RASTER: Final = "https://stac-extensions.github.io/raster/v1.1.0/schema.json"
"""The version with `raster:bands`, from which stackstac and odc-stac take scale, offset and no data; 2.0 forbids it."""
CLASSIFICATION: Final = "https://stac-extensions.github.io/classification/v1.1.0/schema.json"
DATACUBE: Final = "https://stac-extensions.github.io/datacube/v2.2.0/schema.json"
WEB_MAPS: Final = "https://stac-extensions.github.io/web-map-links/v1.2.0/schema.json"

_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/"

CONFORMANCE: Final = (
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/item-search#filter",
    "https://api.stacspec.org/v1.0.0/item-search#sort",
    "https://api.stacspec.org/v1.0.0/item-search#fields",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#sort",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#fields",
    "https://api.stacspec.org/v1.0.0-rc.1/collection-search",
    "https://api.stacspec.org/v1.0.0-rc.1/collection-search#free-text",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/simple-query",
    *(f"{_FEATURES}1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")),
    *(f"{_FEATURES}3/1.0/conf/{name}" for name in ("filter", "features-filter", "queryables")),
    *(
        _CQL2 + name
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "temporal-functions",
            "array-functions",
        )
    ),
)
"""The classes of `/stac`; the rest of the service declares its own."""
