"""The home page and the search of the catalogue, by keyboard, by pointer, and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

SEARCH = "/collections/records/items?f=html"


def test_a_word_half_typed_is_suggested_with_pictures_and_taken_by_keys(visit: Callable[..., Page]) -> None:
    page = visit("/?f=html")
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("temp")
    eventually(page, "document.querySelectorAll('.suggestions [role=option]').length >= 4")
    eventually(page, "document.querySelector('.suggestions img')?.naturalWidth > 0")
    page.keyboard.press("ArrowDown")
    chosen = page.locator(".suggestions [aria-selected=true]").text_content()
    assert box.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/collections/records/items*")
    assert parse_qs(urlsplit(page.url).query)["words"] == [f'"{chosen}"']
    assert page.locator(".list .card").count() >= 1


def test_escape_closes_the_suggestions_and_a_title_opens_its_record(visit: Callable[..., Page]) -> None:
    page = visit(SEARCH + "&lang=zh")
    box = page.get_by_role("combobox", name="检索词")
    box.fill("北美")
    eventually(page, "document.querySelectorAll('.suggestions [role=option]').length >= 1")
    page.keyboard.press("Escape")
    assert not page.locator(".suggestions").is_visible()
    box.fill("北美地")
    eventually(page, "document.querySelectorAll('.suggestions [role=option]').length >= 1")
    page.get_by_role("option").filter(has_text="北美").first.click()
    page.wait_for_url("**/items/air-temperature-a1b*")
    assert page.locator("html").get_attribute("lang") == "zh-CN"


@pytest.mark.parametrize("scripts", [True, False])
def test_dates_are_chosen_from_a_calendar_and_errors_keep_the_form(visit: Callable[..., Page], scripts: bool) -> None:
    page = visit(SEARCH, java_script_enabled=scripts)
    page.locator("[name=from]").fill("2010-01-01")
    page.locator("[name=to]").fill("2001-01-01")
    page.locator("[name=words]").fill("temperature")
    page.locator("#find button").click()
    assert page.get_by_role("alert").is_visible()
    assert page.locator("[name=words]").input_value() == "temperature"
    assert page.locator("[name=from]").input_value() == "2010-01-01"
    page.locator("[name=from]").fill("2000-01-01")
    page.locator("#find button").click()
    assert page.get_by_role("alert").count() == 0
    assert page.locator(".list .card").count() >= 1
    assert page.locator("[name=to]").input_value() == "2001-01-01"


def test_a_box_is_drawn_on_the_map(visit: Callable[..., Page]) -> None:
    page = visit(SEARCH)
    place = page.locator("#place").bounding_box()
    assert place
    page.mouse.move(place["x"] + 10, place["y"] + 10)
    page.mouse.down()
    page.mouse.move(place["x"] + 90, place["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_url("**bbox=*")
    box = [float(n) for n in parse_qs(urlsplit(page.url).query)["bbox"][0].split(",")]
    assert box[0] < box[2]
    assert box[1] < box[3]


def test_a_phone_shows_results_before_what_narrows_them(visit: Callable[..., Page]) -> None:
    page = visit(SEARCH, is_mobile=True, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    first, narrow = (page.locator(name).first.bounding_box() for name in (".list .card", "#narrow"))
    assert first
    assert narrow
    assert first["y"] < 844
    assert narrow["y"] > first["y"]


@pytest.mark.parametrize(("language", "words"), [("en", "Datasets with data"), ("zh", "有数据的数据集")])
def test_the_home_page_says_in_numbers_what_is_held(visit: Callable[..., Page], language: str, words: str) -> None:
    page = visit(f"/?f=html&lang={language}", java_script_enabled=False)
    held = dict(zip(page.locator(".numbers dt").all_text_contents(), page.locator(".numbers dd").all_text_contents(),
                    strict=True))  # fmt: skip
    assert int(held[words]) >= 5
    assert page.locator(".thumb").count() >= 4
