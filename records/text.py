"""Text as search sees it: folding, tokens with positions, and the tsvector and tsquery that PostgreSQL compares.

The application makes both sides itself, because PostgreSQL's parsers find no Chinese word inside a sentence:

* A run of Chinese, Japanese or Korean characters gives a bigram and a unigram at each character. A query's bigrams
  overlap, so a match is a substring of the folded text.
* An English word gives its stem; a stop word gives nothing, but keeps its place.
* Letters and digits are written together or apart: `Sentinel-2`, `Sentinel 2` and `sentinel2`, `30 m` and `30m`.
  A text is indexed as it is written, and a query asks for each way of writing it.

Titles have weight A, keywords B, all else D. PostgreSQL keeps 256 positions of a lexeme and none beyond 16,383: past
those, words are still found, phrases no longer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, Literal, NamedTuple

import Stemmer

from config.errors import InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Weight = Literal["A", "B", "D"]

MAX_QUERY_CHARACTERS = 500
MAX_TERMS = 20
_MAX_TOKEN = 80
_MAX_POSITION = 16_383
_MAX_POSITIONS = 256
_MAX_BYTES = 900_000
"""Of the lexemes and positions of one tsvector; PostgreSQL takes 1 MiB. What comes after is not found."""
_LEXEME_BYTES = 6
"""A count, a position and padding."""
_GAP = 8
"""Positions between two texts of a record, so that no phrase runs from one into the next."""
_MAX_FORMS = 8
"""Ways of writing one term that a query asks for."""

_STOP_WORDS = """
a an and are as at be been but by can for from had has have if in into is it its no not of on or such that the their
then there these they this to was were will with which between
"""
_STOP = frozenset(_STOP_WORDS.split())
_CJK = r"\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3041-\u30ff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]+|[a-z0-9]+(?:\.[0-9]+)*|[^\W_{_CJK}a-z0-9]+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+|[a-z]+[0-9]{1,2}\.[0-9]{1,2}")
"""What a full stop does not divide: 0.25, and RCP8.5 or PM2.5."""
_MIXED = re.compile(r"([a-z]+)([0-9][a-z0-9.]*)|([0-9]+)([a-z][a-z0-9]*)")
_UNITS = "m km cm mm hm nm um h d s hz ghz mhz kg g t ppm ppb k a"
_UNIT = frozenset(_UNITS.split())

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_LETTERS = {ord("ø"): "o", ord("đ"): "d", ord("ł"): "l", ord("æ"): "ae", ord("œ"): "oe", ord("ð"): "d", ord("þ"): "th"}


@cache
def _folds() -> dict[int, str | None]:
    """Dashes to one, Latin letters without their accents, combining accents to nothing."""
    folds: dict[int, str | None] = dict.fromkeys(range(0x300, 0x370))
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            folds[code] = base
    return folds | _DASHES | _LETTERS


def folded(text: str) -> str:
    """The text without case, width, Latin accents and kinds of dashes: `ＣＯ₂` and `CO2` are one (UAX 15, NFKC)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_folds())


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(Stemmer.Stemmer("english").stemWord(word))  # one a call: a Stemmer is not safe between threads


class _Atom(NamedTuple):
    """One word, number or run of CJK characters of a folded text."""

    text: str
    is_cjk: bool

    @property
    def width(self) -> int:
        """How many positions it takes."""
        return len(self.text) if self.is_cjk else 1

    @property
    def lexeme(self) -> str:
        """What is indexed of a word; a run of CJK characters is cut by its users."""
        return (_stem(self.text) if self.text.isascii() and self.text.isalpha() else self.text)[:_MAX_TOKEN]


def _atoms(text: str) -> Iterator[_Atom]:
    for word in _WORD.findall(folded(text)):
        if word[0] >= "\u3005" and re.match(f"[{_CJK}]", word):
            yield _Atom(text=word, is_cjk=True)
        elif "." in word and not _DECIMAL.fullmatch(word):
            yield from (_Atom(text=part, is_cjk=False) for part in word.split("."))
        else:
            yield _Atom(text=word, is_cjk=False)


@dataclass
class SearchText:
    """The tokens of a record, gathered text by text."""

    _entries: dict[str, list[str]] = field(default_factory=dict)
    _position: int = 1
    _bytes: int = 0

    def add(self, texts: Iterable[str], *, weight: Weight = "D") -> None:
        """Add texts of one weight, each a place of its own for phrases."""
        for text in texts:
            for atom in _atoms(text):
                for offset, lexeme in _indexed(atom):
                    self._enter(lexeme, self._position + offset, weight)
                self._position += atom.width
            self._position += _GAP

    def _enter(self, lexeme: str, position: int, weight: Weight) -> None:
        places = self._entries.get(lexeme)
        size = 2 if places is not None else len(lexeme.encode()) + _LEXEME_BYTES
        if self._bytes + size > _MAX_BYTES:
            return
        if places is None:
            places = self._entries[lexeme] = []
        if not places or (position <= _MAX_POSITION and len(places) < _MAX_POSITIONS):
            places.append(f"{min(position, _MAX_POSITION)}{'' if weight == 'D' else weight}")
            self._bytes += size

    def tsvector(self) -> str:
        """The text form of the tsvector, to be bound as a parameter and cast."""
        return " ".join(f"{_quoted(lexeme)}:{','.join(places)}" for lexeme, places in self._entries.items())


def _indexed(atom: _Atom) -> Iterator[tuple[int, str]]:
    """Lexemes of an atom with their offsets in positions."""
    if atom.is_cjk:
        yield from enumerate(atom.text)
        yield from ((i, a + b) for i, (a, b) in enumerate(pairwise(atom.text)))
    elif atom.text not in _STOP:
        yield 0, atom.lexeme


def tsquery(q: str, *, weight: Weight | None = None) -> str | None:
    """The text form of the tsquery for a `q` parameter, or None if it asks for nothing that is indexed.

    A comma separates alternatives; a blank stands within a phrase (OGC 20-004r1, 7.3.3.5). With a weight, only words
    of that weight count. Raises InvalidParameter if it is too long.
    """
    if len(q) > MAX_QUERY_CHARACTERS:
        raise InvalidParameter("q", q, f"at most {MAX_QUERY_CHARACTERS} characters can be searched for; shorten it")
    terms = [term for term in re.split(r"[,，]", q) if term.strip()]
    if len(terms) > MAX_TERMS:
        raise InvalidParameter("q", q, f"{len(terms)} alternatives are more than {MAX_TERMS}; ask for fewer at a time")
    suffix = f":{weight}" if weight else ""
    phrases = [phrase for term in terms for phrase in _phrases(term, suffix)]
    return " | ".join(f"({phrase})" for phrase in dict.fromkeys(phrases)) or None


def _phrases(term: str, suffix: str) -> Iterator[str]:
    """A phrase for each way of writing a term."""
    for atoms in _writings(list(_atoms(term))):
        parts: list[str] = []
        position = previous = 0
        for atom in atoms:
            for offset, lexeme in _asked(atom):
                place = position + offset
                parts.append((f" <{place - previous}> " if parts else "") + _quoted(lexeme) + suffix)
                previous = place
            position += atom.width
        if parts:
            yield "".join(parts)


def _asked(atom: _Atom) -> Iterator[tuple[int, str]]:
    """The lexemes that find an atom: overlapping bigrams for two CJK characters or more."""
    if atom.is_cjk and len(atom.text) > 1:
        yield from ((i, a + b) for i, (a, b) in enumerate(pairwise(atom.text)))
    else:
        yield from _indexed(atom)


def _writings(atoms: list[_Atom]) -> Iterator[list[_Atom]]:
    """The atoms as written, and with letters and digits joined or parted, at most `_MAX_FORMS` ways."""
    slots: list[list[list[_Atom]]] = []
    forms = 1
    position = 0
    while position < len(atoms):
        here = atoms[position : position + (2 if _joinable(atoms, position) else 1)]
        choices = [here, *_other_writing(here)]
        if forms * len(choices) > _MAX_FORMS:
            choices = [here]
        forms *= len(choices)
        slots.append(choices)
        position += len(here)
    for choice in product(*slots):
        yield [atom for part in choice for atom in part]


def _joinable(atoms: list[_Atom], position: int) -> bool:
    """Whether an atom and the next may stand for one: a word and a number (`Landsat 8`), a number and a unit."""
    left, right, after = [*atoms[position : position + 3], None, None][:3]
    if left is None or right is None or left.is_cjk or left.text in _STOP:
        return False
    if _NUMBER.fullmatch(left.text):
        return right.text in _UNIT
    is_quantity = after is not None and after.text in _UNIT
    return left.text.isascii() and left.text.isalpha() and right.text[0] in "0123456789" and not is_quantity


def _other_writing(atoms: list[_Atom]) -> Iterator[list[_Atom]]:
    if len(atoms) > 1:
        yield [_Atom(text="".join(a.text for a in atoms), is_cjk=False)]
    elif match := _MIXED.fullmatch(atoms[0].text):
        yield [_Atom(text=part, is_cjk=False) for part in match.groups() if part]


def _quoted(lexeme: str) -> str:
    """A lexeme as the text forms of tsvector and tsquery write it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
