"""Levels by name and interval; sheets of one time as one coverage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.coverages import fetch_netcdf, fetch_tiff, get, publication, steps
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import coded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.publication import Publication
    from records.datasets.repository import Repository
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=60, height=40)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
LEVELS = {"0": 0.0, "10": 100_000.0, "20.5": 200_000.0}
SHEETS = {"a": (slice(0, 25), slice(0, 35)), "b": (slice(0, 25), slice(30, 60)), "c": (slice(25, 40), slice(0, 60))}


def ocean(store: Path) -> Publication:
    """Three times of three levels."""
    return with_levels(publication(store, "ocean", steps(GRID, LABELS), GRID), store, LEVELS)


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `ocean`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), ocean) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "label"),
    [("", "0"), ("subset=depth(10)", "10"), ("subset=DEPTH(20.50)", "20.5"), ('subset=level("10")', "10")],
)
def test_a_level_is_chosen_by_its_axis_or_as_level(reader: TestClient, query: str, label: str) -> None:
    found = fetch_tiff(reader, "ocean", f"datetime=2006-05&{quote(query, safe='=&')}")
    assert np.array_equal(found.values[0], steps(GRID, LABELS)[LABELS[1]] + np.float32(LEVELS[label]))
    assert found.tags["LEVEL"] == label


@pytest.mark.parametrize(
    ("query", "levels"),
    [("subset=depth(*)", [0, 10, 20.5]), ("subset=depth(5:*)", [10, 20.5]), ("", [0]), ("subset=level(0:10)", [0, 10])],
)
def test_a_netcdf_has_a_vertical_axis(reader: TestClient, query: str, levels: list[float]) -> None:
    with fetch_netcdf(reader, "ocean", query) as dataset:
        assert dataset["v"].dims == ("time", "depth", "lat", "lon")
        assert dataset["depth"].values.tolist() == levels
        assert dataset["depth"].attrs == {"axis": "Z", "long_name": "depth", "units": "m", "positive": "down"}
        raised = [LEVELS[f"{level:g}"] for level in levels]
        expected = np.stack([steps(GRID, LABELS)[LABELS[1]] + np.float32(r) for r in raised])
        assert np.array_equal(dataset["v"].values[1], expected)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("subset=depth(7)", 404, "0, 10, 20.5 m"),
        ("subset=depth(11:12)", 404, "no level"),
        ("subset=depth(12:11)", 400, "above"),
        ("subset=pressure(10)", 400, "depth, level"),
        ("subset=depth(0),level(10)", 400, "twice"),
        ("subset=depth(nan:1)", 400, "finite"),
        ("f=geotiff&subset=depth(*)", 406, "f=netcdf"),
    ],
)
def test_what_names_no_one_level_is_refused(reader: TestClient, query: str, status: int, words: str) -> None:
    answer = get(reader, "ocean", query)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


def sheeted(store: Path) -> Publication:
    """Three sheets that tile the grid, the second overlapping the first by five columns of other values."""
    values = {label: found.copy() for label, found in steps(GRID, LABELS).items()}
    return with_parts(publication(store, "country", values, GRID, nodata=-1.0), store, SHEETS)


def test_the_sheets_of_a_time_are_one_coverage(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(sheeted(store))
    expected = steps(GRID, LABELS)
    found = fetch_tiff(client, "country", "datetime=2006-04")
    assert np.array_equal(found.values[0], expected[LABELS[0]])
    assert found.transform.almost_equals((1, 0, 100, 0, -1, 50))
    with fetch_netcdf(client, "country", "bbox=130,20,140,30") as dataset:
        both = np.stack([expected[label][20:30, 30:40] for label in LABELS])
        assert np.array_equal(dataset["v"].values, both)


def test_the_first_sheet_by_name_covers_the_others_where_it_has_data(
    client: TestClient, repository: Repository, store: Path
) -> None:
    base = publication(store, "pair", {None: coded(GRID)}, GRID, nodata=-1.0)
    cut = with_parts(base, store, {"a": (slice(0, 40), slice(0, 35))})
    holed = coded(GRID) + 0.5
    holed[:, 30:32] = -1
    other = with_parts(
        publication(store, "other", {None: holed}, GRID, nodata=-1.0), store, {"b": (slice(0, 40), slice(30, 60))}
    )
    late = replace(other.granules[0], dataset_id="pair")
    for name, wins in (("b", coded(GRID)), ("A", holed)):
        second = replace(late, part=name)
        repository.publish(replace(cut, granules=(cut.granules[0], second)))
        found = fetch_tiff(client, "pair").values[0]
        joint = np.where(wins[:, 30:35] == -1, coded(GRID)[:, 30:35], wins[:, 30:35])
        assert np.array_equal(found[:, 30:35], joint), name


def test_one_sheet_is_asked_for_by_part(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(sheeted(store))
    found = fetch_tiff(client, "country", "part=c&datetime=2006-05")
    assert np.array_equal(found.values[0], steps(GRID, LABELS)[LABELS[1]][25:40])
    assert get(client, "country", "part=z").status_code == 404


def test_sheets_that_do_not_meet_name_part(client: TestClient, repository: Repository, store: Path) -> None:
    base = sheeted(store)
    a, b, c, d, e, f = base.granules[1].grid.transform
    crooked = replace(base.granules[1].grid, transform=(a, b, c + 0.3, d, e, f))
    granules = (base.granules[0], replace(base.granules[1], grid=crooked))
    repository.publish(replace(base, granules=granules))
    answer = get(client, "country")
    assert (answer.status_code, "part=" in answer.json()["detail"]) == (400, True)


def test_sheets_are_warped_and_averaged_as_one(client: TestClient, repository: Repository, store: Path) -> None:
    values = {LABELS[0]: coded(GRID)}
    repository.publish(publication(store, "whole", values, GRID, nodata=-1.0))
    repository.publish(with_parts(publication(store, "country", values, GRID, nodata=-1.0), store, SHEETS))
    for query in ("crs=EPSG:3857", "scale-factor=3", "scale-size=Lon(7),Lat(11)", "crs=EPSG:3857&scale-factor=4"):
        assert np.array_equal(fetch_tiff(client, "country", query).values, fetch_tiff(client, "whole", query).values)
