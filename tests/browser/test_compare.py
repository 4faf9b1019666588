"""Two maps on one place: another time, another dataset, and their difference."""

from __future__ import annotations

import io
import urllib.request
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.browser.conftest import eventually, with_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

TURBIDITY = "/collections/linke-turbidity?f=html"
DIFFERENCE = """async () => {
    const main = document.querySelector('script[src$="explorer/main.js"]').src;
    const { differences, npy } = await import(main.replace('main.js', 'compare/difference.js'));
    const tile = async (time) =>
        npy(await (await fetch(`/xyz/linke-turbidity/linke_turbidity/default/${time}/2/2/1.npy`)).arrayBuffer());
    return differences(await tile('2003-07'), await tile('2003-02')).values[10 * 256 + 20];
}"""
ASKED = "performance.getEntriesByType('resource').some(e => e.name.includes('{}'))"


def test_two_times_are_compared_at_a_bar(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#compare=2003-02"))
    eventually(page, "document.querySelector('.compared-name.left')?.textContent.includes('2003-02')")
    assert eventually(page, ASKED.format("/2003-02/"))
    page.locator(".swipe").focus()
    page.keyboard.press("Home")
    assert "inset(0px 100% 0px 0px)" in page.evaluate("document.querySelector('.compared').style.clipPath")


def test_another_dataset_stands_beside_this_one_and_the_link_keeps_it(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "&lang=zh"))
    page.get_by_role("button", name="对比").click()
    eventually(page, "document.querySelectorAll('#tool-compare option').length > 3")
    page.locator("#tool-compare select").first.select_option("altitude")
    page.get_by_label("并排").check()
    assert eventually(page, ASKED.format("/xyz/altitude/"))
    assert eventually(page, "document.querySelector('#map.beside') !== null")
    assert eventually(page, "location.hash.includes('compare=altitude/')")
    assert "mode=side" in page.url


def test_the_difference_of_two_times_is_that_of_their_cells(visit: Callable[..., Page], demo: str) -> None:
    page = with_map(visit(TURBIDITY + "&datetime=2003-07#map=2.00/20.0/80.0&compare=2003-02&mode=difference"))
    eventually(page, "document.querySelector('.difference-legend') !== null")
    tiles = [
        np.load(io.BytesIO(urllib.request.urlopen(f"{demo}/xyz/linke-turbidity/linke_turbidity/default/{t}/2/2/1.npy").read()))
        for t in ("2003-07", "2003-02")
    ]  # fmt: skip
    expected = float((tiles[0][0].astype("float64") - tiles[1][0])[10, 20])
    told = page.evaluate(DIFFERENCE)
    assert told == pytest.approx(expected, abs=1e-6)


def test_there_is_no_difference_of_unlike_cells(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#compare=sea-surface-temperature/surface_temperature//&mode=difference"))
    text = eventually(page, "/not the same/.test(document.querySelector('#tool-compare output').textContent)")
    assert text


def test_times_are_compared_in_the_view_of_a_pole(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#view=north&compare=2003-02"))
    eventually(page, "document.querySelector('.compared-name.left')?.textContent.includes('2003-02')")
    assert eventually(page, "decodeURIComponent(performance.getEntriesByType('resource').map(e => e.name).join())"
                            ".includes('datetime=2003-02&crs=[EPSG:3413]')")  # fmt: skip
    assert page.locator("[name=compare-mode]").count() == 2  # no difference, which is made of tiles in Web Mercator
    assert page.locator("#tool-compare select").last.input_value() == "2003-02"


def test_the_compared_map_bends_with_the_other_one(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#compare=2003-02&mode=side"))
    eventually(page, "document.querySelector('.compared') && !document.querySelector('.compared.waiting')")
    page.locator(".view select").select_option("globe")
    eventually(page, "document.querySelector('.compared-name.left').textContent.includes('2003-02')")
    assert "mode=side" in page.url
    assert "view=globe" in page.url
