"""What a citation of a dataset says, before a style orders it; each text on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from records.exports.identifiers import address
from records.exports.texts import publisher_of, year_of
from records.exports.xml import legal
from records.harvest.values.languages import holds_chinese
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from records.exports.models import Contact, ExportRecord

_AUTHORS: Final = (("author", "creator", "principalInvestigator"), ("contributor", "originator"))
"""Roles of authors; the second ones where a record names none of the first."""
_MAX_WORDS: Final = 4
"""Words of a name that is taken for one of a person, given names first."""


@dataclass(frozen=True, kw_only=True)
class Author:
    """An author: a person with family and given names, or a literal name, of a body or in Chinese."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def sorted_name(self) -> str:
        """The family name first, parted by a comma; a literal name as it is."""
        return self.literal or f"{self.family}, {self.given}"


@dataclass(frozen=True, kw_only=True)
class Citation:
    """What a citation says.

    Attributes:
        authors: In the order of the record; empty if it names none.
        title: In the main language.
        translated: The title in another language, or empty.
        publisher: Who publishes it, or empty.
        year: Four digits.
        date: The day on which it was issued, `YYYY-MM-DD`, or empty.
        modified: The day on which it last changed at its publisher, or empty.
        version: Of the data, or empty.
        doi: Without resolver, or empty.
        cstr: Without resolver, or empty.
        url: Of the DOI, else of the CSTR, else of the page of the record.
        language: Tag of the main language.
    """

    authors: tuple[Author, ...]
    title: str
    translated: str
    publisher: str
    year: str
    date: str
    modified: str
    version: str
    doi: str
    cstr: str
    url: str
    language: str


def citation_of(record: ExportRecord) -> Citation:
    """What a citation of a record's data says."""
    titles = list(record.texts("title").values())
    doi, cstr = one_line(record.identifier("doi")), one_line(record.identifier("cstr"))
    issued, modified = moment(record.word("issued")), moment(record.word("modified"))
    return Citation(
        authors=tuple(_author(party) for party in _parties(record)),
        title=one_line(titles[0]),
        translated=one_line(titles[1]) if len(titles) > 1 else "",
        publisher=one_line(publisher_of(record)),
        year=year_of(record),
        date=issued[:10] if issued else "",
        modified=modified[:10] if modified else "",
        version=one_line(record.word("version")),
        doi=doi,
        cstr=cstr,
        url=address("doi", doi) if doi else address("cstr", cstr) if cstr else record.page,
        language=record.language,
    )


def one_line(text: str) -> str:
    """A text without line breaks and control characters."""
    return " ".join(legal(text).split())


def _parties(record: ExportRecord) -> tuple[Contact, ...]:
    return next((parties for roles in _AUTHORS if (parties := record.parties(*roles))), ())


def _author(party: Contact) -> Author:
    name = one_line(next(iter((party.name or party.organization).values())))
    words = name.split(" ")
    if not party.is_person or holds_chinese(name) or len(words) > _MAX_WORDS:
        return Author(literal=name)
    if name.count(",") == 1:
        family, given_name = (part.strip() for part in name.split(","))
        return Author(family=family, given=given_name) if family and given_name else Author(literal=name)
    if len(words) == 1 or re.search(r"[,;]", name):
        return Author(literal=name)
    return Author(family=words[-1], given=" ".join(words[:-1]))
