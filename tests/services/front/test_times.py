"""The times of a collection: in its document, and page by page with gaps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.times import parse_time
from tests.support.catalogues import reading
from tests.support.rasters import global_grid, publication
from tests.support.series import climatology, long_series, with_levels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.publication import Publication
    from tests.support.database import Server

MISSING = (3, 4, 90)


def gappy(store: Path) -> Publication:
    """120 days from 1980 on, of which three are missing."""
    made = long_series(store, 120)
    granules = tuple(granule for day, granule in enumerate(made.granules) if day not in MISSING)
    return replace(made, id="gappy", record=made.record | {"id": "gappy"}, granules=moved(granules, "gappy"))


def moved(granules: tuple[Any, ...], dataset_id: str) -> tuple[Any, ...]:
    return tuple(replace(granule, dataset_id=dataset_id) for granule in granules)


def irregular(store: Path) -> Publication:
    labels = ("2000-01-01", "2000-01-02", "2000-03-09T10:30:00Z")
    return publication(store, "scenes", {label: np.ones((4, 8), "float32") for label in labels}, global_grid(8, 4))


def layered(store: Path) -> Publication:
    made = with_levels(store, "layered")
    bounds: dict[str, Any] = {}
    granules = []
    for label in ("2001-01", "2001-02"):
        when = parse_time(label)
        bounds = {"time": label, "calendar": "360_day", "key": when.start, "start_key": when.start, "end_key": when.end}
        granules += [replace(granule, dataset_id="layered", **bounds) for granule in made.granules]
    return replace(made, granules=tuple(granules))


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    store = tmp_path_factory.mktemp("times")
    with reading(server, store, gappy, irregular, climatology, layered) as found:
        yield found


def test_a_regular_series_is_compact_in_the_collection(client: TestClient) -> None:
    document = client.get("/collections/gappy").json()
    assert document["extent"]["temporal"]["grid"] == {
        "cellsCount": 120,
        "firstCoordinate": "1980-01-01T00:00:00Z",
        "resolution": "P1D",
        "relativeBounds": ["PT0S", "PT0S"],
    }
    time = document["graticule:time"]
    assert (time["interval"], time["count"], time["missing"]) == ("P1D", 117, 3)


@pytest.mark.parametrize(
    ("name", "first", "last", "count"),
    [
        ("scenes", "2000-01-01T00:00:00Z", "2000-03-09T10:30:00Z", 3),
        ("clim", "2003-01-01T00:00:00Z", "2003-12-01T00:00:00Z", 12),
        ("layered", "2001-01-01T00:00:00Z", "2001-02-01T00:00:00Z", 2),  # of another calendar
    ],
)
def test_other_times_are_listed_in_the_grid(client: TestClient, name: str, first: str, last: str, count: int) -> None:
    grid = client.get(f"/collections/{name}").json()["extent"]["temporal"]["grid"]
    assert (grid["cellsCount"], len(grid["coordinates"])) == (count, count)
    assert (grid["coordinates"][0], grid["coordinates"][-1]) == (first, last)


def test_levels_are_a_dimension_with_its_grid(client: TestClient) -> None:
    extent = client.get("/collections/layered").json()["extent"]
    (name,) = set(extent) - {"spatial", "temporal"}
    levels = extent[name]
    assert levels["definition"].startswith("http://")
    assert levels["grid"]["cellsCount"] == len(levels["grid"]["coordinates"])
    assert levels["interval"] == [[min(levels["grid"]["coordinates"]), max(levels["grid"]["coordinates"])]]
    assert (levels["unit"], levels["unitLang"]) == ("m", "UDUNITS")


def test_spatial_cells_span_the_extent(client: TestClient) -> None:
    spatial = client.get("/collections/scenes").json()["extent"]["spatial"]
    west, south, east, north = spatial["bbox"][0]
    for low, high, axis in zip((west, south), (east, north), spatial["grid"], strict=True):
        assert axis["firstCoordinate"] - axis["resolution"] / 2 == pytest.approx(low)
        end = axis["firstCoordinate"] + axis["cellsCount"] * axis["resolution"] - axis["resolution"] / 2
        assert end == pytest.approx(high)


def test_pages_hold_every_time_and_gap_once(client: TestClient) -> None:
    labels: list[str] = []
    gaps: list[dict[str, Any]] = []
    href = "/collections/gappy/times?limit=50"
    while href:
        page = client.get(href).json()
        assert (page["numberMatched"], page["count"], page["interval"], page["missing"]) == (117, 117, "P1D", 3)
        assert page["numberReturned"] == len(page["times"]) <= 50
        labels, gaps = labels + page["times"], gaps + page["gaps"]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(set(labels)) == 117
    assert labels == sorted(labels)
    assert gaps == [
        {"after": "1980-01-03T00:00:00Z", "before": "1980-01-06T00:00:00Z", "missing": 2},
        {"after": "1980-03-30T00:00:00Z", "before": "1980-04-01T00:00:00Z", "missing": 1},
    ]


def test_an_interval_limits_the_times(client: TestClient) -> None:
    page = client.get("/collections/gappy/times?datetime=1980-01-02/1980-01-06").json()
    assert page["times"] == [f"1980-01-0{day}T00:00:00Z" for day in (2, 3, 6)]
    assert (page["numberMatched"], page["time"], page["gaps"][0]["missing"]) == (3, "1980-01-02T00:00:00Z", 2)
    page = client.get("/collections/gappy/times?datetime=1999").json()
    assert (page["numberMatched"], page["times"], page["time"]) == (0, [], "1980-04-29T00:00:00Z")


def test_levels_share_their_times(client: TestClient) -> None:
    page = client.get("/collections/layered/times").json()
    assert (page["times"], page["count"], page["interval"]) == (["2001-01", "2001-02"], 2, "P1M")


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "offset=-1", "limit=x", "datetime=x", "level=1"])
def test_bad_parameters_are_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/collections/gappy/times?{query}").status_code == 400
