"""TMS 1.0.0: rows count from the south, and each document leads to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from services.drawing.tiles.matrix_sets import builtin
from tests.support.catalogues import reading
from tests.support.datasets import classified, dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from tests.support.database import Server

BASE = "http://localhost:8080"


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst` and `cover`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated, classified) as client:
        yield client


def xml(client: TestClient, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    return etree.fromstring(answer.content)


def test_the_way_from_the_services_to_a_tile(reader: TestClient) -> None:
    (service,) = xml(reader, "/tms")
    maps = xml(reader, service.get("href")).findall("TileMaps/TileMap")
    assert [m.get("href").rsplit("/", 1)[1] for m in maps] == [
        f"{layer}@{name}" for layer in ("cover.v", "sst.v") for name in ("WebMercatorQuad", "WorldCRS84Quad")
    ]
    assert [(m.get("srs"), m.get("profile")) for m in maps[:2]] == [
        ("EPSG:3857", "global-mercator"),
        ("EPSG:4326", "global-geodetic"),
    ]
    document = xml(reader, maps[2].get("href"))
    assert document.tag == "TileMap"
    assert float(document.find("Origin").get("y")) == pytest.approx(-20037508.342789244)
    sets = document.findall("TileSets/TileSet")
    assert [int(s.get("order")) for s in sets] == list(range(len(sets)))
    assert float(sets[1].get("units-per-pixel")) == pytest.approx(78271.51696402048)
    extension = document.find("TileFormat").get("extension")
    tile = reader.get(f"{sets[1].get('href')}/0/0.{extension}")
    assert (tile.status_code, tile.headers["content-type"]) == (200, "image/png")


def test_cesium_gets_a_map_where_it_looks_for_it(reader: TestClient) -> None:
    here = "/tms/1.0.0/sst.v@WebMercatorQuad"
    assert reader.get(f"{here}/tilemapresource.xml").content == reader.get(here).content


@pytest.mark.parametrize("name", ["WebMercatorQuad", "WorldCRS84Quad", "EPSG3413Quad", "CGCS2000Quad"])
def test_a_row_from_the_south_is_the_ogc_tile_of_the_row_from_the_north(reader: TestClient, name: str) -> None:
    number = sorted(builtin(name).matrices)[2]
    rows = builtin(name).matrices[number].rows
    ours = reader.get(f"/tms/1.0.0/sst.v@{name}@grey@200604/{number}/1/0.png")
    ogc = reader.get(f"/collections/sst/map/tiles/{name}/{number}/{rows - 1}/1?style=grey&datetime=2006-04&f=png")
    assert ours.status_code == ogc.status_code == 200
    assert ours.content == ogc.content
    assert ours.headers["content-bbox"] == ogc.headers["content-bbox"]
    other = reader.get(f"/tms/1.0.0/sst.v@{name}@grey@200604/{number}/1/{rows - 1}.png")
    assert other.content != ours.content


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("sst.v@a@b@c@d", 400, "TileMatrixSet@style@time"),
        ("sst.v@Nowhere", 404, "Nowhere"),
        ("nothing.v", 404, "nothing"),
        ("sst.v@WebMercatorQuad@mauve", 404, "mauve"),
        ("sst.v@WebMercatorQuad@default@noon", 400, "noon"),
        ("sst.v@GNOSISGlobalGrid", 404, "merged tiles"),
        ("sst.v/1/0/9.png", 404, "outside 0 to 1"),
        ("sst.v/1/0/0.gif", 400, "gif"),
    ],
)
def test_what_is_not_there_is_said_so(reader: TestClient, path: str, status: int, words: str) -> None:
    answer = reader.get(f"/tms/1.0.0/{path}")
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


def test_the_list_is_304_to_who_has_it(reader: TestClient) -> None:
    tag = reader.get("/tms/1.0.0").headers["etag"]
    assert reader.get("/tms/1.0.0", headers={"If-None-Match": tag}).status_code == 304
