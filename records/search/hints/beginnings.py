"""Words that are not written out: `temp*` finds records in which a word begins so.

The index of words can be asked for all that begin alike; what that costs grows with the records. A large catalogue is
asked for the words that are used most instead, of which the vocabulary knows which begin so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from config.errors import InvalidParameter
from records.database.engine import translated_errors
from records.search.counting import state
from records.search.hints.spelling import vocabulary_of
from records.search.labels import FACETS, in_titles, label_query
from records.search.text import folded, tsquery
from records.search.text.atoms import MAX_TOKEN, is_run, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

LEAST_LETTERS: Final = 3
"""Letters of a word that is not written out: fewer would begin a large part of all words."""
MOST_RECORDS: Final = 100_000
"""Records among which every word is looked at that begins so."""
_KEYWORDS: Final = 40
"""Keywords that are looked for in a larger catalogue, the most used ones; and as many words."""
_CANDIDATES: Final = 2_000

_BEGUN = text(
    "select value from (select value, uses from record_terms "
    "where starts @@ cast(:start as tsquery) and kind = :kind limit :candidates) as begun "
    "order by uses desc, value limit :many"
)


def is_beginning(word: str) -> bool:
    """Whether a word may be left unfinished: Latin letters and digits, enough of them. Chinese is found anyhow."""
    begun = folded(word)
    return begun.isascii() and begun.isalnum() and len(begun) >= LEAST_LETTERS


def require_beginning(word: str) -> None:
    """Raise InvalidParameter for what cannot be left unfinished."""
    if not is_beginning(word) and not all(map(is_run, words(word))):
        raise InvalidParameter("words", f"{word}*", f"write at least {LEAST_LETTERS} letters or digits before the star")


def beginning_query(engine: Engine, word: str, *, most_records: int = MOST_RECORDS) -> str:
    """The tsquery of records in which a word begins so; empty without a word.

    Of more than `most_records` it is that of records with a title, a much used keyword or a much used word that does.
    """
    if not word:
        return ""
    whole = tsquery(word)
    forms = [form for form in (whole, in_titles(whole) if whole else None) if form]
    begun = folded(word)[:MAX_TOKEN]
    if is_beginning(word):
        with translated_errors(), engine.connect() as connection:
            is_large = state(connection).total > most_records
            keywords = _keywords(connection, begun) if is_large else []
        forms.append(f"'^{begun}':*" if is_large else f"'{begun}':*")
        forms += [label_query("keywords", keywords)] if keywords else []
        forms += _much_used(engine, begun) if is_large else []
    return " | ".join(f"({form})" for form in forms)


def _keywords(connection: Connection, begun: str) -> Sequence[str]:
    parameters = {"start": f"'{begun}':*", "kind": FACETS.index("keywords")}
    limits = {"candidates": _CANDIDATES, "many": _KEYWORDS}
    return connection.scalars(_BEGUN, {**parameters, **limits}).all()


def _much_used(engine: Engine, begun: str) -> list[str]:
    """The tsqueries of the most used words that begin so."""
    queries = (tsquery(word) for word in vocabulary_of(engine).beginning(begun, _KEYWORDS))
    return [query for query in dict.fromkeys(queries) if query]
