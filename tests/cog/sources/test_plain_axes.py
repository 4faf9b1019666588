"""Axes of which a NetCDF file says little: plain `x` and `y`, no unit, and the places and times of WRF."""

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

UTM = pyproj.CRS.from_epsg(32650).to_wkt()
X, Y = np.arange(500_015.0, 500_135.0, 30), np.arange(3_000_085.0, 3_000_000.0, -30)
VALUES = np.arange(12, dtype="float32").reshape(3, 4)
GEOSTATIONARY = {
    "grid_mapping_name": "geostationary",
    "perspective_point_height": 35786023.0,
    "semi_major_axis": 6378137.0,
    "semi_minor_axis": 6356752.31414,
    "longitude_of_projection_origin": -75.0,
    "sweep_angle_axis": "x",
}


def write_plain(
    path: Path, *, x: NDArray[Any] = X, y: NDArray[Any] = Y, mapping: dict[str, Any] | None = None, **attributes: str
) -> Path:
    """A file whose axes are named x and y and state nothing; the mapping is the variable `there`."""
    with netCDF4.Dataset(path, "w") as file:
        for name, axis in (("y", y), ("x", x)):
            file.createDimension(name, axis.size)
            file.createVariable(name, "f8", (name,))[:] = axis
        variable = file.createVariable("v", "f4", ("y", "x"))
        variable[:] = VALUES
        variable.setncatts(attributes)
        if mapping is not None:
            file.createVariable("there", "i4", ()).setncatts(mapping)
    return path


def read(path: Path, declaration: dict[str, Any] | None = None) -> tuple[SourceVariable, NDArray[Any]]:
    """The first variable, and the cells of its last time."""
    with open_source(path, parse_declaration(declaration or {}, name="test")) as source:
        variable = source.description.variables[0]
        return variable, source.read(variable.name, len(variable.steps) - 1, rows=(0, variable.grid.height))


@pytest.mark.parametrize(
    ("mapping", "attributes"), [(None, {}), ({"crs_wkt": UTM}, {"grid_mapping": "there"})], ids=["no CRS", "no unit"]
)
def test_plain_axes_are_refused_with_a_remedy_that_works(
    tmp_path: Path, mapping: dict[str, Any] | None, attributes: dict[str, str]
) -> None:
    path = write_plain(tmp_path / "a.nc", mapping=mapping, **attributes)
    with pytest.raises(SourceRefused) as refused:
        read(path)
    assert "grid: {crs: EPSG:<code>}" in refused.value.remedy
    variable, found = read(path, {"grid": {"crs": "EPSG:32650"}})
    assert variable.grid.crs == "EPSG:32650"
    assert variable.grid.transform == (30.0, 0.0, 500_000.0, 0.0, -30.0, 3_000_100.0)
    assert np.array_equal(found, VALUES)


def test_plain_axes_are_degrees_where_such_a_crs_is_declared(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.nc", x=np.arange(10.5, 14.5), y=np.arange(47.5, 44.5, -1))
    variable, _ = read(path, {"grid": {"crs": "EPSG:4326"}})
    assert (variable.grid.crs, variable.grid.bounds) == ("OGC:CRS84", (10.0, 45.0, 14.0, 48.0))


@pytest.mark.parametrize("attributes", [{"grid_mapping": "there"}, {"coordinates": "there"}])
def test_axes_without_a_unit_count_in_that_of_their_crs_where_gdal_says_so(
    tmp_path: Path, attributes: dict[str, str]
) -> None:
    mapping = {"crs_wkt": UTM, "GeoTransform": "500000 30 0 3000100 0 -30"}
    variable, _ = read(write_plain(tmp_path / "a.nc", mapping=mapping, **attributes))
    assert (variable.grid.crs, variable.grid.transform[2]) == ("EPSG:32650", 500_000.0)
    kilometres = write_plain(tmp_path / "b.nc", x=X / 1000, y=Y / 1000, mapping=mapping, **attributes)
    with pytest.raises(SourceRefused, match="state no unit"):
        read(kilometres)


@pytest.mark.parametrize("declaration", [{}, {"grid": {"crs": "declared"}}])
def test_angles_of_a_geostationary_view_need_no_unit(tmp_path: Path, declaration: dict[str, Any]) -> None:
    view = pyproj.CRS.from_cf(GEOSTATIONARY)
    said = {"grid": {"crs": view.to_wkt()}} if declaration else {}
    x, y = np.arange(4) * 56e-6 - 0.0017, 0.11 - np.arange(3) * 56e-6
    path = write_plain(tmp_path / "a.nc", x=x, y=y, mapping=GEOSTATIONARY, grid_mapping="there")
    variable, _ = read(path, said)
    assert variable.grid.transform[0] == pytest.approx(56e-6 * 35786023.0, rel=1e-9)
    assert variable.grid.transform[2] == pytest.approx((x[0] - 28e-6) * 35786023.0, rel=1e-9)


def write_wrf(path: Path, *, drift: float = 0.0) -> Path:
    """Two times on a turned grid, whose places are stored for each time; the second lies `drift` degrees further."""
    rows, columns = np.mgrid[0:20, 0:30]
    latitude, longitude = 30 + 0.1 * rows + 0.02 * columns, 100 + 0.1 * columns - 0.02 * rows
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("Time", None), ("DateStrLen", 19), ("south_north", 20), ("west_east", 30)):
            file.createDimension(name, size)
        times = file.createVariable("Times", "S1", ("Time", "DateStrLen"))
        times[:] = netCDF4.stringtochar(np.array(["2005-09-21_00:00:00", "2005-09-21_03:00:00"], "S19"))
        for name, places, unit in (("XLAT", latitude, "degree_north"), ("XLONG", longitude, "degree_east")):
            variable = file.createVariable(name, "f4", ("Time", "south_north", "west_east"))
            variable[:] = np.stack([places, places + drift])
            variable.units = unit
        variable = file.createVariable("T2", "f4", ("Time", "south_north", "west_east"))
        variable[:] = np.stack([rows * 100 + columns, rows * 100 + columns + 10_000])
        variable.setncatts({"units": "K", "coordinates": "XLONG XLAT"})
    return path


def test_output_of_wrf_is_warped_by_its_places_and_has_its_times(tmp_path: Path) -> None:
    path = write_wrf(tmp_path / "wrf.nc")
    with pytest.raises(SourceRefused, match=r"XLAT has two dimensions.*--warp"):
        read(path)
    variable, found = read(path, {"warp": True})
    assert [step.label for step in variable.steps if step] == ["2005-09-21T00:00:00Z", "2005-09-21T03:00:00Z"]
    a, _, west, _, e, north = variable.grid.transform
    row, column = 7, 11
    latitude, longitude = 30 + 0.1 * row + 0.02 * column, 100 + 0.1 * column - 0.02 * row
    assert found[int((latitude - north) // e), int((longitude - west) // a)] == row * 100 + column + 10_000


def test_cells_that_move_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="the cells of T2 move: its XLAT differs from time to time"):
        read(write_wrf(tmp_path / "wrf.nc", drift=0.5), {"warp": True})
