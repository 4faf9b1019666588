"""`zonal-statistics` over HTTP on a real cluster."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import Grid
from records.engine import driver_url
from records.repository import Repository
from services.context import Context
from tests.support.rasters import coded, global_grid, publication
from tests.support.zones import ask, box, collection, feature

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

TIMES = ("2020-01-01", "2020-01-02", "2020-01-03")


@pytest.fixture(scope="module")
def zoned(processing: TestClient) -> TestClient:
    """The client of an application with datasets whose values say where they are."""
    context: Context = processing.app.state.context  # type: ignore[attr-defined]  # a FastAPI application
    engine = create_engine(
        driver_url(context.settings.database.url.get_secret_value()), poolclass=NullPool
    )
    grid = global_grid(72, 36)
    values = coded(grid)
    steps = {time: values + number for number, time in enumerate(TIMES)}
    Repository(engine).publish(publication(context.store, "zoned", steps, grid, unit="K"))
    return processing


def test_statistics_of_a_box_are_those_of_its_cells(zoned: TestClient) -> None:
    answer = ask(zoned, "zoned", collection(feature(box(-180, 80, -170, 90), name="a")), datetime=TIMES[0])
    assert answer.status_code == 200, answer.text
    document = answer.json()
    [row] = document["rows"]
    assert row["properties"] == {"name": "a"}
    assert row["statistics"]["mean"] == np.mean([0, 1, 10_000, 10_001])
    assert (row["statistics"]["min"], row["statistics"]["max"], row["statistics"]["cells"]) == (0, 10_001, 4)
    assert (document["unit"], document["weights"], document["times"]) == ("K", "coverage", [TIMES[0]])
