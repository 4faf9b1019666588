"""Exceptions of WCS 1.0.0 (OGC 03-065r6, annex A.6); those of 2.0.1 are OWS Common's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from config.errors import EnvironmentFault
from services.ows.faults import OwsFault
from services.ows.markup import DECLARATION, element, text_of
from services.web.problems import status_of

if TYPE_CHECKING:
    from config.errors import GraticuleError

_ROOT: Final = {"version": "1.2.0", "xmlns": "http://www.opengis.net/ogc"}
_CODES: Final = {"NoSuchCoverage": "CoverageNotDefined", "InvalidSubsetting": "InvalidParameterValue"}


def old_report(error: GraticuleError) -> Response:
    """The ServiceExceptionReport of an error; faults of the environment reveal nothing of it."""
    attributes, detail, status = {}, error.detail, status_of(error)
    if isinstance(error, OwsFault):
        attributes = {"code": _CODES.get(error.code, error.code), "locator": error.locator}
        status = 400
    elif isinstance(error, EnvironmentFault):
        detail = type(error)().detail
    body = element("ServiceException", text_of(detail), {name: value for name, value in attributes.items() if value})
    document = DECLARATION + element("ServiceExceptionReport", body, _ROOT)
    return Response(document, status, media_type="application/vnd.ogc.se_xml")
