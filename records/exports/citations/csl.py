"""CSL-JSON: a list of one item, as citation processors and reference managers read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from records.exports.citations.citation import Author, citation_of
from records.exports.protocol import Export
from records.exports.texts import without_empty

if TYPE_CHECKING:
    from records.exports.models import ExportRecord


def item(record: ExportRecord) -> dict[str, Any]:
    """The item of a record."""
    citation = citation_of(record)
    parts = [int(part) for part in citation.date.split("-")] if citation.date else [int(citation.year)]
    return without_empty(
        {
            "id": record.id,
            "type": "dataset",
            "title": citation.title,
            "author": [_name(author) for author in citation.authors],
            "publisher": citation.publisher,
            "issued": {"date-parts": [parts]},
            "version": citation.version,
            "DOI": citation.doi,
            "URL": citation.url,
            "note": f"CSTR: {citation.cstr}" if citation.cstr else "",
            "language": citation.language,
            "keyword": ", ".join(word for words in record.keywords.values() for word in words),
            "abstract": record.text("description"),
        }
    )


def _name(author: Author) -> dict[str, str]:
    return {"literal": author.literal} if author.literal else {"family": author.family, "given": author.given}


def _encode(record: ExportRecord) -> bytes:
    return orjson.dumps([item(record)], option=orjson.OPT_INDENT_2)


EXPORT: Final = Export(
    name="csl",
    title="CSL-JSON",
    media_type="application/vnd.citationstyles.csl+json",
    profile="",
    suffix=".csl.json",
    encode=_encode,
)
