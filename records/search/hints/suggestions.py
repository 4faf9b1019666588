"""Suggestions for a search box: keywords and titles in which what was typed stands at the start of a word.

In Chinese every character starts a word, so that 物质 suggests 冰川物质平衡. The table of terms holds those of hidden
and of removed records too; so a keyword is suggested only where a search for it finds a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import select, text

from config.errors import InvalidParameter
from records.database.engine import translated_errors
from records.database.orm import RecordRow
from records.search.conditions import Condition, conjoined
from records.search.counting import State, Tuning, about, state
from records.search.executor import Walker
from records.search.labels import FACETS, in_titles, label_query
from records.search.ordering import order_of
from records.search.parameters import RecordQuery
from records.search.remembering import memory_of
from records.search.text import folded, tsquery

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection, Engine

MAX_CHARACTERS: Final = 100
MAX_SUGGESTIONS: Final = 20
DEFAULT_SUGGESTIONS: Final = 10
_LEAST_LETTERS: Final = 3
"""Letters of an unfinished word by which titles are looked for: fewer would begin a large part of all words."""
_CANDIDATES: Final = 500
_TRIED: Final = 40
"""Keywords of which it is asked whether a record has them."""

_KEYWORDS = text(
    "select value from (select value, uses from record_terms "
    "where starts @@ cast(:start as tsquery) and kind = :kind limit :candidates) as found "
    "order by uses desc, length(value), value limit :many"
)
_FOLDED = text("select folded_term(:text)")


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A text to search for; a title names its record."""

    value: str
    kind: Literal["keyword", "title"]
    record_id: str = ""


def suggest(engine: Engine, q: str, *, limit: int = DEFAULT_SUGGESTIONS, language: str = "en") -> list[Suggestion]:
    """At most `limit` suggestions for what was typed, keywords first; titles in a language where they have it.

    Raises InvalidParameter if it is too long.
    """
    if len(q) > MAX_CHARACTERS or "\x00" in q:
        raise InvalidParameter("q", q, f"suggestions are made for at most {MAX_CHARACTERS} characters, without U+0000")
    if not q.strip():
        return []
    with translated_errors(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        tuning = Tuning()
        snapshot = state(connection)
        condition = _titled(q, snapshot.hidden)

        def is_found(keyword: str) -> bool:
            key = ("suggested", snapshot.version, snapshot.hidden, keyword)
            return memory_of(engine).get(key, lambda: _is_found(connection, keyword, snapshot, tuning))

        keywords = _keywords(connection, q, limit, is_found)
        if condition is None:
            return keywords
        hits = about(connection, condition, snapshot.total, tuning)
        walker = Walker(connection=connection, order=order_of(RecordQuery()), total=snapshot.total, tuning=tuning)
        titles = walker.page(condition, max(hits, 1), None, limit=limit, offset=0)
        return [*keywords, *_titles(connection, [hit.id for hit in titles], q, language)][:limit]


def _keywords(connection: Connection, q: str, limit: int, is_found: Callable[[str], bool]) -> list[Suggestion]:
    """Keywords, the most used first; half of the places are left to titles."""
    start = connection.scalar(_FOLDED, {"text": q.strip()}) or ""
    if not start:
        return []
    quoted = start.replace("\\", "\\\\").replace("'", "''")
    parameters = {"start": f"'{quoted}':*", "kind": FACETS.index("keywords"), "candidates": _CANDIDATES}
    values = connection.scalars(_KEYWORDS, {**parameters, "many": _TRIED}).all()
    return [Suggestion(value=value, kind="keyword") for value in islice(filter(is_found, values), max(1, limit // 2))]


def _is_found(connection: Connection, keyword: str, snapshot: State, tuning: Tuning) -> bool:
    """Whether a record that may be seen has a keyword."""
    condition = Condition(tokens=(label_query("keywords", [keyword]),), others=_seen(snapshot.hidden))
    return about(connection, condition, snapshot.total, tuning) > 0


def _seen(hidden: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
    """The condition that records are not of hidden datasets."""
    return (RecordRow.dataset_id.is_(None) | RecordRow.dataset_id.not_in(hidden),) if hidden else ()


def _titled(q: str, hidden: tuple[str, ...]) -> Condition | None:
    """The records whose titles have the words that were typed, the last perhaps unfinished; None without words."""
    typed = q.replace(",", " ").replace("，", " ")
    head, _, last = folded(typed).rstrip().rpartition(" ")
    whole, before = tsquery(typed), tsquery(head) if head.strip() else ""
    forms = [in_titles(whole)] if whole else []
    if last.isascii() and last.isalnum() and len(last) >= _LEAST_LETTERS and before is not None:
        begun = f"'^{last}':*"
        forms.append(conjoined([in_titles(before), begun]) if before else begun)
    if not forms:
        return None
    return Condition(tokens=(" | ".join(f"({form})" for form in forms),), others=_seen(hidden))


def _titles(connection: Connection, ids: list[str], q: str, language: str) -> list[Suggestion]:
    """The titles of records, each once: of the texts that hold what was typed, that in the language first."""
    titles = RecordRow.document["properties"]["title"]
    titles_by_id = {
        row[0]: row[1] for row in connection.execute(select(RecordRow.id, titles).where(RecordRow.id.in_(ids)))
    }
    needle = folded(q.strip())
    suggestions: dict[str, Suggestion] = {}
    for id_ in ids:
        texts = sorted(titles_by_id[id_].items(), key=lambda pair: (needle not in folded(pair[1]), pair[0] != language))
        title = texts[0][1]
        suggestions.setdefault(title, Suggestion(value=title, kind="title", record_id=id_))
    return list(suggestions.values())
