"""Answers to griddap queries as NetCDF-3, which ERDDAP's `.nc` is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from cog.writers.array_netcdf import NamedArray, write_arrays
from services.gridded.reading import PIECE_CELLS, placed_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.writers.array_netcdf import Where
    from services.apis.opendap.arrays import ServedArray, ServedDataset
    from services.apis.opendap.griddap.query import GridQuery
    from services.apis.opendap.griddap.view import GridView
    from services.gridded.reading import Slab

_CLASSIC = {"uint8": "int16", "uint16": "int32", "uint32": "float64"}
"""Types that NetCDF-3 lacks, and those that hold their values."""


def written(view: GridView, dataset: ServedDataset, query: GridQuery) -> IO[bytes]:
    """The answer as an open file that has no name any more: it goes when it is closed."""
    slabs = {axis.name: (steps,) for axis, steps in zip(view.axes, query.slab, strict=True) if axis.name in query.axes}
    arrays = [_named(dataset.arrays[name], slab) for name, slab in slabs.items()]
    arrays += [_named(dataset.arrays[name], query.slab) for name in query.fields]
    dimensions = {name: len(steps) for name, (steps,) in slabs.items()}
    with tempfile.TemporaryDirectory(prefix="graticule-griddap-") as folder:
        path = Path(folder) / f"{view.id}.nc"
        write_arrays(path, arrays, dimensions, dataset.attributes, format_="NETCDF3_64BIT_OFFSET")
        return path.open("rb")


def _named(array: ServedArray, slab: tuple[range, ...]) -> NamedArray:
    dtype = np.dtype(_CLASSIC.get(array.dtype.name, array.dtype.name))
    attributes = {name: _classic(value) for name, value in array.attributes.items()}
    if "_FillValue" in attributes:
        attributes["_FillValue"] = np.asarray(attributes["_FillValue"]).astype(dtype)[()]
    return NamedArray(
        name=array.name,
        dimensions=tuple(name for name, _ in array.dimensions),
        dtype=dtype,
        attributes=attributes,
        blocks=lambda: _blocks(array, slab, dtype),
    )


def _blocks(array: ServedArray, slab: Slab, dtype: np.dtype[Any]) -> Iterator[tuple[Where, NDArray[Any]]]:
    for where, part in placed_blocks(slab, PIECE_CELLS):
        yield where, np.concatenate(list(array.read(part))).astype(dtype, copy=False)


def _classic(value: Any) -> Any:
    """An attribute in a type that NetCDF-3 has."""
    if isinstance(value, str):
        return value
    values = np.asarray(value)
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        return values.astype("int32")
    return values.astype(_CLASSIC.get(values.dtype.name, values.dtype.name))
