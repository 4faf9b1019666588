"""Source files made for a test: GeoTIFF, CF NetCDF and plain HDF5 with known cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import rasterio
from numpy.typing import NDArray

from tests.support.paths import ROOT

DATA = ROOT.resolve().parent / "shared" / "data"
"""Real data beside the repository; tests that use it skip where it is absent."""


def cells(height: int = 6, width: int = 8, *, dtype: str = "float32") -> NDArray[Any]:
    """(row, column) cells that say where they are: row * 10 + column."""
    rows, columns = np.mgrid[:height, :width]
    return (rows * 10 + columns).astype(dtype)


def write_geotiff(
    path: Path, values: NDArray[Any], *, transform: rasterio.Affine | None = None, **options: object
) -> Path:
    """A GeoTIFF of one band in EPSG:4326, unless the options say otherwise."""
    height, width = values.shape
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "count": 1,
        "height": height,
        "width": width,
        "dtype": values.dtype.name,
    }
    profile |= {"crs": "EPSG:4326", "transform": transform or rasterio.Affine(1, 0, 10, 0, -1, 50)} | options
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def write_raster(
    path: Path,
    bands: NDArray[Any],
    *,
    mask: NDArray[np.bool_] | None = None,
    descriptions: list[str] | None = None,
    **options: object,
) -> Path:
    """A GeoTIFF of (band, row, column) cells in EPSG:4326, with an internal mask (true where cells are shown)."""
    count, height, width = bands.shape
    profile: dict[str, Any] = {"driver": "GTiff", "count": count, "height": height, "width": width, "crs": "EPSG:4326"}
    profile |= {"dtype": bands.dtype.name, "transform": rasterio.Affine(1, 0, 10, 0, -1, 50)} | options
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as file:
        file.write(bands)
        for band, text in enumerate(descriptions or [], start=1):
            file.set_band_description(band, text)
        if mask is not None:
            file.write_mask(mask)
    return path


def write_netcdf(
    path: Path,
    values: NDArray[Any],
    lat: NDArray[Any],
    lon: NDArray[Any],
    times: list[float] | None = None,
    *,
    dims: tuple[str, ...] | None = None,
    attributes: dict[str, Any] | None = None,
    calendar: str = "standard",
    units: str = "days since 2000-01-01",
    format: str = "NETCDF4",  # noqa: A002
) -> Path:
    """A CF file of one variable `v`; `values` are the stored cells over `dims`."""
    attributes = dict(attributes or {})
    dims = dims or (("time", "lat", "lon") if times else ("lat", "lon"))
    with netCDF4.Dataset(str(path), "w", format=format) as file:
        for name, axis, unit in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createDimension(name, len(axis))
            coordinate = file.createVariable(name, axis.dtype, (name,))
            coordinate.units = unit
            coordinate[:] = axis
        if times:
            file.createDimension("time", len(times))
            time = file.createVariable("time", "f8", ("time",))
            time.units, time.calendar = units, calendar
            time[:] = times
        fill = attributes.pop("_FillValue", None)
        variable = file.createVariable("v", values.dtype, dims, fill_value=fill)
        variable.set_auto_maskandscale(False)
        variable.setncatts({"units": "K"} | attributes)
        variable[:] = values
    return path


def write_hdf5(path: Path, values: NDArray[Any], *, chunks: tuple[int, ...] | None = None) -> Path:
    """A plain HDF5 file of one array `a`, without a word on its meaning."""
    with h5py.File(path, "w") as file:
        file.create_dataset("a", data=values, chunks=chunks, compression="gzip" if chunks else None)
    return path


HDF5_DECLARATION: dict[str, Any] = {
    "id": "plain",
    "variables": [{"source": "a", "dims": ["y", "x", "time"], "fill": 255, "scale": 0.5, "unit": "m"}],
    "grid": {"origin": [0, 6], "cell": [1, -1]},
    "time": {"labels": ["2001-01", "2001-02", "2001-03"]},
}


def write_levels(
    path: Path, values: NDArray[Any], levels: list[float], *, positive: str = "down", name: str = "plev"
) -> Path:
    """A CF file of one variable `v` over (time, pressure level, latitude, longitude), daily from 2000-01-01."""
    times, count, height, width = values.shape
    with netCDF4.Dataset(str(path), "w") as file:
        for dim, size in (("time", times), (name, count), ("lat", height), ("lon", width)):
            file.createDimension(dim, size)
        axes: dict[str, tuple[NDArray[Any], str]] = {
            "time": (np.arange(times), "days since 2000-01-01"),
            name: (np.asarray(levels), "hPa"),
            "lat": (np.arange(height)[::-1] + 44.5, "degrees_north"),
            "lon": (np.arange(width) + 10.5, "degrees_east"),
        }
        for axis, (numbers, unit) in axes.items():
            coordinate = file.createVariable(axis, "f8", (axis,))
            coordinate.units = unit
            coordinate[:] = numbers
        if positive:
            file.variables[name].positive = positive
        variable = file.createVariable("v", values.dtype, ("time", name, "lat", "lon"))
        variable.units = "K"
        variable[:] = values
    return path
