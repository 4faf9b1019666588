"""An error of ours over HTTP and in a job: its status and `{type, title, status, detail}`.

Without the libraries of tiles and of the web, so that the processes that run jobs start without them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from config import errors

STATUS: dict[type[errors.GraticuleError], int] = {
    errors.InvalidInput: 400,
    errors.UnsupportedMediaType: 415,
    errors.AccessRestricted: 403,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.NotAcceptable: 406,
    errors.JobDismissed: 410,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.PreconditionRequired: 428,
    errors.DamagedAsset: 503,
    errors.TooLarge: 413,
    errors.TooSlow: 504,
    errors.Overloaded: 503,
    errors.TooManyRequests: 429,
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
