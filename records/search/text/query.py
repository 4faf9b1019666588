"""The tsquery of a `q` parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

from config.errors import InvalidParameter
from records.search.text.atoms import STOP, UNITS, Atom, atoms, lexeme, pair
from records.search.text.vector import STRADDLES, Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_QUERY_CHARACTERS = 500
MAX_TERMS = 20
_MAX_FORMS = 8
"""Ways of writing one term that a query asks for."""
_WORD_LENGTH = 2
"""Characters of a word that may be found across two others."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MIXED = re.compile(r"([a-z]+)([0-9][a-z0-9.]*)|([0-9]+)([a-z][a-z0-9]*)")


@dataclass(frozen=True, kw_only=True)
class SearchPhrase:
    """One way of writing what is asked for.

    Attributes:
        lexemes: Each with its position, from 0; every one must stand at its place after the first.
        pairs: Tokens of words that stand together in it, which say the same sooner.
        unless: A token of records that hold the lexemes only where they mean something else, if there may be any.
    """

    lexemes: tuple[tuple[int, str], ...]
    pairs: tuple[str, ...] = ()
    unless: str | None = None

    def tsquery(self, *, weight: Weight | None = None) -> str:
        """The text form of the tsquery; with a weight, only words of that weight count."""
        pairs = () if weight else self.pairs  # pairs have no weight
        parts = [f"'{token}'" for token in pairs]
        if len(pairs) != 1 or len(self.lexemes) != 2:
            parts.append(self._placed(weight))
        if self.unless is not None:
            parts.append(f"!'{self.unless}'")
        return " & ".join(parts)

    def _placed(self, weight: Weight | None) -> str:
        """The lexemes, each at its distance from the one before."""
        suffix = f":{weight}" if weight else ""
        parts, previous = [], None
        for position, token in self.lexemes:
            step = "" if previous is None else f" <{position - previous}> "
            parts.append(f"{step}'{token}'{suffix}")
            previous = position
        return "".join(parts)


def tsquery(q: str, *, weight: Weight | None = None) -> str | None:
    """The text form of the tsquery for a `q` parameter, or None if it asks for nothing that is indexed.

    A comma separates alternatives; a blank stands within a phrase (OGC 20-004r1, 7.3.3.5). With a weight, only words
    of that weight count. Raises InvalidParameter if it is too long.
    """
    return " | ".join(f"({phrase.tsquery(weight=weight)})" for phrase in phrases(q)) or None


def phrases(q: str) -> tuple[SearchPhrase, ...]:
    """Every phrase that a `q` parameter asks for, of which one is enough; none if it asks for nothing that is indexed.

    Raises InvalidParameter if it is too long.
    """
    if len(q) > MAX_QUERY_CHARACTERS:
        raise InvalidParameter("q", q, f"at most {MAX_QUERY_CHARACTERS} characters can be searched for; shorten it")
    terms = [term for term in re.split(r"[,，]", q) if term.strip()]
    if len(terms) > MAX_TERMS:
        raise InvalidParameter("q", q, f"{len(terms)} alternatives are more than {MAX_TERMS}; ask for fewer at a time")
    return tuple(dict.fromkeys(phrase for term in terms for phrase in _phrases(term)))


def _phrases(term: str) -> Iterator[SearchPhrase]:
    """A phrase for each way of writing a term."""
    for spelling in _writings(atoms(term)):
        lexemes: list[tuple[int, str]] = []
        position = 0
        for atom in spelling:
            lexemes += ((position + offset, token) for offset, token in _asked(atom))
            position += atom.width
        if lexemes:
            first = lexemes[0][0]
            lexemes_ = tuple((place - first, token) for place, token in lexemes)
            yield SearchPhrase(lexemes=lexemes_, pairs=tuple(_pairs(spelling)), unless=_straddling(spelling))


def _pairs(spelling: list[Atom]) -> Iterator[str]:
    """The tokens of words that stand together."""
    for one, other in pairwise(spelling):
        if not (one.is_cjk or other.is_cjk or one.text in STOP or other.text in STOP):
            yield pair(lexeme(one.text), lexeme(other.text))


def _straddling(spelling: list[Atom]) -> str | None:
    """The token of records in which a word of two characters, asked for alone, stands across two others only."""
    is_word = len(spelling) == 1 and spelling[0].is_cjk and len(spelling[0].text) == _WORD_LENGTH
    return STRADDLES + spelling[0].text if is_word else None


def _asked(atom: Atom) -> Iterator[tuple[int, str]]:
    """The lexemes that find an atom, with their offsets: overlapping bigrams for two CJK characters or more."""
    if atom.is_cjk and len(atom.text) > 1:
        yield from ((i, a + b) for i, (a, b) in enumerate(pairwise(atom.text)))
    elif atom.is_cjk:
        yield 0, atom.text
    elif atom.text not in STOP:
        yield 0, lexeme(atom.text)


def _writings(spelling: list[Atom]) -> Iterator[list[Atom]]:
    """The atoms as written, and with letters and digits joined or parted, at most `_MAX_FORMS` ways."""
    slots: list[list[list[Atom]]] = []
    forms = 1
    position = 0
    while position < len(spelling):
        here = spelling[position : position + (2 if _joinable(spelling, position) else 1)]
        choices = [here, *_other_writing(here)]
        if forms * len(choices) > _MAX_FORMS:
            choices = [here]
        forms *= len(choices)
        slots.append(choices)
        position += len(here)
    for choice in product(*slots):
        yield [atom for part in choice for atom in part]


def _joinable(spelling: list[Atom], position: int) -> bool:
    """Whether an atom and the next may stand for one: a word and a number (`Landsat 8`), a number and a unit."""
    left, right, after = [*spelling[position : position + 3], None, None][:3]
    if left is None or right is None or left.is_cjk or left.text in STOP:
        return False
    if _NUMBER.fullmatch(left.text):
        return right.text in UNITS
    is_quantity = after is not None and after.text in UNITS
    return left.text.isascii() and left.text.isalpha() and right.text[0] in "0123456789" and not is_quantity


def _other_writing(spelling: list[Atom]) -> Iterator[list[Atom]]:
    if len(spelling) > 1:
        yield [Atom("".join(a.text for a in spelling), is_cjk=False)]
    elif match := _MIXED.fullmatch(spelling[0].text):
        yield [Atom(part, is_cjk=False) for part in match.groups() if part]
