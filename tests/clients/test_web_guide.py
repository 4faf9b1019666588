"""The JavaScript of the guide for web pages, in Chromium, with the libraries from npm, on a page of another origin."""

from __future__ import annotations

import mimetypes
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Route, sync_playwright

from services.portal.pages.guides import WRITTEN_BASE
from tests.support.guides import code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.timeout(600)  # the first of them starts the demo
LIBRARIES = Path(__file__).parent / "web" / "node_modules"
ORIGIN = "http://page.example/"
WAIT_S = 90
FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-features=LocalNetworkAccessChecks",  # the page is not on this machine by its name
)
IMPORTS = """<script type="importmap">{"imports": {
  "ol/": "/ol/", "rbush": "/rbush/index.js", "quickselect": "/quickselect/index.js"}}</script>"""
LEAFLET = '<script src="leaflet/dist/leaflet.js"></script>'
CESIUM = """<script>window.CESIUM_BASE_URL = "cesium/Build/Cesium/"</script>
<script src="cesium/Build/Cesium/Cesium.js"></script>"""
MAPLIBRE = """import * as maplibregl from "./maplibre-gl/dist/maplibre-gl.mjs";
maplibregl.setWorkerUrl(new URL("./maplibre-gl/dist/maplibre-gl-worker.mjs", document.baseURI).href);
"""
BEFORE = {
    "Leaflet": (LEAFLET, ""),
    "MapLibre, a style": ("", MAPLIBRE),
    "MapLibre, a source": (
        "",
        MAPLIBRE
        + 'const map = new maplibregl.Map({container: "map", style: {version: 8, sources: {}, layers: []}});\n'
        + 'await map.once("load");\n',
    ),
    "OpenLayers": (
        IMPORTS,
        """import Map from "ol/Map.js";
import View from "ol/View.js";
const map = new Map({target: "map", view: new View({center: [0, 0], zoom: 2})});
""",
    ),
    "Cesium": (CESIUM, 'const viewer = new Cesium.Viewer("map", {baseLayer: false, geocoder: false});\n'),
    "The value": (LEAFLET, 'const map = L.map("map").setView([35, 105], 4);\n'),
}
"""What a page has before the code of the guide: tags, and script."""


def block(name: str) -> str:
    """The code that goes with a preparation; the block of a plugin of Leaflet is left out."""
    blocks = [one for one in code("web", "js") if "timeDimension" not in one]
    return dict(zip(BEFORE, blocks, strict=True))[name]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skips without it, or without the libraries."""
    program = shutil.which("chromium")
    if program is None or not LIBRARIES.exists():
        pytest.skip("not run: chromium, or npm ci --prefix tests/clients/web, is missing")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


def _serve(route: Route, page: str) -> None:
    """Answer for the other origin: its page, and files of the libraries."""
    path = route.request.url.removeprefix(ORIGIN).split("?")[0]
    file = LIBRARIES / path
    if not path:
        route.fulfill(content_type="text/html", body=page)
    elif file.is_file():
        route.fulfill(content_type=mimetypes.guess_type(file.name)[0] or "text/javascript", body=file.read_bytes())
    else:
        route.fulfill(status=404, body="")


@pytest.fixture
def visit(browser: Browser, demo: str) -> Iterator[Any]:
    """Opens a page with the code of a guide; returns it, with what it got of the demo and what went wrong."""
    contexts = []

    def opened(name: str) -> tuple[Page, list[tuple[str, int, str]], list[str]]:
        tags, script = BEFORE[name]
        body = (
            f"{script}{block(name).replace(WRITTEN_BASE, demo)}\nwindow.map_ = typeof map === 'undefined' ? null : map;"
        )
        html = (
            '<!doctype html><meta charset="utf-8"><style>#map{width:600px;height:600px}</style><div id="map"></div>'
            f'{tags}<script type="module">{body}</script>'
        )
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        got: list[tuple[str, int, str]] = []
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "response",
            lambda answer: (
                got.append((answer.url, answer.status, answer.headers.get("content-type", "")))
                if answer.url.startswith(demo)
                else None
            ),
        )
        page.route(ORIGIN + "**", lambda route: _serve(route, html))
        page.goto(ORIGIN)
        return page, got, faults

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", [name for name in BEFORE if name != "The value"])
def test_a_library_draws_what_the_guide_says(visit: Any, name: str) -> None:
    page, got, faults = visit(name)
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and not any(kind.startswith("image/") for _, _, kind in got):
        page.wait_for_timeout(200)
    assert faults == []
    assert got
    assert [(url, status) for url, status, _ in got if status != 200] == []
    assert any(kind.startswith("image/") for _, _, kind in got)


def test_a_click_logs_the_value_that_is_there(visit: Any, demo: str) -> None:
    page, _, faults = visit("The value")
    with page.expect_console_message(timeout=WAIT_S * 1000) as told:
        page.evaluate("window.map_.fire('click', {latlng: L.latLng(39.9, 116.4)})")
    assert faults == []
    assert 1 < float(told.value.text) < 13
