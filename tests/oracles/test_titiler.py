"""A plain titiler over the files of the store answers as ours on grids that both read: north up, within 180 degrees."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from titiler.core.factory import TilerFactory

from config.grids import CRS84, Grid
from tests.support.rasters import coded, publication
from tests.support.zones import box, feature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

    from records.datasets.repository import Repository

REGION: Grid = Grid(crs=CRS84, transform=(0.5, 0.0, 100.0, 0.0, -0.5, 50.0), width=120, height=80)
MERCATOR: Grid = Grid(crs="EPSG:3857", transform=(1000.0, 0.0, 1e6, 0.0, -1000.0, 5e6), width=120, height=80)
PLACES = {"region": ("110.25,30.25", "110,20,120,30"), "mercator": ("9.5,40.9", "9.2,40.5,9.8,40.8")}
POLYGONS = {"region": feature(box(110, 20, 120.5, 30)), "mercator": feature(box(9.2, 40.5, 9.8, 40.8))}


@pytest.fixture(params=["region", "mercator"])
def kind(request: pytest.FixtureRequest, repository: Repository, store: Path) -> str:
    """The id of a dataset of one file."""
    name: str = request.param
    grid = {"region": REGION, "mercator": MERCATOR}[name]
    repository.publish(publication(store, name, {None: coded(grid)}, grid, nodata=-1.0))
    return name


@pytest.fixture
def plain(kind: str, store: Path) -> Iterator[Any]:
    """titiler as it is, over the file of the dataset."""
    path = str(store / kind / "v" / "static.tif")
    app = FastAPI()
    app.include_router(TilerFactory(path_dependency=lambda: path).router)
    with TestClient(app) as client:
        yield client


def npy(answer: Response) -> np.ma.MaskedArray:
    assert answer.status_code == 200, answer.text
    values = np.load(io.BytesIO(answer.content))
    mask = np.broadcast_to(values[-1:] != values[-1].max(), values[:-1].shape) if values[-1].any() else True
    return np.ma.MaskedArray(values[:-1], mask=mask)


def test_documents_are_equal(client: TestClient, plain: TestClient, kind: str) -> None:
    point = f"point/{PLACES[kind][0]}"
    for path in ("statistics?p=5&p=50", point, "WebMercatorQuad/tilejson.json"):
        ours, theirs = client.get(f"/titiler/{kind}/{path}").json(), plain.get(path).json()
        assert theirs, path
        for name in theirs.keys() - {"tiles", "bounds"}:
            assert ours[name] == theirs[name], (path, name)
    ours, theirs = client.get(f"/titiler/{kind}/info").json(), plain.get("info").json()
    assert {name: ours[name] for name in theirs if name != "bounds"} == {n: theirs[n] for n in theirs if n != "bounds"}
    assert ours["bounds"] == pytest.approx(theirs["bounds"])


def test_images_are_equal(client: TestClient, plain: TestClient, kind: str) -> None:
    for path in ("preview.npy", f"bbox/{PLACES[kind][1]}.npy", f"bbox/{PLACES[kind][1]}/30x20.npy"):
        ours, theirs = npy(client.get(f"/titiler/{kind}/{path}")), npy(plain.get(path))
        np.testing.assert_array_equal(ours.filled(-9), theirs.filled(-9), err_msg=path)


def test_regions_of_a_polygon_are_equal(client: TestClient, plain: TestClient, kind: str) -> None:
    ours = npy(client.post(f"/titiler/{kind}/feature.npy", json=POLYGONS[kind]))
    theirs = npy(plain.post("feature.npy", json=POLYGONS[kind]))
    np.testing.assert_array_equal(ours.filled(-9), theirs.filled(-9))
    answers = [
        client.post(f"/titiler/{kind}/statistics", json=POLYGONS[kind]),
        plain.post("statistics", json=POLYGONS[kind]),
    ]
    first, second = (answer.json()["properties"]["statistics"]["b1"] for answer in answers)
    # titiler widens the box to whole pixels of its warp, ours only to whole cells of the grid's own CRS
    names, tolerance = {
        "region": (("count", "min", "max", "mean", "std"), 1e-6),
        "mercator": (("count", "mean"), 2e-2),
    }[kind]
    for name in names:
        assert first[name] == pytest.approx(second[name], rel=tolerance), name
