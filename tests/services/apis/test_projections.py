"""Data in CRSs that cannot show the whole earth, nor always the middle of their own area: every answer is one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import CRS, Transformer

from config.grids import Grid
from tests.support.catalogues import reading
from tests.support.coverages import publication
from tests.support.rasters import coded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from records.datasets.publication import Publication
    from tests.support.database import Server

DISK = 6_400_000.0
PROJECTIONS = {
    "meteosat": ("+proj=geos +h=35785831 +lon_0=0 +sweep=y +datum=WGS84", 5_600_000.0, (-81.0, -81.0, 81.0, 81.0)),
    "himawari": ("+proj=geos +h=35785863 +lon_0=140.7 +datum=WGS84", 5_600_000.0, (59.0, -81.0, -138.0, 81.0)),
    "half-earth": ("+proj=ortho +lat_0=40 +lon_0=-100 +ellps=sphere", DISK, (-180.0, -50.0, 180.0, 90.0)),
    "perspective": ("+proj=nsper +h=3000000 +lat_0=-30 +lon_0=170 +datum=WGS84", 4e6, (120.0, -80.0, -140.0, 20.0)),
    "gnomonic": ("+proj=gnom +lat_0=90 +lon_0=0 +datum=WGS84", 9e6, (-180.0, 30.0, 180.0, 90.0)),
    "mollweide": ("+proj=moll +lon_0=0 +datum=WGS84", 18.1e6, (-180.0, -90.0, 180.0, 90.0)),
    "ease": ("+proj=laea +lat_0=90 +lon_0=0 +datum=WGS84", 9e6, (-180.0, 0.0, 180.0, 90.0)),
    "goode": ("+proj=igh +lon_0=0 +datum=WGS84", 20.1e6, (-180.0, -90.0, 180.0, 90.0)),
    "oblique": (
        "+proj=ob_tran +o_proj=moll +o_lat_p=45 +o_lon_p=-90 +lon_0=-90 +R=6371000",
        18.1e6,
        (-180.0, -90.0, 180.0, 90.0),
    ),
}


def grid_of(name: str) -> Grid:
    """64 by 64 cells over the whole plane of a projection, corners beyond the earth included."""
    text, half, _ = PROJECTIONS[name]
    step = 2 * half / 64
    return Grid(crs=CRS.from_proj4(text).to_wkt(), transform=(step, 0.0, -half, 0.0, -step, half), width=64, height=64)


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over a dataset in each projection."""

    def made(name: str) -> Publication:
        grid = grid_of(name)
        return publication(store, name, {None: coded(grid)}, grid, bbox=PROJECTIONS[name][2])

    store = tmp_path_factory.mktemp("store")
    with reading(server, store, *(lambda _, name=name: made(name) for name in PROJECTIONS)) as client:
        yield client


REQUESTS = (
    "coverage",
    "coverage?bbox=-10,-10,10,10",
    "coverage?bbox=150,-10,-150,10",
    "coverage?crs=EPSG:4326",
    "coverage?crs=EPSG:3857&width=50",
    "coverage?f=netcdf&crs=EPSG:4326&width=50",
    "coverage?f=png",
    "coverage?f=covjson&scale-factor=8",
    "coverage?subset=E(-1000:1000),N(-1000:1000)",
    "coverage?subset=Lat(0),Lon(0)",
    "map",
    "map?width=50&crs=EPSG:4326",
    "map?width=50&crs=EPSG:3857",
    "map?width=50&crs=EPSG:3031",
    "map?bbox=-180,-90,180,90&width=64",
    "map?bbox=-180,-90,180,90&width=64&crs=EPSG:4326",
    "map?center=0,0&width=50&height=50&scale-denominator=100000000",
    "map?width=50&height=50&scale-denominator=100000000",
    "map?subset=Lat(0:*)&width=50",
    "map/point/0,0",
    "map/point/-100,40",
    "map/point/140,-80",
    "map/statistics",
    "map/statistics?expression=b1/0",
    "map/tiles/WebMercatorQuad",
    "map/tiles/WebMercatorQuad/0/0/0",
    "map/tiles/WebMercatorQuad/1/0/1",
    "map/tiles/WorldCRS84Quad/0/0/0",
    "map/tiles/WebMercatorQuad/tilejson.json",
    "position?coords=POINT(0 0)",
    "position?coords=POINT(140 0)",
    "statistics",
    "statistics?bbox=-10,-10,10,10",
    "statistics?bbox=0,0,10000,10000&bbox-crs=EPSG:3857",
    "schema",
    "coverage/domainset",
    "coverage/crs",
    "styles",
    "items?limit=1",
)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_every_question_has_an_answer(reader: TestClient, name: str) -> None:
    """Data, a picture, or a refusal that says why: 400 and 404 where a region has no place in the CRS."""
    faults = {}
    for query in REQUESTS:
        answer = reader.get(f"/collections/{name}/{query}")
        if answer.status_code not in (200, 400, 404):
            faults[query] = answer.status_code
    assert not faults
    for query in ("coverage", "map", "map/statistics", "statistics", "coverage?f=png", "map?width=50&crs=EPSG:4326"):
        assert reader.get(f"/collections/{name}/{query}").status_code == 200, query


@pytest.mark.parametrize("name", PROJECTIONS)
@pytest.mark.parametrize("tile", ["WebMercatorQuad/0/0/0", "WebMercatorQuad/2/1/2", "WorldCRS84Quad/1/0/1"])
def test_a_tile_shows_the_cells_that_lie_there(reader: TestClient, name: str, tile: str) -> None:
    """Within a cell of PROJ's own answer, and nothing where the CRS has no place for a pixel."""
    answer = reader.get(f"/collections/{name}/map/tiles/{tile}?f=npy")
    assert answer.status_code == 200, answer.text
    values, mask = np.load(io.BytesIO(answer.content))
    box = [float(text) for text in answer.headers["content-bbox"].split(",")]
    xs = np.linspace(box[0], box[2], 257)[:-1] + (box[2] - box[0]) / 512
    ys = np.linspace(box[3], box[1], 257)[:-1] - (box[3] - box[1]) / 512
    crs = "EPSG:3857" if "Mercator" in tile else "OGC:CRS84"
    grid = grid_of(name)
    across, up = Transformer.from_crs(crs, grid.crs, always_xy=True).transform(*np.meshgrid(xs, ys))
    step, left, top = grid.transform[0], grid.transform[2], grid.transform[5]
    columns, rows = (across - left) / step, (top - up) / step
    shown = np.isfinite(columns) & (columns > 1) & (columns < 63) & (rows > 1) & (rows < 63)
    beyond = ~np.isfinite(columns) | (columns < -1) | (columns > 65) | (rows < -1) | (rows > 65)
    assert (mask[shown] == 0).sum() <= 0.02 * shown.sum()
    assert (mask[beyond] > 0).sum() <= 0.02 * beyond.sum()
    found = (mask > 0) & shown
    column, row = values[found] % 10_000, values[found] // 10_000
    off = np.maximum(abs(column - np.floor(columns[found])), abs(row - np.floor(rows[found])))
    assert (off > 1).sum() <= 0.02 * found.sum()


@pytest.mark.parametrize(
    ("name", "seen", "unseen"), [("himawari", "140.7,0.4", "-40,0"), ("half-earth", "-100,40", "80,-40")]
)
def test_a_point_is_read_where_the_crs_shows_it(reader: TestClient, name: str, seen: str, unseen: str) -> None:
    found = reader.get(f"/collections/{name}/map/point/{seen}")
    assert found.status_code == 200
    assert found.json()["values"][0] // 10_000 in (31, 32)
    for path in (f"/collections/{name}/map/point/{unseen}", f"/titiler/{name}/point/{unseen}"):
        assert reader.get(path).status_code == 404
