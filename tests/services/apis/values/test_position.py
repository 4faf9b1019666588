"""Values at points over HTTP, against the stored arrays."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest
from pyproj import Transformer

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.coverages import publication, steps, with_variable
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from records.datasets.publication import Publication
    from records.datasets.repository import Repository
    from tests.support.database import Server

GRID = global_grid(72, 36)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z", "2006-06-16T12:00:00Z")
ALBERS = Grid(crs="EPSG:5070", transform=(5000.0, 0, -2_000_000.0, 0, -5000.0, 3_000_000.0), width=400, height=300)


def get(client: TestClient, dataset: str, query: str, **headers: str) -> Response:
    return client.get(f"/collections/{dataset}/position?{quote(query, safe='=&,()+:/[]')}", headers=headers)


def sea(store: Path) -> Publication:
    """Three times of codes, with a second variable."""
    base = publication(store, "sea", steps(GRID, LABELS), GRID, unit="K")
    return with_variable(base, store, "w", (coded(GRID) + 0.5).astype("float32"))


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sea`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), sea) as client:
        yield client


def test_a_point_is_a_coverage_with_unit_and_time(reader: TestClient) -> None:
    answer = get(reader, "sea", "coords=POINT(12 -7)&datetime=2006-05")
    assert answer.headers["content-type"] == "application/vnd.cov+json"
    assert answer.headers["content-datetime"] == LABELS[1]
    document = answer.json()
    assert document["domain"]["domainType"] == "Point"
    assert document["domain"]["axes"] == {
        "x": {"values": [12.0]},
        "y": {"values": [-7.0]},
        "t": {"values": [LABELS[1]]},
    }
    assert document["parameters"]["v"]["unit"] == {"symbol": "K"}
    assert document["ranges"]["v"]["values"] == [steps(GRID, LABELS)[LABELS[1]][19, 38]]


def test_an_interval_is_a_series_of_every_variable_asked(reader: TestClient) -> None:
    document = get(reader, "sea", "coords=POINT(12 -7)&datetime=2006-05/..&parameter-name=w,v").json()
    assert document["domain"]["domainType"] == "PointSeries"
    assert document["ranges"]["v"]["values"] == [steps(GRID, LABELS)[label][19, 38] for label in LABELS[1:]]
    assert list(document["ranges"]) == ["w", "v"]


def test_a_reduced_date_is_every_time_in_it_and_nearest_stands_in_for_none(reader: TestClient) -> None:
    year = get(reader, "sea", "coords=POINT(12 -7)&datetime=2006").json()
    assert year["domain"]["axes"]["t"]["values"] == list(LABELS)
    assert get(reader, "sea", "coords=POINT(12 -7)&datetime=2007/2008").status_code == 404
    last = get(reader, "sea", "coords=POINT(12 -7)&datetime=2007/2008&nearest=true").json()
    assert last["domain"]["axes"]["t"]["values"] == [LABELS[-1]]


def test_a_list_of_points_is_a_collection_and_null_outside(
    client: TestClient, repository: Repository, store: Path
) -> None:
    region = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=30, height=20)
    repository.publish(publication(store, "region", {None: coded(region)}, region))
    document = get(client, "region", "coords=MULTIPOINT((100.5 49.5),(0 0),(129.5 30.5),(460.5 49.5))").json()
    found = [coverage["ranges"]["v"]["values"][0] for coverage in document["coverages"]]
    assert found == [0, None, 190_029, 0]
    assert get(client, "region", "coords=POINT(0 0)").status_code == 404
    assert get(client, "region", "coords=MULTIPOINT(100.5 49.5, 129.5 30.5)").json()["type"] == "CoverageCollection"


def test_fill_is_null_and_packed_values_are_physical(client: TestClient, repository: Repository, store: Path) -> None:
    values = np.arange(72 * 36).reshape(36, 72).astype("int16")
    values[0, 0] = -1
    repository.publish(publication(store, "packed", {None: values}, GRID, nodata=-1.0, scale=0.5, offset=3.0))
    document = get(client, "packed", "coords=MULTIPOINT((-180 90),(-172 88))").json()
    assert [c["ranges"]["v"]["values"] for c in document["coverages"]] == [[None], [3.5]]


def test_a_point_in_any_crs_of_any_grid(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "usa", {None: coded(ALBERS)}, ALBERS, bbox=(-120.0, 25.0, -70.0, 50.0)))
    x, y = -2_000_000 + 5000 * 123.5, 3_000_000 - 5000 * 45.5
    lon, lat = Transformer.from_crs("EPSG:5070", CRS84, always_xy=True).transform(x, y)
    for coords, crs in ((f"{lon} {lat}", "CRS84"), (f"{lat} {lon}", "EPSG:4326"), (f"{x} {y}", "EPSG:5070")):
        document = get(client, "usa", f"coords=POINT({coords})&crs={crs}").json()
        assert document["ranges"]["v"]["values"] == [45 * 10_000 + 123], crs


@pytest.mark.parametrize("west", [-180.0, 0.0])
def test_the_seam_is_found_from_both_sides(
    client: TestClient, repository: Repository, store: Path, west: float
) -> None:
    grid = global_grid(72, 36, west=west)
    repository.publish(publication(store, "globe", {None: coded(grid)}, grid))
    points = [179.9, -180.1, 539.9, -179.9, 180.1]
    text = ",".join(f"({x} 0.1)" for x in points)
    document = get(client, "globe", f"coords=MULTIPOINT({text})").json()
    columns = [int(((x - west) % 360) // 5) for x in points]
    assert [c["ranges"]["v"]["values"][0] for c in document["coverages"]] == [170_000 + c for c in columns]


def test_levels_and_sheets(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "ocean", {None: coded(GRID)}, GRID)
    repository.publish(with_levels(base, store, {"0": 0.0, "10": 1e7}))
    document = get(client, "ocean", "coords=POINT(-179 89)&z=10").json()
    assert document["domain"]["axes"]["z"] == {"values": [10.0]}
    assert document["ranges"]["v"]["values"] == [1e7]
    parts = {"a": (slice(0, 20), slice(0, 72)), "b": (slice(20, 36), slice(0, 72))}
    repository.publish(with_parts(publication(store, "sheets", {None: coded(GRID)}, GRID, nodata=-1.0), store, parts))
    document = get(client, "sheets", "coords=MULTIPOINT((-179 89),(179 -89))").json()
    assert [c["ranges"]["v"]["values"][0] for c in document["coverages"]] == [0, 350_071]


def test_other_formats_hold_the_same_values(reader: TestClient) -> None:
    query = "coords=MULTIPOINT((12 -7),(0 0))&datetime=2006-05/2006-06"
    features = get(reader, "sea", f"{query}&f=geojson")
    assert features.headers["content-type"] == "application/geo+json"
    found = features.json()["features"]
    assert [f["properties"]["datetime"] for f in found] == [LABELS[1], LABELS[1], LABELS[2], LABELS[2]]
    header, *lines = csv.reader(io.StringIO(get(reader, "sea", query, accept="text/csv").text))
    assert header == ["time", "longitude [degrees_east]", "latitude [degrees_north]", "v [K]"]
    assert [float(line[3]) for line in lines] == [f["properties"]["v"] for f in found]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("coords=", 400),
        ("coords=POINT(1)", 400),
        ("coords=POINT(1 2 3 4)", 400),
        ("coords=POINT(nan 1)", 400),
        ("coords=POINT(1e400 1)", 400),
        ("coords=POINT(1 91)", 400),
        ("coords=POINT(٣ 1)", 400),
        ("coords=POLYGON((0 0,1 1,0 1,0 0))", 400),
        ("coords=MULTIPOINT((1 2,3 4)", 400),
        (f"coords=MULTIPOINT({','.join(['1 2'] * 1001)})", 400),
        ("coords=POINT(1 1)&crs=EPSG:4978", 400),
        ("coords=POINT(1 1)&f=shapefile", 400),
        ("coords=POINT(1 1)&f=geojson&crs=EPSG:3857", 400),
        ("coords=POINT(1 1)&properties=nope", 400),
        ("coords=POINT(1 1)&level=3", 400),
        ("coords=POINT(1 1)&datetime=1999", 404),
        ("coords=POINT(1 1)&bogus=1", 400),
        ("coords=POINT(1 1)&coords=POINT(2 2)", 400),
    ],
)
def test_what_is_no_point_is_refused(reader: TestClient, query: str, status: int) -> None:
    answer = get(reader, "sea", query)
    assert answer.status_code == status, answer.text


def test_a_long_series_of_many_points_is_413(
    client: TestClient, repository: Repository, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.publish(publication(store, "sea", steps(GRID, LABELS), GRID))
    monkeypatch.setattr("services.selection.limits.SERIES_VALUES", 5)
    answer = get(client, "sea", "coords=MULTIPOINT((1 1),(2 2))&datetime=../..")
    assert (answer.status_code, "datetime=" in answer.json()["detail"]) == (413, True)
