"""Infinite and NaN cells are no data in every answer but downloads of the stored cells."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from services.web.context import Context
from tests.support.coverages import fetch_tiff
from tests.support.rasters import global_grid, publication
from tests.support.zones import answered, box

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

GRID = global_grid(36, 18)
BOX = "0,0,40,10"


@pytest.fixture
def published(repository: Repository, store: Path) -> str:
    """A dataset whose only four cells with a value, east of 0, north of the equator, are 1, 2, inf and NaN."""
    values = np.full((18, 36), np.nan, "float32")
    values[8, 18:22] = [1, 2, np.inf, np.nan]
    repository.publish(publication(store, "inf", {None: values}, GRID, value_range=(0.0, 3.0)))
    return "inf"


def test_numbers_leave_infinite_cells_out(published: str, client: TestClient) -> None:
    (entry,) = client.get(f"/collections/{published}/statistics?bbox={BOX}").json()["statistics"]
    assert (entry["cells"], entry["count"], entry["mean"], entry["maximum"]) == (4, 2, 1.5, 2)
    lines = client.get(f"/collections/{published}/coverage?bbox={BOX}&f=csv").text.splitlines()[1:]
    assert [line.rsplit(",", 1)[1] for line in lines] == ["1.0", "2.0", "", ""]
    document = client.get(f"/collections/{published}/coverage?bbox={BOX}&f=covjson").json()
    assert document["ranges"]["v"]["values"] == [1, 2, None, None]
    mean = client.get(f"/collections/{published}/coverage?bbox={BOX}&f=csv&scale-size=Lon(1),Lat(1)").text
    assert mean.splitlines()[1].endswith(",1.5")


def test_a_polygon_has_the_mean_of_the_box_around_it(published: str, client: TestClient) -> None:
    context: Context = client.app.state.context  # type: ignore[attr-defined]  # any ASGI app
    (row,) = answered(context, published, box(0, 0, 40, 10), statistics=["mean", "count", "max"])["rows"]
    assert row["statistics"] == {"mean": 1.5, "count": 2.0, "max": 2.0, "cells": 2}


def test_pictures_leave_infinite_cells_out(published: str, client: TestClient) -> None:
    bands = np.load(io.BytesIO(client.get(f"/collections/{published}/map/tiles/WorldCRS84Quad/2/1/4?f=npy").content))
    values, mask = bands
    assert np.unique(values[mask > 0]).tolist() == [1, 2]
    point = client.get(f"/collections/{published}/position?coords=POINT(25 5)&f=json")
    assert point.status_code == 200
    assert "Infinity" not in point.text


def test_a_download_keeps_the_stored_cells(published: str, client: TestClient) -> None:
    stored = fetch_tiff(client, published, f"bbox={BOX}&f=geotiff").values
    np.testing.assert_array_equal(stored[0], np.array([[1, 2, np.inf, np.nan]], "float32"))
