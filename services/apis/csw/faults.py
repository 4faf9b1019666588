"""Exceptions of CSW (OGC 07-006r1, 10.2.5): those of OWS Common 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.ows.faults import OWS_1_0
from services.ows.faults import report as ows_report

if TYPE_CHECKING:
    from fastapi import Response

    from config.errors import GraticuleError

_LOCATORS: Final = {"filter": "constraint", "q": "constraint", "bbox": "constraint"}
"""The names that clients use for the parameters of a search."""


def report(error: GraticuleError) -> Response:
    """The ExceptionReport of an error."""
    return ows_report(error, OWS_1_0, _LOCATORS)
