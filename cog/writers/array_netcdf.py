"""Writes named arrays as NetCDF, block by block: NetCDF-4, or the classic format that every old program reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import netCDF4
import numpy as np

from cog.writers.netcdf import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

type Where = tuple[slice, ...]
"""A block of an array."""


@dataclass(frozen=True, kw_only=True)
class NamedArray:
    """One variable of a file.

    Attributes:
        name: Its name.
        dimensions: Names of its dimensions.
        dtype: Type of its values.
        attributes: Its attributes; `_FillValue` in its own type.
        blocks: Reads its values, as they are stored: (place, values of any shape of that size).
    """

    name: str
    dimensions: tuple[str, ...]
    dtype: np.dtype[Any]
    attributes: Mapping[str, Any]
    blocks: Callable[[], Iterator[tuple[Where, NDArray[Any]]]]


def write_arrays(
    path: Path,
    arrays: Sequence[NamedArray],
    dimensions: Mapping[str, int],
    attributes: Mapping[str, Any],
    *,
    format_: Literal["NETCDF4", "NETCDF3_64BIT_OFFSET"] = "NETCDF4",
) -> None:
    """Write a file of arrays to `path`; types that the classic format lacks must not be among them."""
    with LIBRARY:
        output = netCDF4.Dataset(path, "w", format=format_)
    try:
        with LIBRARY:
            output.setncatts(dict(attributes))
            for name, size in dimensions.items():
                output.createDimension(name, size)
            variables = [_define(output, array, packs=format_ == "NETCDF4") for array in arrays]
        for array, variable in zip(arrays, variables, strict=True):
            _fill(variable, array.blocks())
    finally:
        with LIBRARY:
            output.close()


def _define(output: netCDF4.Dataset, array: NamedArray, *, packs: bool) -> netCDF4.Variable[Any]:
    attributes = dict(array.attributes)
    fill = attributes.pop("_FillValue", False)
    options: dict[str, Any] = {"compression": "zlib", "complevel": 1, "shuffle": True} if packs else {}
    variable: netCDF4.Variable[Any] = output.createVariable(
        array.name, array.dtype, array.dimensions, fill_value=fill, **(options if array.dimensions else {})
    )
    variable.setncatts(attributes)
    variable.set_auto_maskandscale(False)  # values go in as they are
    return variable


def _fill(variable: netCDF4.Variable[Any], blocks: Iterable[tuple[Where, NDArray[Any]]]) -> None:
    for where, values in blocks:
        with LIBRARY:
            if where:
                variable[where] = values.reshape([part.stop - part.start for part in where])
            else:
                variable[...] = values.reshape(())
