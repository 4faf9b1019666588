"""`export`: the same values in every format, with an estimate, and refused where it is too large."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
import pytest
import rasterio
import xarray as xr
import zarr

from config.errors import InvalidInput, TooLarge
from config.grids import CRS84, Grid
from tests.support.processes import BASE, answer_here, context_of
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 5.0), width=6, height=5)
CELLS = np.arange(30, dtype="float32").reshape(5, 6)
STEPS: dict[str | None, Any] = {"2020-01-01": CELLS, "2020-01-02": CELLS + 100, "2020-01-05": CELLS + 400}


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Three days of 5 by 6 cells, one without data."""
    with context_of(server, tmp_path_factory.mktemp("export")) as context:
        steps = {time: cells.copy() for time, cells in STEPS.items()}
        steps["2020-01-02"][1, 2] = np.nan
        made = publication(context.store, "days", steps, GRID, nodata=np.nan, unit="K")
        context.catalogue.repository.publish(made)
        yield context


def export(context: Context, **inputs: Any) -> tuple[list[Path], dict[str, Any]]:
    answer = answer_here(context, "export", {"collection": "days", **inputs})
    links = answer["files"]["files"]
    paths = [
        context.store / ".staging" / link["href"].removeprefix(f"{BASE}/jobs/").replace("/files/", "/")
        for link in links
    ]
    assert [path.stat().st_size for path in paths] == [link["bytes"] for link in links]
    return paths, answer["summary"]


def expected() -> Any:
    values = np.stack(list(STEPS.values()))
    values[1, 1, 2] = np.nan
    return values


def test_netcdf_and_zarr_hold_the_same_cube(context: Context) -> None:
    [netcdf], summary = export(context)
    assert (summary["cells"], summary["estimated_bytes"]) == (90, 360)
    [packed], _ = export(context, format="zarr")
    with netCDF4.Dataset(netcdf) as file:
        name = next(name for name, variable in file.variables.items() if variable.ndim == 3)
        assert np.array_equal(np.ma.filled(file[name][:], np.nan), expected(), equal_nan=True)
    store = zarr.storage.ZipStore(packed, mode="r")
    with xr.open_zarr(store) as opened, xr.open_dataset(netcdf) as original:
        xr.testing.assert_identical(opened.load(), original.load())
    store.close()


def test_a_geotiff_of_each_time_and_a_table(context: Context) -> None:
    paths, _ = export(
        context, format="geotiff", datetime=["2020-01-01", "2020-01-04/2020-01-06"], bbox={"bbox": [1, 1, 4, 3]}
    )
    assert [path.name for path in paths] == ["days_2020-01-01.tif", "days_2020-01-05.tif"]
    with rasterio.open(paths[1]) as raster:
        assert np.array_equal(raster.read(1), CELLS[2:4, 1:4] + 400)
        assert raster.bounds == (1, 1, 4, 3)
    [table], _ = export(context, format="csv", datetime="2020-01-02")
    rows = list(csv.reader(table.read_text().splitlines()))
    assert sum(cell in ("101", "101.0") for row in rows for cell in row) == 1


def test_too_much_is_refused_with_its_size(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = context.settings.limit.model_copy(update={"process_cells": 50})
    small = type(context)(
        settings=context.settings.model_copy(update={"limit": limit}), catalogue=context.catalogue, store=context.store
    )
    with pytest.raises(
        TooLarge, match=r"the export would have 90 cells, about 3.6e-07 GB before packing; the limit is 50"
    ):
        export(small)
    monkeypatch.setattr(
        "services.processes.export.process.shutil.disk_usage", lambda _: type("Usage", (), {"free": 300})
    )
    with pytest.raises(TooLarge, match="the disk has 3e-07 GB left"):
        export(context)
    with pytest.raises(InvalidInput, match="no variable"):
        export(context, variables=["nothing"])
