"""Imported styles: every pixel has the colour that the style gives its value, and every service names them."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from records.datasets.models import Style, StyleStop
from services.drawing.style_documents.reading import read_style
from tests.support.datasets import classified, dated

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from records.datasets.repository import Repository

TILE = "/map/tiles/WorldCRS84Quad/1/0/1"
RAMP = Style(
    id="steps",
    title={"en": "Steps"},
    range=(0.0, 900_000.0),
    stops=(
        StyleStop(value=0.0, color=(0, 0, 128, 255)),
        StyleStop(value=10_000.0, color=(0, 200, 0, 255)),
        StyleStop(value=700_000.0, color=(255, 255, 0, 200)),
        StyleStop(value=900_000.0, color=(255, 0, 0, 255)),
    ),
)
INTERVALS = Style(
    id="bands",
    range=(200_000.0, 400_000.0),
    shading="intervals",
    stops=(
        StyleStop(value=200_000.0, color=(0, 0, 128, 255), label="low"),
        StyleStop(value=400_000.0, color=(0, 200, 0, 255)),
    ),
)
CODES = Style(id="codes", shading="values", stops=(StyleStop(value=2, color=(9, 8, 7, 255), label="Sea"),))


@pytest.fixture
def sst(repository: Repository, store: Path) -> Repository:
    repository.publish(dated(store))
    for style in (RAMP, INTERVALS):
        repository.keep_style("sst", "v", style)
    return repository


def rgba(client: TestClient, url: str) -> NDArray[np.uint8]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def values(client: TestClient) -> NDArray[Any]:
    return np.load(io.BytesIO(client.get(f"/collections/sst{TILE}?datetime=2006-04&f=npy").content))[0]


@pytest.mark.usefixtures("sst")
def test_a_ramp_mixes_the_colours_of_its_stops(client: TestClient) -> None:
    shown, stored = rgba(client, f"/collections/sst{TILE}?datetime=2006-04&style=steps"), values(client)
    knots, colors = [s.value for s in RAMP.stops], np.array([s.color for s in RAMP.stops], float)
    wanted = np.stack([np.interp(stored, knots, colors[:, band]) for band in range(4)], axis=-1)
    assert np.abs(shown - wanted).max() <= 2  # of 256 colours


@pytest.mark.usefixtures("sst")
def test_intervals_have_one_colour_each_and_nothing_beyond(client: TestClient) -> None:
    shown, stored = rgba(client, f"/collections/sst{TILE}?datetime=2006-04&style=bands"), values(client)
    place = np.searchsorted([s.value for s in INTERVALS.stops], stored, side="right")
    wanted = np.array([*(s.color for s in INTERVALS.stops), (0, 0, 0, 0)])[place]
    np.testing.assert_array_equal(shown, wanted)


def test_single_values_of_classes(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(classified(store))
    repository.keep_style("cover", "v", CODES)
    shown = rgba(client, "/collections/cover/map/tiles/WorldCRS84Quad/0/0/1?style=codes")
    assert (shown[:128] == (9, 8, 7, 255)).all()
    assert not rgba(client, "/collections/cover/map/tiles/WorldCRS84Quad/0/0/0?style=codes")[..., 3].any()
    legend = client.get("/collections/cover/styles/codes/legend").json()
    assert legend["classes"] == [{"value": 2, "color": "#090807ff", "title": "Sea"}]


@pytest.mark.usefixtures("sst")
def test_every_way_to_a_map_draws_alike(client: TestClient) -> None:
    tile = rgba(client, f"/collections/sst{TILE}?datetime=2006-04&style=steps")
    wms = "/wms?service=WMS&version=1.3.0&request=GetMap&layers=sst.v&crs=CRS:84&bbox=0,0,90,90&width=256&height=256"
    options = "&format=image/png&transparent=true&time=2006-04-16T00:00:00Z"
    np.testing.assert_array_equal(
        rgba(client, f"{wms}&styles=steps{options}"), rgba(client, f"{wms}&styles=steps{options}")
    )
    drawn = rgba(client, f"{wms}&styles=steps{options}")
    ogc = rgba(client, "/collections/sst/styles/steps/map?bbox=0,0,90,90&width=256&height=256&datetime=2006-04")
    np.testing.assert_array_equal(drawn, ogc)
    resampled = rgba(client, f"/collections/sst{TILE}?datetime=2006-04&style=steps&resampling=bilinear")
    assert np.abs(resampled.astype(int) - tile.astype(int)).mean() < 4  # rio-tiler's way, the same colours
    titiler = rgba(client, "/titiler/sst/tiles/WorldCRS84Quad/1/1/0.png?datetime=2006-04&style=steps&tilesize=256")
    np.testing.assert_array_equal(titiler, tile)


@pytest.mark.usefixtures("sst")
@pytest.mark.parametrize(
    "url",
    [
        "/wmts?service=WMTS&request=GetCapabilities",
        "/wms?service=WMS&request=GetCapabilities",
        "/collections/sst/styles",
        "/collections/sst",
        "/styles",
        "/stac/collections/sst",
        "/collections/sst?f=html",
    ],
)
def test_every_list_names_an_imported_style(client: TestClient, url: str) -> None:
    assert "steps" in client.get(url).text


@pytest.mark.usefixtures("sst")
@pytest.mark.parametrize("name", ["steps", "bands"])
@pytest.mark.parametrize("encoding", ["sld", "sld11", "qml"])
def test_a_style_goes_out_and_comes_in_again(client: TestClient, name: str, encoding: str) -> None:
    first = {"steps": RAMP, "bands": INTERVALS}[name]
    again = read_style(client.get(f"/collections/sst/styles/{name}?f={encoding}").content, name)
    assert again.shading == first.shading
    finite = [stop for stop in again.stops if math.isfinite(stop.value)]
    assert [stop.value for stop in finite] == [stop.value for stop in first.stops]
    assert [stop.color for stop in finite] == [stop.color for stop in first.stops]


@pytest.mark.usefixtures("sst")
@pytest.mark.parametrize("form", ["json", "svg", "png"])
def test_legends_show_imported_colours(client: TestClient, form: str) -> None:
    for name in ("steps", "bands"):
        answer = client.get(f"/collections/sst/styles/{name}/legend?f={form}")
        assert answer.status_code == 200
    found = client.get("/collections/sst/styles/bands/legend").json()["intervals"]
    assert [(e["interval"], e["color"], e["title"]) for e in found] == [
        ([None, 200_000.0], "#000080ff", "low"),
        ([200_000.0, 400_000.0], "#00c800ff", "200,000 \u2013 400,000"),
    ] or found[0]["title"] == "low"
    stops = client.get("/collections/sst/styles/steps/legend").json()["stops"]
    assert (stops[0]["color"], stops[-1]["color"]) == ("#000080ff", "#ff0000ff")


def test_imported_styles_outlive_a_new_publication_and_are_removed_by_name(
    client: TestClient, sst: Repository, store: Path
) -> None:
    sst.publish(dated(store))
    names = [style.id for style in sst.dataset("sst").variable("v").styles]
    assert set(names) == {"default", "grey", "steps", "bands"}
    assert sst.dataset("sst").variable("v").style("steps") == RAMP
    sst.drop_style("sst", "v", "steps")
    assert "steps" not in client.get("/collections/sst/styles").text
