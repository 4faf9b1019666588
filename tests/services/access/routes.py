"""Every route of the application, classified by what it serves of a dataset, with a request that is complete."""

from __future__ import annotations

from typing import Final

from records.exports.registry import EXPORTS
from services.web.crs import crs_key

_TILE: Final = "{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_MAP: Final = "/collections/{collectionId}/map"
_STYLED: Final = "/collections/{collectionId}/styles/{styleId}/map"
_XYZ: Final = "/xyz/{collectionId}/{variable}"
_TITILER: Final = "/titiler/{collectionId}"
_DAP: Final = ("html", "dds", "das", "dods", "ascii", "asc", "ver", "dmr", "dmr.xml", "dap")
_EDR: Final = "/edr/collections/{collectionId}"
_QUERIES: Final = {
    "position": "coords=POINT(10 10)",
    "radius": "coords=POINT(10 10)&within=9&within-units=km",
    "area": "coords=POLYGON((0 0,9 0,9 9,0 0))",
    "cube": "bbox=0,0,9,9",
    "trajectory": "coords=LINESTRING(0 0,9 9)",
    "corridor": "coords=LINESTRING(0 0,9 9)&corridor-width=9&width-units=km",
    "locations/{locationId}": "parameter-name=v",
}
_GRIDDAP: Final = ("das", "dds", "dods", "asc", "ncml", "nc", "csv", "csvp", "csv0", "json", "htmlTable")
_FIRST: Final = "?v[0][0][0]"
_BOX: Final = "{minx},{miny},{maxx},{maxy}"

FILLED: Final = {
    "{tileMatrixSetId}": "WebMercatorQuad",
    "{z}/{x}/{y}": "1/1/0",
    "{tileMatrix}/{tileRow}/{tileCol}": "1/0/1",
    "{styleId}": "default",
    "{style}/{time}": "default/latest",
    "{level}": "10",
    "{lon},{lat}": "10,10",
    _BOX: "0,0,10,10",
    "{width}x{height}": "16x16",
    "{format}": "png",
    "files/{part}/{name}": "files/0/flux.tif",
    "previews/{part}/{name}": "previews/0/flux.tif",
    "{form}": "csv",
    "{locationId}": "black",
    "{regionId}": "black",
    "{guide}": "gis",
    "tables/{recordId}/{name}": "tables/none/flux.csv",
    "{key:path}": "zarr.json",
    "{key}": crs_key("OGC:CRS84"),
}
"""Values of the parameters of paths that are alike for all datasets."""

DATA: Final[dict[str, str]] = {
    _MAP: "?width=64",
    _STYLED: "?width=64",
    f"{_MAP}/tiles": "",
    f"{_STYLED}/tiles": "",
    f"{_MAP}/tiles/{{tileMatrixSetId}}": "",
    f"{_STYLED}/tiles/{{tileMatrixSetId}}": "",
    f"{_MAP}/tiles/{{tileMatrixSetId}}/tilejson.json": "",
    f"{_STYLED}/tiles/{{tileMatrixSetId}}/tilejson.json": "",
    f"{_MAP}/tiles/{_TILE}": "",
    f"{_STYLED}/tiles/{_TILE}": "",
    f"{_MAP}/point/{{lon}},{{lat}}": "",
    f"{_MAP}/statistics": "",
    f"{_XYZ}/tilejson.json": "",
    f"{_XYZ}/{{style}}/{{time}}/tilejson.json": "",
    f"{_XYZ}/{{style}}/{{time}}/{{level}}/tilejson.json": "",
    f"{_XYZ}/{{z}}/{{x}}/{{y}}.{{format}}": "",
    f"{_XYZ}/{{style}}/{{time}}/{{z}}/{{x}}/{{y}}.{{format}}": "",
    f"{_XYZ}/{{style}}/{{time}}/{{level}}/{{z}}/{{x}}/{{y}}.{{format}}": "",
    f"{_TITILER}/info": "",
    f"{_TITILER}/info.geojson": "",
    f"{_TITILER}/statistics": "",
    f"{_TITILER}/point/{{lon}},{{lat}}": "",
    f"{_TITILER}/preview": "?max_size=64",
    f"{_TITILER}/preview.{{format}}": "?max_size=64",
    f"{_TITILER}/preview/{{width}}x{{height}}.{{format}}": "",
    f"{_TITILER}/bbox/{_BOX}.{{format}}": "",
    f"{_TITILER}/bbox/{_BOX}/{{width}}x{{height}}.{{format}}": "",
    f"{_TITILER}/tiles": "",
    f"{_TITILER}/tiles/{{tileMatrixSetId}}": "",
    f"{_TITILER}/tiles/{{tileMatrixSetId}}/{{z}}/{{x}}/{{y}}": "",
    f"{_TITILER}/tiles/{{tileMatrixSetId}}/{{z}}/{{x}}/{{y}}.{{format}}": "",
    f"{_TITILER}/{{tileMatrixSetId}}/tilejson.json": "",
    "/collections/{collectionId}/coverage": "?bbox=0,0,10,10",
    "/collections/{collectionId}/position": "?coords=POINT(10 10)",
    "/collections/{collectionId}/statistics": "?bbox=0,0,10,10",
    "/collections/{collectionId}/granules": "",
    "/collections/{collectionId}/files.txt": "",
    "/collections/{collectionId}/files.sha256": "",
    "/collections/{collectionId}/open/qgis.qlr": "",
    "/collections/{collectionId}/open/qgis-wms.xml": "",
    "/collections/{collectionId}/open/qgis-xyz.xml": "",
    "/collections/{collectionId}/open/terria.json": "",
    "/collections/{collectionId}/open/arcgis.json": "",
    "/collections/{collectionId}/styles/{styleId}/maplibre": "",
    "/assets/{collectionId}/{file:path}": "",
    "/dap/{collectionId}": "",
    **{f"/dap/{{collectionId}}.{extension}": "" for extension in _DAP},
    **{f"/erddap/griddap/{{collectionId}}.{extension}": _FIRST for extension in _GRIDDAP},
    "/erddap/griddap/{collectionId}.html": "",
    "/erddap/info/{collectionId}/index.{form}": "",
    **{f"{_EDR}/{query}": f"?{text}" for query, text in _QUERIES.items()},
    _EDR: "",
    f"{_EDR}/items": "",
    f"{_EDR}/items/{{itemId}}": "",
    f"{_EDR}/locations": "",
    "/collections/{collectionId}/notebook": "",
    "/collections/{collectionId}/references.json": "",
    "/collections/{collectionId}/zarr": "",
    "/collections/{collectionId}/zarr/{key:path}": "",
}
"""GET routes that serve the data of one dataset or describe how to get at them: path -> query."""

_WMTS: Final = "?service=WMTS&request=GetCapabilities"
_WMTS_TILE: Final = (
    "?service=WMTS&request=GetTile&version=1.0.0&layer={layer}&style=default&format=image/png"
    "&tilematrixset=WebMercatorQuad&tilematrix=1&tilerow=1&tilecol=0"
)
_WMS: Final = "?service=WMS&version=1.3.0&request=GetCapabilities"
_WMS_MAP: Final = (
    "?service=WMS&version=1.3.0&request=GetMap&layers={layer}&styles=&crs=CRS:84&bbox=0,0,10,10&width=16&height=16"
    "&format=image/png"
)
_WCS: Final = "?service=WCS&request=GetCapabilities"
_WCS_COVERAGE: Final = "?service=WCS&version=2.0.1&request=GetCoverage&coverageid={layer}&scalefactor=0.1"
_WCS_BOX: Final = (
    "?service=WCS&version=1.0.0&request=GetCoverage&coverage={layer}&crs=EPSG:4326&bbox=0,0,10,10&width=4&height=4"
    "&format=GeoTIFF"
)
_PATH_TILE: Final = "/1.0.0/{layer}/{style}/{place:path}"

LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "/wcs": (_WCS_COVERAGE, _WCS_BOX, "?service=WCS&version=2.0.1&request=DescribeCoverage&coverageid={layer}"),
    "/collections/{collectionId}/wcs": (_WCS, _WCS_COVERAGE),
    "/wms": (_WMS_MAP,),
    "/collections/{collectionId}/wms": (_WMS, _WMS_MAP),
    "/map/tiles": ("?collections={dataset}",),
    "/map/tiles/{tileMatrixSetId}": ("?collections={dataset}",),
    f"/map/tiles/{_TILE}": ("?collections={dataset}",),
    "/tms/1.0.0/{map}": ("",),
    "/tms/1.0.0/{map}/tilemapresource.xml": ("",),
    "/tms/1.0.0/{map}/{z}/{x}/{y}.{format}": ("",),
    "/wmts": (_WMTS_TILE,),
    f"/wmts{_PATH_TILE}": ("",),
    "/collections/{collectionId}/wmts": (_WMTS, _WMTS_TILE),
    "/collections/{collectionId}/wmts/1.0.0/WMTSCapabilities.xml": ("",),
    f"/collections/{{collectionId}}/wmts{_PATH_TILE}": ("",),
}
"""GET routes of web services, which serve the data of a layer and answer exceptions in XML: path -> queries."""

POSTED_LAYERS: Final = ("/wcs", "/collections/{collectionId}/wcs")
"""POST routes of web services, which serve the data of a layer that the body names."""

LISTS_OF_LAYERS: Final = {
    "/wcs": _WCS,
    "/wms": _WMS,
    "/wmts": _WMTS,
    "/wmts/1.0.0/WMTSCapabilities.xml": "",
    "/tms/1.0.0": "",
}
"""GET routes that list the layers whose data the client may read: path -> query."""
OWN_ERRORS: Final = frozenset(
    {f"/dap/{{collectionId}}.{extension}" for extension in _DAP if extension != "html"}
    | {f"/erddap/griddap/{{collectionId}}.{extension}" for extension in _GRIDDAP}
)
"""Routes of `DATA` whose protocol has a form of its own for errors."""

POSTED_DATA: Final = (
    f"{_TITILER}/statistics",
    f"{_TITILER}/feature",
    f"{_TITILER}/feature.{{format}}",
    f"{_TITILER}/feature/{{width}}x{{height}}.{{format}}",
)
"""POST routes that serve the data of one dataset in the polygon of a GeoJSON Feature."""

_CSW: Final = (
    "?service=CSW&version=2.0.2&request=GetRecords&typeNames=csw:Record&resultType=results&elementSetName=full"
)
_GMD: Final = "http://www.isotc211.org/2005/gmd"
_PAGES: Final = ("", "?f=html")

METADATA: Final[dict[str, tuple[str, ...]]] = {
    "/": _PAGES,
    "/sitemap.xml": ("",),
    "/sitemap-records.xml": ("",),
    "/collections": _PAGES,
    "/collections/{collectionId}": _PAGES,
    "/collections/{collectionId}/times": ("",),
    "/collections/{collectionId}/styles": _PAGES,
    "/collections/{collectionId}/styles/{styleId}": _PAGES,
    "/collections/{collectionId}/styles/{styleId}/legend": ("", "?f=svg"),
    "/collections/{collectionId}/styles/{styleId}/qml": ("",),
    "/collections/{collectionId}/styles/{styleId}/sld": ("",),
    "/collections/{collectionId}/styles/{styleId}/sld11": ("",),
    "/collections/{collectionId}/styles/{styleId}/metadata": ("",),
    "/styles": _PAGES,
    "/styles/{styleId}": ("",),
    "/styles/{styleId}/metadata": ("",),
    "/collections/{collectionId}/schema": ("",),
    "/collections/{collectionId}/coverage/domainset": ("",),
    "/collections/{collectionId}/coverage/rangetype": ("",),
    "/collections/{collectionId}/coverage/crs": ("",),
    "/collections/{collectionId}/coverage/crs/{key}": ("",),
    "/collections/records/dump": ("",),
    "/collections/records/items": _PAGES,
    "/collections/records/items/{recordId}": (*_PAGES, "?f=stored", *(f"?f={name}" for name in EXPORTS)),
    "/csw": (_CSW, f"{_CSW}&outputSchema={_GMD}", "?service=CSW&request=GetCapabilities"),
    "/oai": tuple(f"?verb=ListRecords&metadataPrefix={prefix}" for prefix in ("oai_dc", "iso19139", "datacite")),
    "/edr/collections": ("",),
    "/erddap/info/index.{form}": ("",),
    "/erddap/griddap/index.{form}": ("",),
    "/erddap/search/index.{form}": ("?searchFor=public",),
    "/erddap/search/advanced.{form}": ("?searchFor=public",),
    "/stac": ("",),
    "/stac/collections": ("",),
    "/stac/collections/{collectionId}": ("",),
    "/stac/collections/{collectionId}/queryables": ("",),
    "/stac/search": ("",),
    "/stac/collections/{collectionId}/items": ("",),
    "/stac/collections/{collectionId}/items/{itemId}": ("",),
}
"""GET routes that serve metadata of one dataset or of several: path -> queries, one for each form of the answer."""

POSTED_METADATA: Final[dict[str, tuple[str, str]]] = {
    "/collections/records/items": ("application/json", '{"op": "=", "args": [{"property": "type"}, "dataset"]}'),
    "/stac/search": ("application/json", "{}"),
    "/csw": ("application/x-www-form-urlencoded", _CSW.removeprefix("?")),
    "/oai": ("application/x-www-form-urlencoded", "verb=ListRecords&metadataPrefix=iso19139"),
}
"""POST routes that search metadata: path -> media type and body."""

EXECUTIONS: Final = ("/processes/{processId}/execution", "/processes/{processId}/form")
"""POST routes that execute a process, which may read data."""

TOKEN_NEEDED: Final = (
    "PUT /collections/{collectionId}/styles/{styleId}",
    "DELETE /collections/{collectionId}/styles/{styleId}",
    "PUT /collections/records/items/{recordId}",
    "PATCH /collections/records/items/{recordId}",
    "DELETE /collections/records/items/{recordId}",
    "GET /collections/records/items/{recordId}/versions",
)
"""Routes that write records or list their versions. To create one is a POST beside those that search."""

NO_DATASET: Final = (
    "GET /conformance",
    "GET /api",
    "GET /api.html",
    "GET /healthz",
    "GET /readyz",
    "GET /static/{release}/{file:path}",
    "GET /favicon.ico",
    "GET /robots.txt",
    "GET /tileMatrixSets",
    "GET /tms",
    "GET /tileMatrixSets/{tileMatrixSetId}",
    "GET /collections/records",
    "GET /collections/records/suggest",
    "GET /collections/records/queryables",
    "GET /collections/records/sortables",
    "GET /collections/records/schema",
    "GET /collections/records/facets",
    "OPTIONS /collections/records/items",
    "OPTIONS /collections/records/items/{recordId}",
    "GET /processes",
    "GET /processes/{processId}",
    "GET /jobs",
    "GET /jobs/{jobId}",
    "DELETE /jobs/{jobId}",
    "GET /jobs/{jobId}/files/{part}/{name}",  # the same
    "GET /jobs/{jobId}/previews/{part}/{name}",  # the same
    "GET /tables/{recordId}/{name}",  # of a record without data, computed of what everybody may read
    "POST /jobs/{jobId}/publish",  # executes with a token what /processes/{processId}/execution does
    "GET /jobs/{jobId}/results",  # of an execution, which was decided on when it began
    "GET /map",
    "GET /help",
    "GET /help/{guide}",
    "GET /regions",
    "GET /regions/{regionId}",
    "GET /edr",
    "GET /edr/conformance",
    "GET /erddap/tabledap/index.{form}",
    "GET /erddap/version",
    "GET /stac/conformance",
    "GET /stac/queryables",
)
"""Routes that serve neither the data nor the metadata of a dataset; words of public records at most."""

CLASSIFIED: Final = sorted([
    *(f"GET {path}" for path in {*DATA, *METADATA, *LAYERS, *LISTS_OF_LAYERS}),
    *(f"POST {path}" for path in (*POSTED_DATA, *POSTED_LAYERS, *POSTED_METADATA, *EXECUTIONS)),
    *TOKEN_NEEDED,
    *NO_DATASET,
])  # fmt: skip
"""Method and path of every route, once each."""
