"""OGC API Records 1.0 (20-004r1) at `/collections/records`.

A single record comes from pygeoapi's provider (`services.pygeoapi.record_provider`), called without pygeoapi's core,
which escapes texts and links to formats that are not served. A search goes past both (`search_page`): the core knows
neither facets nor cursors, and takes several milliseconds of its own. `tests/oracles` holds that the core answers the
same records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from config.vocabulary import GEOJSON, JSON, SCHEMA_JSON
from records.documents.presentation import RECORDS_PATH
from records.search import cql2
from services.access.principal import principal_of
from services.apis.records import exports, search_page, transactions
from services.apis.records.operations import CREATED, RECORD_CONTENT
from services.apis.records.parameters import (
    CQL2_JSON,
    ITEMS,
    NEGOTIATION,
    POSTED,
    RECORD_NEGOTIATION,
    SUGGEST,
    checked_parameters,
    record_query,
)
from services.apis.records.response_schemas import FACETS, FEATURES, SUGGESTIONS
from services.apis.records.schemas import (
    collection_document,
    facets_document,
    queryables_schema,
    record_schema,
    sortables_schema,
)
from services.apis.records.single_record import exported_response, geojson_response, stored_response
from services.pygeoapi.bridge import Bridge, get_bridge
from services.web.context import ContextDep
from services.web.dependencies import quick
from services.web.negotiation import FORMATS, VARY, Format, negotiate, quality
from services.web.preconditions import STORED

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.web.context import Context

__all__ = ["CONFORMANCE", "collection_document", "routers"]

CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/cql-filter",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core-query-parameters",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/records-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/autodiscovery",
    "http://www.opengis.net/spec/ogcapi-records-2/1.0/conf/simple",
    "http://www.opengis.net/spec/ogcapi-records-2/1.0/conf/advanced",
    *transactions.CONFORMANCE,
)
"""The conformance classes. 20-004r1 spells record-api in its table and records-api in Annex A: both are declared."""

_FORMATS: Final[dict[str, Format]] = {**FORMATS, "geojson": "json", GEOJSON: "json"}
_RECORD_FORMATS: Final[dict[str, Format]] = {**_FORMATS, **dict.fromkeys((*exports.NAMES, STORED), "json")}
"""Values of `f` for one record; exports are answered before the JSON is negotiated."""
_FILTER_TYPES: Final = (JSON, "application/cql2+json", "application/query-cql-json")
_FILTER_BODY: Final = {
    "required": True,
    "description": (
        f"A filter in CQL2 JSON (OGC 21-065r2) of at most {cql2.MAX_JSON_BYTES} bytes; "
        "or, as application/geo+json and with a token, a record to create."
    ),
    "content": {
        **{type_: {"schema": {"type": "object", "required": ["op", "args"]}} for type_ in _FILTER_TYPES},
        **RECORD_CONTENT,
    },
}

BridgeDep = Annotated[Bridge, quick(get_bridge)]

router = APIRouter(tags=["Records"])


def routers() -> list[APIRouter]:
    """The routes of the records."""
    return [router, transactions.router]


def _described(schema: dict[str, Any], media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The answer.", "content": {media_type: {"schema": schema}}}}


@router.get(
    f"{RECORDS_PATH}/items",
    operation_id="getRecords",
    summary="Search the records",
    openapi_extra={"parameters": ITEMS},
    responses=_described(FEATURES, GEOJSON),
    response_class=Response,
)
async def search_records(request: Request, context: ContextDep) -> Response:
    """The records that meet every parameter, a page at a time."""
    return await _page(request, context, checked_parameters(request.query_params, ITEMS))


@router.post(
    f"{RECORDS_PATH}/items",
    operation_id="searchRecords",
    summary="Search the records by a filter that is posted, or create a record",
    openapi_extra={"parameters": POSTED, "requestBody": _FILTER_BODY, "security": [{}, {"bearer": []}]},
    responses={**_described(FEATURES, GEOJSON), **CREATED},
    response_class=Response,
)
async def search_by_posted_filter(request: Request, context: ContextDep) -> Response:
    """The records that meet a CQL2 filter, too long for a URL, and every parameter; links repeat it as JSON.

    With a token, a record that is posted as application/geo+json is created.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == GEOJSON:  # whatever else it is labelled (OWSLib says text/xml), it is a filter
        return await transactions.create_record(request, context)
    parameters = checked_parameters(request.query_params, POSTED)
    node = cql2.from_json(await request.body())
    posted_filter = {"filter": orjson.dumps(node).decode(), "filter-lang": CQL2_JSON}
    return await _page(request, context, parameters | posted_filter)


async def _page(request: Request, context: Context, parameters: dict[str, str]) -> Response:
    """A page of the records that meet checked parameters."""
    representation = negotiate(request, _FORMATS)
    query = record_query(parameters, most=context.settings.limit.items)
    body, languages = await run_in_threadpool(
        search_page.search_page, context, principal_of(request.scope), query, parameters, representation.language
    )
    headers = {**representation.headers, "Content-Language": languages or representation.language}
    return Response(body, media_type=_media_type(request), headers=headers)


@router.get(
    f"{RECORDS_PATH}/suggest",
    operation_id="getRecordSuggestions",
    summary="Suggest texts to search the records for",
    openapi_extra={"parameters": SUGGEST},
    responses=_described(SUGGESTIONS, JSON),
    response_class=Response,
)
async def suggest_texts(request: Request, context: ContextDep) -> Response:
    """Keywords and titles in which a word begins with the text of `q`; in Chinese any character does."""
    parameters = checked_parameters(request.query_params, SUGGEST)
    representation = negotiate(request, FORMATS)
    body = await run_in_threadpool(search_page.suggestions, context, parameters, representation.language)
    headers = {**representation.headers, "Content-Language": representation.language}
    return Response(body, media_type=JSON, headers=headers)


@router.get(
    f"{RECORDS_PATH}/items/{{recordId}}",
    operation_id="getRecord",
    summary="One record",
    openapi_extra={"parameters": RECORD_NEGOTIATION},
    responses={
        200: {
            "description": "The record, in the negotiated format.",
            "content": {GEOJSON: {"schema": {"type": "object"}}, **exports.responses()},
        }
    },
    response_class=Response,
)
def get_record(
    request: Request,
    context: ContextDep,
    bridge: BridgeDep,
    record_id: Annotated[str, Path(alias="recordId", max_length=200, description="Id of the record.")],
) -> Response:
    """The metadata of one dataset, with links to all that serves it; also as it is edited, and in other formats."""
    checked_parameters(request.query_params, RECORD_NEGOTIATION)
    representation = negotiate(request, _RECORD_FORMATS)
    if request.query_params.get("f", "").strip().lower() == STORED:
        return stored_response(request, context, record_id)
    export = exports.preferred_export(request)
    if export is not None:
        return exported_response(request, context, record_id, export)
    return geojson_response(request, context, bridge.records, record_id, representation, _media_type(request))


def _schema_route(name: str, summary: str, make: Callable[[str], dict[str, Any]]) -> None:
    """Serve a JSON Schema at a path below the collection, with its own URL as `$id`."""

    def schema(request: Request, context: ContextDep) -> Response:
        checked_parameters(request.query_params, NEGOTIATION)
        negotiate(request, {**_FORMATS, SCHEMA_JSON: "json"})
        document = make(f"{context.settings.base_url}{RECORDS_PATH}/{name}")
        return JSONResponse(document, media_type=SCHEMA_JSON, headers={"Vary": VARY})

    schema.__doc__ = summary + "."
    router.get(
        f"{RECORDS_PATH}/{name}",
        operation_id=f"getRecord{name.capitalize()}",
        summary=summary,
        openapi_extra={"parameters": NEGOTIATION},
        responses=_described({"type": "object"}, SCHEMA_JSON),
        response_class=Response,
    )(schema)


_schema_route("queryables", "Properties that records can be selected by", queryables_schema)
_schema_route("sortables", "Properties that records can be sorted by", sortables_schema)
_schema_route("schema", "Properties that records have", record_schema)


@router.get(
    f"{RECORDS_PATH}/facets",
    operation_id="getRecordFacets",
    summary="Facets that a search can ask for",
    openapi_extra={"parameters": NEGOTIATION},
    responses=_described(FACETS, JSON),
    response_class=Response,
)
def get_facets(request: Request, context: ContextDep) -> Response:
    """The names of the facets, each with the property whose values it counts."""
    checked_parameters(request.query_params, NEGOTIATION)
    negotiate(request, _FORMATS)
    return JSONResponse(facets_document(context.settings.base_url), headers={"Vary": VARY})


def _media_type(request: Request) -> str:
    """GeoJSON; labelled application/json for a client that takes only that, as GDAL's OAPIF driver did."""
    accept = request.headers.get("accept", "")
    format_ = request.query_params.get("f", "")
    prefers_json = not format_ and accept and quality(accept, JSON) > quality(accept, GEOJSON)
    return JSON if prefers_json or format_ == JSON else GEOJSON
