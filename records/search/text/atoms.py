"""Cutting a folded text into words, numbers and runs of Chinese, Japanese or Korean characters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import Stemmer

from records.search.text.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TOKEN = 80
"""Characters of a word that are indexed."""

_STOP_WORDS = """
a an and are as at be been but by can for from had has have if in into is it its no not of on or such that the their
then there these they this to was were will with which between
"""
STOP: Final = frozenset(_STOP_WORDS.split())
_UNITS = "m km cm mm hm nm um h d s hz ghz mhz kg g t ppm ppb k a"
UNITS: Final = frozenset(_UNITS.split())

_CJK = r"\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3041-\u30ff\uac00-\ud7af"
_FIRST_CJK = "\u3005"
_WORD = re.compile(rf"[{_CJK}]+|[a-z0-9]+(?:\.[0-9]+)*|[^\W_{_CJK}a-z0-9]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+|[a-z]+[0-9]{1,2}\.[0-9]{1,2}")
"""What a full stop does not divide: 0.25, and RCP8.5 or PM2.5."""


_NAME = re.compile(r"([a-z]{3,})[0-9][a-z0-9.]*")
"""A name with its number, such as landsat8, which its letters find too."""


class Atom(NamedTuple):
    """One word, number or run of CJK characters of a folded text."""

    text: str
    is_cjk: bool

    @property
    def width(self) -> int:
        """How many positions it takes."""
        return len(self.text) if self.is_cjk else 1


def atoms(text: str) -> list[Atom]:
    """The atoms of a text, which is folded first."""
    return [Atom(word, is_cjk=is_run(word)) for word in words(text)]


def words(text: str) -> Iterator[str]:
    """The texts of the atoms of a text, which is folded first."""
    for word in _WORD.findall(folded(text)):
        if "." in word and not _DECIMAL.fullmatch(word):
            yield from word.split(".")
        else:
            yield word


def is_run(word: str) -> bool:
    """Whether an atom is a run of CJK characters."""
    return word[0] >= _FIRST_CJK and _IS_CJK.match(word) is not None


def lexeme(word: str) -> str:
    """What a word, name or number is found by: its stem if it is English (Porter 2), else itself."""
    if not (word.isascii() and word.isalpha()):
        return word[:MAX_TOKEN]
    stem = Stemmer.Stemmer("english").stemWord(word)  # one a call: a Stemmer is not safe between threads
    return str(stem)[:MAX_TOKEN]


_REMEMBERED = 32
"""Characters of a word that is remembered: whoever sends long ones must not fill the memory with them."""


def indexed(word: str) -> tuple[str, ...]:
    """What is indexed of a word, name or number, of letters and digits only; nothing of a stop word."""
    return _remembered(word) if len(word) <= _REMEMBERED else _indexed(word)


def _indexed(word: str) -> tuple[str, ...]:
    if word in STOP:
        return ()
    name = _NAME.fullmatch(word)
    return (lexeme(word), lexeme(name[1])) if name else (lexeme(word),)


_remembered = lru_cache(maxsize=50_000)(_indexed)


def pair(one: str, other: str) -> str:
    """The token of two lexemes that stand together."""
    return f"{one} {other}"
