"""What people write into a search box: words that are all meant, phrases in quotes, and other names of the same thing.

OGC's `q` means something else: a blank stands within a phrase, and a comma separates alternatives. So the box is a
parameter of its own, `words`, which becomes several texts of the form of `q`, all of which a record must meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from config.errors import InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WORDS: Final = 20
"""Words and phrases of one search."""
MAX_CHARACTERS: Final = 200
_LONGEST_NAME: Final = 5
"""Words of the longest name that has others."""
_MOST_NAMES: Final = 12
"""Names of one thing."""
_TERM: Final = re.compile(r'"([^"]*)"|[“]([^”]*)[”]|([^\s"“”]+)')


@dataclass(frozen=True)
class Synonyms:
    """Names of the same thing, in any language; compared without case.

    Attributes:
        groups: All names of each name.
    """

    groups: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, *paths: Path) -> Self:
        """Read the names that come with the program, and those of an operator's files.

        A line holds names of one thing, separated by commas; `#` begins a comment. A name that stands in several lines
        has the names of all of them.
        """
        texts = [files("records.search.text").joinpath("synonyms.txt").read_text(encoding="utf-8")]
        texts += [path.read_text(encoding="utf-8") for path in paths]
        groups: dict[str, tuple[str, ...]] = {}
        for line in (line.partition("#")[0] for text in texts for line in text.splitlines()):
            names = tuple(name for part in line.split(",") if (name := " ".join(part.split())))
            for name in names:
                key = name.casefold()
                groups[key] = tuple(dict.fromkeys((*groups.get(key, (name,)), *names)))[:_MOST_NAMES]
        return cls(groups)

    def names(self, text: str) -> tuple[str, ...]:
        """Every name of what a text names, itself first."""
        return tuple(dict.fromkeys((text, *self.groups.get(text.casefold(), ()))))


@cache
def known_synonyms(path: str) -> Synonyms:
    """The names that come along, and those of an operator's file, whose path may be empty; read once."""
    return Synonyms.read(*([Path(path)] if path else []))


def texts_of(words: str, synonyms: Synonyms) -> tuple[str, ...]:
    """Texts of the form of `q`, all of which are meant; raises InvalidParameter for too many words.

    Words in a row that are one name are taken together: `sea surface temperature` is also `SST`.
    """
    if len(words) > MAX_CHARACTERS:
        raise InvalidParameter("words", words, f"at most {MAX_CHARACTERS} characters can be searched for; shorten it")
    terms = [
        (phrase or curly or plain, bool(phrase or curly))
        for phrase, curly, plain in _TERM.findall(words.replace(",", " ").replace("，", " ").replace("、", " "))
    ]
    terms = [(text, is_phrase) for text, is_phrase in terms if text.strip()]
    if len(terms) > MAX_WORDS:
        raise InvalidParameter("words", words, f"{len(terms)} words are more than {MAX_WORDS}; search for fewer")
    return tuple(dict.fromkeys(_with_names(terms, synonyms)))


def split_beginning(words: str) -> tuple[str, str]:
    """What is searched for, and the beginning of the last word where a star ends it: `sea temp*`; else empty."""
    text = words.rstrip()
    if not text.endswith("*") or '"' in text[-2:]:
        return words, ""
    head, _, last = text[:-1].rpartition(" ")
    return (head, last) if last else (words, "")


def any_of(texts: Iterable[str]) -> str:
    """The text of the form of `q` of which one of some texts is enough; as many of them as it may hold."""
    return ",".join(list(dict.fromkeys(name for text in texts for name in text.split(",")))[:MAX_WORDS])


def _with_names(terms: list[tuple[str, bool]], synonyms: Synonyms) -> Iterable[str]:
    position = 0
    while position < len(terms):
        for length in range(min(_LONGEST_NAME, len(terms) - position), 0, -1):
            part = terms[position : position + length]
            name = " ".join(text for text, _ in part)
            if length > 1 and (any(is_phrase for _, is_phrase in part) or name.casefold() not in synonyms.groups):
                continue
            yield name if part[0][1] else ",".join(synonyms.names(name))
            position += length
            break
