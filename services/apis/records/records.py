"""OGC API Records 1.0 (20-004r1) at `/collections/records`.

A single record comes through pygeoapi's core. A search goes past it (`services.apis.records.record_answers`): of a
search that takes a few milliseconds the core spends several more, and it knows neither facets nor cursors; tests hold
that both ways give the same records. The core validates little and links to formats that are not served, so parameters
are checked before it and links, labels and errors are made after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pygeoapi.api.itemtypes import get_collection_item
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams

from config.vocabulary import GEOJSON, JSON, SCHEMA_JSON
from records.documents.presentation import RECORDS_PATH
from records.search import cql2, search
from records.writing.history import state
from services.access.policy import restriction
from services.apis.records import record_exports, record_transactions
from services.apis.records.record_answers import FACET, FACETS, SUGGESTIONS, answer_to, suggested
from services.apis.records.record_operations import CREATED, RECORD_CONTENT
from services.apis.records.record_parameters import (
    CQL2_JSON,
    ITEMS,
    NEGOTIATION,
    POSTED,
    RECORD_NEGOTIATION,
    SUGGEST,
    checked,
    record_query,
)
from services.apis.records.record_schemas import (
    facets_document,
    queryables_schema,
    record_schema,
    sortables_schema,
)
from services.pygeoapi.bridge import Answer as CoreAnswer
from services.pygeoapi.bridge import Bridge, Shared, get_bridge
from services.pygeoapi.record_provider import CURRENT, LANGUAGE, OWN_LINKS, RecordSource, modified, unguarded
from services.web.context import ContextDep
from services.web.dependencies import quick
from services.web.documents.answers import Answer
from services.web.middleware.compression import accepts_gzip
from services.web.negotiation import FORMATS, VARY, Asked, Format, negotiate, quality
from services.web.preconditions import STORED, http_date, is_known, served_form, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.datasets.models import Dataset
    from services.web.context import Context

RECORDS: Final = "records"
PAGE_FACETS: Final = "theme:8,keyword:12,type:8,year:12,licence:8,format:8,access:4,contributor:8"
"""The facets that the search page shows, and how many values of each."""
_FORMATS: Final[dict[str, Format]] = {**FORMATS, "geojson": "json", GEOJSON: "json"}
_RECORD_FORMATS: Final[dict[str, Format]] = {**_FORMATS, **dict.fromkeys((*record_exports.NAMES, STORED), "json")}
"""What `f` may say of one record; exports are answered before the JSON is asked for."""
_FEATURES: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"type": "object"}},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberMatchedEstimate": {
            "type": "integer",
            "minimum": 0,
            "description": "Instead of numberMatched where so many match that they are not counted one by one.",
        },
        "numberReturned": {"type": "integer", "minimum": 0},
        "timeStamp": {"type": "string", "format": "date-time"},
        "links": {"type": "array", "items": {"type": "object"}},
        "facets": {
            "type": "object",
            "description": "Counts of values, by the names that were asked for (draft OGC 25-013).",
            "additionalProperties": FACET,
        },
    },
}

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

router = APIRouter(tags=["Records"])


def resource(context: Context) -> dict[str, Any]:
    """The resources of pygeoapi's configuration: the one collection of records."""

    def is_readable(dataset: Dataset) -> bool:
        return context.settings.serve_restricted or restriction(dataset) is None

    source = RecordSource(
        engine=context.catalogue.repository.engine, base_url=context.settings.base_url, is_readable=is_readable
    )
    provider = {
        "type": "record",
        "name": "services.pygeoapi.record_provider.RecordProvider",
        "data": Shared(source),
        "include_extra_query_parameters": True,  # ids, externalIds and lists reach the provider
    }
    return {
        RECORDS: {
            "type": "collection",
            "title": RECORDS,
            "description": RECORDS,
            "keywords": [],
            "links": [],
            "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},  # no temporal one: the core would refuse times
            "limits": {"default_items": 10, "max_items": context.settings.limit.items, "on_exceed": "throttle"},
            "providers": [provider],
        }
    }


def _described(schema: dict[str, Any], media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The answer.", "content": {media_type: {"schema": schema}}}}


BridgeDep = Annotated[Bridge, quick(get_bridge)]


@router.get(
    f"{RECORDS_PATH}/items",
    operation_id="getRecords",
    summary="Search the records",
    openapi_extra={"parameters": ITEMS},
    responses=_described(_FEATURES, GEOJSON),
    response_class=Response,
)
async def records(request: Request, context: ContextDep) -> Response:
    """The records that meet every parameter, a page at a time."""
    answer = Answer.to(request, _FORMATS)
    if not answer.is_page:
        return await _page(request, context, answer, checked(request.query_params, ITEMS))
    filled = QueryParams([(name, value) for name, value in request.query_params.multi_items() if value])  # of a form
    return await _page(request, context, answer, checked(filled, ITEMS))


@router.post(
    f"{RECORDS_PATH}/items",
    operation_id="searchRecords",
    summary="Search the records by a filter that is posted, or create a record",
    openapi_extra={"parameters": POSTED, "requestBody": _FILTER_BODY, "security": [{}, {"bearer": []}]},
    responses={**_described(_FEATURES, GEOJSON), **CREATED},
    response_class=Response,
)
async def posted_search(request: Request, context: ContextDep) -> Response:
    """The records that meet a CQL2 filter, too long for a URL, and every parameter; links repeat it as JSON.

    With a token, a record that is posted as application/geo+json is created.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == GEOJSON:  # whatever else it is labelled (OWSLib says text/xml), it is a filter
        return await record_transactions.created(request, context)
    values = checked(request.query_params, POSTED)
    node = cql2.from_json(await request.body())
    given = {"filter": orjson.dumps(node).decode(), "filter-lang": CQL2_JSON}
    answer = Answer.of(request, replace(negotiate(request, _FORMATS), format="json"))  # pages are for GET
    return await _page(request, context, answer, values | given)


async def _page(request: Request, context: Context, answer: Answer, values: dict[str, str]) -> Response:
    """Answer with the records that checked parameters ask for; a page for people shows facets too."""
    facets = {"facets": PAGE_FACETS} if answer.is_page else {}
    query = record_query(facets | values, most=context.settings.limit.items)
    language, media_type = answer.language, _media_type(request)

    def work() -> Response:
        document, languages = answer_to(context, query, values, language)
        return answer(document, "records", media_type=media_type, headers={"Content-Language": languages or language})

    return await run_in_threadpool(work)


@router.get(
    f"{RECORDS_PATH}/suggest",
    operation_id="getRecordSuggestions",
    summary="Suggest texts to search the records for",
    openapi_extra={"parameters": SUGGEST},
    responses=_described(SUGGESTIONS, JSON),
    response_class=Response,
)
async def suggestions(request: Request, context: ContextDep) -> Response:
    """Keywords and titles in which what was typed begins a word; in Chinese every character does."""
    values = checked(request.query_params, SUGGEST)
    answer = Answer.to(request)
    return await run_in_threadpool(lambda: answer(suggested(context, values, answer.language)))


@router.get(
    f"{RECORDS_PATH}/items/{{recordId}}",
    operation_id="getRecord",
    summary="One record",
    openapi_extra={"parameters": RECORD_NEGOTIATION},
    responses={
        200: {
            "description": "The record, in the format that is asked for.",
            "content": {GEOJSON: {"schema": {"type": "object"}}, **record_exports.responses()},
        }
    },
    response_class=Response,
)
async def record(
    request: Request,
    context: ContextDep,
    bridge: BridgeDep,
    record_id: Annotated[str, Path(alias="recordId", max_length=200, description="Id of the record.")],
) -> Response:
    """The metadata of one dataset, with links to all that serves it; also as it is edited, and in other formats."""
    checked(request.query_params, RECORD_NEGOTIATION)
    answer = Answer.to(request, _RECORD_FORMATS)
    if request.query_params.get("f", "").strip().lower() == STORED:
        return await run_in_threadpool(_stored, request, context, record_id)
    export = record_exports.asked_export(request)
    if export is not None:
        encoded, told = await record_exports.exported(request, context, record_id, export)
        return _of_state(request, encoded, told, served_form(bytes(encoded.body), encoded.media_type or ""))
    inner = _for_core(request, {}, answer.representation)
    result = await bridge.call(get_collection_item, inner, RECORDS, record_id)
    if result.failed:
        return _refused(result)
    feature = result.body
    feature["links"] = feature.pop(OWN_LINKS)
    current, since = feature.pop(CURRENT)
    document = orjson.loads(unguarded(orjson.dumps(feature)))
    headers = {"Content-Language": document["properties"]["language"]["code"]}
    found = await run_in_threadpool(answer, document, "record", media_type=_media_type(request), headers=headers)
    if answer.is_page:
        return found
    form = served_form(bytes(found.body), found.media_type or "")
    return _tagged(request, found, current, form, datetime.fromisoformat(since))


def _stored(request: Request, context: Context, record_id: str) -> Response:
    """A record in the form that is edited: words by language tag, and nothing that the server adds."""
    found = search.get(context.catalogue.repository.engine, record_id)
    languages = ", ".join(sorted(found.document["properties"]["title"]))
    headers = {"Vary": VARY, "Content-Language": languages}
    answer = Response(orjson.dumps(found.document), media_type=GEOJSON, headers=headers)
    return _of_state(request, answer, found, STORED)


def _of_state(request: Request, answer: Response, found: search.Found, form: str) -> Response:
    """An answer with the tag of a record as it was found."""
    return _tagged(request, answer, state(found.document, found.updated), form, modified(found))


def _tagged(request: Request, answer: Response, told: str, form: str, since: datetime) -> Response:
    """An answer with the tag of its state and form, or 304 to whoever holds it."""
    answer.headers["ETag"] = tag(told, form, gzip=accepts_gzip(request.headers.get("accept-encoding", "")))
    answer.headers["Last-Modified"] = http_date(since)
    if not is_known(request.headers, answer.headers["ETag"], since):
        return answer
    kept = ("etag", "last-modified", "vary", "content-language")
    headers = {name: value for name, value in answer.headers.items() if name in kept}
    return Response(status_code=304, headers={**headers, "vary": f"{answer.headers['vary']}, Accept-Encoding"})


def _schema_route(name: str, summary: str, made: Callable[[str], dict[str, Any]]) -> None:
    """Serve a JSON Schema at a path below the collection, by its own URL as `$id`."""

    def schema(request: Request, context: ContextDep) -> Response:
        checked(request.query_params, NEGOTIATION)
        answer = Answer.to(request, {**_FORMATS, SCHEMA_JSON: "json"})
        return answer(made(f"{context.settings.base_url}{RECORDS_PATH}/{name}"), media_type=SCHEMA_JSON)

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
def facets(request: Request, context: ContextDep) -> Response:
    """The names of the facets, each with the property whose values it counts."""
    checked(request.query_params, NEGOTIATION)
    return Answer.to(request, _FORMATS)(facets_document(context.settings.base_url))


def _for_core(request: Request, parameters: dict[str, str], asked: Asked) -> Request:
    """A request with these parameters alone: no body, which the core would read as CQL, and no headers.

    The language goes beside it, in the context that the core's thread inherits.
    """
    LANGUAGE.set(asked.language)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {**request.scope, "query_string": urlencode(parameters).encode(), "headers": []}
    return Request(scope, receive)


def _refused(answer: CoreAnswer) -> Response:
    """An error that the core found and the checks before it did not."""
    return JSONResponse(answer.body, answer.status)


def _media_type(request: Request) -> str:
    """GeoJSON; labelled application/json for a client that takes only that, as GDAL's OAPIF driver did."""
    accept = request.headers.get("accept", "")
    named = request.query_params.get("f", "")
    wants_json = not named and accept and quality(accept, JSON) > quality(accept, GEOJSON)
    return JSON if wants_json or named == JSON else GEOJSON
