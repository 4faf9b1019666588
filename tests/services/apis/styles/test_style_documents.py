"""OGC API Styles: lists, metadata and stylesheets, and what the stylesheets say of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from lxml import etree

from tests.support.catalogues import reading
from tests.support.datasets import CLASSES, classified, dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from tests.support.database import Server

SE = "{http://www.opengis.net/se}"
SLD = "application/vnd.ogc.sld+xml"
TYPES = {
    "sld": f"{SLD};version=1.0",
    "sld11": f"{SLD};version=1.1",
    "qml": "application/vnd.qgis.style+xml",
    "maplibre": "application/vnd.mapbox.style+json",
}


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst` and `cover`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated, classified) as client:
        yield client


def test_the_list_of_all_styles_leads_to_each(reader: TestClient) -> None:
    found = reader.get("/styles").json()
    assert [entry["id"] for entry in found["styles"]] == ["cover.v.default", "sst.v.default", "sst.v.grey"]
    for entry in found["styles"]:
        for link in entry["links"]:
            assert reader.get(link["href"]).headers["content-type"].startswith(link["type"].split(";")[0])
    page = reader.get("/styles?limit=1").json()
    assert [entry["id"] for entry in page["styles"]] == ["cover.v.default"]
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    assert [entry["id"] for entry in reader.get(following).json()["styles"]] == ["sst.v.default", "sst.v.grey"]


@pytest.mark.parametrize("path", ["/collections/sst/styles/grey", "/styles/sst.v.grey"])
@pytest.mark.parametrize("name", TYPES)
def test_a_style_comes_in_each_encoding_by_f_and_by_accept(reader: TestClient, path: str, name: str) -> None:
    by_f = reader.get(f"{path}?f={name}")
    by_accept = reader.get(path, headers={"Accept": TYPES[name]})
    by_path = reader.get(f"/collections/sst/styles/grey/{name}")
    assert by_f.status_code == 200
    assert by_f.headers["content-type"] == by_accept.headers["content-type"] == TYPES[name]
    assert by_f.content == by_accept.content == by_path.content


def test_a_style_is_json_unless_something_else_is_asked_for(reader: TestClient) -> None:
    for accept in ("*/*", "application/json", "image/avif,*/*;q=0.5"):
        answer = reader.get("/styles/sst.v.grey", headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/json"
    assert reader.get("/styles/sst.v.grey", headers={"Accept": "text/html"}).text.startswith("<!doctype html>")
    assert reader.get("/styles/sst.v.grey?f=gif").status_code == 400


@pytest.mark.parametrize("name", ["sst.v.mauve", "sst.v", "sst", "absent.v.default", "sst.w.default"])
def test_what_is_no_style_is_404(reader: TestClient, name: str) -> None:
    assert reader.get(f"/styles/{name}").status_code == 404
    assert reader.get(f"/styles/{name}/metadata").status_code == 404


@pytest.mark.parametrize("path", ["/collections/sst/styles/grey/metadata", "/styles/sst.v.grey/metadata"])
def test_metadata_name_the_stylesheets_and_the_layer(reader: TestClient, path: str) -> None:
    found = reader.get(path).json()
    assert (found["id"], found["title"], found["scope"]) == ("grey", "Grey", "style")
    assert found["updated"].endswith("Z")
    assert [sheet["link"]["type"] for sheet in found["stylesheets"]] == list(TYPES.values())
    for sheet in found["stylesheets"]:
        assert sheet["version"]
        assert reader.get(sheet["link"]["href"]).headers["content-type"] == sheet["link"]["type"]
    (layer,) = found["layers"]
    assert (layer["id"], layer["type"]) == ("sst.v", "raster")
    assert reader.get(layer["sampleData"]["href"]).status_code == 200


def test_sld_11_interpolates_between_the_values_of_the_ramp(reader: TestClient) -> None:
    root = etree.fromstring(reader.get("/styles/sst.v.grey?f=sld11").content)
    assert root.get("version") == "1.1.0"
    points = root.findall(f".//{SE}Interpolate/{SE}InterpolationPoint")
    values = [float(point.findtext(SE + "Data")) for point in points]
    colors = [point.findtext(SE + "Value") for point in points]
    assert (values[0], values[-1]) == (0.0, 900_000.0)
    assert (colors[0], colors[-1]) == ("#000000", "#ffffff")
    assert np.all(np.diff(values) > 0)


def test_sld_11_has_each_class_in_an_interval_of_its_own(reader: TestClient) -> None:
    root = etree.fromstring(reader.get("/styles/cover.v.default?f=sld11").content)
    (steps,) = root.findall(f".//{SE}Categorize")
    thresholds = [float(e.text) for e in steps.findall(SE + "Threshold")]
    colors = [e.text for e in steps.findall(SE + "Value")]
    drawn = {code: colors[int(np.searchsorted(thresholds, code, side="right"))] for code in (0, 1, 2, 3)}
    hexadecimal = {c.value: "#" + "".join(f"{part:02x}" for part in c.color[:3]) for c in CLASSES}
    assert drawn == {0: "#00000000", 1: hexadecimal[1], 2: hexadecimal[2], 3: "#00000000"}
