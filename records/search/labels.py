"""What a record is selected, counted and ordered by, beside its words.

Equality is answered by the index that finds words: each value that a record can be compared with is a *label token* of
its tsvector, which no text can be. Words of titles stand there a second time, marked, so that a search for them alone
needs no look at positions. Values that facets count are also *terms* (`record_terms`), packed in
`records.search.facets`.
"""

from __future__ import annotations

import re
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from records.documents.years import MOST_COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from records.search.text import SearchText

MAX_LABELS: Final = 2_000
"""Values of one record that it can be found by with equality."""
MAX_VALUE_CHARACTERS: Final = 200
"""Of a value that facets count."""
SAMPLE_LEVELS: Final = 15

FACETS: Final = ("type", "license", "keywords", "formats", "themes", "access", "year", "contacts")
"""Properties whose values are counted; the place of each is its number in `record_terms.kind` and packed codes."""
KIND_BITS: Final = 3
"""Bits of a packed code that hold the kind; the others are the id of the term."""

_LETTERS: Final = {
    "type": "t",
    "license": "l",
    "keywords": "k",
    "formats": "f",
    "themes": "h",
    "access": "a",
    "contacts": "c",
    "language": "g",
    "externalIds": "x",
}
_LEXEME: Final = re.compile(r"'((?:[^'\\]|''|\\\\)*)'")
_YEAR: Final = re.compile(r"(\d{4})-")
_DATES: Final = ("updated", "modified", "issued", "created")
_FIRST_YEAR: Final = 1980
_POINTS: Final = 10
"""Years that one more member of a record is worth."""


def label_token(name: str, value: str) -> str:
    """The lexeme of a property's value; no word begins as it does."""
    return f"~{_LETTERS[name]}{blake2b(value.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


def label_query(name: str, values: Iterable[str]) -> str:
    """The text form of the tsquery for records that have one of some values of a property."""
    return " | ".join(f"'{label_token(name, value)}'" for value in dict.fromkeys(values))


def is_label(name: str) -> bool:
    """Whether values of that property are tokens."""
    return name in _LETTERS


def in_titles(text: str) -> str:
    """The text form of a tsvector or tsquery, each of its lexemes marked as one of a title."""
    return _LEXEME.sub(lambda match: f"'^{match[1]}'", text)


def tsvector(text: SearchText, titles: SearchText, labels: Iterable[tuple[str, str]]) -> str:
    """The text form of a record's tsvector: its words, those of its titles once more, and its labels."""
    marks = " ".join(f"'{label_token(*label)}'" for label in labels)
    return " ".join(part for part in (text.tsvector(), in_titles(titles.tsvector()), marks) if part)


def labels_of(document: dict[str, Any], external_ids: Iterable[str]) -> list[tuple[str, str]]:
    """(property, value) of every value that a valid document can be compared with by its label."""
    properties = document["properties"]
    labels = [("type", properties["type"])]
    labels += [("language", tag) for tag in properties["title"]]
    labels += [("license", text) for text in _strings(properties.get("license"), deep=False)]
    labels += [("keywords", word) for words in properties.get("keywords", {}).values() for word in words]
    labels += [
        ("formats", text) for item in properties.get("formats", []) for text in _strings([*item.values()], False)
    ]
    concepts = [c for theme in properties.get("themes", []) for c in theme.get("concepts", []) if isinstance(c, dict)]
    labels += [("themes", code) for concept in concepts for code in _strings(concept.get("id"), deep=False)]
    labels += [("contacts", text) for text in _strings(properties.get("contacts", []), deep=True)]
    labels += [("access", policy) for policy in _policy(properties)]
    labels += [("externalIds", form) for form in external_ids if form.endswith(":")]
    return list(dict.fromkeys(labels))


def facets_of(document: dict[str, Any], years: Sequence[int]) -> list[str]:
    """The terms of a valid document of those years, each as the number of its kind followed by the value, sorted."""
    properties = document["properties"]
    concepts = [c for theme in properties.get("themes", []) for c in theme.get("concepts", []) if isinstance(c, dict)]
    values_by_facet: dict[str, list[Any]] = {
        "type": [properties["type"]],
        "license": [properties.get("license")],
        "keywords": [word for words in properties.get("keywords", {}).values() for word in words],
        "formats": [item.get("name") or item.get("mediaType") for item in properties.get("formats", [])],
        "themes": [concept.get("id") for concept in concepts],
        "access": [*_policy(properties)],
        "year": [f"{year:04}" for year in years[-MOST_COUNTED:]],
        "contacts": [text for contact in properties.get("contacts", []) for text in _party(contact)],
    }
    terms = {
        f"{FACETS.index(name)}{value}"
        for name, values in values_by_facet.items()
        for value in values
        if isinstance(value, str) and value.strip() and len(value) <= MAX_VALUE_CHARACTERS
    }
    return sorted(terms)


def rank_of(document: dict[str, Any], end: datetime | None) -> int:
    """Where a record stands among equal hits, the least first: how complete it is, and how recent.

    A member that tells something is worth ten years of recency.
    """
    properties = document["properties"]
    merits = [
        document.get("geometry"),
        document.get("time"),
        properties.get("description"),
        properties.get("keywords"),
        properties.get("themes"),
        properties.get("license"),
        properties.get("contacts"),
        properties.get("formats"),
        properties.get("externalIds"),
        len(properties["title"]) > 1,
        document.get("links"),
    ]
    dates = [str(properties.get(name, "")) for name in _DATES]
    years = [int(match[1]) for text in dates if (match := _YEAR.match(text))]
    if not years and end is not None:
        years = [end.year]
    latest = min(max(years, default=_FIRST_YEAR), date.today().year)  # noqa: DTZ011 - a year is enough
    return -(_POINTS * sum(map(bool, merits)) + max(0, latest - _FIRST_YEAR))


def sample_of(record_id: str) -> int:
    """How often a record is drawn: one of 2**k records has a level of k or more, always the same ones."""
    number = int.from_bytes(blake2b(record_id.encode(), digest_size=4).digest()) | 1 << SAMPLE_LEVELS
    return (number & -number).bit_length() - 1


def _policy(properties: dict[str, Any]) -> list[str]:
    access = properties.get("access")
    return _strings(access.get("policy"), deep=False) if isinstance(access, dict) else []


def _party(contact: dict[str, Any]) -> list[Any]:
    """The names by which a contact is counted: of the organization, else its own; one for each language."""
    name = contact.get("organization") or contact.get("name")
    return list(name.values()) if isinstance(name, dict) else [name]


def _strings(value: Any, deep: bool) -> list[str]:
    """The texts of a value or a list, and with `deep` those at any depth."""
    return list(_walk(value, 40 if deep else 1))


def _walk(value: Any, levels: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and levels:
        inner = value if isinstance(value, list) else value.values()
        for item in inner:
            yield from _walk(item, levels - 1)
