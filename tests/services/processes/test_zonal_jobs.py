"""`zonal-statistics` over HTTP on a real cluster: at once, as a job, in parts, by reference, dismissed, refused."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.grids import CRS84, Grid
from config.settings import DaskSettings, DatabaseSettings, Settings
from config.times import parse_time
from records.datasets.models import Access
from services.app import create_app
from tests.support.jobs import runners, start_echo, wait_for
from tests.support.rasters import coded, global_grid, publication
from tests.support.zones import EXECUTION, ask, body, box, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GRID = global_grid(72, 36)
WORLD = box(-180, -90, 180, 90)
CORNER = box(-180, 80, -170, 90)


@pytest.fixture(scope="module")
def zoning(server: Server, dask: DaskSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with a small dataset, a restricted one, and one that takes long."""
    with server.database() as url:
        folder = tmp_path_factory.mktemp("zoning")
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)), dask=dask)
        app = create_app(settings)
        with TestClient(app, base_url="http://localhost:8080", raise_server_exceptions=False) as client:
            publish(app.state.context)
            yield client


def publish(context: Context) -> None:
    repository, store = context.catalogue.repository, context.store
    values = coded(GRID)
    repository.publish(publication(store, "small", {"2020-01-01": values, "2020-01-02": values + 1}, GRID, unit="K"))
    repository.publish(publication(store, "closed", {None: values}, GRID, access=Access(policy="apply")))
    fine = Grid(crs=CRS84, transform=(360 / 8192, 0.0, -180.0, 0.0, -180 / 4096, 90.0), width=8192, height=4096)
    made = publication(store, "large", {"2020-01-01": np.ones((4096, 8192), "float32")}, fine)
    days = [parse_time(f"2020-{month:02d}-{day:02d}") for month in range(1, 6) for day in range(1, 29)]
    granules = [
        replace(made.granules[0], time=day.text, key=day.start, start_key=day.start, end_key=day.end) for day in days
    ]
    repository.publish(replace(made, granules=tuple(granules)))


def test_an_execution_answers_at_once(zoning: TestClient) -> None:
    answer = ask(zoning, "small", CORNER, media_type="application/geo+json", datetime="2020-01-01", statistics=["mean"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/geo+json"), answer.text
    assert answer.json()["features"][0]["properties"]["v_mean"] == 5000.5


def test_a_job_keeps_its_result_and_items_of_this_server_are_polygons(zoning: TestClient) -> None:
    link = {"href": "http://localhost:8080/collections/records/items/small", "type": "application/geo+json"}
    path = start(zoning, "small", link, media_type="application/geo+json", statistics=["cells"], datetime="2020-01-01")
    wait_for(zoning, path, "successful", seconds=60)
    first = zoning.get(path + "/results")
    assert first.headers["content-type"] == "application/geo+json"
    assert first.json()["features"][0]["properties"]["v_cells"] == 36 * 72
    again = ask(
        zoning, "small", {"href": f"http://localhost:8080{path}/results"}, properties=["title"], prefix="second_"
    )
    assert again.json()["rows"][0]["statistics"]["count"] == 36 * 72, again.text


@pytest.mark.parametrize(
    "href",
    [
        "http://example.org/polygons.json",
        "http://localhost:8080.example.org/collections/records/items",
        "http://localhost:8080/processes",
        "http://localhost:8080/collections/records/items/../../../api",
        "http://localhost:8080/collections/records/items/none",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_nothing_but_this_servers_items_is_fetched(zoning: TestClient, href: str) -> None:
    answer = ask(zoning, "small", {"href": href})
    assert (answer.status_code, href[:40] in answer.json()["detail"]) == (400, True)


def test_restricted_data_is_refused_before_a_job_is_made(zoning: TestClient) -> None:
    for headers in ({}, {"Prefer": "respond-async"}):
        answer = zoning.post(EXECUTION, json=body("closed", CORNER), headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:graticule:error:access-restricted")


@pytest.mark.parametrize(
    ("inputs", "status"),
    [({"collection": "none"}, 404), ({"weights": 1}, 400), ({"quantiles": [2]}, 400)],
)
def test_errors_have_their_status(zoning: TestClient, inputs: dict[str, Any], status: int) -> None:
    request = body("small", CORNER)
    request["inputs"] |= inputs
    assert zoning.post(EXECUTION, json=request).status_code == status


def test_a_large_job_is_dismissed_with_all_its_parts(zoning: TestClient) -> None:
    others = set(runners())  # workers of an ingest, which other tests of this process keep
    path = start(zoning, "large", WORLD, datetime="2020-01/2020-05", statistics=["median"])
    end = time.monotonic() + 100
    while "of 140 parts" not in zoning.get(path).json()["message"] or len(set(runners()) - others) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    begin = time.monotonic()
    assert zoning.delete(path).json()["status"] == "dismissed"
    while set(runners()) - others:  # a part that was being handed out may begin, and is ended too
        assert time.monotonic() - begin < 20
        time.sleep(0.01)
    time.sleep(0.5)
    assert set(runners()) <= others  # no further part has begun


def test_parts_on_the_cluster_come_together(zoning: TestClient) -> None:
    path = start(zoning, "large", WORLD, datetime="2020-01-01/2020-01-03", statistics=["median", "cells"])
    wait_for(zoning, path, "successful", seconds=110)
    rows = zoning.get(path + "/results").json()["rows"]
    assert [row["time"] for row in rows] == ["2020-01-01", "2020-01-02", "2020-01-03"]
    assert {(row["statistics"]["median"], row["statistics"]["cells"]) for row in rows} == {(1.0, 8192 * 4096)}


def test_jobs_in_the_background_leave_a_thread_to_those_who_wait(zoning: TestClient) -> None:
    waiting = [start_echo(zoning, pause=60) for _ in range(4)]
    try:
        for path in waiting[:2]:
            wait_for(zoning, path, "running", seconds=60)
        answer = zoning.post("/processes/echo/execution", json={"inputs": {"stringInput": "now"}})
        assert answer.status_code == 200, answer.text
        statuses = [zoning.get(path).json()["status"] for path in waiting]
        assert statuses.count("running") == 2
    finally:
        for path in waiting:
            zoning.delete(path)
