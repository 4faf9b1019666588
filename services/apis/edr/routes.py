"""The routes of `/edr` that describe: landing page, conformance, collections, items and locations."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Response
from shapely import to_geojson

from cog.zones.named.regions import named_regions
from config.vocabulary import GEOJSON
from records.datasets.models import text_in
from services.access.decision import decide
from services.access.principal import PrincipalDep
from services.access.visit import VisitDep
from services.apis.edr import items
from services.apis.edr.description import collection, is_served, landing
from services.apis.edr.titles import TITLES
from services.gridded.store import array_dataset
from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.links import PageSpan, link, page_links
from services.web.parameters import KNOWN

router = APIRouter(tags=["EDR"], dependencies=[KNOWN])

_CLASSES: Final = ("core", "collections", "json", "geojson", "edr-geojson", "covjson", "oas30", "queries")
CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(
        f"http://www.opengis.net/spec/ogcapi-edr-1/{version}/conf/{name}"
        for version in ("1.0", "1.1")
        for name in _CLASSES
    ),
    "http://www.opengis.net/spec/ogcapi-edr-1/1.0/req/edr-geojson",
)
_Limit = Annotated[int, Query(ge=1, le=10**9, description="Most entries of a page.")]
_Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="Entries before the page.")]


@router.get("/edr", operation_id=".edr.getLandingPage", summary="EDR: the landing page")
def get_landing(context: ContextDep, answer: AnswerDep) -> Response:
    """The links of the EDR service."""
    server = context.settings.server
    return answer(landing(f"{server.title} EDR", server.description, context.settings.base_url))


@router.get("/edr/conformance", operation_id=".edr.getConformance", summary="EDR: conformance classes")
def get_conformance(answer: AnswerDep) -> Response:
    """The classes of OGC API EDR 1.0 and 1.1 that the service conforms to."""
    return answer({"conformsTo": list(CONFORMANCE)})


@router.get("/edr/collections", operation_id=".edr.getCollections", summary="EDR: the collections with data")
def get_collections(
    context: ContextDep, principal: PrincipalDep, answer: AnswerDep, limit: _Limit = 100, offset: _Offset = 0
) -> Response:
    """The collections whose data the client may read."""
    settings = context.settings
    size = min(limit, settings.limit.items)
    datasets, matched = context.catalogue.repository.datasets(limit=size, offset=offset)
    shown = [d for d in datasets if is_served(d) and decide(principal, d, "read", settings).allowed]
    here = f"{settings.base_url}/edr/collections"
    span = PageSpan(offset=offset, limit=size, shown=len(datasets), matched=matched)
    return answer(
        {
            "links": [link("self", here), *page_links(here, {"limit": str(size)}, span)],
            "collections": [collection(dataset, settings.base_url) for dataset in shown],
        }
    )


@router.get("/edr/collections/{collectionId}", operation_id=".edr.getCollection", summary="EDR: one collection")
def get_collection(visit: VisitDep, answer: AnswerDep) -> Response:
    """Extent, times, parameters and queries of a collection."""
    dataset, _ = visit.readable()
    return answer(collection(dataset, visit.base_url, array_dataset(visit.context, dataset)))


@router.get("/edr/collections/{collectionId}/items", operation_id=".edr.getItems", summary="EDR: the times of the data")
def get_items(visit: VisitDep, answer: AnswerDep, limit: _Limit = 100, offset: _Offset = 0) -> Response:
    """The times of a collection as features."""
    dataset, _ = visit.readable()
    size = min(limit, visit.context.settings.limit.items)
    arrays = array_dataset(visit.context, dataset)
    return answer(items.page(arrays, visit.base_url, limit=size, offset=offset), media_type=GEOJSON)


@router.get("/edr/collections/{collectionId}/items/{itemId}", operation_id=".edr.getItem", summary="EDR: one time")
def get_item(
    visit: VisitDep,
    answer: AnswerDep,
    item_id: Annotated[str, Path(alias="itemId", max_length=100, description="Id of an item.")],
) -> Response:
    """A time of a collection as a feature."""
    dataset, _ = visit.readable()
    return answer(items.item(array_dataset(visit.context, dataset), visit.base_url, item_id), media_type=GEOJSON)


@router.get(
    "/edr/collections/{collectionId}/locations", operation_id=".edr.getLocations", summary="EDR: the named regions"
)
def get_locations(visit: VisitDep, answer: AnswerDep, limit: _Limit = 1000, offset: _Offset = 0) -> Response:
    """The regions over which `/locations/{locationId}` answers means, as features."""
    dataset, _ = visit.readable()
    base = visit.base_url
    here = f"{base}/edr/collections/{dataset.id}/locations"
    regions = list(named_regions(visit.context.settings.locations).values())
    size = min(limit, visit.context.settings.limit.items)
    shown = regions[offset : offset + size]
    span = PageSpan(offset=offset, limit=size, shown=len(shown), matched=len(regions))
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": region.id,
                "geometry": orjson.loads(to_geojson(region.geometry)),
                "properties": {
                    "name": text_in(dict(region.titles), answer.language),
                    "label": text_in(dict(region.titles), answer.language),
                    "edrqueryendpoint": f"{here}/{region.id}",
                },
            }
            for region in shown
        ],
        "numberMatched": len(regions),
        "numberReturned": len(shown),
        "links": [
            link("self", here, GEOJSON, title=TITLES.phrase("locations")),
            *page_links(here, {"limit": str(size)}, span, type_=GEOJSON),
        ],
    }
    return answer(document, media_type=GEOJSON)
