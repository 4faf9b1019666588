"""The table of cases in docs/formats.md: each row is tried under its own name."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import pyproj
import pytest
import rasterio

from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from config.errors import SourceRefused
from tests.cog.sources.test_grib import write_grib
from tests.cog.sources.test_members_and_groups import STRUCTURE, ensemble, single_member
from tests.cog.sources.test_placing import projected, rotated
from tests.cog.sources.test_plain_axes import write_plain, write_wrf
from tests.support.paths import ROOT
from tests.support.sources import cells, write_geotiff, write_hdf5, write_netcdf

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)
ROW = re.compile(r"\| (?P<name>[^|]+?) \| (?P<outcome>as it is|declared|`--warp`|refused) \|")
TIMES = {"time": {"labels": ["2000-01"]}}


def regular(path: Path, **options: Any) -> Path:
    """A regular grid of NetCDF."""
    return write_netcdf(path, cells(), LAT, LON, **options)


def timed(path: Path, value: float, units: str) -> Path:
    """One time."""
    return write_netcdf(path, cells()[np.newaxis], LAT, LON, [value], units=units)


def bent(path: Path, *, axes: bool) -> Path:
    """Cells whose latitudes and longitudes have two dimensions, on nominal axes or on none."""
    lon, lat = np.meshgrid(LON, LAT)
    with netCDF4.Dataset(str(path), "w") as file:
        for name, size, unit in (("y", 6, "degrees_north"), ("x", 8, "degrees_east")):
            file.createDimension(name, size)
            if axes:
                file.createVariable(name, "f8", (name,)).units = unit
                file[name][:] = np.arange(size)[:: -1 if name == "y" else 1]
        for name, values, unit in (("lat", lat + lon / 50, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createVariable(name, "f8", ("y", "x")).units = unit
            file[name][:] = values
        variable = file.createVariable("v", "f4", ("y", "x"))
        variable.coordinates = "lat lon"
        variable[:] = cells()
    return path


def grouped(path: Path) -> Path:
    """A variable in a group."""
    with netCDF4.Dataset(str(regular(path)), "a") as file:
        file.createGroup("Grid").createVariable("rain", "f4", ("lat", "lon"))[:] = cells()
    return path


def eos5(path: Path) -> Path:
    """An HDF-EOS 5 grid."""
    with h5py.File(path, "w") as file:
        file["HDFEOS INFORMATION/StructMetadata.0"] = np.bytes_(STRUCTURE)
        file["HDFEOS/GRIDS/Ozone/Data Fields/Column"] = cells()
    return path


def further(path: Path) -> Path:
    """A variable with an axis of no known kind."""
    with netCDF4.Dataset(str(path), "w") as file:
        for name, axis, unit in (("lat", LAT, "degrees_north"), ("lon", LON, "degrees_east")):
            file.createDimension(name, len(axis))
            file.createVariable(name, "f8", (name,)).units = unit
            file[name][:] = axis
        file.createDimension("bin", 2)
        file.createVariable("v", "f4", ("bin", "lat", "lon"))[:] = cells()
    return path


def unstructured(path: Path) -> Path:
    """Cells along one dimension."""
    with netCDF4.Dataset(str(path), "w") as file:
        file.createDimension("time", 2)
        file.createDimension("cell", 9)
        for name, unit in (("lat", "degrees_north"), ("lon", "degrees_east")):
            file.createVariable(name, "f8", ("cell",)).units = unit
            file[name][:] = np.arange(9)
        variable = file.createVariable("v", "f4", ("time", "cell"))
        variable.coordinates = "lat lon"
    return path


def europa(path: Path) -> Path:
    """A raster of a moon of Jupiter."""
    moon = pyproj.CRS.from_proj4("+proj=eqc +R=1560800 +units=m").to_wkt()
    return write_geotiff(path, cells(), crs=moon, transform=rasterio.Affine(1000, 0, 0, 0, -1000, 6000))


def gaussian(path: Path) -> Path:
    """Rows of a Gaussian grid."""
    rows = np.degrees(np.arcsin(np.polynomial.legendre.leggauss(32)[0]))
    return write_netcdf(path, np.zeros((32, 64), "f4"), rows, np.arange(64) * 5.625)


def spectrum(path: Path) -> Path:
    """Three frequencies of waves."""
    with netCDF4.Dataset(str(ensemble(path, name="frequency")), "a") as file:
        file["frequency"].standard_name = "sea_surface_wave_frequency"
    return path


def layered(path: Path) -> Path:
    """Two layers of soil with their ends, as GRIB states them."""
    kinds = {"discipline": 2, "parameterCategory": 0, "parameterNumber": 2}
    ends = [
        kinds
        | {
            f"{key}Of{which}FixedSurface": number
            for which, number in (("First", n), ("Second", n + 1))
            for key, number in (("type", 106), ("scaleFactor", 0), ("scaledValue", number))
        }
        for n in (0, 1)
    ]
    return write_grib(path, *((cells(), keys) for keys in ends))


def gzipped(path: Path) -> Path:
    """GRIB in gzip."""
    plain = write_grib(path.with_suffix(".grib2"), (cells(), {}))
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


GEOSTATIONARY = {
    "grid_mapping_name": "geostationary",
    "perspective_point_height": 35786023.0,
    "semi_major_axis": 6378137.0,
    "semi_minor_axis": 6356752.31414,
    "latitude_of_projection_origin": 0.0,
    "longitude_of_projection_origin": -75.0,
    "sweep_angle_axis": "x",
}
UTM = {"spatial_ref": pyproj.CRS("EPSG:32722").to_wkt("WKT1_GDAL")}
PLAIN = {"variables": [{"source": "a", "dims": ["y", "x"]}], "grid": {"origin": [0, 6], "cell": [1, -1]}}

CASES: dict[str, tuple[Callable[[Path], Path], dict[str, Any]]] = {
    "latitudes and longitudes": (regular, {}),
    "longitudes that go through 180 or 360": (
        lambda p: write_netcdf(p, cells(6, 4), LAT, np.array([359.0, 359.5, 0, 0.5])),
        {},
    ),
    "a repeated column": (lambda p: write_netcdf(p, np.ones((6, 37), "f4"), LAT, np.arange(0, 361, 10.0)), {}),
    "a rotated pole": (lambda p: rotated(p)[0], {}),
    "a grid mapping of WKT alone": (lambda p: projected(p, UTM), {}),
    "a geostationary view": (lambda p: projected(p, GEOSTATIONARY, unit="rad", scale=1 / 35786023.0), {}),
    "Gaussian or stretched rows": (gaussian, {}),
    "latitudes and longitudes of two dimensions": (lambda p: bent(p, axes=False), {}),
    "output of WRF": (write_wrf, {}),
    "axes `x` and `y` without a word": (write_plain, {"grid": {"crs": "EPSG:32650"}}),
    "nominal axes beside true places": (lambda p: bent(p, axes=True), {}),
    "an unstructured grid": (unstructured, {}),
    "variables in groups": (grouped, {}),
    "an HDF-EOS 5 grid": (eos5, {}),
    "members of an ensemble": (ensemble, {}),
    "members beside levels": (lambda p: ensemble(p, levels=2), {}),
    "a file for each member": (lambda p: single_member(p, 7), {}),
    "directions and frequencies of wave spectra": (spectrum, {}),
    "layers with bounds": (layered, {}),
    "GRIB in gzip": (gzipped, {}),
    "an axis of no known kind": (further, {"variables": [{"source": "v", "dims": ["level", "y", "x"]}]}),
    "an HDF5 array without a word": (lambda p: write_hdf5(p, cells()), PLAIN),
    "a reference time with a zone": (lambda p: timed(p, 1, "hours since 2000-01-01 00:00 -6:00"), {}),
    "a zone in letters": (lambda p: timed(p, 1, "hours since 2000-01-01 00:00 EST"), TIMES),
    "whole months": (lambda p: timed(p, 1, "months since 2000-01-01"), {}),
    "half months": (lambda p: timed(p, 0.5, "months since 2000-01-01"), TIMES),
    "times of the year 0": (lambda p: timed(p, 15, "days since 0000-01-01"), {}),
    "packed whole numbers": (
        lambda p: write_netcdf(p, cells(dtype="i2"), LAT, LON, attributes={"scale_factor": 0.1}),
        {},
    ),
    "missing values stated as text": (lambda p: regular(p, attributes={"missing_value": "-99"}), {}),
    "complex cells": (lambda p: write_geotiff(p, cells().astype("complex64")), {}),
    "another celestial body": (europa, {}),
}


def outcomes() -> dict[str, str]:
    """The outcome of each row of the table."""
    text = (ROOT / "docs" / "formats.md").read_text()
    return {match["name"]: match["outcome"] for match in ROW.finditer(text)}


def test_each_row_of_the_table_is_tried() -> None:
    assert outcomes().keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_case_comes_out_as_its_row_says(tmp_path: Path, name: str) -> None:
    make, declared = CASES[name]
    path, outcome = make(tmp_path / "a.dat"), outcomes()[name]

    def opened(members: dict[str, Any]) -> int:
        with open_source(path, parse_declaration(members, name="test")) as source:
            variable = source.description.variables[0]
            return source.read(variable.name, 0, rows=(0, variable.grid.height)).size

    if outcome == "as it is":
        assert opened({})
        return
    with pytest.raises(SourceRefused) as refusal:
        opened({"warp": True} if outcome == "refused" else {})
    if outcome == "`--warp`":
        assert "--warp" in refusal.value.remedy
        assert opened({"warp": True})
    if outcome == "declared":
        assert "declare" in refusal.value.remedy
        assert opened(declared)
