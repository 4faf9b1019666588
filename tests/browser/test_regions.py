"""Regions on the page of a dataset: named, drawn, typed, and from files; against the processes and against EDR."""

from __future__ import annotations

import io
import json
import struct
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import eventually, with_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

TURBIDITY = "/collections/linke-turbidity?f=html&datetime=2003-07"
RING = [[100.0, 20.0], [100.0, 30.0], [112.0, 30.0], [112.0, 20.0], [100.0, 20.0]]
VALUE = "document.querySelector('.region .value')?.textContent"
DONE = f"/\\d/.test({VALUE}) && {VALUE}"


def mean_of(demo: str, polygon: dict[str, Any]) -> float:
    asked = {
        "inputs": {"collection": "linke-turbidity", "polygons": polygon, "datetime": "2003-07", "weights": "area"},
        "outputs": {"statistics": {"format": {"mediaType": "application/json"}}},
    }
    request = urllib.request.Request(
        f"{demo}/processes/zonal-statistics/execution",
        json.dumps(asked).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return float(json.load(answer)["rows"][0]["statistics"]["mean"])


def shown_mean(page: Page) -> float:
    return float(eventually(page, DONE).split()[1])


def shapefile(ring: list[list[float]], projection: str) -> bytes:
    """A zipped shapefile of one polygon, whose ring runs clockwise."""
    points = b"".join(struct.pack("<2d", *point) for point in ring)
    content = struct.pack("<i4d2ii", 5, 100, 20, 112, 30, 1, len(ring), 0) + points
    record = struct.pack(">2i", 1, len(content) // 2) + content
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(record)) // 2) + struct.pack("<2i8d", 1000, 5, *[0.0] * 8)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("area.shp", head + record)
        archive.writestr("area.prj", projection)
    return file.getvalue()


POLYGON = {"type": "Polygon", "coordinates": [RING]}
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>'
    + " ".join(f"{x},{y},0" for x, y in RING)
    + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
)


def test_a_named_region_has_statistics_a_histogram_and_a_series(visit: Callable[..., Page], demo: str) -> None:
    page = with_map(visit(TURBIDITY + "&lang=zh"))
    page.get_by_role("button", name="区域统计").click()
    eventually(page, "document.querySelectorAll('#tool-region option').length > 200")
    page.get_by_label("按名称").select_option("cn-sc")
    with urllib.request.urlopen(f"{demo}/regions/cn-sc") as answer:
        geometry = json.load(answer)["geometry"]
    assert shown_mean(page) == pytest.approx(mean_of(demo, geometry), rel=1e-4)
    assert page.locator(".region h3").text_content() == "林克浑浊度 · 四川省"
    eventually(
        page, "document.querySelector('.region .plot.low canvas') && document.querySelector('.region .history canvas')"
    )
    assert "直方图" in (page.locator(".region .plot.low").get_attribute("aria-label") or "")
    with page.expect_download() as download:
        page.locator(".region .history button", has_text="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 1 + 12
    assert "region=cn-sc" in page.url


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("area.geojson", json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {}, "geometry": POLYGON}]}).encode()),
        ("area.kml", KML.encode()),
        ("area.zip", shapefile(RING, 'GEOGCS["WGS 84"]')),
    ],
)  # fmt: skip
def test_a_polygon_comes_from_a_file(visit: Callable[..., Page], demo: str, name: str, content: bytes) -> None:
    page = with_map(visit(TURBIDITY))
    page.get_by_role("button", name="Region").click()
    page.locator("#tool-region input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    assert shown_mean(page) == pytest.approx(mean_of(demo, POLYGON), rel=1e-4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "cannot be read"),
        (b'{"type": "Point", "coordinates": [1, 2]}', "no polygons"),
        (
            b'{"type": "Polygon", "coordinates": [[[400000, 1], [500000, 1], [400000, 2], [400000, 1]]]}',
            "not in degrees",
        ),
        (shapefile(RING, 'PROJCS["UTM"]'), "not in degrees"),
        (b"PK\x03\x04" + bytes(100), "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(visit: Callable[..., Page], content: bytes, words: str) -> None:
    page = with_map(visit(TURBIDITY))
    page.get_by_role("button", name="Region").click()
    page.locator("#tool-region input[type=file]").set_input_files(
        {"name": "area", "mimeType": "application/octet-stream", "buffer": content}
    )
    assert eventually(page, f"document.querySelector('#tool-region output').textContent.includes('{words}')")


def test_a_polygon_is_drawn_with_the_mouse_and_with_the_keyboard(visit: Callable[..., Page]) -> None:
    page = with_map(visit(TURBIDITY + "#map=3.00/25.0/105.0"))
    page.get_by_role("button", name="Region").click()
    page.get_by_role("button", name="Draw a polygon").click()
    box = page.locator("#map").bounding_box()
    assert box
    for x, y in ((500, 250), (620, 250), (560, 340)):
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(400)
    page.get_by_role("button", name="Finish").click()
    assert shown_mean(page) > 1
    assert page.url.split("region=")[1].count(",") == 5
    page.locator(".region").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Draw a polygon").click()
    add = page.get_by_role("button", name="Add the middle of the map")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        add.press("Enter")
        page.locator(".maplibregl-canvas").first.focus()
        before = page.evaluate("location.hash")
        page.keyboard.press(key)
        eventually(page, f"location.hash !== {before!r}")  # the map has moved
    page.get_by_role("button", name="Finish").press("Enter")
    assert shown_mean(page) > 1


def test_a_box_is_dragged_and_typed_and_a_job_answers_all_times(visit: Callable[..., Page], demo: str) -> None:
    page = with_map(visit(TURBIDITY))
    page.get_by_role("button", name="Region").click()
    page.get_by_role("group", name="Region").get_by_role("button", name="Draw a box").click()
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + 500, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 640, box["y"] + 260, steps=4)
    page.mouse.up()
    assert shown_mean(page) > 0
    page.get_by_label("By corners").fill("100,20,112,30")
    page.get_by_label("By corners").press("Enter")
    eventually(page, "document.querySelector('.region h3').textContent.includes('100, 20, 112, 30')")
    assert shown_mean(page) == pytest.approx(mean_of(demo, POLYGON), rel=1e-4)
    page.get_by_role("button", name="All statistics at all times, as a job").click()
    href = eventually(page, "document.querySelector('.region a.job')?.getAttribute('href')")
    with urllib.request.urlopen(f"{demo}{href}") as answer:
        assert json.load(answer)["processID"] == "zonal-statistics"
