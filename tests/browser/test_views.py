"""Views of the data: poles, globe, names, frames in other pages, several layers, and every time."""

from __future__ import annotations

import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from pyproj import Transformer

from tests.browser.conftest import PATIENCE_S, eventually, with_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

TURBIDITY = "/collections/linke-turbidity?f=html"
PROJECTED = """async () => {
    const main = document.querySelector('script[src$="explorer/main.js"]').src;
    await import(main.replace('main.js', 'view/polar_stereographic.js'));
    const { forward, inverse } = globalThis.polarStereographic('%s');
    return %s.map((point) => [forward(point), inverse(forward(point))]);
}"""
POINTS = {
    "EPSG:3413": [[0, 90], [116.4, 39.9], [-45, 70], [170, 5]],
    "EPSG:3031": [[0, -90], [77.9, -37.8], [-70, -65]],
}
ASKED = "performance.getEntriesByType('resource').some(e => decodeURIComponent(e.name).includes('{}'))"


@pytest.mark.parametrize("name", sorted(POINTS))
def test_polar_coordinates_agree_with_proj(visit: Callable[..., Page], name: str) -> None:
    page = visit(TURBIDITY)
    transformer = Transformer.from_crs("OGC:CRS84", name, always_xy=True)
    for point, (there, back) in zip(POINTS[name], page.evaluate(PROJECTED % (name, POINTS[name])), strict=True):
        assert there == pytest.approx(transformer.transform(*point), abs=0.01)
        assert abs(point[1]) == 90 or back == pytest.approx(point, abs=1e-9)


def test_the_arctic_is_drawn_in_its_own_projection_and_told_in_degrees(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "&lang=zh"))
    with page.expect_event("domcontentloaded"):  # the page is loaded anew
        page.locator(".view select").select_option("north")
    with_map(page)
    assert eventually(page, ASKED.format("crs=[EPSG:3413]"))
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 40, steps=5)
    assert "N" in eventually(page, "document.querySelector('.coordinates').textContent")


def test_a_globe_and_names_are_chosen_and_kept(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY))
    eventually(page, "document.querySelector('.maplibregl-ctrl-attrib').textContent.includes('GeoNames')")
    page.locator(".view select").select_option("globe")
    page.get_by_label("Place names").uncheck()
    assert "view=globe" in page.url
    assert "names=off" in page.url


@contextmanager
def another_site(content: str) -> Iterator[str]:
    """The URL of a page with some content, on a host of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Another site</title>{content}".encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_a_frame_of_another_site_shows_the_map_alone(demo: str, browser: Browser, visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "&datetime=2003-07"))
    page.get_by_role("button", name="Share").click()
    code = page.get_by_label("Code for another page").input_value()
    assert "embed=true" in code
    context = browser.new_context()
    other = context.new_page()
    with another_site(code) as url:
        other.goto(url)
        frame = other.frames[1]
        frame.wait_for_selector(".timeline", timeout=PATIENCE_S * 1000)
        assert frame.locator("#time").input_value() == "2003-07"
        assert frame.locator(".tools, .top, #download-form").count() == 0
    context.close()
    with urllib.request.urlopen(f"{demo}{TURBIDITY}") as answer:
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_layers_are_added_ordered_faded_and_kept_in_the_address(visit: Callable[..., Page]) -> None:
    page = visit("/map?f=html")
    eventually(page, "document.body.dataset.ready")
    for dataset in ("linke-turbidity", "altitude"):
        page.get_by_label("Dataset").select_option(dataset)
        eventually(page, f"document.querySelector('[name=variable]').value === '{dataset.replace('-', '_')}'")
        page.get_by_role("button", name="Add").click()
        eventually(page, f"location.hash.includes('{dataset}~')")
    page.get_by_label("Opacity").first.fill("0.5")
    assert page.url.split("layers=")[1].startswith("altitude~altitude~")
    page.get_by_role("button", name="Down").first.click()
    kept = page.url.split("layers=")[1]
    assert kept.startswith("linke-turbidity~")
    again = visit("/map?f=html#layers=" + kept)
    eventually(again, "document.body.dataset.ready && document.querySelectorAll('.layer').length === 2")
    assert again.get_by_label("Opacity").last.input_value() == "0.5"


def moment(page: Page) -> Any:
    return page.evaluate("document.getElementById('time').value")


def test_a_calendar_of_360_days_has_a_slider_and_steps_by_year(visit: Callable[..., Page]) -> None:
    page = with_map(visit("/collections/air-temperature-a1b?f=html&datetime=2000-06-01"))
    slider = page.locator(".period input")
    slider.wait_for(timeout=PATIENCE_S * 1000)
    assert page.locator("canvas.strip").get_attribute("aria-label") == "240 times."
    slider.press("ArrowRight")
    eventually(page, "new URL(location.href).searchParams.get('datetime') === '2001-06-01T00:00:00Z'")
    slider.press("Home")
    eventually(page, "new URL(location.href).searchParams.get('datetime').startsWith('1860')")
    assert moment(page).startswith("1860")
