"""The exports of a record on its page: citations to copy, the other formats, and JSON-LD for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from records.exports.citations import bibtex, gbt7714, ris
from records.exports.formats import schemaorg
from records.exports.making import record_of_served

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class ExportView:
    """The exports of a record.

    Attributes:
        citations: (name of the style, text) of each.
        given: The citation that the publisher asks for, or empty.
        formats: Links to the exports.
        json_ld: The text of a script element, safe within one.
    """

    citations: tuple[tuple[str, str], ...]
    given: str
    formats: tuple[Mapping[str, Any], ...]
    json_ld: Markup


def export_view(document: dict[str, Any]) -> ExportView:
    """The exports of a served record."""
    record = record_of_served(document)
    styles = ((gbt7714.EXPORT.title, gbt7714.text), (bibtex.EXPORT.title, bibtex.text), (ris.EXPORT.title, ris.text))
    links = document.get("links", [])
    return ExportView(
        citations=tuple((title, text(record).strip()) for title, text in styles),
        given=record.text("citation"),
        formats=tuple(link for link in links if link.get("rel") == "alternate" and link.get("type") != "text/html"),
        json_ld=Markup(schemaorg.script(record)),  # noqa: S704 - <, > and & are escaped within its texts
    )
