"""Values at points, and statistics, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.datasets import dated
from tests.support.levels import with_parts
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository
    from tests.support.database import Server


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


def test_a_point_is_the_physical_value_and_off_the_globe_is_400(reader: TestClient) -> None:
    answer = reader.get("/collections/sst/map/point/10.5,20.5?datetime=2006-04")
    assert answer.json()["values"] == [69 * 10_000 + 190]
    assert reader.get("/collections/sst/map/point/10.5,95").status_code == 400
    assert reader.get("/collections/sst/map/point/here,95").status_code == 400


def test_a_point_without_data_is_null(client: TestClient, repository: Repository, store: Path) -> None:
    grid = global_grid(8, 4)
    packed = np.full((4, 8), -1, "int16")
    repository.publish(publication(store, "gaps", {None: packed}, grid, nodata=-1.0, scale=0.5, value_range=(0, 1)))
    assert client.get("/collections/gaps/map/point/0.5,0.5").json()["values"] == [None]


def test_statistics_are_those_of_the_values(reader: TestClient) -> None:
    found = reader.get("/collections/sst/map/statistics?datetime=2006-04").json()["b1"]
    assert (found["min"], found["max"], found["valid_percent"]) == (0, 1_790_359, 100)
    for query in ("max_size=100000", "histogram_bins=100000000", "histogram_bins=5,1", "histogram_range=2,1"):
        assert reader.get(f"/collections/sst/map/statistics?{query}").status_code == 400


@pytest.mark.parametrize("point", ["inf,1", "nan,1", "1e308,1", "1,-inf", "1,nan", "721,1", "1,90.01"])
@pytest.mark.parametrize("grid", ["geographic", "projected"])
def test_a_point_that_is_none_is_400(
    client: TestClient, repository: Repository, store: Path, point: str, grid: str
) -> None:
    mercator = Grid(crs="EPSG:3857", transform=(1000.0, 0.0, 0.0, 0.0, -1000.0, 8000.0), width=8, height=8)
    chosen = global_grid(8, 4) if grid == "geographic" else mercator
    repository.publish(publication(store, "sst", {None: np.ones((chosen.height, chosen.width), "float32")}, chosen))
    assert client.get(f"/collections/sst/map/point/{point}").status_code == 400
    assert client.get("/collections/sst/map/point/0.01,0.01").json()["values"] == [1]
    far = client.get("/collections/sst/map/point/1e308,1e308?coord_crs=EPSG:3857")
    assert far.status_code in (400, 404)
    for crs in ("[[]]", "{}", "[1]", "EPSG:99", "x"):
        assert client.get("/collections/sst/map/point/0,0", params={"coord_crs": crs}).status_code == 400, crs


@pytest.mark.parametrize(
    ("point", "value"), [("-180,-90", 1_790_000), ("180,90", 0), ("539.5,-90", 1_790_359), ("-180,90", 0)]
)
def test_the_outer_edge_belongs_to_its_cell(reader: TestClient, point: str, value: int) -> None:
    assert reader.get(f"/collections/sst/map/point/{point}?datetime=2006-04").json()["values"] == [value]


def test_the_far_corner_of_a_region_is_its_last_cell(client: TestClient, repository: Repository, store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, 10.0, 0.0, -1.0, 10.0), width=8, height=4)
    repository.publish(publication(store, "sst", {None: coded(grid)}, grid))
    assert client.get("/collections/sst/map/point/18,6").json()["values"] == [3 * 10_000 + 7]
    assert client.get("/collections/sst/map/point/18.01,6").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "p=101",
        "p=-5",
        "&".join(["p=5"] * 101),
        "c=nan",
        "&".join(["c=5"] * 101),
        f"histogram_bins={'9' * 5000}",
        "histogram_range=0,1e308",
        "histogram_range=0,1e-320",
        "histogram_range=nan,1",
        "histogram_range=300,300.000001&histogram_bins=1000",
    ],
)
def test_statistics_refuse_what_cannot_be_counted(reader: TestClient, query: str) -> None:
    assert reader.get(f"/collections/sst/map/statistics?{query}").status_code == 400


def test_percentiles_0_and_100_are_the_extremes(reader: TestClient) -> None:
    query = "datetime=2006-04&p=0&p=100&histogram_range=0,1000000"
    found = reader.get(f"/collections/sst/map/statistics?{query}").json()["b1"]
    assert (found["percentile_0"], found["percentile_100"]) == (found["min"], found["max"])


def test_a_point_says_what_its_value_is(reader: TestClient) -> None:
    answer = reader.get("/collections/sst/map/point/10.5,20.5?datetime=2006-04")
    found = answer.json()
    assert (found["unit"], found["level"], found["band_descriptions"]) == ("K", None, ["b1"])
    assert found["time"].startswith("2006-04")
    assert answer.headers["Content-Datetime"] == found["time"]


@pytest.mark.parametrize(
    ("point", "cell"), [("101.5,44.5", (5, 1)), ("140.5,30.5", (19, 40)), ("500.5,30.5", (19, 40))]
)
def test_a_point_is_of_the_part_that_holds_it(
    client: TestClient, repository: Repository, store: Path, point: str, cell: tuple[int, int]
) -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=60, height=40)
    sheets = {"a": (slice(0, 40), slice(0, 35)), "b": (slice(0, 40), slice(35, 60))}
    repository.publish(with_parts(publication(store, "cut", {None: coded(grid)}, grid), store, sheets))
    row, column = cell
    assert client.get(f"/collections/cut/map/point/{point}").json()["values"] == [row * 10_000 + column]
    assert client.get("/collections/cut/map/point/90,30").status_code == 404
    found = client.get("/collections/cut/map/statistics").json()["b1"]
    assert (found["count"], found["max"]) == (60 * 40, 39 * 10_000 + 59)
