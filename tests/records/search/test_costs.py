"""Which way a search goes, and what it leaves out of its first look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from records.search.conditions import condition_of, loosened
from records.search.costs import Phase
from records.search.parameters import RecordQuery

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from records.search.costs import Way

MILLION = 1_000_000
PLACE = RecordQuery(bbox=(100.0, 20.0, 110.0, 30.0), datetime="2001")
WORD = RecordQuery(q="ice")
BOTH = RecordQuery(q="ice", bbox=(100.0, 20.0, 110.0, 30.0), datetime="2001")


def _way(query: RecordQuery, *, hits: int, words: int = 0, places: int = 0, wanted: int = 10) -> Way:
    costs = Phase(condition=condition_of(query), hits=hits, words=words, places=places).costs(
        wanted, MILLION, is_walkable=True
    )
    return min(costs, key=lambda way: costs[way])


def test_what_many_records_have_is_walked_to_and_what_few_have_is_gathered() -> None:
    assert _way(WORD, hits=300_000) == "walk"
    assert _way(WORD, hits=300) == "words"
    assert _way(PLACE, hits=300_000) == "walk"
    assert _way(PLACE, hits=300) == "place"


def test_the_rarer_of_words_and_place_leads() -> None:
    assert _way(BOTH, hits=20, words=50, places=100_000) == "words"
    assert _way(BOTH, hits=1_000, words=900_000, places=1_100) == "place"


def test_two_indexes_are_joined_where_both_find_many_and_few_are_in_both() -> None:
    assert _way(BOTH, hits=50, words=20_000, places=9_000) == "both"


def test_pages_far_behind_are_not_walked_to() -> None:
    assert _way(WORD, hits=20_000, wanted=10) == "walk"
    assert _way(WORD, hits=20_000, wanted=1_000) == "words"


def test_keys_lead_always() -> None:
    assert _way(RecordQuery(q="ice", equal=(("ids", "a,b"),)), hits=500_000) == "words"


@pytest.mark.parametrize(
    ("query", "loose"),
    [
        ("'ice'", "'ice'"),
        ("('a' <1> 'b' <3> 'c') | ('d' & !'!d')", "('a' & 'b' & 'c') | ('d' & !'!d')"),
        ("!('^a' <1> '^b')", ""),
        ("!('^a' | '^b')", "!('^a' | '^b')"),
        ("'a <1> b' & 'it''s <2> c'", "'a <1> b' & 'it''s <2> c'"),
    ],
)
def test_a_first_look_asks_for_words_and_not_for_their_places(query: str, loose: str) -> None:
    assert loosened(query) == loose


def test_records_without_a_box_or_a_time_have_no_extent(engine: Engine) -> None:
    end = "record_extent(ST_MakeEnvelope(1, 2, 3, 4, 4326), '1970-01-01Z', '9999-12-31Z')"
    with engine.connect() as connection:
        assert connection.scalar(text("select record_extent(null, now(), now())")) is None
        assert connection.scalar(text(f"select ST_ZMax({end}) / 4")) == pytest.approx(8030, abs=1)  # years since 1970
