"""OGC API Tiles as a part of the service, with XYZ tiles and TileJSON for clients that know no OGC API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import PNG, REL
from records.datasets.models import text_in
from services.apis.tiles import dataset_tiles, points, tilejson, tiles, tilesets
from services.apis.tiles.planning import plan_tile
from services.apis.tiles.titles import TITLES
from services.web.documents.titles import TITLES as SHARED_TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_TILE_MATRIX_SETS: Final = ("WorldCRS84Quad", "WebMercatorQuad")
"""Sets whose item templates stand in the collection: GDAL does not follow links to the tilesets (GDAL issue 7970)."""

_MAX_VARIABLES: Final = 100
"""Variables of a dataset that a record links one by one; the collection lists them all."""

_TILES: Final = (
    "core",
    "tileset",
    "tilesets-list",
    "geodata-tilesets",
    "dataset-tilesets",
    "collections-selection",
    "datetime",
    "png",
    "jpeg",
    "tiff",
    "oas30",
)
_MATRIX_SETS: Final = (
    "tilematrixset",
    "tilematrixsetlimits",
    "json-tilematrixset",
    "tilesetmetadata",
    "json-tilesetmetadata",
)


def _landing_links(base_url: str) -> list[Link]:
    return [
        link(f"{REL}tiling-schemes", f"{base_url}/tileMatrixSets", title=TITLES.phrase("matrix_sets")),
        link(f"{REL}tilesets-map", f"{base_url}/map/tiles", title=TITLES.phrase("dataset_tiles")),
    ]


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    """Link to the tilesets, and give templates of the tiles and the TileJSON of each variable."""
    tilesets_url = f"{base_url}/collections/{dataset.id}/map/tiles"
    links = [link(f"{REL}tilesets-map", tilesets_url, title=SHARED_TITLES.phrase("map_tilesets"))]
    for name in _TILE_MATRIX_SETS:
        template = f"{tilesets_url}/{name}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=png"
        links.append(link("item", template, PNG, title=TITLES.phrase("tiles", name=name), templated=True))
    for variable in dataset.variables:
        xyz = f"{base_url}/xyz/{dataset.id}/{variable.id}"
        title = SHARED_TITLES.phrase("tilejson", name=variable.id)
        links.append(link("tilejson", f"{xyz}/tilejson.json", title=title))
        title = TITLES.phrase("tiles", name=variable.id)
        links.append(link("xyz", f"{xyz}/{{z}}/{{x}}/{{y}}.png", PNG, title=title, templated=True))
    return links


def _record_data_links(dataset: Dataset, base_url: str, language: str) -> list[Link]:
    """Link to the tilesets, and to the TileJSON of each of the first variables."""
    tilesets_url = f"{base_url}/collections/{dataset.id}/map/tiles"
    links = [link(f"{REL}tilesets-map", tilesets_url, title=TITLES.phrase("its_tiles"))]
    for variable in dataset.variables[:_MAX_VARIABLES]:
        title = f"TileJSON: {text_in(variable.title, language) or variable.id}"
        href = f"{base_url}/xyz/{dataset.id}/{variable.id}/tilejson.json"
        links.append({**link("service-desc", href, title=title), "protocol": "TileJSON"})
    return links


def _record_templates(dataset: Dataset, base_url: str, language: str) -> list[Link]:
    """Return templates of the XYZ tiles of each of the first variables."""
    index = {"type": "integer", "minimum": 0}
    return [
        {
            "rel": "item",
            "type": PNG,
            "title": f"XYZ tiles: {text_in(variable.title, language) or variable.id}",
            "protocol": "XYZ",
            "uriTemplate": f"{base_url}/xyz/{dataset.id}/{variable.id}/{{z}}/{{x}}/{{y}}.png",
            "variables": {"z": index, "x": index, "y": index},
        }
        for variable in dataset.variables[:_MAX_VARIABLES]
    ]


PART: Final = Part(
    name="OGC API Tiles",
    routers=lambda: [
        tilejson.router,
        tilesets.router,
        points.router,
        tiles.router,
        dataset_tiles.router,
        dataset_tiles.drawing_router,
    ],
    conformance=(
        *(f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}" for name in _TILES),
        *(f"http://www.opengis.net/spec/tms/2.0/conf/{name}" for name in _MATRIX_SETS),
    ),
    landing_links=_landing_links,
    data_links=_data_links,
    record_data_links=_record_data_links,
    record_templates=_record_templates,
    planner=plan_tile,
    uncrawled=("/xyz/", "/map/tiles/", "/collections/*/tiles"),
)
