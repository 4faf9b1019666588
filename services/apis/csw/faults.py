"""Exceptions of CSW as OWS Common 1.0 reports them (OGC 05-008c1, clause 8), with HTTP 400 for faults of a request."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import Response

from config.errors import EnvironmentFault, GraticuleError, InvalidInput, InvalidParameter
from config.vocabulary import XML
from records.exports import xml
from records.exports.formats.dublin_core import OWS

OwsCode = Literal[
    "InvalidParameterValue",
    "MissingParameterValue",
    "NoApplicableCode",
    "OperationNotSupported",
    "VersionNegotiationFailed",
]

_SCHEMA: Final = f"{OWS.uri} http://schemas.opengis.net/ows/1.0.0/owsExceptionReport.xsd"
_LOCATORS: Final = {"filter": "constraint", "q": "constraint", "bbox": "constraint"}
"""The names that clients use for the parameters of a search."""


class OwsFault(InvalidInput):
    """A request that CSW answers with an exception; `locator` names the parameter."""

    kind = "ows-exception"

    def __init__(self, code: OwsCode, locator: str, detail: str) -> None:
        super().__init__(detail)
        self.code: OwsCode = code
        self.locator = locator


def invalid(locator: str, value: str, remedy: str) -> OwsFault:
    """The fault of a parameter whose value cannot be used."""
    return OwsFault("InvalidParameterValue", locator, InvalidParameter(locator, value, remedy).detail)


def missing(locator: str) -> OwsFault:
    """The fault of a mandatory parameter that is missing."""
    return OwsFault("MissingParameterValue", locator, f"parameter {locator} is missing")


def report(error: GraticuleError) -> Response:
    """The ExceptionReport of an error; faults of the environment are 503 and reveal nothing of it."""
    code, locator, detail, status = "NoApplicableCode", "", error.detail, 400
    if isinstance(error, OwsFault):
        code, locator = error.code, error.locator
    elif isinstance(error, InvalidParameter):
        code, locator = "InvalidParameterValue", _LOCATORS.get(error.name, error.name)
    elif isinstance(error, EnvironmentFault):
        detail, status = type(error)().detail, 503
    root = xml.root(OWS("ExceptionReport"), {"ows": OWS.uri}, _SCHEMA)
    root.set("version", "1.2.0")
    root.set("language", "en")
    exception = xml.sub(root, OWS("Exception"), exceptionCode=code, **({"locator": locator} if locator else {}))
    xml.sub(exception, OWS("ExceptionText"), detail)
    return Response(xml.document(root), status, media_type=XML)
