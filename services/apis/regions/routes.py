"""The routes of named regions: their list, and the outline of one as GeoJSON."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response
from shapely import to_geojson

from cog.zones.named.regions import named_region, named_regions
from config.vocabulary import GEOJSON, HTML
from records.datasets.models import text_in
from services.apis.regions.titles import TITLES
from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.links import PageSpan, link, page_links, representations
from services.web.parameters import KNOWN

router = APIRouter(tags=["Regions"], dependencies=[KNOWN])

_CACHE = {"Cache-Control": "public, max-age=3600"}
_DEGREES = 4
"""Decimals of a box in degrees: 11 metres."""


@router.get("/regions", operation_id="getRegions", summary="The named regions")
def get_regions(
    context: ContextDep,
    answer: AnswerDep,
    kind: Annotated[
        str | None, Query(max_length=40, description="country, province, sea or basin; absent: all.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10**9, description="Most regions of a page.")] = 1000,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Regions before the page.")] = 0,
) -> Response:
    """Id, kind, name and box (west, south, east, north in degrees) of each region, without its outline."""
    regions = [r for r in named_regions(context.settings.locations).values() if kind in (None, r.kind)]
    size = min(limit, context.settings.limit.items)
    shown = regions[offset : offset + size]
    here = f"{context.settings.base_url}/regions"
    own = {"kind": kind} if kind else {}
    span = PageSpan(offset=offset, limit=size, shown=len(shown), matched=len(regions))
    document: dict[str, Any] = {
        "regions": [
            {
                "id": region.id,
                "kind": region.kind,
                "title": text_in(dict(region.titles), answer.language),
                "bbox": [round(value, _DEGREES) for value in region.geometry.bounds],
                "links": [link("item", f"{here}/{region.id}", GEOJSON, title=TITLES.phrase("region"))],
            }
            for region in shown
        ],
        "numberMatched": len(regions),
        "numberReturned": len(shown),
        "links": [*representations(here, query=own), *page_links(here, own | {"limit": str(size)}, span)],
    }
    return answer(document, headers=_CACHE)


@router.get("/regions/{regionId}", operation_id="getRegion", summary="One named region")
def get_region(
    context: ContextDep,
    answer: AnswerDep,
    region_id: Annotated[str, Path(alias="regionId", max_length=200, description="Id of a region.")],
) -> Response:
    """The outline of a region as a GeoJSON feature in CRS84."""
    region = named_region(context.settings.locations, region_id)
    here = f"{context.settings.base_url}/regions/{region.id}"
    document: dict[str, Any] = {
        "type": "Feature",
        "id": region.id,
        "properties": {
            "name": text_in(dict(region.titles), answer.language),
            "kind": region.kind,
            "source": region.source,
        },
        "geometry": orjson.loads(to_geojson(region.geometry)),
        "links": [link("self", here, GEOJSON), link("alternate", f"{here}?f=html", HTML)],
    }
    return answer(document, media_type=GEOJSON, headers=_CACHE)
