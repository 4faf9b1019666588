"""What of the CF conventions is decoded beyond values: levels, flags, fills, projections, times, unsuited grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pyproj
import pytest

from cog.sources.models import SourceVariable
from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from config.errors import SourceRefused
from tests.support.sources import cells, write_levels, write_netcdf

LAT, LON = np.arange(6.0)[::-1] + 44.5, np.arange(8.0) + 10.5


def described(path: Path, said: dict[str, Any] | None = None) -> SourceVariable:
    """The first variable of a file."""
    with open_source(path, parse_declaration(said or {}, name="test")) as source:
        return source.description.variables[0]


def read(path: Path, step: int = 0, level: int = 0, said: dict[str, Any] | None = None) -> np.ndarray[Any, Any]:
    """The cells of one granule of the first variable of a file."""
    with open_source(path, parse_declaration(said or {}, name="test")) as source:
        variable = source.description.variables[0]
        return source.read(variable.name, step, rows=(0, variable.grid.height), layer=level)


def with_attributes(path: Path, name: str, **attributes: object) -> Path:
    """A file whose variable has further attributes."""
    with netCDF4.Dataset(str(path), "a") as file:
        file.variables[name].setncatts(attributes)
    return path


@pytest.mark.parametrize("marks", [{"positive": "up"}, {"units": "hPa"}, {"standard_name": "depth"}, {"axis": "Z"}])
def test_a_vertical_coordinate_is_known_by_any_of_its_marks(tmp_path: Path, marks: dict[str, str]) -> None:
    path = write_levels(tmp_path / "a.nc", np.zeros((1, 2, 6, 8), "f4"), [0.5, 10], positive="", name="height")
    with_attributes(path, "height", **({"units": "m"} | marks))
    levels = described(path).levels
    assert levels is not None
    assert levels.labels == ("0.5", "10")


def test_levels_in_float32_have_the_digits_they_were_written_with(tmp_path: Path) -> None:
    path = write_levels(tmp_path / "a.nc", np.zeros((1, 3, 6, 8), "f4"), [0.1, 1e5, -0.0])
    with netCDF4.Dataset(str(path), "a") as file:
        file.renameVariable("plev", "old")
        file.createVariable("plev", "f4", ("plev",))[:] = [0.1, 1e5, -0.0]
        file.variables["plev"].positive = "down"
    levels = described(path).levels
    assert levels is not None
    assert levels.labels == ("0.1", "100000", "0")


def test_a_level_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="level 10 occurs twice on its axis plev"):
        described(write_levels(tmp_path / "a.nc", np.zeros((1, 2, 6, 8), "f4"), [10, 10]))


def test_an_axis_of_another_kind_is_levels_only_when_declared(tmp_path: Path) -> None:
    values = np.arange(96, dtype="f4").reshape(1, 2, 6, 8)
    path = write_levels(tmp_path / "a.nc", values, [1, 2], positive="", name="bin")
    with_attributes(path, "bin", units="1")
    with pytest.raises(SourceRefused, match=r"further axis, bin, of 2 steps; declare its `dims`, such as \[time, "):
        described(path)
    said = {"variables": [{"source": "v", "dims": ["time", "level", "y", "x"]}]}
    levels = described(path, said).levels
    assert levels is not None
    assert (levels.name, levels.labels) == ("bin", ("1", "2"))
    assert np.array_equal(read(path, level=1, said=said), values[0, 1])


def test_levels_and_columns_in_any_order_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    values = np.arange(2 * 8 * 6, dtype="f4").reshape(8, 2, 6)  # (longitude, depth, latitude)
    write_netcdf(path, np.zeros((6, 8), "f4"), LAT, LON)
    with netCDF4.Dataset(str(path), "a") as file:
        file.createDimension("depth", 2)
        file.createVariable("depth", "i2", ("depth",))[:] = [5, 20]
        file.variables["depth"].setncatts({"positive": "down", "units": "m"})
        file.createVariable("w", "f4", ("lon", "depth", "lat"))[:] = values
    said = {"variables": [{"source": "w"}]}
    assert np.array_equal(read(path, level=1, said=said), values[:, 1].T)


def test_bit_flags_name_each_combination(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(dtype="uint8"), LAT, LON)
    with_attributes(path, "v", flag_masks=np.asarray([1, 2, 12, 12], "u1"), flag_values=np.asarray([1, 2, 4, 8], "u1"))
    with_attributes(path, "v", flag_meanings="cloudy dark low high")
    variable = described(path)
    assert variable.kind == "categorical"
    assert [f.name for f in variable.flags if f.mask & 9 == f.value] == ["cloudy", "high"]


def test_only_cells_that_nobody_wrote_hold_the_default_fill(tmp_path: Path) -> None:
    values = cells()
    values[0, :3] = [9.969209968386869e36, -9, 1]
    plain = write_netcdf(tmp_path / "a.nc", values, LAT, LON)
    assert np.isnan(read(plain)[0]).tolist() == [True] + [False] * 7
    stated = write_netcdf(tmp_path / "b.nc", values, LAT, LON, attributes={"_FillValue": np.float32(-9)})
    assert read(stated)[0, :3] == pytest.approx([9.96921e36, -9, 1])
    missing = write_netcdf(tmp_path / "c.nc", values, LAT, LON, attributes={"missing_value": np.float32([-9, 1])})
    assert read(missing)[0, :3].tolist() == [-9, -9, -9]
    assert "9.96921e+36" in " ".join(described(missing).lineage)


@pytest.mark.parametrize("calendar", ["standard", "proleptic_gregorian", "noleap", "360_day", "julian", "all_leap"])
def test_each_calendar_has_its_bounds(tmp_path: Path, calendar: str) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells()[np.newaxis], LAT, LON, [58.5], calendar=calendar)
    with netCDF4.Dataset(str(path), "a") as file:
        file.createDimension("two", 2)
        file.createVariable("edges", "f8", ("time", "two"))[:] = [[58, 59]]
        file.variables["time"].bounds = "edges"
    (step,) = described(path).steps
    assert step is not None
    day = {"360_day": "2000-02-29"}.get(calendar, "2000-02-28")
    assert (step.label, step.start, step.calendar) == (f"{day}T12:00:00Z", f"{day}T00:00:00Z", calendar)
    # 2000 has 366 days in all of these but noleap, and February 30 in that of 360 days
    ends = {"noleap": "2000-03-01", "360_day": "2000-02-30"}
    assert step.end == f"{ends.get(calendar, '2000-02-29')}T00:00:00Z"


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day"])
def test_times_of_the_year_0_are_those_of_a_climatology(tmp_path: Path, calendar: str) -> None:
    times = [15.0, 45.0]
    stack = np.stack([cells(), cells()])
    path = write_netcdf(tmp_path / "a.nc", stack, LAT, LON, times, calendar=calendar, units="days since 0000-01-01")
    variable = described(path)
    assert variable.climatology
    assert [s.label[:10] for s in variable.steps if s] == [
        "0001-01-16",
        "0001-02-15" if calendar != "360_day" else "0001-02-16",
    ]
    assert any("were taken for a climatology's" in note for note in variable.assumed)
    declared = described(path, {"time": {"labels": ["2000-01", "2000-02"], "climatology": True}})
    assert [s.label for s in declared.steps if s] == ["2000-01", "2000-02"]


def test_the_year_1_is_nominal_in_a_real_calendar_and_a_models_first_in_others(tmp_path: Path) -> None:
    units = "days since 0001-01-01"
    real = write_netcdf(tmp_path / "a.nc", cells()[np.newaxis], LAT, LON, [15.0], units=units)
    model = write_netcdf(tmp_path / "b.nc", cells()[np.newaxis], LAT, LON, [15.0], calendar="noleap", units=units)
    assert (described(real).climatology, described(model).climatology) == (True, False)


def test_the_year_0_among_others_is_refused(tmp_path: Path) -> None:
    stack = np.stack([cells(), cells()])
    path = write_netcdf(tmp_path / "a.nc", stack, LAT, LON, [15.0, 900.0], units="days since 0000-01-01")
    with pytest.raises(SourceRefused, match=r"in the years 0 to 2, and the year 0 is no real one; declare `time`"):
        described(path)


def test_a_curvilinear_grid_is_refused_by_that_name(tmp_path: Path) -> None:
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        for name, size in (("j", 6), ("i", 8)):
            file.createDimension(name, size)
        for name, unit in (("lat", "degrees_north"), ("lon", "degrees_east")):
            file.createVariable(name, "f4", ("j", "i"))[:] = cells()
            file.variables[name].units = unit
        file.createVariable("sst", "f4", ("j", "i"))[:] = cells()
        file.variables["sst"].coordinates = "lat lon"
    with pytest.raises(SourceRefused, match=r"variable sst is on a curvilinear grid.*; put it on .* with --warp"):
        described(tmp_path / "a.nc")


def test_an_unstructured_grid_is_refused_by_that_name(tmp_path: Path) -> None:
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        for name, size in (("step", 2), ("cell", 8)):
            file.createDimension(name, size)
        for name, unit in (("lat", "degrees_north"), ("lon", "degrees_east")):
            file.createVariable(name, "f4", ("cell",))[:] = np.arange(8)
            file.variables[name].units = unit
        file.createVariable("sst", "f4", ("step", "cell"))[:] = 1
        file.variables["sst"].coordinates = "lat lon"
    with pytest.raises(SourceRefused, match=r"sst is on an unstructured or reduced grid.*; regrid it"):
        described(tmp_path / "a.nc")


def projected(path: Path, **texts: str) -> Path:
    """A polar stereographic file whose CF parameters are turned by 180 degrees against any text that is right."""
    with netCDF4.Dataset(str(path), "w") as file:
        for name, letter, values in (("y", "y", np.arange(6)[::-1] * 1e5), ("x", "x", np.arange(8) * 1e5)):
            file.createDimension(name, len(values))
            file.createVariable(name, "f8", (name,))[:] = values
            file.variables[name].setncatts({"standard_name": f"projection_{letter}_coordinate", "units": "m"})
        mapping = {**pyproj.CRS.from_epsg(3413).to_cf(), "straight_vertical_longitude_from_pole": 135.0}
        mapping.pop("crs_wkt")
        file.createVariable("crs", "i4", ()).setncatts(mapping | texts)
        file.createVariable("v", "f4", ("y", "x"))[:] = cells()
        file.variables["v"].grid_mapping = "crs"
    return path


def test_one_text_against_the_parameters_of_a_projection_is_refused(tmp_path: Path) -> None:
    path = projected(tmp_path / "a.nc", crs_wkt=pyproj.CRS.from_epsg(3413).to_wkt())
    with pytest.raises(SourceRefused, match="mean different projections; declare `grid"):
        described(path)
    assert described(path, {"grid": {"crs": "EPSG:3413"}}).grid.crs == "EPSG:3413"


def test_two_texts_that_agree_count_more_than_the_parameters(tmp_path: Path) -> None:
    crs = pyproj.CRS.from_epsg(3413)
    texts = {"crs_wkt": crs.to_wkt(), "proj4text": "+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84"}
    variable = described(projected(tmp_path / "a.nc", **texts))
    assert variable.grid.crs == "EPSG:3413"
    assert "the latter were taken" in variable.lineage[0]
