"""The titles of the concepts that records have as themes, by their codes in a classification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from records.database.engine import translated_errors
from records.documents.presentation import best_tag
from records.search.counting import state
from records.search.parameters import RecordQuery
from records.search.remembering import memory_of
from records.search.search import search

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine


def concept_titles(engine: Engine, codes: Iterable[str], language: str) -> dict[str, str]:
    """The title of each concept in a language, or in the nearest it has, as some record of it gives it.

    Codes that no record names are left out. One record tells the titles of all its concepts; each code that is then
    still unknown costs a search for one record. Titles are remembered until records change.
    """
    memory = memory_of(engine)
    with translated_errors(), engine.connect() as connection:
        version = state(connection).version
    titles: dict[str, dict[str, str]] = {}
    for code in codes:
        key = ("concept", version, code)
        if code not in titles:
            known = memory.known(key)
            titles |= {code: known} if known is not None else _titles_near(engine, code)
            memory.keep(key, titles.setdefault(code, {}))
    return {code: texts[best_tag(language, list(texts))] for code, texts in titles.items() if texts}


def _titles_near(engine: Engine, code: str) -> dict[str, dict[str, str]]:
    """The titles by language of all concepts of a record that has the code."""
    page = search(engine, RecordQuery(equal=(("themes", code),), limit=1))
    return {
        concept["id"]: texts
        for found in page.records
        for concept in _concepts(found.document["properties"])
        if isinstance(concept.get("id"), str) and (texts := _texts(concept.get("title")))
    }


def _concepts(properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for theme in properties.get("themes") or ():
        concepts = theme.get("concepts") if isinstance(theme, dict) else None
        yield from (concept for concept in concepts or () if isinstance(concept, dict))


def _texts(title: Any) -> dict[str, str]:
    """A title by language; one of no language counts as English."""
    by_language = {"en": title} if isinstance(title, str) else title if isinstance(title, dict) else {}
    return {tag: text for tag, text in by_language.items() if isinstance(text, str) and text.strip()}
