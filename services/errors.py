"""Every error as one JSON body, `{type, title, status, detail}`, labelled application/json as OGC clients expect."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from config import errors

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

log = logging.getLogger(__name__)

STATUS: dict[type[errors.GraticuleError], int] = {
    errors.InvalidInput: 400,
    errors.AccessRestricted: 403,
    errors.NotFound: 404,
    errors.JobDismissed: 410,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.TooSlow: 504,
    errors.Overloaded: 503,
    errors.SourceRefused: 400,
    errors.EnvironmentFault: 503,
    errors.GraticuleError: 500,
}
"""The status of each error class; the nearest ancestor in the table counts."""

_PROCESSES = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
_TYPE: dict[type[errors.GraticuleError], str] = {
    errors.ProcessNotFound: _PROCESSES + "no-such-process",
    errors.JobNotFound: _PROCESSES + "no-such-job",
    errors.ResultNotReady: _PROCESSES + "result-not-ready",
}
"""The `type` of errors that a standard names (OGC 18-062r2, 7.10 to 7.13); the others are named by their kind."""


def status_of(error: errors.GraticuleError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def type_of(error: errors.GraticuleError) -> str:
    """The URI of an error's `type`."""
    return _TYPE.get(type(error), f"urn:graticule:error:{error.kind}")


def as_problem(error: errors.GraticuleError) -> dict[str, Any]:
    """The members of an error's body."""
    status = status_of(error)
    title = HTTPStatus(status).phrase
    return {"type": type_of(error), "title": title, "status": status, "detail": error.detail}


def problem(
    status: int, detail: str, *, type_: str = "about:blank", headers: dict[str, str] | None = None
) -> JSONResponse:
    """An error body (RFC 9457 members)."""
    body = {"type": type_, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers=headers)


def register(app: FastAPI) -> None:
    """Answer every exception that reaches an application's edge."""
    app.add_exception_handler(errors.GraticuleError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.GraticuleError)
    return problem(status_of(error), error.detail, type_=type_of(error))


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(str(p) for p in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()[:5]]
    return problem(400, "; ".join(faults)[:1000], type_="urn:graticule:error:invalid-parameter")


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))


def _bug(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error at %s", request.url.path, exc_info=error)
    return problem(500, "the server failed on this request; the operator finds the cause in its log")
