"""Exceptions as OWS Common reports them (OGC 05-008c1, 06-121r3 and 06-121r9, clause 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from config.errors import EnvironmentFault, GraticuleError, InvalidInput, InvalidParameter
from config.vocabulary import XML
from records.exports import xml
from records.exports.xml import Namespace
from services.web.problems import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class OwsFault(InvalidInput):
    """A request that is answered with an exception.

    Attributes:
        code: `exceptionCode`: one of OWS Common or of the standard of the request.
        locator: The parameter; empty without one.
        status: The HTTP status.
    """

    kind = "ows-exception"

    def __init__(self, code: str, locator: str, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.code = code
        self.locator = locator
        self.status = status


def invalid(locator: str, value: str, remedy: str) -> OwsFault:
    """The fault of a parameter whose value cannot be used."""
    return OwsFault("InvalidParameterValue", locator, InvalidParameter(locator, value, remedy).detail)


def missing(locator: str) -> OwsFault:
    """The fault of a mandatory parameter that is missing."""
    return OwsFault("MissingParameterValue", locator, f"parameter {locator} is missing")


@dataclass(frozen=True, kw_only=True)
class ReportForm:
    """A version of the ExceptionReport: its namespace, schema, version, and whether its language is `xml:lang`."""

    namespace: Namespace
    schema: str
    version: str
    has_xml_lang: bool = True


_SCHEMAS: Final = "http://schemas.opengis.net/ows"
OWS_1_0: Final = ReportForm(
    namespace=Namespace("http://www.opengis.net/ows"),
    schema=f"{_SCHEMAS}/1.0.0/owsExceptionReport.xsd",
    version="1.2.0",
    has_xml_lang=False,
)
"""Of CSW 2.0.2."""
OWS_1_1: Final = ReportForm(
    namespace=Namespace("http://www.opengis.net/ows/1.1"),
    schema=f"{_SCHEMAS}/1.1.0/owsExceptionReport.xsd",
    version="1.1.0",
)
"""Of WMTS 1.0.0."""
OWS_2_0: Final = ReportForm(
    namespace=Namespace("http://www.opengis.net/ows/2.0"),
    schema=f"{_SCHEMAS}/2.0/owsExceptionReport.xsd",
    version="2.0.0",
)
"""Of WCS 2.0.1."""


def report(error: GraticuleError, form: ReportForm, locators: Mapping[str, str] | None = None) -> Response:
    """The ExceptionReport of an error; faults of the environment reveal nothing of it.

    Args:
        error: The error.
        form: The version of the report.
        locators: Names that clients know, by names of parameters inside.
    """
    code, locator, detail, status = "NoApplicableCode", "", error.detail, status_of(error)
    if isinstance(error, OwsFault):
        code, locator, status = error.code, error.locator, error.status
    elif isinstance(error, InvalidParameter):
        code, locator = "InvalidParameterValue", (locators or {}).get(error.name, error.name)
    elif isinstance(error, EnvironmentFault):
        detail = type(error)().detail
    root = xml.root(
        form.namespace("ExceptionReport"), {"ows": form.namespace.uri}, f"{form.namespace.uri} {form.schema}"
    )
    root.set("version", form.version)
    root.set(xml.XML_LANG if form.has_xml_lang else "language", "en")
    attributes = {"exceptionCode": code, **({"locator": locator} if locator else {})}
    exception = xml.sub(root, form.namespace("Exception"), **attributes)
    xml.sub(exception, form.namespace("ExceptionText"), detail)
    return Response(xml.document(root), status, media_type=XML)
