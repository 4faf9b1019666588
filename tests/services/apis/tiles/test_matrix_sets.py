"""Tiles of every tile matrix set show the cells that lie under their pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import Transformer

from services.drawing.tiles.matrix_sets import builtin, builtin_ids
from tests.support.catalogues import reading
from tests.support.datasets import dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    import morecantile
    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from services.drawing.tiles.matrices import MatrixSet
    from tests.support.database import Server

NORTH, SOUTH = (105.0, 62.0), (-120.0, -71.0)
PLACES = {"EPSG3031Quad": SOUTH, "UPSAntarcticWGS84Quad": SOUTH, "LINZAntarticaMapTilegrid": (165.0, -75.0)} | {
    "NZTM2000Quad": (173.0, -41.0),
    "EuropeanETRS89_LAEAQuad": (10.0, 50.0),
    "CanadianNAD83_LCC": (-95.0, 60.0),
    "UTM31WGS84Quad": (3.0, 45.0),
}
"""A place that a set is made for."""


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


def tile_of(entry: MatrixSet) -> morecantile.Tile:
    levels = sorted(entry.matrices)
    number = next(n for n in levels if entry.matrices[n].tile >= 64 and entry.matrices[n].columns >= 4)
    return entry.definition.tile(*PLACES.get(entry.id, NORTH), number)


def cells(entry: MatrixSet, tile: morecantile.Tile) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The value of the cell that holds each pixel centre, and where that is certain."""
    level = entry.matrices[tile.z]
    west, south, east, north = level.bounds(tile.y, tile.x)
    half_x, half_y = (east - west) / level.tile / 2, (north - south) / level.tile / 2
    x, y = np.meshgrid(
        np.linspace(west + half_x, east - half_x, level.tile), np.linspace(north - half_y, south + half_y, level.tile)
    )
    lon, lat = Transformer.from_crs(entry.crs, "OGC:CRS84", always_xy=True).transform(x, y)
    column, row = (lon + 180) % 360, 90 - lat
    known = np.isfinite(lon) & np.isfinite(lat)
    column, row = np.where(known, column, 0.5), np.where(known, row, 0.5)
    margins = [np.abs(place - np.round(place)) > 0.15 for place in (column, row)]
    return np.floor(row) * 10_000 + np.floor(column), known & margins[0] & margins[1]


@pytest.mark.parametrize("name", builtin_ids())
def test_a_tile_shows_the_cells_under_its_pixels(reader: TestClient, name: str) -> None:
    entry = builtin(name)
    tile = tile_of(entry)
    url = f"/collections/sst/map/tiles/{name}/{tile.z}/{tile.y}/{tile.x}?datetime=2006-04&f=npy"
    answer = reader.get(url)
    assert answer.status_code == 200, answer.text
    shown, mask = np.load(io.BytesIO(answer.content))
    wanted, certain = cells(entry, tile)
    assert certain.mean() > 0.3
    assert (mask[certain] > 0).mean() > 0.99
    seen = certain & (mask > 0)
    np.testing.assert_array_equal(shown[seen], wanted[seen])
    if entry.crs_uri:
        assert answer.headers["content-crs"] == f"<{entry.crs_uri}>"
    box = ",".join(map(str, entry.in_crs_order(entry.matrices[tile.z].bounds(tile.y, tile.x))))
    assert answer.headers["content-bbox"] == box


def test_xyz_paths_take_another_set(reader: TestClient) -> None:
    tile = tile_of(builtin("EPSG3413Quad"))
    xyz = reader.get(f"/xyz/sst/v/default/200604/{tile.z}/{tile.x}/{tile.y}.png?tileMatrixSetId=EPSG3413Quad")
    ogc = reader.get(f"/collections/sst/map/tiles/EPSG3413Quad/{tile.z}/{tile.y}/{tile.x}?datetime=2006-04&f=png")
    assert xyz.content == ogc.content
    assert reader.get("/xyz/sst/v/0/0/0.png?tileMatrixSetId=Nowhere").status_code == 404


def test_tilejson_of_a_style_a_time_and_a_set(reader: TestClient) -> None:
    found = reader.get("/xyz/sst/v/grey/200604/tilejson.json?tileMatrixSetId=CGCS2000Quad").json()
    assert found["tiles"] == [
        "http://localhost:8080/xyz/sst/v/grey/20060416T000000Z/{z}/{x}/{y}.png?tileMatrixSetId=CGCS2000Quad"
    ]
    assert (found["tilejson"], found["minzoom"]) == ("3.0.0", 1)
    (url,) = found["tiles"]
    assert reader.get(url.replace("{z}/{x}/{y}", "1/0/0")).status_code == 200
    refusal = reader.get("/xyz/sst/v/tilejson.json?tileMatrixSetId=GNOSISGlobalGrid")
    assert (refusal.status_code, "another set" in refusal.json()["detail"]) == (400, True)
    latest = reader.get("/xyz/sst/v/default/latest/tilejson.json").json()["tiles"]
    assert latest == ["http://localhost:8080/xyz/sst/v/default/latest/{z}/{x}/{y}.png"]
