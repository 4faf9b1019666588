"""Processes as people use them: lists, shapes drawn on a map, live checks, examples, jobs, and requests of the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import eventually
from tests.browser.test_every_page import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ZONES = "/processes/zonal-statistics?f=html"


def test_a_polygon_is_drawn_and_its_statistics_become_a_job(visit: Callable[..., Page]) -> None:
    page = visit(ZONES)
    page.locator("#in-collection").select_option("linke-turbidity")
    assert page.locator("#in-variable option").all_text_contents()[1:] == ["Linke turbidity"]
    assert "12 times" in (page.locator("#times-hint").text_content() or "")
    assert "cells are read" in (page.locator("#cost").text_content() or "")
    page.locator("[data-widget=polygons] button", has_text="Draw").click()
    page.locator("svg.drawable").first.scroll_into_view_if_needed()
    box = page.locator("svg.drawable").first.bounding_box()
    assert box
    for x, y in [(0.6, 0.3), (0.7, 0.3), (0.7, 0.4)]:
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.get_by_role("button", name="Done").click()
    drawn = json.loads(page.locator("#in-polygons").input_value())
    assert len(drawn["features"][0]["geometry"]["coordinates"][0]) == 4
    page.locator("#in-datetime").fill("2003-07")
    page.locator(".ticks input[value=max]").check()
    page.locator(".ticks input[value=mean]").check()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_url("**/jobs/*")
    page.goto(page.url.split("/jobs/")[0] + "/jobs?f=html")
    page.wait_for_url("**ids=*")
    assert "Zonal statistics: Linke turbidity" in (page.locator(".list .card").first.text_content() or "")


def test_a_value_is_checked_while_it_is_typed(visit: Callable[..., Page]) -> None:
    page = visit("/processes/trend?f=html&lang=zh")
    page.locator("#in-bbox").fill("10,20,30")
    assert page.locator("#in-bbox").get_attribute("aria-invalid") == "true"
    assert "西,南,东,北" in (page.locator("[data-widget=box] .problem").text_content() or "")
    page.locator("#in-bbox").fill("10,20,30,40")
    assert page.locator("#in-bbox").get_attribute("aria-invalid") is None
    page.locator("#in-polygons").fill("{oops")
    assert "JSON" in (page.locator("[data-widget=polygons] .problem").text_content() or "")


@pytest.mark.parametrize("process", ["zonal-statistics", "time-series", "plot", "trend"])
def test_an_example_is_filled_in_and_runs_without_scripts(visit: Callable[..., Page], process: str) -> None:
    page = visit(f"/processes/{process}?f=html", java_script_enabled=False)
    page.get_by_role("link", name="Fill in an example").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_url("**/jobs/*")


def test_a_form_fits_a_phone_and_is_accessible(visit: Callable[..., Page]) -> None:
    page = visit("/processes/air-sea-co2-flux?f=html&lang=zh&example=1", is_mobile=True, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".options summary").click()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_of_the_api_sends_requests(visit: Callable[..., Page]) -> None:
    page = visit("/api?f=html", color_scheme="dark")
    page.get_by_role("button", name="Try requests").click()
    eventually(page, "document.querySelector('.opblock-tag') !== null")
    page.locator(".opblock-tag").first.click()
    page.locator(".opblock-summary").first.click()
    page.locator(".btn.execute").first.click()
    answered = (
        "[...document.querySelectorAll('.live-responses-table td')].some((cell) => cell.textContent.trim() === '200')"
    )
    eventually(page, answered)
    # Swagger UI draws a second <main>, which takes another role here
    assert [fault for fault in faults(page) if fault[0] != "aria-allowed-role"] == []
