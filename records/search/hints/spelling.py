"""What a search that finds nothing may have meant: its unknown words replaced by similar ones of the catalogue.

The words of the catalogue are those of its most used keywords, and of titles and descriptions of so many records. They
are read when a search first finds nothing, and again when records have changed, but of a large catalogue not more often
than every few minutes.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from rapidfuzz.distance import OSA
from sqlalchemy import text

from records.database.engine import translated_errors
from records.search.counting import state
from records.search.labels import FACETS
from records.search.text import folded
from records.search.text.atoms import STOP, lexeme, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine

KEYWORDS: Final = 20_000
TITLES: Final = 5_000
DESCRIPTIONS: Final = 2_000
_LARGE: Final = 20_000
"""Records of a catalogue whose words are read every few minutes at most."""
_PAUSE_S: Final = 300.0
_MOST_WORDS: Final = 60_000
_SHORT, _LONG = 4, 8
"""Characters from which a word may have one wrong, and two."""
_TERM_CHARACTERS: Final = 60

_KEYWORD_VALUES = text("select value from record_terms where kind = :kind order by uses desc limit :many")
_TITLE_VALUES = text(
    "select value from (select document from records limit :many) as few, "
    "jsonb_each_text(few.document -> 'properties' -> 'title')"
)
_DESCRIPTION_VALUES = text(
    "select left(value, :length) from (select document from records limit :many) as few, "
    "jsonb_each_text(few.document -> 'properties' -> 'description')"
)
_DESCRIPTION_CHARACTERS: Final = 2_000


@dataclass(frozen=True)
class Vocabulary:
    """Words of the catalogue, folded, with how often each stands in what was read."""

    uses: dict[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """The words of some texts; stop words and single characters are left out."""
        counts = Counter(word for each in texts for word in words(each) if word not in STOP and len(word) > 1)
        return cls(dict(counts.most_common(_MOST_WORDS)))

    def beginning(self, begun: str, most: int) -> list[str]:
        """The words that begin so, the most frequent first."""
        return [word for word in self.uses if word.startswith(begun)][:most]

    def similar(self, word: str) -> str | None:
        """The most similar word, of equals the most frequent; None if the word is known or no other is close."""
        most = _wrong(word)
        if (
            most == 0
            or word in self.uses
            or any(lexeme(word) == lexeme(candidate) for candidate in self._close(word, 3))
        ):
            return None
        ranked = sorted(
            (OSA.distance(word, candidate), -self.uses[candidate], candidate) for candidate in self._close(word, most)
        )
        return ranked[0][2] if ranked else None

    def _close(self, word: str, most: int) -> Iterator[str]:
        return (
            candidate
            for candidate in self.uses
            if abs(len(candidate) - len(word)) <= most and OSA.distance(word, candidate, score_cutoff=most) <= most
        )


def _wrong(word: str) -> int:
    """How many characters of a word may be wrong."""
    if not word.isascii():
        return 1 if len(word) > 1 else 0
    return 0 if len(word) < _SHORT or word.isdigit() else 1 if len(word) < _LONG else 2


_known: WeakKeyDictionary[Engine, tuple[int, float, int, Vocabulary]] = WeakKeyDictionary()
_lock: Final = Lock()


def vocabulary_of(engine: Engine) -> Vocabulary:
    """The words of the catalogue behind an engine."""
    with translated_errors(), engine.connect() as connection:
        snapshot = state(connection)
        with _lock:
            cached = _known.get(engine)
        if cached is not None:
            version, read, total, vocabulary = cached
            if version == snapshot.version or (total > _LARGE and time.monotonic() < read + _PAUSE_S):
                return vocabulary
        keywords = connection.scalars(_KEYWORD_VALUES, {"kind": FACETS.index("keywords"), "many": KEYWORDS}).all()
        titles = connection.scalars(_TITLE_VALUES, {"many": TITLES}).all()
        bounds = {"many": DESCRIPTIONS, "length": _DESCRIPTION_CHARACTERS}
        descriptions = connection.scalars(_DESCRIPTION_VALUES, bounds).all()
    short = (value for value in keywords if len(value) <= _TERM_CHARACTERS)
    vocabulary = Vocabulary.of([*titles, *descriptions, *short])
    with _lock:
        _known[engine] = (snapshot.version, time.monotonic(), snapshot.total, vocabulary)
    return vocabulary


def corrected(engine: Engine, searched: str) -> str | None:
    """What was searched for with its unknown words replaced; None if none is replaced."""
    vocabulary = vocabulary_of(engine)
    text_ = searched
    for word in dict.fromkeys(words(searched)):
        similar = vocabulary.similar(word)
        if similar is not None:
            text_ = _replaced(text_, word, similar)
    return text_ if text_ != searched else None


def _replaced(searched: str, word: str, similar: str) -> str:
    """A text with a word replaced, wherever it stands in any case; the text as compared where it stands otherwise."""
    place = searched.casefold().find(word)
    if place < 0 or len(searched.casefold()) != len(searched):
        return folded(searched).replace(word, similar)
    return searched[:place] + similar + searched[place + len(word) :]
