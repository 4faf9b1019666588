"""Tilesets, tile matrix sets, TileJSON, styles and legends."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from config.setting_groups.server import ServerSettings
from config.settings import Settings
from records.datasets.models import Access
from services.drawing.legends.ticks import ticks
from services.drawing.tiles.matrix_sets import builtin_ids
from tests.support.catalogues import client_of, reading
from tests.support.datasets import classified, dated
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository
    from tests.support.database import Server

HOME = "http://localhost:8080/collections/sst/map/tiles"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CRS = {
    "WebMercatorQuad": "http://www.opengis.net/def/crs/EPSG/0/3857",
    "WorldCRS84Quad": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
}


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


def test_the_list_has_a_tileset_for_each_matrix_set(reader: TestClient) -> None:
    found = reader.get("/collections/sst/map/tiles").json()["tilesets"]
    assert [t["tileMatrixSetId"] for t in found] == list(builtin_ids())  # each shows some of a global dataset
    for entry in found:
        link = next(k for k in entry["links"] if k["rel"] == "self")
        assert link["type"] == "application/json"
        assert reader.get(link["href"]).status_code == 200


@pytest.mark.parametrize("name", list(CRS))
def test_a_tileset_says_what_clients_ask_for(reader: TestClient, name: str) -> None:
    found = reader.get(f"/collections/sst/map/tiles/{name}").json()
    assert (found["dataType"], found["crs"], found["tileMatrixSetId"]) == ("map", CRS[name], name)
    assert found["tileMatrixSetURI"] == f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{name}"
    schemes = [k["href"] for k in found["links"] if k["rel"] == REL + "tiling-scheme"]
    assert schemes == [f"http://localhost:8080/tileMatrixSets/{name}"]
    assert found["boundingBox"]["crs"] == found["centerPoint"]["crs"] == CRS["WorldCRS84Quad"]
    assert found["centerPoint"]["coordinates"] == pytest.approx([0, 0])


def test_item_links_are_typed_literal_templates_that_work(reader: TestClient) -> None:
    found = reader.get("/collections/sst/map/tiles/WebMercatorQuad?datetime=2006-05").json()
    items = [k for k in found["links"] if k["rel"] == "item"]
    assert [k["type"] for k in items] == ["image/png", "image/webp", "image/jpeg"]
    for item in items:
        assert item["href"].startswith(
            f"{HOME}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?datetime=2006-05&f="
        )
        answer = reader.get(re.sub(r"{\w+}", "0", item["href"]))
        assert (answer.status_code, answer.headers["content-type"]) == (200, item["type"])


@pytest.mark.parametrize(("name", "last"), [("WebMercatorQuad", 1), ("WorldCRS84Quad", 0)])
def test_limits_of_a_global_dataset_are_the_whole_matrices(reader: TestClient, name: str, last: int) -> None:
    found = reader.get(f"/collections/sst/map/tiles/{name}").json()["tileMatrixSetLimits"]
    scheme = reader.get(f"/tileMatrixSets/{name}").json()["tileMatrices"]
    assert len(found) == last + 1
    for limit, matrix in zip(found, scheme, strict=False):
        assert limit == {
            "tileMatrix": matrix["id"],
            "minTileRow": 0,
            "maxTileRow": matrix["matrixHeight"] - 1,
            "minTileCol": 0,
            "maxTileCol": matrix["matrixWidth"] - 1,
        }


def test_limits_of_a_region_are_its_tiles(client: TestClient, repository: Repository, store: Path) -> None:
    grid = replace(global_grid(8, 4), transform=(1.0, 0.0, 91.0, 0.0, -1.0, 40.0))
    repository.publish(publication(store, "sst", {None: coded(grid)}, grid))
    found = client.get("/collections/sst/map/tiles/WorldCRS84Quad").json()["tileMatrixSetLimits"]
    assert found[0] == {"tileMatrix": "0", "minTileRow": 0, "maxTileRow": 0, "minTileCol": 1, "maxTileCol": 1}
    mercator = client.get("/collections/sst/map/tiles/WebMercatorQuad").json()["tileMatrixSetLimits"]
    assert mercator[1] == {"tileMatrix": "1", "minTileRow": 0, "maxTileRow": 0, "minTileCol": 1, "maxTileCol": 1}


@pytest.mark.parametrize("url", ["/collections/sst/map/tiles/NoSuchQuad", "/tileMatrixSets/NoSuchQuad"])
def test_an_unknown_matrix_set_is_404(reader: TestClient, url: str) -> None:
    assert reader.get(url).status_code == 404


def test_tile_matrix_sets_are_listed_and_described_for_old_and_new_clients(client: TestClient) -> None:
    listed = client.get("/tileMatrixSets").json()["tileMatrixSets"]
    assert [t["id"] for t in listed] == list(builtin_ids())
    for entry in listed:
        found = client.get(entry["links"][0]["href"]).json()
        assert (found["id"], found["identifier"]) == (entry["id"], entry["id"])
        assert (found["crs"], found["supportedCRS"]) == (entry["crs"], entry["crs"])
        assert len(found["orderedAxes"]) == 2
        new, old = found["tileMatrices"][3], found["tileMatrix"][3]
        assert (new["id"], new["pointOfOrigin"]) == (old["identifier"], old["topLeftCorner"])
        assert new["cellSize"] > 0


def test_tilejson_is_what_maplibre_reads(reader: TestClient) -> None:
    found = reader.get("/xyz/sst/v/tilejson.json").json()
    assert found["tiles"] == ["http://localhost:8080/xyz/sst/v/{z}/{x}/{y}.png"]
    assert (found["scheme"], found["tileSize"], found["minzoom"], found["maxzoom"]) == ("xyz", 256, 0, 1)
    assert found["attribution"] == "Test data"
    west, south, east, north = found["bounds"]
    assert (west, east) == (-180, 180)
    assert -85.06 <= south < north <= 85.06


@pytest.mark.parametrize(
    ("url", "template"),
    [
        ("/xyz/sst/v/tilejson.json?datetime=2006-05", "/xyz/sst/v/default/20060516T120000Z/{z}/{x}/{y}.png"),
        ("/xyz/sst/v/tilejson.json?style=grey&tile_format=webp", "/xyz/sst/v/grey/latest/{z}/{x}/{y}.webp"),
        (
            "/xyz/sst/v/tilejson.json?rescale=0,5&colormap_name=gray",
            "/xyz/sst/v/{z}/{x}/{y}.png?rescale=0%2C5&colormap_name=gray",
        ),
        (
            "/collections/sst/map/tiles/WebMercatorQuad/tilejson.json?datetime=2006-05",
            "/collections/sst/map/tiles/WebMercatorQuad/{z}/{y}/{x}?variable=v&datetime=2006-05-16T12%3A00%3A00Z&f=png",
        ),
        (
            "/collections/sst/styles/grey/map/tiles/WebMercatorQuad/tilejson.json",
            "/collections/sst/map/tiles/WebMercatorQuad/{z}/{y}/{x}?variable=v&style=grey&f=png",
        ),
    ],
)
def test_tilejson_carries_what_was_asked_into_tiles_that_work(reader: TestClient, url: str, template: str) -> None:
    (found,) = reader.get(url).json()["tiles"]
    assert found == "http://localhost:8080" + template
    assert reader.get(re.sub(r"{\w}", "0", found)).status_code == 200


def test_tilejson_of_a_dataset_across_180_spans_the_world(
    client: TestClient, repository: Repository, store: Path
) -> None:
    grid = replace(global_grid(8, 4), transform=(1.0, 0.0, 176.0, 0.0, -1.0, 2.0))
    repository.publish(publication(store, "sst", {None: coded(grid)}, grid, bbox=(176, -2, -176, 2)))
    assert client.get("/xyz/sst/v/tilejson.json").json()["bounds"] == [-180, -2, 180, 2]


def test_links_come_from_the_configured_url(settings: Settings, repository: Repository, store: Path) -> None:
    repository.publish(dated(store))
    ours = settings.model_copy(update={"server": ServerSettings(url="https://data.example.org/g")})
    with client_of(ours) as client:
        text = client.get("/collections/sst/map/tiles/WebMercatorQuad", headers={"Host": "evil.example"}).text
    assert "https://data.example.org/g/collections/sst/map/tiles" in text
    assert "evil" not in text


def test_styles_are_listed_with_their_legends_and_tilesets(reader: TestClient) -> None:
    found = reader.get("/collections/sst/styles").json()
    assert (found["default"], [s["id"] for s in found["styles"]]) == ("default", ["default", "grey"])
    for style in found["styles"]:
        for link in style["links"]:
            answer = reader.get(link["href"])
            types = [text.split(";")[0] for text in (answer.headers["content-type"], link["type"])]
            assert (answer.status_code, types[0]) == (200, types[1])


def test_a_continuous_legend_gives_colours_by_value(reader: TestClient) -> None:
    found = reader.get("/collections/sst/styles/grey/legend").json()
    assert (found["type"], found["unit"], found["range"]) == ("continuous", "K", [0, 900_000])
    assert found["title"] == "Value"
    assert (found["stops"][0], found["stops"][-1]) == (
        {"position": 0, "value": 0, "color": "#000000ff"},
        {"position": 1, "value": 900_000, "color": "#ffffffff"},
    )


def test_a_legend_takes_the_time_of_its_map_and_is_the_same_for_all(reader: TestClient) -> None:
    legend = "/collections/sst/styles/grey/legend"
    assert reader.get(f"{legend}?datetime=2006-04/..").json() == reader.get(legend).json()
    assert reader.get(f"{legend}?datetime=soon").status_code == 400


def test_a_class_legend_names_the_classes_in_both_languages(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(classified(store))
    legend = "/collections/cover/styles/default/legend"
    for language, title in (("en", "Forest"), ("zh", "森林")):
        found = client.get(f"{legend}?lang={language}").json()
        assert found["classes"][0] == {"value": 1, "color": "#ff0000ff", "title": title}
    drawn = client.get("/collections/cover/styles/default/legend?f=svg&lang=zh").text
    assert "森林" in "".join(ET.fromstring(drawn).itertext())


def test_a_drawn_legend_is_svg_with_unit_and_ticks(reader: TestClient) -> None:
    answer = reader.get("/collections/sst/styles/grey/legend", headers={"Accept": "image/svg+xml"})
    assert answer.headers["content-type"].startswith("image/svg+xml")
    words = list(ET.fromstring(answer.text).itertext())
    assert words == ["Value (K)", "0", "250000", "500000", "750000"]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-2, 32, [0, 10, 20, 30]), (271.3, 304.1, [280, 290, 300]), (0, 0.003, None)],
)
def test_ticks_are_round_and_inside(low: float, high: float, marks: list[float] | None) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 6
    assert low - 1e-9 <= found[0] < found[-1] <= high + 1e-9
    if marks is not None:
        assert found == pytest.approx(marks)


TEXTS = {
    "/collections/sst/styles": lambda found: found["styles"][0]["title"],
    "/collections/sst/styles/grey/legend": lambda found: found["title"],
    "/collections/sst/map/tiles": lambda found: found["tilesets"][0]["title"],
    "/collections/sst/map/tiles/WebMercatorQuad": lambda found: found["layers"][0]["title"],
    "/xyz/sst/v/tilejson.json": lambda found: found["name"],
    "/collections/sst/map/tiles/WebMercatorQuad/tilejson.json": lambda found: found["name"],
}


@pytest.mark.parametrize("url", list(TEXTS))
def test_texts_are_strings_in_the_language_asked_for(reader: TestClient, url: str) -> None:
    english = reader.get(url, headers={"Accept-Language": "fr, en;q=0.5"})
    for chinese in (reader.get(f"{url}?lang=zh"), reader.get(url, headers={"Accept-Language": "zh-CN"})):
        assert (english.headers["content-language"], chinese.headers["content-language"]) == ("en", "zh")
        assert "Accept-Language" in chinese.headers["vary"]
        for answer in (english, chinese):
            assert isinstance(TEXTS[url](answer.json()), str)
    assert reader.get(f"{url}?lang=xx").status_code == 400


def test_a_tileset_names_its_variable_in_chinese(reader: TestClient) -> None:
    found = reader.get("/collections/sst/map/tiles/WebMercatorQuad?lang=zh").json()
    assert (found["title"], found["layers"][0]["title"]) == ("值, WebMercatorQuad", "值")
    assert reader.get("/xyz/sst/v/tilejson.json?lang=zh").json()["name"].endswith(": 值")
    assert "lang" not in reader.get("/xyz/sst/v/tilejson.json?lang=zh&rescale=0,1").json()["tiles"][0]


@pytest.mark.parametrize("path", ["map/tiles", "map/tiles/WebMercatorQuad", "styles/grey/map/tiles", "map/statistics"])
def test_tilesets_of_restricted_data_are_403_and_styles_are_public(
    client: TestClient, repository: Repository, store: Path, path: str
) -> None:
    repository.publish(dated(store, access=Access(policy="apply")))
    answer = client.get(f"/collections/sst/{path}")
    assert (answer.status_code, "application" in answer.json()["detail"]) == (403, True)
    for public in ("styles", "styles/grey/legend"):
        assert client.get(f"/collections/sst/{public}").status_code == 200


@pytest.mark.parametrize(
    "url", ["/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad", "/xyz/sst/v/tilejson.json", *TEXTS]
)
def test_a_document_refuses_unknown_formats_and_takes_repeated_ones(reader: TestClient, url: str) -> None:
    assert reader.get(f"{url}?f=xml").status_code == 400
    assert reader.get(f"{url}?f=json&f=xml").status_code == 200
    assert reader.get(f"{url}?f=application/json").status_code == 200
