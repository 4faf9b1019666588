"""Folding, tokens and queries, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidParameter
from records.text import MAX_QUERY_CHARACTERS, SearchText, folded, tsquery


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＣＯ₂", "co2"),
        ("CO₂", "co2"),
        ("m³", "m3"),
        ("Évapotranspiration côtière", "evapotranspiration cotiere"),
        ("Sentinel–2", "sentinel-2"),
        ("Ångström", "angstrom"),
        ("Straße", "strasse"),
        ("δ18O", "δ18o"),
        ("冻土", "冻土"),
        ("ガス", "ガス"),
    ],
)
def test_folding_unifies_width_case_accents_and_dashes(text: str, plain: str) -> None:
    assert folded(text) == plain


def test_folding_keeps_the_accents_of_other_scripts_whatever_stands_beside_them() -> None:
    assert folded("й é") == "й e"


def test_a_chinese_run_gives_bigrams_and_unigrams_at_their_places() -> None:
    text = SearchText()
    text.add(["冻土图"])
    assert set(text.tsvector().split()) == {"'冻':1", "'土':2", "'图':3", "'冻土':1", "'土图':2"}


def test_a_stop_word_gives_nothing_but_keeps_its_place() -> None:
    text = SearchText()
    text.add(["state of the art"], weight="A")
    assert text.tsvector() == "'state':1A 'art':4A"
    assert tsquery("state of the art") == "('state' <3> 'art')"


@pytest.mark.parametrize("q", ["the", "of the", ",", "，,", "!?", "\x00", "and THE"])
def test_a_query_of_nothing_that_is_indexed_is_none(q: str) -> None:
    assert tsquery(q) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sentinel-2", "sentinel2"),
        ("Landsat 8", "Landsat8"),
        ("30 m", "30m"),
        ("RCP 8.5", "RCP8.5"),
        ("ERA-5", "era5"),
        ("CO₂", "CO 2"),
    ],
)
def test_both_writings_ask_for_the_same(one: str, other: str) -> None:
    assert set((tsquery(one) or "").split(" | ")) == set((tsquery(other) or "").split(" | "))


def test_a_query_has_a_bounded_number_of_writings() -> None:
    assert (tsquery(" ".join(["10 m"] * 60)) or "").count("|") == 7


def test_a_long_query_is_refused_by_name() -> None:
    with pytest.raises(InvalidParameter, match="q="):
        tsquery("x" * (MAX_QUERY_CHARACTERS + 1))
    with pytest.raises(InvalidParameter, match="alternatives"):
        tsquery(",".join("abcdefghijklmnopqrstuvwxyz"))


@given(st.text(max_size=200))
def test_tokens_never_hold_what_sql_text_cannot(text: str) -> None:
    made = SearchText()
    made.add([text])
    for form in (made.tsvector(), tsquery(text) or ""):
        assert "\x00" not in form
        form.encode()


def test_no_place_is_beyond_what_postgresql_keeps() -> None:
    text = SearchText()
    text.add([f"w{i}" for i in range(3000)])
    assert max(int(entry.rsplit(":", 1)[1]) for entry in text.tsvector().split()) == 16383
