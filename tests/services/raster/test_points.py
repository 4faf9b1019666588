"""Values at points, and statistics, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support.datasets import dated
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.repository import Repository


@pytest.fixture
def sst(repository: Repository, store: Path) -> None:
    repository.publish(dated(store))


@pytest.mark.usefixtures("sst")
def test_a_point_is_the_physical_value_and_off_the_globe_is_404(client: TestClient) -> None:
    answer = client.get("/collections/sst/map/point/10.5,20.5?datetime=2006-04")
    assert answer.json()["values"] == [69 * 10_000 + 190]
    assert client.get("/collections/sst/map/point/10.5,95").status_code == 404
    assert client.get("/collections/sst/map/point/here,95").status_code == 400


def test_a_point_without_data_is_null(client: TestClient, repository: Repository, store: Path) -> None:
    grid = global_grid(8, 4)
    packed = np.full((4, 8), -1, "int16")
    repository.publish(publication(store, "gaps", {None: packed}, grid, nodata=-1.0, scale=0.5, value_range=(0, 1)))
    assert client.get("/collections/gaps/map/point/0.5,0.5").json()["values"] == [None]


@pytest.mark.usefixtures("sst")
def test_statistics_are_those_of_the_values(client: TestClient) -> None:
    found = client.get("/collections/sst/map/statistics?datetime=2006-04").json()["b1"]
    assert (found["min"], found["max"], found["valid_percent"]) == (0, 1_790_359, 100)
    for query in ("max_size=100000", "histogram_bins=100000000", "histogram_bins=5,1", "histogram_range=2,1"):
        assert client.get(f"/collections/sst/map/statistics?{query}").status_code == 400
