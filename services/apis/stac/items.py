"""The items: searches of all collections and of one, and single items."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from config.errors import ItemNotFound
from config.settings import LimitSettings
from config.vocabulary import GEOJSON, HTML, JSON
from records.datasets.items import search
from records.datasets.items.properties import SORTABLES
from records.search import cql2
from services.access.principal import Principal, PrincipalDep
from services.access.visit import VisitDep
from services.apis.stac import search_request
from services.apis.stac.documents import item_documents
from services.web.context import Context, ContextDep
from services.web.dependencies import inline
from services.web.documents.answers import Answer, AnswerDep
from services.web.documents.titles import TITLES
from services.web.lanes import SearchRoute
from services.web.links import Link, link
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from services.apis.stac.search_request import ItemSearch

router = APIRouter(tags=["STAC"], dependencies=[KNOWN])
searches = APIRouter(tags=["STAC"], dependencies=[KNOWN], route_class=SearchRoute)
"""The routes that search, in lanes of their own."""

_MOST: Final = LimitSettings.model_fields["items"].default
_COLLECTION: Final = "Id of the collection."
_TOKEN = 4000
_LONG = 100_000
_ITEMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A page of items.", "content": {GEOJSON: {"schema": {"type": "object"}}}}
}
_ITEM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The item.", "content": {GEOJSON: {"schema": {"type": "object"}}}}
}
_LIMIT = Query(description=f"Most items of the answer, 10 without it; at most {_MOST}.")
_BOX = Query(max_length=500, description="Only items that meet this box: west,south,east,north in degrees.")
_TIME = Query(max_length=200, description="Only items that meet this time or interval; .. for an open end.")
_FILTER = Query(max_length=cql2.MAX_TEXT_CHARACTERS, description="Only items that meet this CQL2 filter.")
_LANG = Query(alias="filter-lang", max_length=20, description="cql2-text or cql2-json.")
_CRS = Query(alias="filter-crs", max_length=100, description="CRS of the filter's geometries: CRS84.")
_SORT = Query(
    max_length=500, description=f"Properties to sort by, with - before one in descending order: {', '.join(SORTABLES)}."
)
_FIELDS = Query(max_length=2000, description="Members to answer, - before one to leave out.")
_PAGE = Query(max_length=_TOKEN, description="The page, as a `next` or `prev` link gives it.")


def _search(
    limit: Annotated[str | None, _LIMIT] = None,
    bbox: Annotated[str | None, _BOX] = None,
    datetime: Annotated[str | None, _TIME] = None,
    filter: Annotated[str | None, _FILTER] = None,  # noqa: A002 - the parameter's name
    filter_lang: Annotated[str | None, _LANG] = None,
    filter_crs: Annotated[str | None, _CRS] = None,
    sortby: Annotated[str | None, _SORT] = None,
    fields: Annotated[str | None, _FIELDS] = None,
    token: Annotated[str | None, _PAGE] = None,
    collections: Annotated[str | None, Query(max_length=_LONG, description="Ids of collections.")] = None,
    ids: Annotated[str | None, Query(max_length=_LONG, description="Ids of items.")] = None,
    intersects: Annotated[
        str | None, Query(max_length=_LONG, description="A GeoJSON geometry that the items meet.")
    ] = None,
) -> dict[str, str]:
    """The parameters of a search that a request has."""
    parameters = {
        "limit": limit,
        "bbox": bbox,
        "datetime": datetime,
        "filter": filter,
        "filter-lang": filter_lang,
        "filter-crs": filter_crs,
        "sortby": sortby,
        "fields": fields,
        "token": token,
        "collections": collections,
        "ids": ids,
        "intersects": intersects,
    }
    return {name: value for name, value in parameters.items() if value is not None}


SearchDep = Annotated[dict[str, str], inline(_search)]


@searches.get(
    "/stac/search",
    operation_id="getStacSearch",
    summary="Search the items of all collections",
    responses=_ITEMS,
    response_class=Response,
)
def get_search(context: ContextDep, principal: PrincipalDep, answer: AnswerDep, values: SearchDep) -> Response:
    """The items that meet every parameter, the latest first."""
    item_search = search_request.from_query(values, most=context.settings.limit.items)
    here = f"{context.settings.base_url}/stac/search"
    return _page(context, principal, item_search, answer, links=_representations(here, values), url=here)


@searches.post(
    "/stac/search",
    operation_id="postStacSearch",
    summary="Search the items of all collections by a body",
    responses=_ITEMS,
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "description": "The parameters of the search as members; `filter` is CQL2 JSON.",
            "content": {
                JSON: {"schema": {"type": "object", "properties": {n: {} for n in search_request.BODY}}},
            },
        }
    },
)
async def post_search(request: Request, context: ContextDep, principal: PrincipalDep, answer: AnswerDep) -> Response:
    """The items that meet every member of the body, the latest first."""
    body = await request.body()
    as_json = Answer.of(request, replace(answer.representation, format="json"))  # pages are for GET
    return await run_in_threadpool(_posted, context, principal, body, as_json)


def _posted(context: Context, principal: Principal, body: bytes, answer: Answer) -> Response:
    item_search = search_request.from_body(body, most=context.settings.limit.items)
    here = f"{context.settings.base_url}/stac/search"
    return _page(context, principal, item_search, answer, links=[link("self", here, GEOJSON)], url=here, posted=True)


@searches.get(
    "/stac/collections/{collectionId}/items",
    operation_id=".collection.getStacItems",
    summary="The items of a collection",
    responses=_ITEMS,
    response_class=Response,
)
def items(visit: VisitDep, answer: AnswerDep, values: SearchDep) -> Response:
    """The items of a collection that meet every parameter, the latest first."""
    dataset = visit.describable()
    item_search = search_request.from_query(values, most=visit.context.settings.limit.items, collection=dataset.id)
    collection = f"{visit.base_url}/stac/collections/{dataset.id}"
    links = [
        *_representations(f"{collection}/items", values),
        link("parent", collection),
        link("collection", collection),
    ]
    return _page(visit.context, visit.principal, item_search, answer, links=links, url=f"{collection}/items")


@router.get(
    "/stac/collections/{collectionId}/items/{itemId}",
    operation_id=".collection.getStacItem",
    summary="One item",
    responses=_ITEM,
    response_class=Response,
)
def item(
    visit: VisitDep,
    answer: AnswerDep,
    item_id: Annotated[str, Path(alias="itemId", max_length=500, description="Id of the item.")],
) -> Response:
    """An item with its files, their checksums, grids and statistics."""
    dataset = visit.describable()
    match = search.get(visit.context.catalogue.repository.engine, dataset.id, item_id)
    documents = item_documents(visit.context, visit.principal, [match], answer.language)
    if not documents:
        raise ItemNotFound(f"collection {dataset.id} has gone")
    return answer(documents[0], "stac_item", media_type=GEOJSON)


def _page(
    context: Context,
    principal: Principal,
    item_search: ItemSearch,
    answer: Answer,
    *,
    links: list[Link],
    url: str,
    posted: bool = False,
) -> Response:
    """A page of items as a GeoJSON collection (STAC's ItemCollection)."""
    page = search.search(context.catalogue.repository.engine, item_search.query)
    documents = item_documents(context, principal, page.items, answer.language)
    if item_search.fields is not None:
        documents = [item_search.fields.of(document) for document in documents]
    for rel, token in (("next", page.next), ("prev", page.prev)):
        if token is not None:
            links.append(_neighbour_link(rel, url, item_search.parameters | {"token": token}, posted=posted))
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "features": documents,
        "links": [*links, link("root", f"{context.settings.base_url}/stac")],
        "numberReturned": len(documents),
    }
    if page.matched is not None:
        collection["numberMatched"] = page.matched
    return answer(collection, "stac_items", media_type=GEOJSON)


def _representations(url: str, values: dict[str, str]) -> list[Link]:
    """The links of a page of items to itself, as GeoJSON and for people."""
    page = link("alternate", _url(url, values | {"f": "html"}), HTML, title=TITLES.phrase("document_page"))
    return [link("self", _url(url, values), GEOJSON), page]


def _neighbour_link(rel: str, url: str, parameters: dict[str, Any], *, posted: bool) -> Link:
    """The link to a neighbouring page, with the method of the request for this one."""
    if posted:
        return {**link(rel, url, GEOJSON), "method": "POST", "body": parameters, "merge": False}
    return {**link(rel, _url(url, parameters), GEOJSON), "method": "GET"}


def _url(url: str, query: dict[str, Any]) -> str:
    return f"{url}?{urlencode(query)}" if query else url
