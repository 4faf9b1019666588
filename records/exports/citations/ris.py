"""RIS, as reference managers import it: a tag and a value a line, CRLF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from records.exports.citations.citation import citation_of, one_line
from records.exports.protocol import Export

if TYPE_CHECKING:
    from records.exports.models import ExportRecord


def text(record: ExportRecord) -> str:
    """The reference of a record."""
    citation = citation_of(record)
    lines = [
        ("TY", "DATA"),
        ("ID", record.id),
        *(("AU", author.sorted_name) for author in citation.authors),
        ("TI", citation.title),
        ("TT", citation.translated),
        ("PB", citation.publisher),
        ("PY", citation.year),
        ("DA", citation.date.replace("-", "/")),
        ("ET", citation.version),
        ("DO", citation.doi),
        ("AN", f"CSTR:{citation.cstr}" if citation.cstr else ""),
        ("UR", citation.url),
        ("LA", citation.language),
        *(("KW", one_line(word)) for words in record.keywords.values() for word in words),
        ("AB", one_line(record.text("description"))),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value) + "ER  - \r\n"


def _encode(record: ExportRecord) -> bytes:
    return text(record).encode()


EXPORT: Final = Export(
    name="ris",
    title="RIS",
    media_type="application/x-research-info-systems",
    profile="",
    suffix=".ris",
    encode=_encode,
)
