"""Words that are not written out: `temp*` finds titles and keywords in which a word begins so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from config.errors import InvalidParameter
from records.search.labels import FACETS, in_titles, label_query
from records.search.text import folded, tsquery
from records.search.text.atoms import MAX_TOKEN, is_run, words

if TYPE_CHECKING:
    from sqlalchemy import Connection

LEAST_LETTERS: Final = 3
"""Letters of a word that is not written out: fewer would begin a large part of all words."""
_KEYWORDS: Final = 40
"""Keywords that are looked for, the most used ones."""
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


def beginning_query(connection: Connection, word: str) -> str:
    """The tsquery of records with a title or a much used keyword in which a word begins so; empty without a word."""
    if not word:
        return ""
    whole = tsquery(word)
    forms = [form for form in (whole, in_titles(whole) if whole else None) if form]
    begun = folded(word)[:MAX_TOKEN]
    if is_beginning(word):
        forms.append(f"'^{begun}':*")
        parameters = {"start": f"'{begun}':*", "kind": FACETS.index("keywords")}
        limits = {"candidates": _CANDIDATES, "many": _KEYWORDS}
        keywords = connection.scalars(_BEGUN, {**parameters, **limits}).all()
        forms += [label_query("keywords", keywords)] if keywords else []
    return " | ".join(f"({form})" for form in forms)
