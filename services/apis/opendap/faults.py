"""Errors as the protocols of OPeNDAP and ERDDAP report them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from config.errors import EnvironmentFault, GraticuleError
from services.apis.opendap.dap2 import quoted
from services.apis.opendap.dap4 import error_document
from services.web.problems import status_of

log = logging.getLogger(__name__)

type _Route = Callable[..., Response]


def dap2_errors(route: _Route) -> _Route:
    """Answer the errors of a route with an Error of DAP 2 (DAP 2.0, 7.3)."""
    return _reporting(route, _dap2_report)


def dap4_errors(route: _Route) -> _Route:
    """Answer the errors of a route with an Error of DAP 4."""
    return _reporting(route, _dap4_report)


def erddap_errors(route: _Route) -> _Route:
    """Answer the errors of a route as ERDDAP does, with the words of its status before the detail."""
    return _reporting(route, lambda status, detail: _dap2_report(status, f"{HTTPStatus(status).phrase}: {detail}"))


def _reporting(route: _Route, report: Callable[[int, str], Response]) -> _Route:
    @wraps(route)
    def guarded(*arguments: Any, **options: Any) -> Response:
        try:
            return route(*arguments, **options)
        except GraticuleError as error:
            status, detail = status_of(error), error.detail
            if isinstance(error, EnvironmentFault):  # its detail names hosts and files, which are the operator's
                log.exception("%s", error.kind)
                detail = type(error)().detail
            return report(status, detail)

    return guarded


def _dap2_report(status: int, detail: str) -> Response:
    text = f"Error {{\n    code = {status};\n    message = {quoted(detail)};\n}};\n"
    headers = {"Content-Description": "dods-error", "XDODS-Server": "dods/2.0"}
    return Response(text, status, media_type="text/plain", headers=headers)


def _dap4_report(status: int, detail: str) -> Response:
    return Response(error_document(status, detail), status, media_type="application/vnd.opendap.dap4.error+xml")
