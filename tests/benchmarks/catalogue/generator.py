"""Bilingual records as a national data centre has them, made from a seed: the same records on every machine.

Topics, places, keywords and the long tail of words follow Zipf's law, so that there are very common and very rare ones.
Nine tenths have Chinese texts, five sixths English ones. Abstracts have 200 to 560 characters or 45 to 140 words.
"""

from __future__ import annotations

import math
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from records.documents.documents import box_geometry
from tests.benchmarks.catalogue import vocabulary as v
from tests.benchmarks.catalogue.sentences import SENTENCES_EN, SENTENCES_ZH, TITLES_EN, TITLES_ZH
from tests.benchmarks.catalogue.tails import Tails, tails

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1000
"""Records that share a random generator; any chunk can be made by itself."""
FIRST = datetime(2010, 1, 1, tzinfo=UTC)
"""Before every update."""
_YEARS = 16

_AT_SEA = [p for p in v.PLACES if p.en in v.SEAS]
_IN_THE_COLD = [p for p in v.PLACES if p.en in v.COLD]
_AT_THE_POLES = [p for p in v.PLACES if p.en in ("Arctic", "Antarctica")]


def documents(count: int, *, seed: int = 0, start: int = 0) -> Iterator[dict[str, Any]]:
    """Stored documents (`records.documents.documents`) from number `start` on; each number has one document."""
    words = tails()
    for chunk in range(start // CHUNK, -(-(start + count) // CHUNK)):
        rng = random.Random(f"{seed}/{chunk}")
        for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            document = _Record(rng, words, number).document()
            if start <= number < start + count:
                yield document


class _Subject(NamedTuple):
    """What a record is about."""

    topic: v.Topic
    second: v.Topic
    place: v.Place
    near: v.Place
    first_year: int
    last_year: int


class _Record:
    """One record in the making."""

    def __init__(self, rng: random.Random, words: Tails, number: int) -> None:
        self._rng = rng
        self._words = words
        self._number = number
        self._subject = self._choose()
        share = rng.random()
        self._languages = (["zh"] if share < 0.9 else []) + (["en"] if share >= 0.15 else [])
        kind = rng.randrange(9)
        self._kind = {
            "zh": self._subject.second.kinds_zh[kind % len(self._subject.second.kinds_zh)],
            "en": self._subject.second.kinds_en[kind % len(self._subject.second.kinds_en)],
        }
        self._formats = rng.sample(v.FORMATS, rng.choice((1, 1, 1, 2)))

    def document(self) -> dict[str, Any]:
        """The stored document."""
        rng, subject = self._rng, self._subject
        updated = FIRST + timedelta(seconds=int(_YEARS * 365 * 86_400 * rng.random() ** 0.5))
        titles, descriptions = self._texts()
        interval = [f"{subject.first_year}-01-01", f"{subject.last_year}-12-31"]
        return {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "type": "Feature",
            "geometry": box_geometry(*self._box()),
            "time": {"interval": interval} if rng.random() < 0.94 else None,
            "properties": {
                "type": "dataset" if rng.random() < 0.82 else rng.choice(v.TYPES),
                "title": titles,
                "description": descriptions,
                "keywords": self._keywords(),
                "themes": [self._themes()],
                "contacts": [self._contact() for _ in range(rng.randint(1, 3))],
                "externalIds": self._identifiers(updated.year),
                "license": v.LICENCES[min(int(rng.expovariate(0.7)), len(v.LICENCES) - 1)],
                "formats": [{"name": name} for name in self._formats],
                "access": {"policy": rng.choice(("open", "open", "login", "apply"))},
                "issued": (updated - timedelta(days=rng.randrange(900))).isoformat(),
                "modified": updated.isoformat(),
            },
            "links": [{"rel": "license", "href": "https://data.example.org/terms"}],
        }

    def _choose(self) -> _Subject:
        rng, words = self._rng, self._words
        topic, second, place, near = words.topic(rng), words.topic(rng), words.place(rng), words.place(rng)
        if topic.where == "o" and rng.random() < 0.85:
            place = rng.choice(_AT_SEA)
        elif topic.where == "p":
            place = rng.choice(_AT_THE_POLES)
        elif topic.where == "c" and rng.random() < 0.7:
            place = rng.choice(_IN_THE_COLD)
        last = 2024 - min(int(rng.expovariate(0.12)), 60)
        first = last - min(int(rng.expovariate(0.12)), last - 1950)
        return _Subject(topic, second if rng.random() < 0.35 else topic, place, near, first, last)

    def _texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Titles and abstracts by language; both languages say the same in the title."""
        rng = self._rng
        template, station = rng.randrange(len(TITLES_ZH)), rng.randrange(len(v.PLATFORMS))
        resolution, step, method = rng.choice(v.RESOLUTIONS), rng.choice(v.STEPS), self._words.method(rng)
        titles, descriptions = {}, {}
        for tag in self._languages:
            is_zh = tag == "zh"
            side = 0 if is_zh else 1
            slots = {
                "t": self._subject.topic[side], "v": self._kind[tag], "p": self._subject.place[side],
                "q": self._subject.near[side], "f": v.PLATFORMS[station], "r": resolution[side], "s": step[side],
                "m": method[side], "y0": self._subject.first_year, "y1": self._subject.last_year,
                "u": self._words.station(rng)[side], "g": self._formats[0], "unit": rng.choice(v.UNITS),
                "n0": rng.randint(1, 500), "n1": f"{rng.random() * 3:.2f}", "n2": f"{0.7 + rng.random() * 0.3:.2f}",
            }  # fmt: skip
            title = (TITLES_ZH if is_zh else TITLES_EN)[template].format_map(slots | self._any_words(tag))
            titles[tag] = title if is_zh else title[0].upper() + title[1:]
            descriptions[tag] = self._abstract(tag, slots)
        return titles, descriptions

    def _any_words(self, tag: str) -> dict[str, str]:
        return {name: self._words.any_word(self._rng, tag) for name in ("w1", "w2", "w3")}

    def _other_means(self, tag: str) -> dict[str, str]:
        """Another platform and method, for a sentence that is said again."""
        method = self._rng.choice(v.METHODS)
        return {"f": self._rng.choice(v.PLATFORMS), "m": method[0 if tag == "zh" else 1]}

    def _abstract(self, tag: str, slots: dict[str, Any]) -> str:
        """Sentences, each at most twice, up to a length in characters or, for English, words."""
        rng = self._rng
        is_zh = tag == "zh"
        enough = rng.randint(200, 560) if is_zh else rng.randint(45, 140)
        sentences, length = [], 0
        chosen = SENTENCES_ZH if is_zh else SENTENCES_EN
        order = rng.sample(chosen, len(chosen))
        for turn, (likelihood, sentence) in enumerate(2 * order):
            if rng.random() < likelihood:
                other = self._other_means(tag) if turn >= len(order) else {}
                text = sentence.format_map(slots | self._any_words(tag) | other)
                sentences.append(text)
                length += len(text) + 1 if is_zh else text.count(" ") + 1
                if length >= enough:
                    break
        return "。".join(sentences) + "。" if is_zh else ". ".join(sentences) + "."

    def _keywords(self) -> dict[str, list[str]]:
        rng, subject = self._rng, self._subject
        found: dict[str, list[str]] = {}
        for tag in self._languages:
            side = 0 if tag == "zh" else 1
            own = [subject.topic[side], self._kind[tag], subject.place[side]]
            more = [self._words.keyword(rng, tag) for _ in range(rng.randint(0, 5))]
            found[tag] = list(dict.fromkeys([*own, *more]))
        return found

    def _themes(self) -> dict[str, Any]:
        codes = {self._subject.topic.code, self._subject.second.code}
        if self._rng.random() < 0.2:
            codes.add(f"170.{self._rng.randrange(10, 90)}")
        return {"scheme": "GB/T 13745-2009", "concepts": [{"id": code} for code in sorted(codes)]}

    def _contact(self) -> dict[str, Any]:
        name, organization = self._words.person(self._rng), self._words.organization(self._rng)
        role = self._rng.choice(("author", "pointOfContact", "publisher"))
        return {"name": name, "organization": organization, "roles": [role]}

    def _identifiers(self, year: int) -> list[dict[str, str]]:
        rng, found = self._rng, []
        if rng.random() < 0.7:
            value = f"10.12072/ncdc.{self._number}.db{rng.randrange(9999):04d}.{year}"
            found.append({"scheme": "doi", "value": value})
        if rng.random() < 0.8:
            found.append({"scheme": "cstr", "value": f"11738.11.NCDC.DB{self._number}.{year}"})
        return found

    def _box(self) -> tuple[float, float, float, float]:
        """The region itself (35 of 100), a part of it, or nearly a point (30 of 100)."""
        rng, place = self._rng, self._subject.place
        width, height = (place.east - place.west) % 360 or 360.0, place.north - place.south
        share = rng.random()
        if share < 0.35:
            return place[2:]
        part = rng.uniform(0.1, 0.6) if share < 0.7 else 10 ** rng.uniform(-3.5, -1)
        west = place.west + rng.random() * width * (1 - part)
        south = place.south + rng.random() * height * (1 - part)
        east, north = west + width * part, south + height * part
        west, east = ((x + 180) % 360 - 180 for x in (west, east))
        return tuple(round(x, 4) for x in (west, south, east, north))  # type: ignore[return-value]


def shares(count: int, parts: int) -> list[tuple[int, int]]:
    """(start, count) of so many parts of a catalogue, whole chunks each, to be made side by side."""
    size = math.ceil(count / CHUNK / parts) * CHUNK
    return [(start, min(size, count - start)) for start in range(0, count, size)]
