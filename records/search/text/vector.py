"""The tsvector of a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from operator import add
from typing import TYPE_CHECKING, Literal

from records.search.text.atoms import indexed, is_run, pair, words
from records.search.text.segments import straddling

if TYPE_CHECKING:
    from collections.abc import Iterable

Weight = Literal["A", "B", "D"]

STRADDLES = "!"
"""Begins the token of a bigram that nowhere in a record is a word."""
_MAX_POSITION = 16_383
_MAX_POSITIONS = 256
_MAX_BYTES = 900_000
"""Of the lexemes and positions of one tsvector; PostgreSQL takes 1 MiB. What comes after is not found."""
_LEXEME_BYTES = 6
"""A count, a position and padding."""
_POSITION_BYTES = 2
_GAP = 8
"""Positions between two texts of a record, so that no phrase runs from one into the next."""
_SLICE = 4_000
"""Tokens that are entered between two looks at the bytes."""


@cache
def _place_texts(suffix: str) -> list[str]:
    """The text form of each position with a weight."""
    return [f"{position}{suffix}" for position in range(_MAX_POSITION + 1)]


@dataclass
class SearchText:
    """The tokens of a record, gathered text by text."""

    _entries: dict[str, list[str]] = field(default_factory=dict)
    _whole: set[str] = field(default_factory=set)
    """Bigrams that somewhere straddle no two words."""
    _straddling: set[str] = field(default_factory=set)
    """Bigrams that somewhere do."""
    _pairs: dict[str, None] = field(default_factory=dict)
    """Words that stand together, in order."""
    _position: int = 1
    _bytes: int = 0

    def add(self, texts: Iterable[str], *, weight: Weight = "D") -> None:
        """Add texts of one weight, each a place of its own for phrases."""
        suffix = "" if weight == "D" else weight
        for text in texts:
            lexemes: list[str] = []
            positions: list[int] = []
            pairs: dict[str, None] = {}
            position, previous = self._position, ""
            for word in words(text):
                if is_run(word):
                    end = position + len(word)
                    lexemes += word
                    lexemes += self._bigrams(word)
                    positions += range(position, end)
                    positions += range(position, end - 1)
                    position, previous = end, ""
                else:
                    tokens = indexed(word)
                    lexemes += tokens
                    positions += [position] * len(tokens)
                    if previous and tokens:
                        pairs[pair(previous, tokens[0])] = None
                    position, previous = position + 1, tokens[0] if tokens else ""
            self._position = position + _GAP
            for first in range(0, len(lexemes), _SLICE):
                self._enter(lexemes[first : first + _SLICE], positions[first : first + _SLICE], suffix)
            self._enter_pairs(pairs)

    def _bigrams(self, run: str) -> list[str]:
        """The bigrams of a run; notes which of them straddle words."""
        bigrams = list(map(add, run, run[1:]))
        offsets = straddling(run)
        if offsets:
            self._straddling.update(bigrams[offset] for offset in offsets)
            left_out = set(offsets)
            self._whole.update(bigram for offset, bigram in enumerate(bigrams) if offset not in left_out)
        else:
            self._whole.update(bigrams)
        return bigrams

    def _enter(self, lexemes: list[str], positions: list[int], suffix: str) -> None:
        """Enter tokens at their positions, unless the tsvector is full."""
        if self._bytes > _MAX_BYTES:
            return
        entries, places, count = self._entries, _place_texts(suffix), len(self._entries)
        bounded: Iterable[str] = map(places.__getitem__, positions)
        if positions and positions[-1] > _MAX_POSITION:
            bounded = [places[min(position, _MAX_POSITION)] for position in positions]
        for lexeme, place in zip(lexemes, bounded, strict=True):
            if lexeme in entries:
                entries[lexeme].append(place)
            else:
                entries[lexeme] = [place]
        new = len(entries) - count
        letters = "".join(islice(reversed(entries), new))
        self._bytes += len(letters.encode()) + new * _LEXEME_BYTES + len(lexemes) * _POSITION_BYTES

    def _enter_pairs(self, pairs: dict[str, None]) -> None:
        """Enter words that stand together, until the tsvector is full."""
        for token in pairs:
            if self._bytes > _MAX_BYTES:
                return
            if token not in self._pairs:
                self._pairs[token] = None
                self._bytes += len(token.encode()) + _LEXEME_BYTES

    def tsvector(self) -> str:
        """The text form of the tsvector, to be bound as a parameter and cast."""
        words = [f"'{lexeme}':{','.join(places[:_MAX_POSITIONS])}" for lexeme, places in self._entries.items()]
        pairs = [f"'{token}'" for token in self._pairs]
        return " ".join(words + pairs + [f"'{STRADDLES}{bigram}'" for bigram in self._straddling - self._whole])
