"""The one description of the API: an OpenAPI 3.0.3 document of every public route, and a page made from it."""

from __future__ import annotations

import re
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from config.vocabulary import HTML, JSON, OPENAPI_30
from services.front.description.openapi30 import to_30
from services.front.description.translation import in_chinese
from services.front.description.words.parameters import PARAMETERS
from services.web.context import ContextDep
from services.web.documents.answers import Answer, get_pages
from services.web.negotiation import FORMATS, Asked, Language, Offer, accept_of, asked_language, bare, choose
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from fastapi import FastAPI

    from config.settings import Settings
    from services.web.part import Parts

router = APIRouter(tags=["Capabilities"], dependencies=[KNOWN])

_FORMATS: Final = {**FORMATS, "openapi": "openapi", OPENAPI_30: "openapi", "json": "openapi"}
"""Values of `f` here: `json` is the document under its own media type, application/json under that one."""

_OFFERS: Final = (
    Offer(media_type=bare(OPENAPI_30), format="openapi", by_range=False),
    Offer(media_type=JSON, format="json", by_range=False),
    Offer(media_type=bare(OPENAPI_30), format="openapi"),
    Offer(media_type=HTML, format="html"),
)
"""Plain JSON is for who names it; all else that JSON would do for gets the document's own type."""

DocumentLanguage = Annotated[
    str | None, Query(alias="lang", description="Language: en or zh. Absent: by Accept-Language.")
]

_METHODS: Final = ("get", "put", "post", "delete", "patch")

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong (RFC 9457 members).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "URI of the kind of error."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Names the value, the limit and the remedy."},
    },
}


@router.get("/api", operation_id="getApi", summary="This document")
def api(
    request: Request,
    context: ContextDep,
    _f: Annotated[str | None, Query(alias="f", description="json, html or a media type.")] = None,
    _lang: DocumentLanguage = None,
) -> Response:
    """The OpenAPI 3.0 document, or its page for people."""
    query, headers = request.query_params, request.headers
    language = asked_language(query.getlist("lang"), headers.get("accept-language", ""))
    document, body = _placed(described(request.app, context.settings, language), context.settings.base_url)
    format_ = choose(query.getlist("f"), accept_of(headers), names=_FORMATS, offers=_OFFERS, default="openapi")
    if format_ == "html":
        return _page(request, document, language)
    representation = Asked(format="json", language=language)
    return Response(body, media_type=JSON if format_ == "json" else OPENAPI_30, headers=representation.headers)


@router.get("/api.html", include_in_schema=False)
def api_page(request: Request, context: ContextDep, _lang: DocumentLanguage = None) -> Response:
    """The page of `/api`."""
    language = asked_language(request.query_params.getlist("lang"), request.headers.get("accept-language", ""))
    document, _ = _placed(described(request.app, context.settings, language), context.settings.base_url)
    return _page(request, document, language)


def described(app: FastAPI, settings: Settings, language: Language = "en") -> tuple[dict[str, Any], bytes]:
    """An application's document without its servers, and its bytes; made at the first request: it costs a second."""
    cache: dict[Language, tuple[dict[str, Any], bytes]] | None = getattr(app.state, "openapi", None)
    if cache is None:
        document = build(app, app.state.parts, settings)
        both: dict[Language, dict[str, Any]] = {"en": document, "zh": in_chinese(document)}
        cache = app.state.openapi = {code: (summarized(d), orjson.dumps(d)) for code, d in both.items()}
    return cache[language]


def _placed(described_: tuple[dict[str, Any], bytes], base_url: str) -> tuple[dict[str, Any], bytes]:
    """A document and its bytes with the base URL of a request as the server."""
    document, body = described_
    servers = {"servers": [{"url": base_url}]}
    return {**document, **servers}, b"{" + orjson.dumps(servers)[1:-1] + b"," + body[1:]


def build(app: FastAPI, parts: Parts, settings: Settings) -> dict[str, Any]:
    """Return the OpenAPI 3.0.3 document of an application, in English; `summarized` completes it."""
    document: dict[str, Any] = to_30(
        get_openapi(
            title=settings.server.title,
            version=version("graticule"),
            openapi_version="3.0.3",
            description=settings.server.description,
            routes=app.routes,
            contact={"email": settings.server.contact} if settings.server.contact else None,
        )
    )
    unsummarized = {r.operation_id or r.unique_id for r in app.routes if isinstance(r, APIRoute) and not r.summary}
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for path, item in document["paths"].items():
        for method in [m for m in _METHODS if m in item]:
            _complete(path, item[method])
            if item[method]["operationId"] in unsummarized:
                del item[method]["summary"]  # the framework's, made of the name of a function
    _bound_limit(document, settings.limit.items)
    for part in parts:
        part.describe(document, settings)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["tags"] = [{"name": name} for name in _tags(document)]
    return document


def summarized(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose operations, where no summary is given, have the first sentence of their description."""
    for item in document["paths"].values():
        for operation in (item[m] for m in _METHODS if m in item):
            first = re.split(r"(?<=[.:])\s|(?<=[。：])", operation.get("description", ""), maxsplit=1)[0]
            operation["summary"] = operation.get("summary", " ".join(first.split())).rstrip(".:。：")
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Declare every path parameter, and the errors as they are answered: never FastAPI's 422."""
    parameters = operation.setdefault("parameters", [])
    path_parameters = {p["name"] for p in parameters if p.get("in") == "path"}
    parameters += [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
        if name not in path_parameters
    ]
    for parameter in parameters:
        if not parameter.get("description") and parameter.get("name") in PARAMETERS:
            parameter["description"] = PARAMETERS[parameter["name"]][0]
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)
    responses.setdefault("default", _failure("An error."))
    if parameters:
        responses.setdefault("400", _failure("A parameter has a bad value."))
    if path_parameters:
        responses.setdefault("404", _failure("There is no such resource."))
    for status, response in responses.items():
        if not response.get("description"):
            response["description"] = HTTPStatus(int(status)).phrase if status.isdecimal() else "An answer."


def _failure(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _bound_limit(document: dict[str, Any], most: int) -> None:
    """State the largest `limit` of collections: clients page by what is declared here."""
    for parameter in document["paths"]["/collections"]["get"]["parameters"]:
        if parameter["name"] == "limit":
            parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": most, "default": most}


def _tags(document: dict[str, Any]) -> list[str]:
    used = [tag for item in document["paths"].values() for m in _METHODS for tag in item.get(m, {}).get("tags", [])]
    return list(dict.fromkeys(used))


def _page(request: Request, document: dict[str, Any], language: Language) -> Response:
    has_lang = bool(request.query_params.get("lang"))
    representation = Asked(format="html", language=language, said_language=has_lang)
    answer = Answer(representation=representation, pages=get_pages(request), path="/api", query=request.url.query)
    return answer(document, "api")
