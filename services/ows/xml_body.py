"""XML of a client: of bounded size, without a document type or entities; nothing is fetched."""

from __future__ import annotations

from typing import Any, Final

from config.errors import SourceRefused
from records.harvest.fetch.content import Content
from services.ows.faults import OwsFault, invalid

MAX_BYTES: Final = 200_000


def parse_xml(body: bytes, locator: str) -> Any:
    """The root element of a body; raises OwsFault, naming the parameter whose value the body is."""
    if len(body) > MAX_BYTES:
        raise invalid(locator, f"{len(body)} bytes", f"at most {MAX_BYTES} bytes are read")
    try:
        root = Content(body, locator).xml
    except SourceRefused as error:
        raise OwsFault("InvalidParameterValue", locator, f"{locator}: {error.cause}") from error
    if root is None:
        raise OwsFault("InvalidParameterValue", locator, f"{locator} is not XML; it begins with {body[:20]!r}")
    return root
