"""Words that a search does not find, and those that were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from config.errors import InvalidParameter
from records.search import search
from records.search.hints.beginnings import beginning_query, is_beginning, require_beginning
from records.search.hints.spelling import Vocabulary
from records.search.parameters import RecordQuery
from records.search.text.wording import split_beginning
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server

TEXTS = ["Sea surface temperature", "Sea ice temperature", "precipitation", "青藏高原 冻土", "wind"]


@pytest.mark.parametrize(
    ("word", "similar"),
    [
        ("temprature", "temperature"),
        ("tempreature", "temperature"),
        ("precipitaton", "precipitation"),
        ("surfcae", "surface"),
        ("冻士", "冻土"),
        ("temperatures", None),
        ("temperature", None),
        ("wnd", None),
        ("2006", None),
        ("chlorophyll", None),
    ],
)
def test_the_closest_word_of_the_catalogue_is_meant(word: str, similar: str | None) -> None:
    assert Vocabulary.of(TEXTS).similar(word) == similar


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("sea temp*", ("sea", "temp")),
        ("temp*", ("", "temp")),
        ("sea temp", ("sea temp", "")),
        ("*", ("*", "")),
        ('"sea"*', ('"sea"*', "")),
    ],
)
def test_a_star_leaves_the_last_word_unfinished(words: str, parts: tuple[str, str]) -> None:
    assert split_beginning(words) == parts


def test_short_beginnings_are_refused() -> None:
    assert is_beginning("tem")
    require_beginning("冻")
    for word in ("te", "'x'", "a:b"):
        with pytest.raises(InvalidParameter, match="at least 3 letters"):
            require_beginning(word)


_MATCHING = text("select id from records where tokens @@ cast(:query as tsquery)")


@pytest.fixture(scope="module")
def abstracts(server: Server) -> Iterator[Engine]:
    """Two words in abstracts alone, one of them rare; a title and a keyword that begin so, and another word."""
    with catalogue(
        server,
        document("title", "Temperate glaciers"),
        document("keyword", keywords={"en": ["temperature"]}),
        document("abstract", description={"en": "Monthly temperatures of lakes"}),
        document("rare", description={"en": "The tempo of change"}),
        document("other", description={"en": "An attempt at salinity"}),
    ) as engine:
        yield engine


@pytest.mark.parametrize("most_records", [100, 1])
def test_an_unfinished_word_is_found_in_abstracts_too(abstracts: Engine, most_records: int) -> None:
    """Also among more records than are asked for every word that begins so."""
    query = beginning_query(abstracts, "temp", most_records=most_records)
    with abstracts.connect() as connection:
        hits = connection.scalars(
            text("select id from records where tokens @@ cast(:query as tsquery)"), {"query": query}
        )
        assert set(hits) == {"title", "keyword", "abstract", "rare"}
    found = search.search(abstracts, RecordQuery(words=("lakes",), begun="temp")).records
    assert [one.document["id"] for one in found] == ["abstract"]


def test_the_most_used_words_that_begin_so_are_taken() -> None:
    vocabulary = Vocabulary.of(["temple", "temperature", "temperature of tempests", "tempests and temperature"])
    assert vocabulary.beginning("temp", 2) == ["temperature", "tempests"]
