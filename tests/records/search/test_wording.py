"""What people write into the search box, and what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import InvalidParameter
from records.search import search
from records.search.parameters import RecordQuery
from records.search.text.wording import MAX_WORDS, Synonyms, any_of, known_synonyms, texts_of
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.support.database import Server

NONE = Synonyms({})
TITLES = {
    "map": ("青藏高原冻土分布图", "Permafrost map of the plateau in China"),
    "sst": ("全球海表温度", "Sea surface temperature of the world"),
    "china": ("中国降水", "Rain in China"),
}


@pytest.fixture(scope="module")
def titled(server: Server) -> Iterator[Engine]:
    """Records with the titles above, Chinese and English."""
    with catalogue(server, *(document(id_, en, zh=zh) for id_, (zh, en) in TITLES.items())) as engine:
        yield engine


def found(engine: Engine, words: str) -> set[str]:
    texts = texts_of(words, known_synonyms(""))
    return {one.document["id"] for one in search.search(engine, RecordQuery(words=texts)).records}


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("permafrost China", {"map"}),
        ("China permafrost", {"map"}),
        ('"in China"', {"map", "china"}),
        ('"China permafrost"', set()),
        ("青藏 冻土", {"map"}),
        ("SST", {"sst"}),
        ("海温", {"sst"}),
        ("rainfall China", {"china"}),
        ("sea surface temperature world", {"sst"}),
        ("the world", {"sst"}),
        ("the", set()),
    ],
)
def test_words_are_all_meant_and_other_names_of_them_count(titled: Engine, words: str, ids: set[str]) -> None:
    assert found(titled, words) == ids


def test_quotes_hold_a_phrase_that_has_no_other_names() -> None:
    assert texts_of('ice "SST"', known_synonyms("")) == ("ice", "SST")


def test_words_in_a_row_that_are_a_name_are_taken_together(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("# of this centre\nTibetan Plateau, third pole, 青藏高原\n", encoding="utf-8")
    names = Synonyms.read(file)
    assert texts_of("snow on Third  Pole", names)[-1] == "Third Pole,third pole,Tibetan Plateau,青藏高原"


def test_any_of_several_texts_is_one_text_of_alternatives() -> None:
    assert any_of(("snow,积雪", "ice", "ice")) == "snow,积雪,ice"


@pytest.mark.parametrize("words", [" ".join(f"w{n}" for n in range(MAX_WORDS + 1)), "x" * 201])
def test_too_many_words_are_refused(words: str) -> None:
    with pytest.raises(InvalidParameter, match="words"):
        texts_of(words, NONE)
