"""CF NetCDF: axes, calendars, no data, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pyproj
import pytest
import xarray as xr

from cog.sources.netcdf.netcdf import NetcdfSource
from cog.sources.opening import open_source
from config.declarations.datasets import DatasetDeclaration, parse_declaration
from config.errors import SourceRefused
from tests.support.sources import cells, write_netcdf

NORTH_UP = np.arange(5.5, -0.5, -1)
LON = np.arange(10.5, 18.5)


def read(path: Path, declaration: dict[str, Any] | None = None, step: int = 0) -> tuple[Any, Any]:
    """The first variable and all its cells at a step."""
    with open_source(path, parse_declaration(declaration or {}, name="test")) as source:
        variable = source.description.variables[0]
        return variable, source.read(variable.name, step, rows=(0, variable.grid.height))


def test_a_north_up_variable_keeps_its_cells_and_stands_on_its_outer_edges(tmp_path: Path) -> None:
    variable, found = read(write_netcdf(tmp_path / "a.nc", cells(), NORTH_UP, LON))
    assert np.array_equal(found, cells())
    assert variable.grid.bounds == (10.0, 0.0, 18.0, 6.0)


def test_a_south_up_variable_is_flipped(tmp_path: Path) -> None:
    variable, found = read(write_netcdf(tmp_path / "a.nc", cells(), NORTH_UP[::-1], LON))
    assert np.array_equal(found, cells()[::-1])
    assert variable.grid.bounds == (10.0, 0.0, 18.0, 6.0)
    assert any("flipped" in note for note in variable.lineage)


def test_strips_of_a_flipped_variable_are_those_of_the_whole(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), NORTH_UP[::-1], LON)
    with open_source(path) as source:
        strips = [source.read("v", 0, rows=rows) for rows in ((0, 2), (2, 5), (5, 6))]
    assert np.array_equal(np.concatenate(strips), cells()[::-1])


def test_longitude_before_latitude_is_exchanged(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells().T.copy(), NORTH_UP, LON, dims=("lon", "lat"))
    assert np.array_equal(read(path)[1], cells())


@pytest.mark.parametrize(
    ("first", "west", "roll"), [(0.0, -202.5, 4), (22.5, -180.0, 4), (-180.0, -202.5, 0), (-157.5, -180.0, 0)]
)
def test_a_global_grid_is_rolled_so_that_its_first_centre_is_at_or_after_180_west(
    tmp_path: Path, first: float, west: float, roll: int
) -> None:
    lon = first + 45.0 * np.arange(8)
    variable, found = read(write_netcdf(tmp_path / "a.nc", cells(), NORTH_UP, lon))
    assert variable.grid.transform[2] == west
    assert np.array_equal(found, np.roll(cells(), -roll, axis=1))


def test_a_regional_grid_beyond_180_east_moves_by_a_turn(tmp_path: Path) -> None:
    variable, found = read(write_netcdf(tmp_path / "a.nc", cells(), NORTH_UP, LON + 190))
    assert variable.grid.bounds[0] == -160.0
    assert np.array_equal(found, cells())


def test_float32_axes_close_the_circle(tmp_path: Path) -> None:
    lon = (np.arange(432) * np.float32(5 / 6)).astype("float32")
    variable, _ = read(write_netcdf(tmp_path / "a.nc", cells(6, 432), NORTH_UP, lon))
    west, _, east, _ = variable.grid.bounds
    assert variable.grid.is_global
    assert east - west == pytest.approx(360, abs=1e-12)
    assert west == pytest.approx(-180 - 5 / 12, abs=1e-12)


def test_labels_of_a_360_day_calendar_keep_its_own_dates(tmp_path: Path) -> None:
    stack = np.stack([cells()] * 2)
    path = write_netcdf(tmp_path / "a.nc", stack, NORTH_UP, LON, [59.0, 60.5], calendar="360_day")
    variable, _ = read(path)
    assert [s.label for s in variable.steps] == ["2000-02-30T00:00:00Z", "2000-03-01T12:00:00Z"]
    assert variable.steps[0].key < variable.steps[1].key
    assert variable.steps[0].calendar == "360_day"


def test_packed_cells_stay_packed(tmp_path: Path) -> None:
    packing = {"scale_factor": 0.01, "add_offset": 273.15, "_FillValue": np.int16(-99)}
    path = write_netcdf(tmp_path / "a.nc", cells(dtype="int16"), NORTH_UP, LON, attributes=packing)
    variable, found = read(path)
    assert (variable.dtype, variable.scale, variable.offset, variable.nodata) == ("int16", 0.01, 273.15, -99)
    with xr.open_dataset(path) as dataset:
        assert np.allclose(found * variable.scale + variable.offset, dataset["v"].values)


def test_every_kind_of_invalid_cell_becomes_the_fill_value(tmp_path: Path) -> None:
    values = cells()
    values[0, :3] = [-1e30, np.nan, 999]
    marks = {"_FillValue": np.float32(-9e9), "missing_value": np.float32(-1e30), "valid_max": np.float32(56)}
    path = write_netcdf(tmp_path / "a.nc", values, NORTH_UP, LON, attributes=marks)
    variable, found = read(path)
    assert found[0, :3].tolist() == [variable.nodata] * 3
    assert found[5, 7] == variable.nodata  # 57 is above the valid maximum
    assert (found == variable.nodata).sum() == 4
    assert any("valid range" in note for note in variable.lineage)


def test_unsigned_cells_in_signed_storage_are_read_unsigned(tmp_path: Path) -> None:
    values = np.full((6, 8), -1, dtype="int8")
    path = write_netcdf(
        tmp_path / "a.nc", values, NORTH_UP, LON, attributes={"_Unsigned": "true"}, format="NETCDF3_CLASSIC"
    )
    variable, found = read(path)
    assert variable.dtype == "uint8"
    assert (found == 255).all()


def test_what_is_no_data_variable_is_listed_with_the_reason(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), NORTH_UP, LON)
    with netCDF4.Dataset(str(path), "a") as file:
        file.createVariable("height", "f8", ())
    with NetcdfSource(path, DatasetDeclaration()) as source:
        skipped = dict(source.description.skipped)
    assert skipped == {"lat": "is a coordinate", "lon": "is a coordinate", "height": "has 0 dimensions"}


def test_an_irregular_axis_is_refused_naming_the_difference(tmp_path: Path) -> None:
    lat = NORTH_UP.copy()
    lat[2] += 0.01
    path = write_netcdf(tmp_path / "a.nc", cells(), lat, LON)
    with pytest.raises(SourceRefused, match=r"axis lat is irregular: a step differs .* by 1\.00%"):
        read(path)


def test_a_further_axis_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    stack = np.stack([cells()] * 2)
    dataset = xr.Dataset(
        {"v": (("z", "lat", "lon"), stack)},
        {"lat": ("lat", NORTH_UP, {"units": "degrees_north"}), "lon": ("lon", LON, {"units": "degrees_east"})},
    )
    dataset.to_netcdf(path)
    with pytest.raises(SourceRefused, match="further axis, z, of 2 steps"):
        read(path)


@pytest.mark.parametrize("format_", ["NETCDF4", "NETCDF3_CLASSIC"])
def test_a_truncated_file_is_refused(tmp_path: Path, format_: str) -> None:
    path = write_netcdf(
        tmp_path / "a.nc", cells(600, 800), np.linspace(50, 10, 600), np.linspace(0, 60, 800), format=format_
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceRefused):
        read(path)


def test_undecodable_times_are_refused_and_can_be_declared(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells()[np.newaxis], NORTH_UP, LON, [0.5], units="months since 2000-01-01")
    with pytest.raises(SourceRefused, match="declare `time`"):
        read(path)
    variable, _ = read(path, {"time": {"labels": ["2000-02"]}})
    assert variable.steps[0].end == "2000-03-01T00:00:00Z"


NAD83 = {"semi_major_axis": 6378137.0, "inverse_flattening": 298.257222101}


@pytest.mark.parametrize(
    ("mapping", "crs", "note"),
    [
        ({}, "OGC:CRS84", ""),
        ({"crs_wkt": pyproj.CRS(4326).to_wkt()}, "OGC:CRS84", ""),
        ({"crs_wkt": pyproj.CRS(4269).to_wkt()}, "EPSG:4269", ""),
        ({"spatial_ref": pyproj.CRS(4490).to_wkt()}, "EPSG:4490", ""),
        (NAD83 | {"geographic_crs_name": "NAD83"}, "EPSG:4269", ""),
        (NAD83 | {"horizontal_datum_name": "North_American_Datum_1983"}, "EPSG:4269", ""),
        ({"earth_radius": 6371229.0}, "OGC:CRS84", "a sphere of radius 6371229 m"),
    ],
    ids=["none", "WGS 84", "NAD83", "CGCS2000", "by name", "by datum", "sphere"],
)
def test_longitudes_and_latitudes_keep_their_datum(
    tmp_path: Path, mapping: dict[str, Any], crs: str, note: str
) -> None:
    variable, _ = read(with_mapping(tmp_path / "a.nc", mapping))
    assert variable.grid.crs == crs
    assert note in " ".join(variable.lineage)
    assert bool(note) == any("datum" in text for text in variable.lineage)


@pytest.mark.parametrize(
    ("mapping", "cause"),
    [
        ({"crs_wkt": pyproj.CRS(4269).to_wkt(), "spatial_ref": pyproj.CRS(4490).to_wkt()}, "two different"),
        ({"longitude_of_prime_meridian": 2.5, **NAD83}, "from the meridian 2.5"),
    ],
    ids=["two texts", "meridian"],
)
def test_a_datum_that_is_contradicted_or_counted_from_elsewhere_is_refused(
    tmp_path: Path, mapping: dict[str, Any], cause: str
) -> None:
    with pytest.raises(SourceRefused, match=cause):
        read(with_mapping(tmp_path / "a.nc", mapping))


def with_mapping(path: Path, mapping: dict[str, Any]) -> Path:
    """A file of longitudes and latitudes with a grid mapping."""
    write_netcdf(path, cells(), NORTH_UP, LON, attributes={"grid_mapping": "crs"})
    with netCDF4.Dataset(str(path), "a") as file:
        variable = file.createVariable("crs", "i4")
        variable.setncatts({"grid_mapping_name": "latitude_longitude"} | mapping)
    return path
