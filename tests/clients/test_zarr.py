"""The live Zarr store as xarray, GDAL and zarrita read it; each value compared with the source."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
import zarr

from tests.clients.conftest import output
from tests.clients.packages import installed
from tests.support import gridded

ZARRITA = "0.7"
READ = """
import * as zarr from "zarrita";
const [url, path, indices] = process.argv.slice(2);
const store = new zarr.FetchStore(url);
const root = await zarr.open.v3(store, { kind: "group" });
const array = await zarr.open.v3(root.resolve(path), { kind: "array" });
const chosen = JSON.parse(indices).map((index) => (index === null ? null : index));
const read = await zarr.get(array, chosen);
const values = Array.from(read.data ?? [read], Number);
console.log(JSON.stringify({ shape: array.shape, values, scale: array.attrs.scale_factor ?? 1 }));
"""


@pytest.fixture(scope="module")
def zarrita(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that reads a slab by zarrita, installed by npm for this run alone."""
    folder = tmp_path_factory.mktemp("zarrita")
    installed(folder, f"zarrita@{ZARRITA}")
    script = folder / "read.mjs"
    script.write_text(READ)
    return script


def _store(base: str, dataset: str) -> str:
    return f"{base}/collections/{dataset}/zarr"


def test_xarray_opens_the_store(arrays: str) -> None:
    with xr.open_zarr(_store(arrays, "daily")) as dataset:
        np.testing.assert_allclose(dataset.flux.values, gridded.physical_days(), atol=1e-9, rtol=0, equal_nan=True)
        assert [str(time)[:10] for time in dataset.time.values] == list(gridded.DAYS)
        assert np.array_equal(dataset.cover.fillna(0).values[3], gridded.cover())


def test_xarray_learns_the_members_without_consolidated_metadata(arrays: str) -> None:
    with xr.open_zarr(_store(arrays, "ocean"), consolidated=False) as dataset:
        assert float(dataset.v.sel(depth=20.5)[1, 3, 4]) == 3 * 10_000 + 4 + 1_000_000 + 200_000


def test_xarray_reads_both_chunkings_of_a_long_series(arrays: str) -> None:
    steps = gridded.long_steps()
    with xr.open_zarr(_store(arrays, "long")) as series, xr.open_zarr(_store(arrays, "long"), group="maps") as maps:
        assert series.v.sizes["time"] == len(steps)
        point = [gridded.long_values(step)[3, 7] for step in steps]
        assert np.array_equal(series.v[:, 3, 7].values, point)
        assert np.array_equal(maps.v[123].values, gridded.long_values(steps[123]))
        assert np.array_equal(series.time.values, maps.time.values)


def test_zarr_reads_an_array_that_is_opened_directly(arrays: str) -> None:
    array = zarr.open_array(f"{_store(arrays, 'daily')}/flux", mode="r")
    stored = gridded.packed_days()
    assert np.array_equal(array[4, 250:270, 250:300], stored[4, 250:270, 250:300])
    assert (array[gridded.GAP] == -32768).all()


@pytest.mark.filterwarnings("ignore")
def test_gdal_finds_grid_and_values(arrays: str) -> None:
    with rasterio.open(f'ZARR:"/vsicurl/{_store(arrays, "daily")}":/flux:4') as source:
        assert source.crs.to_epsg() == 4326
        assert tuple(source.transform)[:6] == gridded.GRID.transform
        assert (source.nodata, source.scales) == (-32768, (0.01,))
        assert np.array_equal(source.read(1), gridded.packed_days()[4])
    with rasterio.open(f'ZARR:"/vsicurl/{_store(arrays, "polar")}":/v') as source:
        assert source.crs.to_epsg() == 3995
        assert source.read(1)[39, 29] == 39 * 10_000 + 29


def test_zarrita_reads_a_series_and_a_map(arrays: str, zarrita: Path) -> None:
    series = json.loads(output("node", str(zarrita), _store(arrays, "daily"), "flux", "[null, 100, 113]"))
    stored = gridded.packed_days()[:, 100, 113].astype(float)
    stored[gridded.GAP] = -32768
    assert series["shape"] == [5, 270, 300]
    assert np.array_equal(series["values"], stored)
    row = json.loads(output("node", str(zarrita), _store(arrays, "daily"), "flux", "[4, 269, null]"))
    assert np.array_equal(row["values"], gridded.packed_days()[4, 269].astype(float))
    day = json.loads(output("node", str(zarrita), _store(arrays, "long"), "maps/v", "[123, null, null]"))
    assert np.array_equal(np.reshape(day["values"], (12, 20)), gridded.long_values(gridded.long_steps()[123]))
