"""Where cells of NetCDF lie: axes by name, round the globe, in groups, on rotated or uneven grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from cog.sources.models import SourceVariable
from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from config.errors import SourceRefused
from config.grids import CRS84
from tests.support.sources import cells, write_netcdf

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)
WARP = {"warp": True}


def read(path: Path, declaration: dict[str, Any] | None = None) -> tuple[SourceVariable, NDArray[Any]]:
    """The first variable and all its cells."""
    with open_source(path, parse_declaration(declaration or {}, name="test")) as source:
        variable = source.description.variables[0]
        return variable, source.read(variable.name, 0, rows=(0, variable.grid.height))


def value_at(variable: SourceVariable, values: NDArray[Any], lon: float, lat: float) -> float:
    """The value of the cell at a place."""
    crs = pyproj.CRS.from_user_input(variable.grid.crs)
    x, y = pyproj.Transformer.from_crs(CRS84, crs, always_xy=True).transform(lon, lat)
    a, _, c, _, e, f = variable.grid.transform
    return float(values[int((y - f) // e), int((x - c) // a)])


@pytest.mark.parametrize(
    "lon", [np.array([358.5, 359, 359.5, 0, 0.5, 1]), np.array([178.5, 179, 179.5, -180, -179.5, -179])]
)
def test_longitudes_go_on_where_they_are_stored_modulo_360(tmp_path: Path, lon: NDArray[Any]) -> None:
    values = cells(6, 6)
    variable, found = read(write_netcdf(tmp_path / "a.nc", values, LAT, lon))
    assert np.array_equal(found, values)
    assert variable.grid.transform[0] == 0.5
    assert (variable.grid.transform[2] - lon[0] + 0.25) % 360 == 0


def test_a_repeated_column_is_left_out(tmp_path: Path) -> None:
    values = np.repeat(np.arange(6, dtype="float32")[:, np.newaxis], 37, axis=1) + np.append(np.arange(36), 0) * 10
    variable, found = read(write_netcdf(tmp_path / "a.nc", values, LAT, np.arange(0, 361, 10.0)))
    assert (variable.grid.width, variable.grid.is_global) == (36, True)
    assert found[0, 18] == 0  # 0 degrees east
    assert any("repeat the first ones" in note for note in variable.lineage)


def test_a_column_that_comes_again_with_other_values_is_refused(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(6, 37), LAT, np.arange(0, 361, 10.0))
    with open_source(path) as source, pytest.raises(SourceRefused, match="lie where the first ones do, with other"):
        source.read("v", 0, rows=(0, 6))


@pytest.mark.parametrize("unit", ["", "degrees", "degree North", "degN"])
def test_axes_are_known_by_odd_units_or_their_names(tmp_path: Path, unit: str) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), LAT, LON)
    with netCDF4.Dataset(str(path), "a") as file:
        file["lat"].units, file["lon"].units = unit, unit.replace("North", "East").replace("N", "E")
    variable, found = read(path)
    assert variable.grid.bounds == (10, 0, 18, 6)
    assert np.array_equal(found, cells())
    assert any("by their names" in note for note in variable.assumed) == (unit in ("", "degrees"))


def test_other_names_are_not_guessed(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), LAT, LON)
    with netCDF4.Dataset(str(path), "a") as file:
        file.renameVariable("lat", "south")
        file.renameDimension("lat", "south")
        file["south"].delncattr("units")
    with pytest.raises(SourceRefused, match="declare"):
        read(path)


def test_degrees_count_more_than_a_projection_that_they_contradict(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), LAT, LON, attributes={"grid_mapping": "albers"})
    with netCDF4.Dataset(str(path), "a") as file:
        mapping = file.createVariable("albers", "i4", ())
        mapping.grid_mapping_name, mapping.standard_parallel = "albers_conical_equal_area", [25.0, 47.0]
        mapping.latitude_of_projection_origin, mapping.longitude_of_central_meridian = 0.0, 105.0
    variable, _ = read(path)
    assert variable.grid.bounds == (10, 0, 18, 6)
    assert any("Its axes are in degrees" in note for note in variable.assumed)


def test_a_grid_mapping_may_be_wkt_alone(tmp_path: Path) -> None:
    path = projected(tmp_path / "a.nc", {"spatial_ref": pyproj.CRS("EPSG:32722").to_wkt("WKT1_GDAL")})
    assert read(path)[0].grid.crs == "EPSG:32722"


def projected(path: Path, mapping: dict[str, Any], *, unit: str = "m", scale: float = 1.0) -> Path:
    """A file of `cells` on axes x and y of 1000 units' step."""
    with netCDF4.Dataset(str(path), "w") as file:
        for name, size, step in (("y", 6, -1000.0), ("x", 8, 1000.0)):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units, axis.standard_name = unit, f"projection_{name}_coordinate"
            axis[:] = (np.arange(size) * step + 500_000) * scale
        file.createVariable("crs", "i4", ()).setncatts(mapping)
        variable = file.createVariable("v", "f4", ("y", "x"))
        variable.units, variable.grid_mapping = "K", "crs"
        variable[:] = cells()
    return path


@pytest.mark.parametrize("sweep", ["x", "y"])
def test_a_geostationary_grid_stays_in_its_projection(tmp_path: Path, sweep: str) -> None:
    height = 35786023.0
    mapping = {
        "grid_mapping_name": "geostationary",
        "perspective_point_height": height,
        "semi_major_axis": 6378137.0,
        "semi_minor_axis": 6356752.31414,
        "latitude_of_projection_origin": 0.0,
        "longitude_of_projection_origin": -75.0,
        "sweep_angle_axis": sweep,
    }
    variable, found = read(projected(tmp_path / "a.nc", mapping, unit="rad", scale=1 / height))
    assert variable.grid.transform == pytest.approx((1000, 0, 499500, 0, -1000, 500500))
    geos = pyproj.CRS.from_proj4(f"+proj=geos +h={height} +lon_0=-75 +sweep={sweep} +a=6378137 +b=6356752.31414")
    lon, lat = pyproj.Transformer.from_crs(geos, CRS84, always_xy=True).transform(503_000, 498_000)
    assert value_at(variable, found, lon, lat) == 23


def rotated(path: Path) -> tuple[Path, NDArray[Any], NDArray[Any]]:
    """A file of `cells` on a rotated grid with the true places of its cells, and those."""
    with netCDF4.Dataset(str(path), "w") as file:
        for name, size, what in (("rlat", 6, "grid_latitude"), ("rlon", 8, "grid_longitude")):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units, axis.standard_name = "degrees", what
            axis[:] = np.arange(size) - 3
        mapping = file.createVariable("pole", "i4", ())
        mapping.grid_mapping_name = "rotated_latitude_longitude"
        mapping.grid_north_pole_latitude, mapping.grid_north_pole_longitude = 39.25, -162.0
        pole = pyproj.CRS.from_cf({k: mapping.getncattr(k) for k in mapping.ncattrs()})
        x, y = np.meshgrid(np.arange(8) - 3.0, np.arange(6) - 3.0)
        lon, lat = pyproj.Transformer.from_crs(pole, CRS84, always_xy=True).transform(x, y)
        for name, values, unit in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createVariable(name, "f8", ("rlat", "rlon")).units = unit
            file[name][:] = values
        variable = file.createVariable("v", "f4", ("rlat", "rlon"))
        variable.units, variable.grid_mapping, variable.coordinates = "K", "pole", "lon lat"
        variable[:] = cells()
    return path, lon, lat


def test_a_rotated_pole_keeps_its_cells_in_their_places(tmp_path: Path) -> None:
    path, lon, lat = rotated(tmp_path / "a.nc")
    variable, found = read(path)
    assert variable.grid.transform == (1, 0, -3.5, 0, -1, 2.5)
    for row, column in ((0, 0), (2, 5), (5, 7)):
        assert value_at(variable, found, lon[row, column], lat[row, column]) == row * 10 + column


def test_nominal_axes_that_contradict_the_true_places_are_refused_and_warped(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), LAT, LON, attributes={"coordinates": "north east"})
    lon, lat = np.meshgrid(LON + 40, LAT)
    lat = lat + np.linspace(0, 2, 8)
    with netCDF4.Dataset(str(path), "a") as file:
        for name, values, unit in (("north", lat, "degrees_north"), ("east", lon, "degrees_east")):
            file.createVariable(name, "f8", ("lat", "lon")).units = unit
            file[name][:] = values
    with pytest.raises(SourceRefused, match=r"degrees from its own longitudes and latitudes; .* --warp"):
        read(path)
    variable, found = read(path, WARP)
    for row, column in ((1, 1), (3, 4), (4, 6)):
        assert value_at(variable, found, lon[row, column], lat[row, column]) == row * 10 + column


def test_cells_of_index_axes_are_refused_with_the_hint_at_warp(tmp_path: Path) -> None:
    lon, lat = np.meshgrid(LON, LAT)
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        file.createDimension("y", 6)
        file.createDimension("x", 8)
        for name, values, unit in (("lat", lat + lon / 50, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createVariable(name, "f8", ("y", "x")).units = unit
            file[name][:] = values
        file.createVariable("v", "f4", ("y", "x"))[:] = cells()
    with pytest.raises(SourceRefused, match=r"on a curvilinear grid.*--warp"):
        read(tmp_path / "a.nc")
    variable, found = read(tmp_path / "a.nc", WARP)
    assert value_at(variable, found, lon[2, 3], lat[2, 3] + lon[2, 3] / 50) == 23


def test_places_of_two_dimensions_in_straight_rows_are_a_regular_grid(tmp_path: Path) -> None:
    lon, lat = np.meshgrid(LON, LAT)
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        file.createDimension("y", 6)
        file.createDimension("x", 8)
        for name, values, unit in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createVariable(name, "f8", ("y", "x")).units = unit
            file[name][:] = values
        file.createVariable("v", "f4", ("y", "x"))[:] = cells()
    variable, found = read(tmp_path / "a.nc")
    assert variable.grid.bounds == (10, 0, 18, 6)
    assert np.array_equal(found, cells())


def test_gaussian_rows_are_refused_and_put_on_the_nearest_even_ones(tmp_path: Path) -> None:
    lat = np.degrees(np.arcsin(np.polynomial.legendre.leggauss(32)[0]))
    values = np.repeat(lat.astype("float32")[:, np.newaxis], 64, axis=1)
    path = write_netcdf(tmp_path / "a.nc", values, lat, np.arange(64) * 5.625)
    with pytest.raises(SourceRefused, match=r"axis lat is irregular.*--warp"):
        read(path)
    variable, found = read(path, WARP)
    assert np.array_equal(found[:, 0], lat.astype("float32")[::-1])
    centres = variable.grid.transform[5] + (np.arange(32) + 0.5) * variable.grid.transform[4]
    assert np.abs(centres - found[:, 0]).max() < 0.1
    assert any("rows moved by up to" in note for note in variable.lineage)


def test_stretched_columns_are_shown_several_times(tmp_path: Path) -> None:
    lon = np.array([10, 11, 12, 14, 18, 22, 26, 30.0])
    variable, found = read(write_netcdf(tmp_path / "a.nc", cells(), LAT, lon), WARP)
    assert variable.grid.transform[0] <= 1
    for number, place in enumerate(lon):
        assert value_at(variable, found, place, 5.5) == number


def test_variables_are_found_in_groups_with_coordinates_up_the_tree(tmp_path: Path) -> None:
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        for name, axis, unit in (("lat", LAT, "degrees_north"), ("lon", LON, "degrees_east")):
            file.createDimension(name, len(axis))
            file.createVariable(name, "f8", (name,)).units = unit
            file[name][:] = axis
        inner = file.createGroup("Grid").createGroup("Intermediate")
        inner.createVariable("rain", "f4", ("lat", "lon"))[:] = cells()
        own = file.createGroup("Other")
        own.createDimension("lat", 6)
        own.createVariable("lat", "f8", ("lat",)).units = "degrees_north"
        own["lat"][:] = LAT - 50
        own.createVariable("snow", "f4", ("lat", "lon"))[:] = cells()
    with open_source(tmp_path / "a.nc") as source:
        south = {v.name: v.grid.bounds[1] for v in source.description.variables}
        assert south == {"Grid/Intermediate/rain": 0, "Other/snow": -50}
        assert np.array_equal(source.read("Grid/Intermediate/rain", 0, rows=(0, 6)), cells())


def test_one_bad_variable_is_left_out_unless_the_file_must_be_whole(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), LAT, LON)
    with netCDF4.Dataset(str(path), "a") as file:
        file.createDimension("bin", 3)
        file.createVariable("odd", "f4", ("bin", "lat", "lon"))[:] = 1
    with open_source(path) as source:
        assert [v.name for v in source.description.variables] == ["v"]
        ((name, reason),) = source.description.unusable
    assert name == "odd"
    assert "further axis, bin, of 3 steps; declare its `dims`, such as [level, y, x]" in reason
    with pytest.raises(SourceRefused, match="further axis, bin"):
        read(path, {"strict": True})
    with pytest.raises(SourceRefused, match="further axis, bin"):
        read(path, {"variables": [{"source": "odd"}]})


def test_an_unknown_axis_beside_levels_is_proposed_as_the_time(tmp_path: Path) -> None:
    with netCDF4.Dataset(str(write_netcdf(tmp_path / "a.nc", cells(), LAT, LON)), "a") as file:
        file.createDimension("month", 2)
        file.createDimension("lev", 2)
        file.createVariable("lev", "f4", ("lev",)).units = "hPa"
        file["lev"][:] = [850, 500]
        file.createVariable("u", "f4", ("month", "lev", "lat", "lon"))[:] = 1
    with open_source(tmp_path / "a.nc") as source:
        assert "such as [time, level, y, x]" in dict(source.description.unusable)["u"]
