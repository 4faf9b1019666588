"""Writes a coverage as Zarr v2 in a zip file, with the CF metadata of its NetCDF form, chunk by chunk."""

from __future__ import annotations

import itertools
import json
import math
import zipfile
from typing import TYPE_CHECKING, Any, Final

import netCDF4
import numpy as np
from numcodecs import Zstd

from cog.writers.netcdf import LIBRARY, write_netcdf

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.writers.cube import Cube

_LEVEL: Final = 3
_GROUP: Final = {"zarr_format": 2}


def write_zarr_zip(path: Path, cube: Cube) -> None:
    """Write the cube to `path`, by way of a NetCDF file beside it, which is gone afterwards."""
    scratch = path.with_suffix(".nc")
    try:
        write_netcdf(scratch, cube)
        with LIBRARY:
            source = netCDF4.Dataset(scratch)
        try:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
                _write(source, target)
        finally:
            with LIBRARY:
                source.close()
    finally:
        scratch.unlink(missing_ok=True)


def _write(source: netCDF4.Dataset, target: zipfile.ZipFile) -> None:
    attributes = {name: _plain(source.getncattr(name)) for name in source.ncattrs()}
    metadata: dict[str, Any] = {".zgroup": _GROUP, ".zattrs": attributes}
    for name, variable in source.variables.items():
        metadata |= _write_array(name, variable, target)
    for key, document in metadata.items():
        target.writestr(key, json.dumps(document))
    target.writestr(".zmetadata", json.dumps({"zarr_consolidated_format": 1, "metadata": metadata}))


def _write_array(name: str, variable: Any, target: zipfile.ZipFile) -> dict[str, Any]:
    """Write the chunks of a variable; returns its metadata by key."""
    with LIBRARY:
        variable.set_auto_maskandscale(False)
        attributes = {each: variable.getncattr(each) for each in variable.ncattrs()}
        shape, chunking = variable.shape, variable.chunking()
        dtype = np.dtype(f"<U{_longest(variable)}") if variable.dtype is str else variable.dtype.newbyteorder("<")
    fill = attributes.pop("_FillValue", None)
    chunks = tuple(shape) if not shape or chunking == "contiguous" or variable.dtype is str else tuple(chunking)
    codec = Zstd(level=_LEVEL)
    for place in itertools.product(*(range(math.ceil(size / step)) for size, step in zip(shape, chunks, strict=True))):
        where = tuple(
            slice(at * step, min(size, (at + 1) * step)) for at, step, size in zip(place, chunks, shape, strict=True)
        )
        with LIBRARY:
            values = np.asarray(variable[where] if where else variable[...]).astype(dtype)
        target.writestr(f"{name}/{'.'.join(map(str, place)) or '0'}", codec.encode(_whole(values, chunks, fill)))
    array = {
        **_GROUP,
        "shape": list(shape),
        "chunks": list(chunks),
        "dtype": dtype.str,
        "compressor": codec.get_config(),
        "fill_value": _fill(fill),
        "order": "C",
        "filters": None,
    }
    own = {each: _plain(value) for each, value in attributes.items()}
    own["_ARRAY_DIMENSIONS"] = list(variable.dimensions)
    if fill is not None and not _is_nan(fill):
        own["_FillValue"] = _plain(fill)
    return {f"{name}/.zarray": array, f"{name}/.zattrs": own}


def _longest(variable: Any) -> int:
    return max((len(text) for text in np.ravel(variable[:])), default=1) or 1


def _whole(values: NDArray[Any], chunks: tuple[int, ...], fill: Any) -> bytes:
    """The bytes of a whole chunk: Zarr fills those at the edges up."""
    if values.shape != chunks:
        whole = np.full(chunks, 0 if fill is None else fill, dtype=values.dtype)
        whole[tuple(slice(0, size) for size in values.shape)] = values
        values = whole
    return np.ascontiguousarray(values).tobytes()


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and math.isnan(float(value))


def _fill(value: Any) -> Any:
    """A fill value as Zarr's metadata have it."""
    if value is None:
        return None
    return "NaN" if _is_nan(value) else _plain(value)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
