"""Every error as one JSON body, `{type, title, status, detail}`, labelled application/json as OGC clients expect."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from morecantile.errors import InvalidIdentifier, MorecantileError
from rasterio.errors import RasterioError
from rio_tiler import errors as tiler
from starlette.exceptions import HTTPException
from starlette.routing import Match
from titiler.core import errors as titiler

from config import errors
from services.web.documents.problem_words import TITLES, in_chinese, is_chinese
from services.web.negotiation import asked_language
from services.web.problems import status_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastapi import FastAPI, Request
    from starlette.routing import BaseRoute

log = logging.getLogger(__name__)

_REPAIR_S = "3600"
"""Seconds after which a damaged file may have been repaired; somebody has to."""
UNEXPECTED = "the server failed on this request; the operator finds the cause in its log"

FOREIGN: dict[type[Exception], int] = {
    titiler.BadRequestError: 400,
    titiler.TileNotFoundError: 404,
    titiler.TilerError: 500,
    tiler.TileOutsideBounds: 404,
    tiler.PointOutsideBounds: 404,
    tiler.InvalidAssetName: 404,
    tiler.InvalidBandName: 404,
    tiler.MissingBands: 400,
    tiler.MissingAssets: 400,
    tiler.InvalidColorFormat: 400,
    tiler.InvalidColorMapName: 400,
    tiler.InvalidExpression: 400,
    tiler.InvalidFormat: 400,
    tiler.InvalidBounds: 400,
    tiler.InvalidBufferSize: 400,
    tiler.MaxArraySizeError: 413,
    tiler.RioTilerError: 500,
    InvalidIdentifier: 404,
    MorecantileError: 400,
    RasterioError: 500,
}
"""The status of the errors of the tile libraries; the nearest ancestor in the table counts."""


def problem(
    status: int, detail: str, *, type_: str = "about:blank", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error body (RFC 9457 members); halves of surrogate pairs, which JSON may name, are escaped."""
    detail = detail.encode(errors="backslashreplace").decode()
    body = {"type": type_, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers=headers)


def _answer(
    request: Request,
    status: int,
    detail: str,
    *,
    type_: str = "about:blank",
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An error body in the language of the request (RFC 9457, 3.1: title and detail are for people)."""
    if not _wants_chinese(request):
        return problem(status, detail, type_=type_, headers={**(headers or {}), "Vary": "Accept-Language"})
    body = {"type": type_, "title": TITLES.get(status, HTTPStatus(status).phrase), "status": status}
    text = in_chinese(detail)
    language = {"Content-Language": "zh" if is_chinese(text) else "en", "Vary": "Accept-Language"}
    return JSONResponse(body | {"detail": text}, status, headers={**(headers or {}), **language})


def _wants_chinese(request: Request) -> bool:
    try:
        language = asked_language(request.query_params.getlist("lang"), request.headers.get("accept-language", ""))
    except errors.InvalidParameter:  # which may be the error that is answered
        return False
    return language == "zh"


def register(app: FastAPI) -> None:
    """Answer every exception that a route raises on purpose; `services.web.middleware.failures` answers the others."""
    app.add_exception_handler(errors.GraticuleError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for error in FOREIGN:
        app.add_exception_handler(error, _foreign)


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.GraticuleError)
    type_ = type_of(error)
    if isinstance(error, errors.EnvironmentFault):
        # its detail names hosts and files, which are the operator's business
        log.error("%s at %s: %s", error.kind, request.url.path, error.detail)
        return _answer(request, 503, type(error)().detail, type_=type_, headers={"Retry-After": "5"})
    return _answer(request, status_of(error), error.detail, type_=type_, headers=_headers(error))


def _headers(error: errors.GraticuleError) -> dict[str, str]:
    """Headers by which a client learns what to do next."""
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": f'Bearer realm="graticule"{error.challenge}'}
    if isinstance(error, errors.DamagedAsset):
        return {"Retry-After": _REPAIR_S}
    if isinstance(error, errors.Overloaded):
        return {"Retry-After": str(error.retry_after_s)}
    return {}


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(str(p) for p in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()[:5]]
    return _answer(request, 400, "; ".join(faults)[:1000], type_="urn:graticule:error:invalid-parameter")


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    path = request.url.path[:200]
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        return _answer(request, 404, f"there is nothing at {path}; the landing page links to what there is")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _allowed(request)
        detail = f"{request.method} is not possible at {path}; it answers {allowed}"
        return _answer(request, error.status_code, detail, headers={**(error.headers or {}), "Allow": allowed})
    return _answer(request, error.status_code, detail, headers=error.headers)


def _allowed(request: Request) -> str:
    """Every method of a path (RFC 9110, 15.5.6): those of all its routes, and HEAD, which stands for GET."""
    methods: set[str] = set()
    for route in _flat(request.app.routes):
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Routes, those of included routers too: FastAPI keeps such a router whole, and asks it when a request comes."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _flat(included.routes)


def _foreign(request: Request, error: Exception) -> JSONResponse:
    status = next(FOREIGN[cls] for cls in type(error).__mro__ if cls in FOREIGN)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # its message may name files of the store
        log.error("%s at %s", type(error).__name__, request.url.path, exc_info=error)
        return _answer(request, status, UNEXPECTED)
    return _answer(request, status, str(error)[:1000])
