"""Coverages as CF NetCDF, over HTTP, read by xarray."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cftime
import netCDF4
import numpy as np
import pytest
import xarray as xr
from pyproj import CRS

from config.grids import CRS84, Grid
from config.times import order_key
from records.datasets.models import ColorClass
from tests.support.coverages import (
    fetch_netcdf,
    get,
    in_calendar,
    publication,
    steps,
    with_first,
    with_variable,
    wrapped,
)
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

GRID = global_grid(width=72, height=36)
POLAR = Grid(crs="EPSG:3995", transform=(50_000.0, 0, -1_000_000.0, 0, -50_000.0, 1_000_000.0), width=40, height=40)
STORED = {"mask_and_scale": False}


def test_all_times_are_answered_with_cell_centres(client: TestClient, repository: Repository, store: Path) -> None:
    series = steps(GRID, ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z", "2006-06-16T00:00:00Z"))
    repository.publish(publication(store, "series", series, GRID, nodata=-9.0))
    with fetch_netcdf(client, "series") as found:
        assert found.v.dims == ("time", "lat", "lon")
        assert np.array_equal(found.v.values, np.stack(list(series.values())))
        assert np.array_equal(found.lon.values, -177.5 + 5 * np.arange(72))
        assert np.array_equal(found.lat.values, 87.5 - 5 * np.arange(36))
        assert [str(t)[:19] for t in found.time.values] == [str(label)[:19] for label in series]
        assert found.lat.dtype == found.lon.dtype == np.float64


def test_the_history_of_a_small_box_is_one_chunk_of_many_times(
    client: TestClient, repository: Repository, store: Path
) -> None:
    series = steps(GRID, [f"2006-{month:02d}-{day:02d}" for month in range(1, 4) for day in range(1, 29)])
    repository.publish(publication(store, "days", series, GRID, nodata=-9.0))
    query = "bbox=-180,60,-150,90"
    with fetch_netcdf(client, "days", query) as found:
        assert found.v.dims == ("time", "lat", "lon")
        assert np.array_equal(found.v.values, np.stack(list(series.values()))[:, :6, :6])
        assert found.v.encoding["chunksizes"] == (84, 6, 6)
        assert [str(t)[:10] for t in found.time.values] == list(series)
        assert np.array_equal(found.time_bnds.values[:, 0], found.time.values)
    text = get(client, "days", f"{query}&f=csv&datetime=2006-02-01/2006-02-02").text.splitlines()
    assert len(text) == 1 + 2 * 36
    assert float(text[-1].split(",")[-1]) == series["2006-02-02"][5, 5]


def test_times_are_chosen_by_interval(client: TestClient, repository: Repository, store: Path) -> None:
    labels = ("2006-03-16", "2006-04-16", "2006-05-16", "2006-06-16", "2006-07-16")
    series = steps(GRID, labels)
    repository.publish(publication(store, "interval", series, GRID))
    for query in ('subset=time("2006-04-01":"2006-06-30")', "datetime=2006-04/2006-06"):
        with fetch_netcdf(client, "interval", query) as found:
            assert [str(t)[:10] for t in found.time.values] == list(labels[1:4])
            assert np.array_equal(found.v.values, np.stack([series[label] for label in labels[1:4]]))
    with fetch_netcdf(client, "interval", 'subset=time("2006-06-01":*)') as found:
        assert found.sizes["time"] == 2


def test_random_boxes_hold_the_stored_values(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(GRID).astype("int32")
    values[::5, ::7] = -999
    repository.publish(publication(store, "boxes", {None: values}, GRID, nodata=-999, scale=0.5, offset=10))
    random = np.random.default_rng(3)
    for number in range(8):
        first, width = (70, 6) if number == 0 else (int(random.integers(0, 72)), int(random.integers(1, 72)))
        west, east = -180 + 5 * first + 0.001, -180 + 5 * (first + width) - 0.001
        with fetch_netcdf(client, "boxes", f"subset=Lon({west}:{east}),Lat(*:45)", **STORED) as found:
            expected = wrapped(values, slice(9, 36), first, width)
            assert np.array_equal(found.v.values, expected)
            assert np.array_equal(found.lon.values, -177.5 + 5 * np.arange(first, first + width))
        with fetch_netcdf(client, "boxes", f"subset=Lon({west}:{east}),Lat(*:45)") as found:
            physical = np.where(expected == -999, np.nan, expected * 0.5 + 10)
            assert np.array_equal(found.v.values, physical, equal_nan=True)


def test_30_february_of_a_360_day_year_decodes(client: TestClient, repository: Repository, store: Path) -> None:
    labels = ("1860-01-16T00:00:00Z", "1860-02-30T00:00:00Z", "1861-02-30T12:30:00Z")
    base = publication(store, "days360", steps(GRID, labels), GRID)
    bounds = {
        labels[0]: (order_key(1860, 1, 1), order_key(1860, 2, 1)),
        labels[1]: (order_key(1860, 2, 30), order_key(1860, 3, 1)),
        labels[2]: (order_key(1861, 2, 30), order_key(1861, 3, 1)),
    }
    repository.publish(in_calendar(base, "360_day", bounds))
    with fetch_netcdf(client, "days360", decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) as found:
        assert list(found.time.values) == [
            cftime.Datetime360Day(1860, 1, 16),
            cftime.Datetime360Day(1860, 2, 30),
            cftime.Datetime360Day(1861, 2, 30, 12, 30),
        ]
        decoded = xr.decode_cf(found).time_bnds.values
        assert list(decoded[1]) == [cftime.Datetime360Day(1860, 2, 30), cftime.Datetime360Day(1860, 3, 1)]


@pytest.mark.parametrize("label", ["2006-05-16T12:00:00.000250Z", "1582-10-04", "0900-02-29", "2262-12-31T23:59:59Z"])
def test_odd_times_decode_exactly(client: TestClient, repository: Repository, store: Path, label: str) -> None:
    repository.publish(publication(store, "odd", steps(GRID, (label,)), GRID))
    with fetch_netcdf(client, "odd", "bbox=0,0,1,1", decode_times=False) as found:
        decoded = cftime.num2date(found.time.values[0], found.time.units, calendar=found.time.calendar)
    full = label if "T" in label else label + "T00:00:00Z"
    text = decoded.isoformat(timespec="microseconds" if "." in full else "seconds")
    assert text + "Z" == full


def test_the_file_is_cf_and_names_its_origin(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "named", {None: coded(GRID)}, GRID, nodata=-1.0, scale=2.0, unit="K")
    base = with_first(base, standard_name="sea_surface_temperature")
    repository.publish(replace(base, license="CC-BY-4.0", attribution="Example Centre"))
    with fetch_netcdf(client, "named", "bbox=0,0,10,10", **STORED) as found:
        assert found.attrs["Conventions"].startswith("CF-1.")
        assert (found.attrs["license"], found.attrs["attribution"]) == ("CC-BY-4.0", "Example Centre")
        assert found.attrs["title"] == "Dataset named"
        attributes = found.v.attrs
        assert (attributes["units"], attributes["standard_name"]) == ("K", "sea_surface_temperature")
        assert (attributes["_FillValue"], attributes["scale_factor"], attributes["add_offset"]) == (-1.0, 2.0, 0.0)
        assert found.lat.attrs["units"] == "degrees_north"
        assert np.array_equal(found.lat_bnds.values, [[10.0, 5.0], [5.0, 0.0]])


def test_classes_become_flags(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "classes", {None: (coded(GRID) % 3).astype("uint8")}, GRID, nodata=255)
    classes = tuple(
        ColorClass(value=n, color=(n, n, n, 255), title={"en": name})
        for n, name in enumerate(("open water", "ice", "land, rock"))
    )
    repository.publish(with_first(base, kind="categorical", classes=classes, unit=None))
    with fetch_netcdf(client, "classes", **STORED) as found:
        assert list(found.v.attrs["flag_values"]) == [0, 1, 2]
        assert found.v.attrs["flag_values"].dtype == np.uint8
        assert found.v.attrs["flag_meanings"] == "open_water ice land_rock"


def test_a_projected_grid_has_a_grid_mapping(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(POLAR)
    repository.publish(publication(store, "polar", {None: values}, POLAR, bbox=(-180.0, 75.0, 180.0, 90.0)))
    with fetch_netcdf(client, "polar", "subset=x(0:100000),y(0:200000)") as found:
        assert found.v.dims == ("y", "x")
        assert np.array_equal(found.v.values, values[16:20, 20:22])
        assert list(found.x.values) == [25_000.0, 75_000.0]
        assert found.y.attrs["standard_name"] == "projection_y_coordinate"
        assert found.crs.attrs["grid_mapping_name"] == "polar_stereographic"
        assert CRS.from_cf(found.crs.attrs) == CRS.from_epsg(3995)
        assert found.v.attrs.get("grid_mapping", found.v.encoding.get("grid_mapping")) == "crs"


def test_several_variables_of_several_types(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "both", steps(GRID, ("2006-04-16", "2006-05-16")), GRID, nodata=-9.0)
    packed = (coded(GRID) % 1000).astype("int16")
    repository.publish(with_variable(base, store, "w", packed, scale=0.1, offset=1.0))
    with fetch_netcdf(client, "both", "properties=v,w", **STORED) as found:
        assert (found.v.dtype, found.w.dtype) == (np.float32, np.int16)
        assert np.array_equal(found.w.values, np.stack([packed, packed]))
        assert found.v.values[1, 0, 0] == 1000


def test_a_time_that_one_variable_lacks_is_fill(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "gaps", steps(GRID, ("2006-04-16", "2006-05-16")), GRID, nodata=-9.0)
    full = with_variable(base, store, "w", coded(GRID))
    lacking = [g for g in full.granules if not (g.variable_id == "w" and g.time == "2006-05-16")]
    repository.publish(replace(full, granules=tuple(lacking)))
    with fetch_netcdf(client, "gaps", "properties=v,w") as found:
        assert np.isfinite(found.w.values[0]).all()
        assert np.isnan(found.w.values[1]).all()


def test_the_netcdf_library_reads_it_too(
    client: TestClient, repository: Repository, store: Path, tmp_path: Path
) -> None:
    values = coded(GRID)
    repository.publish(publication(store, "lib", {"2006-05-16": values}, GRID, nodata=float("nan")))
    (tmp_path / "found.nc").write_bytes(get(client, "lib", "f=application/netcdf").content)
    with netCDF4.Dataset(tmp_path / "found.nc") as found:
        assert found.data_model == "NETCDF4"
        assert np.array_equal(found["v"][0], values)
        assert np.isnan(found["v"].getncattr("_FillValue"))
        assert found["time"].bounds == "time_bnds"


def test_the_straddling_column_is_read_from_both_sides(client: TestClient, repository: Repository, store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(360 / 432, 0.0, -180.41666666666666, 0.0, -360 / 432, 7.5), width=432, height=18)
    values = coded(grid)
    repository.publish(publication(store, "strip", {None: values}, grid))
    with fetch_netcdf(client, "strip", "bbox=179.7,-7.5,-179.7,7.5") as found:
        assert np.array_equal(found.v.values, values[:, :1])
    with fetch_netcdf(client, "strip", "bbox=178,-7.5,-178,7.5") as found:
        assert np.array_equal(found.v.values, wrapped(values, slice(None), 430, 5))
        assert np.all(np.diff(found.lon.values) > 0)
        assert found.lon.values[2] == pytest.approx(180.0)
