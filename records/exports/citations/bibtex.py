"""BibTeX: one `@misc` entry, which every style of bibliography knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from records.exports.citations.citation import Author, citation_of
from records.exports.protocol import Export

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

_SPECIAL: Final = str.maketrans(
    {
        **{character: "\\" + character for character in "&%$#_"},
        "{": r"\textbraceleft{}",  # BibTeX counts braces, those after a backslash too
        "}": r"\textbraceright{}",
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_VERBATIM: Final = re.compile(r"[{}\\\s]")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def text(record: ExportRecord) -> str:
    """The entry of a record."""
    citation = citation_of(record)
    fields = {
        "author": " and ".join(_name(author) for author in citation.authors),
        "title": f"{{{_escaped(citation.title)}}}",  # a second pair of braces keeps capitals
        "publisher": _escaped(citation.publisher),
        "year": citation.year,
        "version": _escaped(citation.version),
        "doi": _verbatim(citation.doi),
        "url": _verbatim(citation.url),
        "note": f"CSTR: {_escaped(citation.cstr)}" if citation.cstr else "",
        "language": {"zh": "chinese", "en": "english"}.get(citation.language.split("-", maxsplit=1)[0], ""),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if citation.date:
        lines.append(f"  month = {_MONTHS[int(citation.date[5:7]) - 1]}")
    key = re.sub(r"[^A-Za-z0-9:._-]", "-", record.id)
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _encode(record: ExportRecord) -> bytes:
    return text(record).encode()


EXPORT: Final = Export(
    name="bibtex",
    title="BibTeX",
    media_type="application/x-bibtex",
    profile="",
    suffix=".bib",
    encode=_encode,
    media_types=("text/x-bibtex",),
)


def _name(author: Author) -> str:
    """A name; one of a body in braces, in which neither `and` nor a comma has a meaning."""
    if author.literal or re.search(r"\band\b", author.sorted_name):
        return f"{{{_escaped(author.literal or author.sorted_name)}}}"
    return f"{_escaped(author.family)}, {_escaped(author.given)}"


def _escaped(text_: str) -> str:
    return text_.translate(_SPECIAL)


def _verbatim(text_: str) -> str:
    """An address or a DOI, which styles typeset as it is."""
    return _VERBATIM.sub(lambda match: quote(match[0]), text_)
