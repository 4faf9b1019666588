from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidParameter
from services.web.negotiation import FORMATS, asked_language, chosen, preferences, prefers_html, quality

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/geo+json, application/json", False),
        ("text/html", True),
        ("text/*", True),
        (FIREFOX, True),
        (JAVA, True),
        ("text/html, application/json", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html, application/json;q=0.9", True),
        ("TEXT/HTML ; Q=1", True),
        ("text/html;q=0", False),
        ("text/html;q=0, */*", False),
        ("text/html;q=nonsense", False),
        (";;;,,,q=1;", False),
    ],
)
def test_html_is_for_those_who_prefer_it(accept: str, *, html: bool) -> None:
    assert prefers_html(accept) is html


def test_the_most_specific_range_counts() -> None:
    assert quality("*/*;q=0.1, text/*;q=0.4, text/html;q=0.7", "text/html") == 0.7


def test_a_long_header_is_read_to_a_bound() -> None:
    assert len(preferences(",".join(["a/b"] * 10_000))) == 64


@given(st.text(max_size=200))
def test_no_header_is_an_error(header: str) -> None:
    assert prefers_html(header) in (True, False)
    assert asked_language([], header) in ("en", "zh")


def test_the_first_of_repeated_values_counts() -> None:
    assert chosen("f", ["html", "json"], FORMATS) == "html"


def test_an_unknown_format_names_the_choices() -> None:
    with pytest.raises(InvalidParameter, match=r"f='xml': choose one of json, html, application/json, text/html"):
        chosen("f", ["xml"], FORMATS)


@pytest.mark.parametrize(
    ("lang", "header", "language"),
    [
        ([], "", "en"),
        ([], "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ([], "fr, en;q=0.2, zh;q=0.4", "zh"),
        ([], "en-GB, zh;q=0.9", "en"),
        ([], "zh;q=0", "en"),
        (["zh"], "en", "zh"),
        (["zh-Hans"], "", "zh"),
        (["en"], "zh", "en"),
    ],
)
def test_the_language_is_the_named_or_the_best_known(lang: list[str], header: str, language: str) -> None:
    assert asked_language(lang, header) == language


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="choose one of en, zh"):
        asked_language(["tlh"], "")
