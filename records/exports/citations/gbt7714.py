"""A reference as GB/T 7714-2015 orders it, for a dataset online: `[DS/OL]` (8.8, annex B)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from records.exports.citations.citation import Author, Citation, citation_of
from records.exports.protocol import Export

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

_MOST: Final = 3
"""Authors that are named; of more, `et al` (GB/T 7714-2015, 8.1.2)."""


def text(record: ExportRecord) -> str:
    """The reference of a record in its main language."""
    citation = citation_of(record)
    updated = f"({citation.modified or citation.date})" if citation.modified or citation.date else ""
    where = f"{citation.publisher}, {citation.year}" if citation.publisher else citation.year
    sentences = [
        _authors(citation),
        f"{citation.title}[DS/OL]",
        citation.version and f"{'版本' if _is_chinese(citation) else 'Version'} {citation.version}",
        f"{where}{updated}[{record.retrieved.isoformat()}]",
        citation.url,
        citation.doi and f"DOI: {citation.doi}",
        citation.cstr and f"CSTR: {citation.cstr}",
    ]
    return ". ".join(sentence for sentence in sentences if sentence) + "."


def _encode(record: ExportRecord) -> bytes:
    return text(record).encode() + b"\n"


EXPORT: Final = Export(
    name="gbt7714",
    title="GB/T 7714-2015",
    media_type="text/plain",
    profile="",
    suffix=".gbt7714.txt",
    encode=_encode,
)


def _authors(citation: Citation) -> str:
    names = [_name(author) for author in citation.authors[:_MOST]]
    more = ("等" if _is_chinese(citation) else "et al") if len(citation.authors) > _MOST else ""
    return ", ".join([*names, *([more] if more else [])])


def _name(author: Author) -> str:
    """A name: the family name in capitals, then initials without dots (8.1.1); a literal one as it is."""
    if author.literal:
        return author.literal
    initials = " ".join(part[0].upper() for part in author.given.replace("-", " ").replace(".", " ").split())
    return f"{author.family.upper()} {initials}".strip()


def _is_chinese(citation: Citation) -> bool:
    return citation.language.split("-", maxsplit=1)[0] == "zh"
