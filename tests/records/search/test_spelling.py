"""Words that a search does not find, and those that were meant."""

from __future__ import annotations

import pytest

from config.errors import InvalidParameter
from records.search.hints.beginnings import is_beginning, require_beginning
from records.search.hints.spelling import Vocabulary
from records.search.text.wording import split_beginning

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
