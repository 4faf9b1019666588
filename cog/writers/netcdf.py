"""Writes a coverage as NetCDF-4 with CF metadata, strip by strip, so that memory does not grow with the answer."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import netCDF4
import numpy as np

from cog.writers import cf

if TYPE_CHECKING:
    from cog.writers.cube import Cube, CubeAxis, Layer, LayerSeries

LIBRARY = threading.Lock()
"""The netCDF and HDF5 libraries are not thread-safe: held during each call into them, never while COGs are read."""

_DEFLATE: Literal[2] = 2
"""Deflate level: with byte shuffling, 4 saves a few percent and takes twice as long."""


def write_netcdf(path: Path, cube: Cube) -> None:
    """Write the cube to `path`: dimensions (time, member, level, y, x) as far as it has them, values as stored."""
    with LIBRARY:
        output = netCDF4.Dataset(path, "w", format="NETCDF4")
    try:
        with LIBRARY:
            variables = _define(output, cube)
        for layer, variable in zip(cube.layers, variables, strict=True):
            _fill(variable, layer, cube)
    finally:
        with LIBRARY:
            output.close()


def _define(output: netCDF4.Dataset, cube: Cube) -> list[netCDF4.Variable[Any]]:
    output.setncatts({"Conventions": cf.CONVENTIONS} | cube.attributes)
    leading = (*_define_time(output, cube), *(_define_layers(output, axis) for axis in cube.layer_axes))
    horizontal = _define_axes(output, cube)
    output.createVariable("crs", "i4").setncatts(cf.grid_mapping(cube.region.output))
    return [_define_field(output, layer, leading, horizontal) for layer in cube.layers]


def _define_time(output: netCDF4.Dataset, cube: Cube) -> tuple[str, ...]:
    if not cube.steps:
        return ()
    axis = cf.time_axis(cube.steps, cube.calendar)
    output.createDimension("time", len(cube.steps))
    time = output.createVariable("time", "f8", ("time",), fill_value=False)
    time.setncatts({"standard_name": "time", "long_name": "time", "axis": "T"})
    time.setncatts({"units": axis.units, "calendar": axis.calendar})
    time[:] = axis.values
    if axis.bounds is not None:
        time.bounds = "time_bnds"
        _bounds_dimension(output)
        output.createVariable("time_bnds", "f8", ("time", "bnds"), fill_value=False)[:] = axis.bounds
    return ("time",)


def _define_layers(output: netCDF4.Dataset, axis: CubeAxis) -> str:
    """The coordinate of levels (CF 4.3) or members; labels that are no numbers are a text coordinate."""
    name = cf.layer_axis_name(axis)
    output.createDimension(name, len(axis.labels))
    if axis.values is None:
        text = output.createVariable(name, str, (name,))
        text[:] = np.array(axis.labels, dtype=object)
        text.setncatts(cf.layer_attributes(axis) if axis.is_of_members else {})
        return name
    variable = output.createVariable(name, "f8", (name,), fill_value=False)
    variable.setncatts(cf.layer_attributes(axis))
    variable[:] = axis.values
    if axis.ends:
        variable.bounds = f"{name}_bnds"
        _bounds_dimension(output)
        output.createVariable(f"{name}_bnds", "f8", (name, "bnds"), fill_value=False)[:] = axis.ends
    return name


def _define_axes(output: netCDF4.Dataset, cube: Cube) -> tuple[str, str]:
    y, x = cf.horizontal_axes(cube.region.output)
    _bounds_dimension(output)
    for axis in (y, x):
        output.createDimension(axis.name, len(axis.values))
        variable = output.createVariable(axis.name, "f8", (axis.name,), fill_value=False)
        variable.setncatts(axis.attributes | {"bounds": f"{axis.name}_bnds"})
        variable[:] = axis.values
        output.createVariable(f"{axis.name}_bnds", "f8", (axis.name, "bnds"), fill_value=False)[:] = axis.bounds
    return y.name, x.name


def _bounds_dimension(output: netCDF4.Dataset) -> None:
    if "bnds" not in output.dimensions:
        output.createDimension("bnds", 2)


def _define_field(
    output: netCDF4.Dataset, layer: Layer, leading: tuple[str, ...], horizontal: tuple[str, str]
) -> netCDF4.Variable[Any]:
    field = layer.field
    bands = (f"{field.id}_band",) if field.bands > 1 else ()
    if bands:
        output.createDimension(bands[0], field.bands)
    dimensions = (*leading, *bands, *horizontal)
    sizes = [len(output.dimensions[name]) for name in dimensions]
    fill: Any = False if field.nodata is None else np.array(field.nodata).astype(field.dtype)[()]
    dtype: np.dtype[Any] = np.dtype(field.dtype)
    variable: netCDF4.Variable[Any] = output.createVariable(
        field.id,
        dtype,
        dimensions,
        fill_value=fill,
        chunksizes=cf.chunk_sizes(sizes),
        compression="zlib",
        complevel=_DEFLATE,
        shuffle=True,
    )
    variable.setncatts(cf.field_attributes(field) | {"grid_mapping": "crs"})
    variable.set_auto_maskandscale(False)  # stored values go in, not physical ones
    return variable


def _fill(variable: netCDF4.Variable[Any], layer: Layer, cube: Cube) -> None:
    if layer.series is not None:
        _fill_blocks(variable, layer.series, cube)
        return
    for (step, *places), path in zip(cube.planes, layer.paths, strict=True):
        if path is None:
            continue  # what is not written reads as _FillValue
        plane = (*((step,) if cube.steps else ()), *places)
        for row, values in cube.strips(layer, path):
            cells = values if layer.field.bands > 1 else values[0]
            where: tuple[Any, ...] = (*plane, ..., slice(row, row + values.shape[1]), slice(None))
            with LIBRARY:
                variable[where] = cells


def _fill_blocks(variable: netCDF4.Variable[Any], series: LayerSeries, cube: Cube) -> None:
    places = tuple(0 for _ in cube.layer_axes)
    for block in series.blocks():
        where: tuple[Any, ...] = (block.steps, *places, block.rows, block.columns)
        with LIBRARY:
            variable[where] = block.values
