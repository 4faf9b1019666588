"""Every demo dataset, ingested and fetched over HTTP, equals its source as xarray and h5py read it."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from fastapi.testclient import TestClient

from config.settings import Settings
from services.app import create_app
from tests.support.demo_oracle import Oracle, oracles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


IDS = (
    "linke-turbidity",
    "altitude",
    "sea-surface-temperature",
    "air-temperature-a1b",
    "toa-brightness-temperature",
)
GLOBAL_IDS = IDS[:3]
REGIONS = {"linke-turbidity": "60,0,120,60"}
"""Where all times together have more cells than one answer may."""
BOXES = 20


@pytest.fixture(scope="module")
def truth() -> dict[str, Oracle]:
    """The sources' own values."""
    return oracles()


@pytest.fixture(scope="module")
def demo(demo_catalogue: Settings) -> Iterator[TestClient]:
    """The application over the five demo datasets."""
    with TestClient(create_app(demo_catalogue), base_url="http://localhost:8080") as client:
        yield client


def _get(client: TestClient, dataset_id: str, **query: str | None) -> bytes:
    answer = client.get(f"/collections/{dataset_id}/coverage", params=query)
    assert answer.status_code == 200, answer.text
    return answer.content


def _geotiff(content: bytes) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], float | None]:
    """Stored values, column centres, row centres and nodata of a GeoTIFF."""
    with rasterio.MemoryFile(content) as memory, memory.open() as dataset:
        t = dataset.transform
        x = t.c + t.a * (np.arange(dataset.width) + 0.5)
        y = t.f + t.e * (np.arange(dataset.height) + 0.5)
        return dataset.read(1), x, y, dataset.nodata


def _same(stored: NDArray[Any], expected: NDArray[Any], nodata: float | None, oracle: Oracle) -> None:
    """Equal cells, and fill in equal places, whatever value means fill on either side."""
    given_fill = np.isnan(stored) if nodata is None or np.isnan(nodata) else stored == nodata
    true_fill = np.zeros(expected.shape, bool) if oracle.fill is None else expected == np.float32(oracle.fill)
    if stored.dtype.kind != "f" and nodata is None:
        given_fill = np.zeros(stored.shape, bool)
    assert stored.dtype == expected.dtype
    assert np.array_equal(given_fill, true_fill)
    assert np.array_equal(stored[~true_fill], expected[~true_fill])


@pytest.mark.parametrize("dataset_id", IDS)
def test_every_time_step_equals_the_source_as_geotiff(
    demo: TestClient, truth: dict[str, Oracle], dataset_id: str
) -> None:
    oracle = truth[dataset_id]
    for step, label in enumerate(oracle.labels):
        query = {"datetime": label} if label else {}
        stored, x, y, nodata = _geotiff(_get(demo, dataset_id, f="geotiff", **query))
        assert stored.shape == (len(oracle.y), len(oracle.x))
        _same(stored, oracle.at(step, x, y), nodata, oracle)


@pytest.mark.parametrize("dataset_id", IDS)
def test_every_time_step_equals_the_source_as_netcdf(
    demo: TestClient, truth: dict[str, Oracle], dataset_id: str
) -> None:
    region = {"bbox": REGIONS[dataset_id]} if dataset_id in REGIONS else {}
    with xr.open_dataset(
        io.BytesIO(_get(demo, dataset_id, f="netcdf", **region)), mask_and_scale=False, decode_times=False
    ) as answer:
        _same_steps(answer, truth[dataset_id])


def _same_steps(answer: xr.Dataset, oracle: Oracle) -> None:
    field = answer[oracle.variable]
    vertical, horizontal = field.dims[-2:]
    x, y = field[horizontal].values.astype("float64"), field[vertical].values.astype("float64")
    values = field.values.reshape((-1, len(y), len(x)))
    assert len(values) == len(oracle.labels)
    for step, given in enumerate(values):
        _same(given, oracle.at(step, x, y), field.attrs.get("_FillValue"), oracle)


@pytest.mark.parametrize("dataset_id", GLOBAL_IDS)
def test_random_boxes_hold_just_the_cells_they_meet(
    demo: TestClient, truth: dict[str, Oracle], dataset_id: str
) -> None:
    oracle = truth[dataset_id]
    random_ = random.Random(dataset_id)
    for number in range(BOXES):
        west, east = _edges(random_, seam=number % 2 == 0)
        south = random_.uniform(min(oracle.y), max(oracle.y) - 1)
        north = random_.uniform(south + 0.3, max(oracle.y))
        step = random_.randrange(len(oracle.labels))
        query = {"bbox": f"{west},{south},{east},{north}"}
        if oracle.labels[step]:
            query["datetime"] = str(oracle.labels[step])
        stored, x, y, nodata = _geotiff(_get(demo, dataset_id, f="geotiff", **query))
        _same(stored, oracle.at(step, x, y), nodata, oracle)
        assert len(x) == _met(oracle.x, west, east if east > west else east + 360, modulo=360.0)
        assert len(y) == _met(oracle.y, south, north)
        assert (np.diff(x) > 0).all()


def _edges(random_: random.Random, *, seam: bool) -> tuple[float, float]:
    """West and east edges; across the antimeridian (west > east) if `seam`."""
    if seam:
        return random_.uniform(150, 179.9), random_.uniform(-179.9, -150)
    west = random_.uniform(-180, 150)
    return west, random_.uniform(west + 0.5, west + 30)


def _met(centres: NDArray[np.float64], low: float, high: float, modulo: float | None = None) -> int:
    """How many cells of a regular axis share some of their width with (low, high)."""
    half = abs(centres[1] - centres[0]) / 2
    turns = (-modulo, 0.0, modulo) if modulo else (0.0,)
    starts, ends = centres - half, centres + half
    return int(sum(((starts + turn < high) & (ends + turn > low)).sum() for turn in turns))


def test_netcdf_times_decode_to_the_source_labels(demo: TestClient, truth: dict[str, Oracle]) -> None:
    oracle = truth["air-temperature-a1b"]
    coder = xr.coders.CFDatetimeCoder(use_cftime=True)
    with xr.open_dataset(
        io.BytesIO(_get(demo, "air-temperature-a1b", f="netcdf")), decode_times=coder, decode_timedelta=False
    ) as answer:
        times = answer["time"].values
    assert [f"{t:%Y-%m-%dT%H:%M:%S}Z" for t in times] == oracle.labels
    assert times[0].calendar == "360_day"


def test_the_netcdf_states_physical_values(demo: TestClient, truth: dict[str, Oracle]) -> None:
    oracle = truth["altitude"]
    box = {"bbox": "80,27,90,35", "f": "netcdf"}
    with xr.open_dataset(io.BytesIO(_get(demo, "altitude", **box))) as answer:
        field = answer["altitude"]
        assert field.attrs["units"] == "m"
        expected = oracle.at(0, field["lon"].values, field["lat"].values) * oracle.factor + oracle.addend
        np.testing.assert_allclose(field.values, expected)
