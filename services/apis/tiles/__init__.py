"""Tiles, tilesets, TileJSON, points, statistics, styles and legends of the catalogue's rasters, through titiler."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from config.vocabulary import JSON, PNG, REL

if TYPE_CHECKING:
    from fastapi import APIRouter

    from records.datasets.models import Dataset

CONFORMANCE = (
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "png", "jpeg", "tiff", "oas30")
    ),
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixsetlimits",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/tilesetmetadata",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilesetmetadata",
    *(
        f"https://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/{name}"
        for name in (
            "core",
            "collection-map",
            "styled-map",
            "spatial-subsetting",
            "scaling",
            "datetime",
            "crs",
            "png",
            "jpeg",
        )
    ),
)
"""The conformance classes that these routes keep."""


@cache
def routers() -> tuple[APIRouter, ...]:
    """The routers of everything raster that is for eyes.

    They know no settings and applications only read them, so all applications of a process share them.
    """
    from services.apis.maps import maps  # noqa: PLC0415 - titiler takes a second to import
    from services.apis.styles import styles  # noqa: PLC0415
    from services.apis.tiles import tilejson, tilesets  # noqa: PLC0415
    from services.apis.tiles.factory import make_factory  # noqa: PLC0415
    from services.apis.tiles.points import point_router  # noqa: PLC0415
    from services.apis.tiles.tiles import TileRoutes  # noqa: PLC0415

    factory = make_factory()
    return (
        tilejson.router,
        tilesets.router,
        styles.router,
        maps.router,
        point_router(factory),
        TileRoutes(factory).router,
    )


def collection_links(dataset: Dataset, base_url: str) -> list[dict[str, Any]]:
    """The links of a collection document to its tilesets and styles."""
    here = f"{base_url}/collections/{dataset.id}"
    return [
        {"rel": REL + "map", "href": f"{here}/map?f=png", "type": PNG, "title": "Map"},
        {"rel": REL + "tilesets-map", "href": f"{here}/map/tiles", "type": JSON, "title": "Map tilesets"},
        {"rel": REL + "styles", "href": f"{here}/styles", "type": JSON, "title": "Styles"},
    ]
