"""Transactions on records by OGC API Features Part 4 (draft 20-002r1): create, replace, update and delete.

Writers send a token (`services.access.guards.require_token`). Conditions on a record's state are checked where it is
written, while nobody else can write it (`records.writing.transactions`). Every request reads records from the database,
so that every web worker shows a change at once.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from config.errors import InvalidInput, InvalidParameter, RecordNotFound, TooLarge, UnsupportedMediaType
from config.vocabulary import CRS84_URI, GEOJSON, JSON, LANGUAGE_TAG
from records.access.tokens import Token
from records.documents.documents import MAX_DEPTH, MAX_DOCUMENT_BYTES, is_deeper
from records.documents.editable import EditedDocument, draft
from records.documents.presentation import RECORDS_PATH, record_url, rfc3339
from records.harvest.values.languages import UNDETERMINED, holds_chinese
from records.search import search
from records.search.parameters import parse_integer
from records.writing.history import Version, versions
from records.writing.transactions import Transactions, Written
from services.access.decision import decide
from services.access.guards import require_token
from services.access.principal import PrincipalDep, principal_of
from services.apis.records.operations import (
    CHANGES,
    CONDITIONS,
    CREATED,
    DELETED,
    MERGE_PATCH,
    PATCH_BODY,
    RECORD_BODY,
    SECURED,
    VERSIONS,
    VERSIONS_QUERY,
)
from services.apis.records.parameters import NEGOTIATION, checked_parameters
from services.apis.records.titles import TITLES
from services.web.context import Context, ContextDep
from services.web.documents.answers import Answer
from services.web.links import link
from services.web.negotiation import asked_language
from services.web.transfer.preconditions import STORED, Conditions, http_date, tag

CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
)
"""The conformance classes of 20-002r1 (draft). Its table writes the last with `req`, a slip of the draft.

Not `features`: that class is for collections whose items are features, and demands a schema of replacements. Not
`optimistic-locking-timestamps`: If-Unmodified-Since is accurate to the second, in which two changes may fall.
"""

ITEMS: Final = f"{RECORDS_PATH}/items"
ITEM: Final = f"{ITEMS}/{{recordId}}"
_READ: Final = ("GET", "HEAD", "OPTIONS")
_VERSIONS: Final = 100
_PUBLIC_WORDS: Final = ("token", "ingest", "unknown")
"""Kinds of authors of a version that are shown in full; of a command or a harvest only the kind is shown."""

router = APIRouter(tags=["Records"])

RecordId = Annotated[str, Path(alias="recordId", max_length=200, description="Id of the record.")]


def _writer(context: ContextDep, principal: PrincipalDep) -> Token:
    return require_token(context, principal, "write")


def _reader(context: ContextDep, principal: PrincipalDep) -> Token:
    return require_token(context, principal, "list_versions")


WriterDep = Annotated[Token, Depends(_writer)]
ReaderDep = Annotated[Token, Depends(_reader)]


async def create_record(request: Request, context: Context) -> Response:
    """Create the record that is posted to the items."""
    writer = await run_in_threadpool(_writer, context, principal_of(request.scope))
    checked_parameters(request.query_params, NEGOTIATION)
    conditions = Conditions.of(request.headers, required=False)
    body = _parsed(request, await request.body(), (GEOJSON,))
    record = draft(body, base_url=context.settings.base_url, language=_language_of(request, body))

    def create() -> Written:
        return _transactions(context).create(record, who=_who(writer), check=conditions.check_new)

    return _answer(context, await run_in_threadpool(create), record)


@router.put(
    ITEM,
    operation_id="replaceRecord",
    summary="Replace or create a record",
    openapi_extra={"requestBody": RECORD_BODY, "parameters": CONDITIONS, "security": SECURED},
    responses={**CHANGES, 201: CREATED[201]},
    response_class=Response,
    status_code=204,
)
async def replace(request: Request, context: ContextDep, writer: WriterDep, record_id: RecordId) -> Response:
    """Make the body the record of this id, whether there is one or not; the `id` of the body is ignored."""
    conditions = _conditions(request, context)
    body = _parsed(request, await request.body(), (GEOJSON, JSON))
    language = _language_of(request, body)

    def put() -> Response:
        only = language if language != UNDETERMINED else _only_language(context, record_id)
        record = draft(body, base_url=context.settings.base_url, language=only)
        outcome = _transactions(context).replace(record_id, record, who=_who(writer), check=conditions.check)
        return _answer(context, outcome, record)

    return await run_in_threadpool(put)


@router.patch(
    ITEM,
    operation_id="updateRecord",
    summary="Change members of a record",
    openapi_extra={"requestBody": PATCH_BODY, "parameters": CONDITIONS, "security": SECURED},
    responses=CHANGES,
    response_class=Response,
    status_code=204,
)
async def patch(request: Request, context: ContextDep, writer: WriterDep, record_id: RecordId) -> Response:
    """Change a record by a merge patch (RFC 7396), with words by language tag or as GET shows them.

    Texts without a named language are in that of Content-Language, else in the one that GET answers in.
    """
    conditions = _conditions(request, context)
    body = _parsed(request, await request.body(), (MERGE_PATCH,))
    accepted = request.headers.get("accept-language", "")
    language = _content_language(request) or asked_language(request.query_params.getlist("lang"), accepted)

    def merge() -> Written:
        return _transactions(context).patch(
            record_id,
            body,
            who=_who(writer),
            check=conditions.check,
            language=language,
            base_url=context.settings.base_url,
        )

    return _answer(context, await run_in_threadpool(merge))


@router.delete(
    ITEM,
    operation_id="deleteRecord",
    summary="Delete a record",
    openapi_extra={"parameters": CONDITIONS, "security": SECURED},
    responses=DELETED,
    response_class=Response,
    status_code=204,
)
def delete(request: Request, context: ContextDep, writer: WriterDep, record_id: RecordId) -> Response:
    """Withdraw a record, unless data is published under it; its versions are kept."""
    conditions = _conditions(request, context)
    _transactions(context).remove(record_id, who=_who(writer), check=conditions.check)
    return Response(status_code=204)


@router.get(
    f"{ITEM}/versions",
    operation_id="getRecordVersions",
    summary="The versions of a record",
    openapi_extra={"parameters": [*VERSIONS_QUERY, *NEGOTIATION], "security": SECURED},
    responses=VERSIONS,
    response_class=Response,
)
def record_versions(request: Request, context: ContextDep, reader: ReaderDep, record_id: RecordId) -> Response:
    """When a record changed, how, and who changed it, the latest first; also of a deleted record."""
    del reader
    parameters = checked_parameters(request.query_params, [*VERSIONS_QUERY, *NEGOTIATION])
    most = min(parse_integer("limit", parameters.get("limit", str(_VERSIONS)), low=1), context.settings.limit.items)
    before = parse_integer("before", parameters["before"], low=1, high=2**53) if "before" in parameters else None
    page = versions(context.catalogue.repository.engine, record_id.replace("\0", ""), limit=most, before=before)
    here = f"{record_url(context.settings.base_url, record_id)}/versions"
    links = [link("self", here, JSON, title=TITLES.phrase("versions"))]
    if len(page) == most and page[-1].number > 1:
        earlier = f"{here}?limit={most}&before={page[-1].number}"
        links.append(link("next", earlier, JSON, title=TITLES.phrase("earlier_versions")))
    body = {"recordId": record_id, "versions": [_version(version) for version in page], "links": links}
    return Answer.to(request)(body, headers={"Cache-Control": "private, no-store"})


def _options(path: str, readers: tuple[str, ...], writers: tuple[str, ...]) -> None:
    """Answer OPTIONS with the methods of a path that the sender of a request may use now (20-002r1, 6.5)."""

    def options(context: ContextDep, principal: PrincipalDep) -> Response:
        may_write = decide(principal, None, "write", context.settings).allowed
        allowed = (*readers, *writers) if may_write else readers
        headers = {"Allow": ", ".join(allowed)} | ({"Accept-Patch": MERGE_PATCH} if "PATCH" in allowed else {})
        return Response(status_code=200, headers=headers)

    router.add_api_route(path, options, methods=["OPTIONS"], include_in_schema=False)


_options(ITEMS, (*_READ, "POST"), ())
_options(ITEM, _READ, ("PUT", "PATCH", "DELETE"))


def _transactions(context: Context) -> Transactions:
    return Transactions(context.catalogue.repository.engine)


def _who(token: Token) -> str:
    return f"token {token.name}"


def _conditions(request: Request, context: Context) -> Conditions:
    """The conditions of a change, whose query can only negotiate."""
    checked_parameters(request.query_params, NEGOTIATION)
    return Conditions.of(request.headers, required=context.settings.records.require_match)


def _parsed(request: Request, body: bytes, media_types: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object of a body; raises UnsupportedMediaType, TooLarge or InvalidInput."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in media_types:
        raise UnsupportedMediaType(media_type or "(none)", media_types)
    crs = request.headers.get("content-crs", "").strip("<> ")
    if crs and crs != CRS84_URI:  # 20-002r1, /req/features/crs-crs84
        raise InvalidParameter("Content-Crs", crs, f"geometries of records are in {CRS84_URI}")
    if len(body) > MAX_DOCUMENT_BYTES:
        raise TooLarge(f"the body has {len(body)} bytes, and a record at most {MAX_DOCUMENT_BYTES}; shorten its texts")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidInput("the body is not a JSON object; send one record")
    if is_deeper(document, MAX_DEPTH):
        raise InvalidInput(f"the body has objects nested more than {MAX_DEPTH} deep")
    return document


def _content_language(request: Request) -> str | None:
    """The one language that Content-Language names; raises InvalidParameter for what is no tag, or for several."""
    text = request.headers.get("content-language")
    if text is None:
        return None
    tag = text.strip()
    tag = tag.partition("-")[0].lower() + tag[len(tag.partition("-")[0]) :]
    if not re.fullmatch(LANGUAGE_TAG, tag):
        raise InvalidParameter("Content-Language", text, "name the one language of the words, such as en or zh")
    return tag


def _language_of(request: Request, body: dict[str, Any]) -> str:
    """The language of words that are texts where a body names none: by the header, else by their characters."""
    named = _content_language(request)
    if named is not None:
        return named
    properties = body.get("properties")
    title = properties.get("title") if isinstance(properties, dict) else None
    return "zh" if isinstance(title, str) and holds_chinese(title) else UNDETERMINED


def _only_language(context: Context, record_id: str) -> str:
    """The one language that a record has; undetermined if it has several, or is not there."""
    try:
        titles = search.get(context.catalogue.repository.engine, record_id).document["properties"]["title"]
    except RecordNotFound:
        return UNDETERMINED
    return next(iter(titles)) if len(titles) == 1 else UNDETERMINED


def _answer(context: Context, outcome: Written, record: EditedDocument | None = None) -> Response:
    """201 or 204, with the tag of the stored state, and the language that a text without one was taken for."""
    headers = {
        "ETag": tag(outcome.current.state, STORED),
        "Last-Modified": http_date(outcome.current.modified),
    }
    if record is not None and record.language is not None:
        headers["Content-Language"] = record.language
    if outcome.is_new:
        headers["Location"] = record_url(context.settings.base_url, outcome.record_id)
    return Response(status_code=201 if outcome.is_new else 204, headers=headers)


def _version(version: Version) -> dict[str, Any]:
    kind = version.who.partition(" ")[0]
    who = version.who if kind in _PUBLIC_WORDS else kind
    return {"version": version.number, "at": rfc3339(version.at), "action": version.action, "who": who}
