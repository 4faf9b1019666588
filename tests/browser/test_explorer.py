"""The page of a dataset: through time, at a place, in a box, beside another time, in other colours, and away."""

from __future__ import annotations

import csv
import io
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.browser.conftest import eventually, with_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

TURBIDITY = "/collections/linke-turbidity?f=html"
TEMPERATURE = "/collections/air-temperature-a1b?f=html"


def answer(url: str) -> bytes:
    with urllib.request.urlopen(quote(url, safe=":/?&=,%()")) as response:
        return bytes(response.read())


def click(page: Page, x: float, y: float) -> None:
    """Click on the map, at shares of its width and height."""
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def test_a_click_tells_the_value_of_the_cell_and_its_history(visit: Callable[..., Page], demo: str) -> None:
    page = with_map(visit(TURBIDITY))
    click(page, 0.5, 0.5)
    text = eventually(page, "/\\d/.test(document.querySelector('.place .value')?.textContent) && "
                            "document.querySelector('.place .value').textContent")  # fmt: skip
    place = parse_qs(urlsplit(page.url).fragment)["place"][0].replace(",", " ")
    url = f"{demo}/collections/linke-turbidity/position?coords=POINT({place})&datetime=../..&f=csv"
    rows = list(csv.reader(io.StringIO(answer(url).decode())))
    assert float(text.split()[0]) == pytest.approx(float(rows[-1][-1]), rel=1e-4)
    assert len(rows) == 1 + 12
    eventually(page, "document.querySelector('.place .plot canvas') !== null")
    assert page.locator(".place .plot").get_attribute("aria-label")


def test_a_chart_is_taken_away_as_csv_with_every_time(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#place=10,20"))
    eventually(page, "document.querySelector('.place .plot canvas') !== null")
    with page.expect_download() as download:
        page.locator(".history button", has_text="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == 'time,"Linke turbidity, 10.00°E 20.00°N"'
    assert len(lines) == 1 + 12


def test_the_link_of_a_view_shows_the_same_view(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#map=3.00/35.0/105.0&opacity=0.5&colormap=magma&range=1,5"))
    assert page.locator("#tool-look select").first.input_value() == "magma"
    assert page.locator("#tool-look input[type=number]").first.input_value() == "1"
    tiles = page.evaluate("performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('/xyz/'))")
    drawn = [tile for tile in tiles if "colormap_name=magma" in tile and "rescale=1,5" in tile]
    assert drawn
    legend = page.locator("figure.legend img.edited").get_attribute("src")
    assert legend
    assert "colormap_name=magma" in legend


def test_play_goes_through_the_times_and_the_link_follows(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "&datetime=2003-01"))
    page.get_by_role("button", name="Play").click()
    eventually(page, "new URL(location.href).searchParams.get('datetime') === '2003-04'")
    page.get_by_role("button", name="Pause").click()
    assert page.locator("#time").input_value() in ("2003-04", "2003-05")


def test_the_download_form_gives_what_it_says(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY))
    page.locator("[name=bbox]").fill("70,30,72,31")
    page.locator("select[name=f]").select_option("csv")
    assert "288 cells" in (page.locator("#download-size").text_content() or "")
    with page.expect_download() as download:
        page.locator("#download-form button[type=submit]").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) - 1 == 24 * 12


def test_a_download_takes_a_box_from_the_map_and_days_from_pickers(visit: Callable[..., Page]) -> None:
    page = with_map(visit("/collections/sea-surface-temperature?f=html"))
    page.locator("#download-form").get_by_role("button", name="Draw a box").click()
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + 300, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 250, steps=4)
    page.mouse.up()
    west, south, east, north = map(float, page.locator("[name=bbox]").input_value().split(","))
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    page.get_by_label("Time: From").fill("2006-05-01")
    page.get_by_label("Time: To").fill("2006-08-31")
    assert page.locator("#download-form [name=datetime]").input_value() == "2006-05-01/2006-08-31"
    page.get_by_role("button", name="All times").click()
    assert page.locator("#download-form [name=datetime]").input_value() == "../.."


def test_a_phone_shows_everything_without_scrolling_sideways(visit: Callable[..., Page]) -> None:
    page = visit(TEMPERATURE + "&lang=zh", has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 390, "height": 844})
    with_map(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_role("button", name="播放").is_visible()
    assert page.locator(".maplibregl-ctrl-zoom-in").get_attribute("title") == "放大"
