"""Pieces of JSON-LD: texts by language, references, dates, and bytes that are safe within a web page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from records.exports.identifiers import address, urls
from records.exports.texts import iri, without_empty
from records.harvest.values.languages import language_of
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.exports.models import ExportRecord, Texts

Node = dict[str, Any]

_UNSAFE: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def encode(document: Node) -> bytes:
    """A document, its empty members left out."""
    return orjson.dumps(without_empty(document), option=orjson.OPT_INDENT_2)


def embeddable(document: Node) -> str:
    """A document as the text of a script element: nothing in it ends the script, opens a comment or an entity."""
    text = orjson.dumps(without_empty(document)).decode()
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def texts(by_language: Texts) -> list[Node]:
    """Texts with their languages."""
    return [{"@value": text, "@language": tag} for tag, text in by_language.items()]


def names(by_language: Texts) -> list[Node]:
    """Names and words with the language of their script: they often stand among those of another language."""
    nodes = [{"@value": text, "@language": language_of(text, tag)} for tag, text in by_language.items()]
    return [node for place, node in enumerate(nodes) if node not in nodes[:place]]


def words(by_language: dict[str, tuple[str, ...]]) -> list[Node]:
    """Words with their languages."""
    return [{"@value": word, "@language": tag} for tag, words_ in by_language.items() for word in words_]


def reference(text: str) -> Node:
    """A reference to a thing by its address."""
    return {"@id": iri(text)}


def references(iris: Iterable[str]) -> list[Node]:
    """References to things by their addresses."""
    return [reference(text) for text in iris]


def dated(text: str, types: tuple[str, str]) -> Node | None:
    """A date or date-time as a literal of the first or second type; None if it is none."""
    value = moment(text)
    return None if value is None else {"@value": value, "@type": types["T" in value]}


def subject(record: ExportRecord) -> str:
    """The address of what a record describes: its DOI, else where the record is served."""
    doi = record.identifier("doi")
    return address("doi", doi) if doi else record.url


def identifiers(record: ExportRecord) -> list[str]:
    """Foreign identifiers and the id of the record itself."""
    return [*urls(record), record.id]
