"""Every page, in both languages, wide and on a phone, light and dark: no fault of accessibility, nothing cut off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

AXE: Final = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
PAGES: Final = {
    "home": "/",
    "collections": "/collections",
    "collections-none": "/collections?q=nothing-of-that-name",
    "dataset": "/collections/linke-turbidity",
    "dataset-of-classes": "/collections/altitude",
    "dataset-by-date": "/collections/air-temperature-a1b",
    "map-of-layers": "/map",
    "help": "/help",
    "guide": "/help/science",
    "granules": "/collections/air-temperature-a1b/granules",
    "styles": "/collections/linke-turbidity/styles",
    "style": "/collections/linke-turbidity/styles/default",
    "tilesets": "/collections/linke-turbidity/map/tiles",
    "tileset": "/collections/linke-turbidity/map/tiles/WebMercatorQuad",
    "records": "/collections/records/items",
    "records-by-words": "/collections/records/items?words=temperature",
    "records-collection": "/collections/records",
    "record": "/collections/records/items/linke-turbidity",
    "processes": "/processes",
    "process": "/processes/zonal-statistics",
    "jobs": "/jobs",
    "tile-matrix-sets": "/tileMatrixSets",
    "tile-matrix-set": "/tileMatrixSets/WebMercatorQuad",
    "conformance": "/conformance",
    "api": "/api",
    "opendap": "/dap/linke-turbidity.html",
    "missing": "/collections/nothing-of-that-name",
    "refused": "/collections/records/items?datetime=yesterday",
}
LOOKS: Final = {
    "wide": ("en", {"color_scheme": "light"}, (1280, 900)),
    "phone": ("zh", {"color_scheme": "dark", "is_mobile": True, "has_touch": True}, (390, 844)),
}


def faults(page: Page) -> list[tuple[str, str, list[str]]]:
    """The violations that axe sees: (rule, impact, HTML of the places)."""
    if not AXE.exists():
        pytest.skip("not run: npm ci --prefix tests/browser installs axe-core")
    page.evaluate(AXE.read_text())
    seen: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [(v["id"], v["impact"], [node["html"][:200] for node in v["nodes"]]) for v in seen["violations"]]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits(name: str, look: str, visit: Callable[..., Page]) -> None:
    language, options, (width, height) = LOOKS[look]
    path = PAGES[name]
    query = f"{'&' if '?' in path else '?'}f=html&lang={language}"
    page = visit(path + ("" if path.endswith(".html") else query), **options)
    page.set_viewport_size({"width": width, "height": height})
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_prints_its_content_without_its_controls(visit: Callable[..., Page]) -> None:
    page = visit("/collections/linke-turbidity?f=html", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("h1").is_visible()
    assert page.locator("#variables").is_visible()
    assert not page.locator("header.top").is_visible()
    assert not page.locator("#download-form button[type=submit]").is_visible()
    color = page.evaluate("getComputedStyle(document.body).color")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (color, background) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
