from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from config.errors import InvalidParameter
from services.web.negotiation import (
    FORMATS,
    Offer,
    accept_of,
    asked_language,
    best_offer,
    choose,
    chosen,
    offers,
    preferences,
    prefers_html,
)

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


NAMES = {"png": "PNG", "image/png": "PNG", "svg": "SVG", "image/svg+xml": "SVG", "tif": "TIFF", "image/tiff": "TIFF"}
OFFERS = offers({"image/png": "PNG", "image/svg+xml": "SVG", "image/tiff; application=geotiff": "TIFF"})


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("", "none"),
        ("*/*", "PNG"),
        ("image/*", "PNG"),
        ("image/svg+xml", "SVG"),
        ("image/tiff; application=geotiff", "TIFF"),
        ("image/tiff; application=geotiff; q=0.5, image/png; q=0.4", "TIFF"),
        ("image/svg+xml, image/png", "PNG"),
        ("image/svg+xml;q=0.8, image/png;q=0.7", "SVG"),
        ("image/png;q=0.1, image/*;q=0.5", "SVG"),
        ("*/*;q=0.1, image/*;q=0.4, image/tiff;q=0.7", "TIFF"),
        ("image/png;q=0, */*", "SVG"),
        ("*/*;q=0", "none"),
        ("text/html, application/xml", "none"),
        (FIREFOX, "PNG"),
    ],
)
def test_the_best_format_by_accept_is_of_the_highest_quality_and_then_the_first(accept: str, format_: str) -> None:
    assert choose([], accept, names=NAMES, offers=OFFERS, default="none") == format_


@pytest.mark.parametrize(
    ("values", "format_"),
    [
        (["svg"], "SVG"),
        (["PNG"], "PNG"),
        ([" tif "], "TIFF"),
        (["image/svg+xml"], "SVG"),
        (["image/tiff; application=geotiff"], "TIFF"),
        (["svg", "json"], "SVG"),
        (["", "svg"], "SVG"),
        ([""], "TIFF"),
    ],
)
def test_the_first_format_that_is_named_counts_before_accept(values: list[str], format_: str) -> None:
    assert choose(values, "image/tiff", names=NAMES, offers=OFFERS, default="none") == format_


def test_an_unknown_format_is_refused_whatever_is_accepted() -> None:
    with pytest.raises(InvalidParameter, match=r"f='gif': choose one of png, image/png, svg"):
        choose(["gif"], "image/png", names=NAMES, offers=OFFERS, default="none")


def test_a_name_may_mean_none_and_keeps_accept_out() -> None:
    assert choose(["json"], "image/png", names={"json": None}, offers=OFFERS, default="none") is None


def test_an_offer_by_name_alone_is_not_met_by_a_range() -> None:
    multipart = [Offer(media_type="multipart/related", format="parts", by_range=False)]
    assert best_offer("*/*, multipart/*", multipart, "raw") == "raw"
    assert best_offer("*/*, multipart/related;q=0.1", multipart, "raw") == "parts"


def test_several_accept_headers_are_one() -> None:
    headers = Headers(raw=[(b"accept", b"image/png;q=0.5"), (b"host", b"a"), (b"accept", b"image/svg+xml")])
    assert choose([], accept_of(headers), names=NAMES, offers=OFFERS, default="none") == "SVG"


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
