"""OGC API Records 1.0 (20-004r1) at `/collections/records`.

A single record comes from pygeoapi's provider (`services.pygeoapi.record_provider`), called without pygeoapi's core,
which escapes texts and links to formats that are not served. A search goes past both (`search_page`): the core knows
neither facets nor cursors, and takes several milliseconds of its own. `tests/oracles` holds that the core answers the
same records.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from config.errors import InvalidInput, InvalidParameter
from config.vocabulary import CRS84_URI, FACETS_JSON, GEOJSON, JSON, SCHEMA_JSON
from records.documents.presentation import PROFILE, RECORDS_PATH
from records.search import cql2
from records.search.text.wording import known_synonyms
from services.access.principal import PrincipalDep, principal_of
from services.apis.records import exports, transactions
from services.apis.records.operations import CREATED, RECORD_CONTENT
from services.apis.records.pages import search_page
from services.apis.records.pages.search_form import form_parameters, refused_page
from services.apis.records.pages.search_page import PageRequest
from services.apis.records.pages.second_tries import SecondTry, try_again
from services.apis.records.parameters import (
    CQL2_JSON,
    ITEMS,
    NEGOTIATION,
    POSTED,
    RECORD_NEGOTIATION,
    SUGGEST,
    checked_parameters,
    crs_of,
    record_query,
)
from services.apis.records.profiles import profile_header
from services.apis.records.response_schemas import FACETS, FEATURES, SUGGESTIONS
from services.apis.records.schemas import (
    facets_document,
    queryables_schema,
    record_schema,
    sortables_schema,
)
from services.apis.records.single_record import RecordForm, exported_response, geojson_response, stored_response
from services.pygeoapi.bridge import Bridge, get_bridge
from services.web.context import ContextDep
from services.web.dependencies import inline
from services.web.documents.answers import Answer
from services.web.lanes import SearchRoute
from services.web.negotiation import FORMATS, Format, Offer, accept_of, choose, negotiate, offers
from services.web.transfer.preconditions import STORED

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.web.context import Context

_FORMATS: Final[dict[str, Format]] = {**FORMATS, "geojson": "json", GEOJSON: "json"}
_RECORD_FORMATS: Final[dict[str, Format]] = {**_FORMATS, **dict.fromkeys((*exports.NAMES, STORED), "json")}
"""Values of `f` for one record; exports are answered before the JSON is negotiated."""
_MEDIA_TYPES: Final = {**dict.fromkeys(_RECORD_FORMATS, GEOJSON), JSON: JSON}
_OFFERS: Final = offers({GEOJSON: GEOJSON, JSON: JSON})
_FACETS_TYPES: Final = {**dict.fromkeys(_FORMATS, FACETS_JSON), JSON: JSON, FACETS_JSON: FACETS_JSON}
_FACETS_OFFERS: Final = offers({FACETS_JSON: FACETS_JSON, JSON: JSON})
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

BridgeDep = Annotated[Bridge, inline(get_bridge)]

router = APIRouter(tags=["Records"])
searches = APIRouter(tags=["Records"], route_class=SearchRoute)
"""The routes that search, in lanes of their own."""

PAGE_FACETS: Final = "theme:8,keyword:12,type:8,year:12,licence:8,format:8,access:4,contributor:8"
"""The facets that the search page shows, and how many values of each."""


def _described(schema: dict[str, Any], media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The answer.", "content": {media_type: {"schema": schema}}}}


@searches.get(
    f"{RECORDS_PATH}/items",
    operation_id="getRecords",
    summary="Search the records",
    openapi_extra={"parameters": ITEMS},
    responses=_described(FEATURES, GEOJSON),
    response_class=Response,
)
async def search_records(request: Request, context: ContextDep) -> Response:
    """The records that meet every parameter, a page at a time."""
    answer = Answer.to(request, _FORMATS)
    if not answer.is_page:
        return await _page(request, context, answer, checked_parameters(request.query_params, ITEMS))
    try:
        parameters = checked_parameters(form_parameters(request.query_params), ITEMS)
        return await _page(request, context, answer, parameters)
    except InvalidInput as problem:
        return await run_in_threadpool(refused_page, answer, problem)


@searches.post(
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
    answer = Answer.of(request, replace(negotiate(request, _FORMATS), format="json"))  # pages are for GET
    return await _page(request, context, answer, parameters | posted_filter)


async def _page(request: Request, context: Context, answer: Answer, parameters: dict[str, str]) -> Response:
    """Answer with the records that meet checked parameters; a page for people shows facets too."""
    facets = {"facets": PAGE_FACETS} if answer.is_page else {}
    synonyms = known_synonyms(context.settings.records.synonyms)
    query = record_query(facets | parameters, most=context.settings.limit.items, synonyms=synonyms)
    principal, media_type = principal_of(request.scope), _media_type(request)
    crs = crs_of(parameters)
    asked = PageRequest(parameters=parameters, media_type=media_type, crs=CRS84_URI if answer.is_page else crs)

    def respond() -> Response:
        document, languages = search_page.search_page(context, principal, query, asked, answer.language)
        again = SecondTry()
        if answer.is_page and not document["features"]:
            again = try_again(context, principal, query, asked, answer.language, synonyms=synonyms)
        if again.document is not None:
            document, languages = again.document, again.languages
        headers = {"Content-Language": languages or answer.language, **profile_header(PROFILE)}
        headers["Content-Crs"] = f"<{asked.crs}>"
        pictures = search_page.pictures(context, principal, document) if answer.is_page else {}
        facts = {"loosened": again.note, "spelling": again.spelling, "pictures": pictures, "problem": None}
        facts |= {"themes": search_page.theme_titles(context, document, answer.language)} if answer.is_page else {}
        return answer(document, "records", media_type=media_type, headers=headers, **facts)

    return await run_in_threadpool(respond)


@searches.get(
    f"{RECORDS_PATH}/suggest",
    operation_id="getRecordSuggestions",
    summary="Suggest texts to search the records for",
    openapi_extra={"parameters": SUGGEST},
    responses=_described(SUGGESTIONS, JSON),
    response_class=Response,
)
def suggest_texts(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """Keywords and titles in which a word begins with the text of `q`; in Chinese any character does."""
    parameters = checked_parameters(request.query_params, SUGGEST)
    answer = Answer.to(request)
    return answer(search_page.suggestions(context, principal, parameters, answer.language))


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
    crs = crs_of(checked_parameters(request.query_params, RECORD_NEGOTIATION))
    answer = Answer.to(request, _RECORD_FORMATS)
    is_stored = request.query_params.get("f", "").strip().lower() == STORED
    export = None if is_stored else exports.preferred_export(request, (*_FORMATS, STORED))
    if crs != CRS84_URI and (is_stored or export is not None):
        raise InvalidParameter("crs", crs, f"the formats beside GeoJSON are in {CRS84_URI}")
    if is_stored:
        return stored_response(request, context, record_id)
    if export is not None:
        return exported_response(request, context, record_id, export)
    form = RecordForm(answer=answer, media_type=_media_type(request), crs=CRS84_URI if answer.is_page else crs)
    return geojson_response(request, context, bridge.records, record_id, form)


def _schema_route(name: str, summary: str, make: Callable[[str], dict[str, Any]]) -> None:
    """Serve a JSON Schema at a path below the collection, with its own URL as `$id`."""

    def schema(request: Request, context: ContextDep) -> Response:
        checked_parameters(request.query_params, NEGOTIATION)
        answer = Answer.to(request, {**_FORMATS, SCHEMA_JSON: "json"})
        return answer(make(f"{context.settings.base_url}{RECORDS_PATH}/{name}"), media_type=SCHEMA_JSON)

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
    responses=_described(FACETS, FACETS_JSON),
    response_class=Response,
)
def get_facets(request: Request, context: ContextDep) -> Response:
    """The names of the facets, each with the property whose values it counts."""
    checked_parameters(request.query_params, NEGOTIATION)
    answer = Answer.to(request, {**_FORMATS, FACETS_JSON: "json"})
    media_type = _chosen_type(request, _FACETS_TYPES, _FACETS_OFFERS, FACETS_JSON)
    return answer(facets_document(context.settings.base_url, answer.language, media_type), media_type=media_type)


def _media_type(request: Request) -> str:
    """GeoJSON; labelled application/json for a client that takes only that, as GDAL's OAPIF driver did."""
    return _chosen_type(request, _MEDIA_TYPES, _OFFERS, GEOJSON)


def _chosen_type(request: Request, names: dict[str, str], offers: tuple[Offer[str], ...], default: str) -> str:
    accept = accept_of(request.headers)
    return choose(request.query_params.getlist("f"), accept, names=names, offers=offers, default=default)
