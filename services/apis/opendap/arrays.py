"""The arrays of a dataset as a protocol of OPeNDAP serves them: names, types, attributes, and a way to read a slab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from services.gridded.reading import count, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from services.gridded.arrays import ArrayDataset, ArrayField, Coordinate
    from services.gridded.reading import Slab
    from services.web.context import Context

FILL: Final = 9.969209968386869e36
"""NC_FILL_FLOAT of netCDF: what stands for missing values of fields that are unpacked for DAP 2."""


@dataclass(frozen=True, kw_only=True)
class ServedArray:
    """An array of a protocol.

    Attributes:
        name: Its name.
        dimensions: (name, size) of its dimensions.
        dtype: Type of its values in native byte order.
        attributes: Its attributes, `_FillValue` in its own type.
        maps: Names of the coordinates of all its dimensions if every one has a coordinate, which makes it a Grid;
            empty for coordinates themselves.
        read: Reads a slab as consecutive pieces of its type.
    """

    name: str
    dimensions: tuple[tuple[str, int], ...]
    dtype: np.dtype[Any]
    attributes: Mapping[str, Any]
    maps: tuple[str, ...]
    read: Callable[[Slab], Iterator[NDArray[Any]]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each dimension."""
        return tuple(size for _, size in self.dimensions)


@dataclass(frozen=True, kw_only=True)
class ServedDataset:
    """The arrays of a dataset by name, coordinates first, and its global attributes."""

    name: str
    arrays: Mapping[str, ServedArray]
    attributes: Mapping[str, Any]


def unpacked(context: Context, arrays: ArrayDataset) -> ServedDataset:
    """A dataset for DAP 2, which has neither 64-bit integers nor signed bytes, and widens 16-bit integers anyway.

    Packed fields become Float32 where that holds their values, else Float64.
    """
    return _served(context, arrays, unpacked_array)


def packed(context: Context, arrays: ArrayDataset) -> ServedDataset:
    """A dataset for DAP 4, its fields packed as they are stored."""
    return _served(context, arrays, _packed_array)


def _served(
    context: Context,
    arrays: ArrayDataset,
    array_of: Callable[[Context, ArrayDataset, ArrayField, tuple[str, ...]], ServedArray],
) -> ServedDataset:
    served = {c.name: _coordinate(c, _sizes(c)) for c in arrays.coordinates.values()}
    for field in arrays.fields.values():
        names = tuple(dimension.name for dimension in field.dimensions)
        maps = names if all(name in arrays.coordinates for name in names) else ()
        served[field.name] = array_of(context, arrays, field, maps)
    return ServedDataset(name=arrays.dataset.id, arrays=served, attributes=arrays.attributes)


def _sizes(coordinate: Coordinate) -> tuple[tuple[str, int], ...]:
    return tuple(zip(coordinate.dimensions, coordinate.values.shape, strict=True))


def _coordinate(coordinate: Coordinate, dimensions: tuple[tuple[str, int], ...]) -> ServedArray:
    return ServedArray(
        name=coordinate.name,
        dimensions=dimensions,
        dtype=coordinate.values.dtype,
        attributes=coordinate.attributes,
        maps=(),
        read=lambda slab: in_memory(coordinate.values, slab),
    )


def in_memory(values: NDArray[Any], slab: Slab) -> Iterator[NDArray[Any]]:
    """Read a slab of an array that is held in memory."""
    if count(slab):
        yield values[np.ix_(*slab)].ravel() if slab else values.reshape(1)


def _packed_array(context: Context, arrays: ArrayDataset, field: ArrayField, maps: tuple[str, ...]) -> ServedArray:
    fill = field.fill
    return ServedArray(
        name=field.name,
        dimensions=tuple((dimension.name, dimension.size) for dimension in field.dimensions),
        dtype=field.dtype,
        attributes=field.packed_attributes | ({} if fill is None else {"_FillValue": fill}),
        maps=maps,
        read=lambda slab: pieces(context, arrays, field, slab),
    )


def unpacked_array(context: Context, arrays: ArrayDataset, field: ArrayField, maps: tuple[str, ...]) -> ServedArray:
    """A field for DAP 2; `maps` are the names of the coordinates of its dimensions, if all have one."""
    dtype, fill = unpacked_type(field), unpacked_fill(field)
    return ServedArray(
        name=field.name,
        dimensions=tuple((dimension.name, dimension.size) for dimension in field.dimensions),
        dtype=dtype,
        attributes=dict(field.attributes) | ({} if fill is None else {"_FillValue": fill}),
        maps=maps,
        read=lambda slab: (unpack(field, values) for values in pieces(context, arrays, field, slab)),
    )


def unpacked_type(field: ArrayField) -> np.dtype[Any]:
    """The type of a field in DAP 2."""
    dtype = field.dtype
    if field.codec.is_packed:
        single = dtype.itemsize <= 2 or dtype == np.dtype("float32")
        return np.dtype("float32" if single else "float64")
    if dtype.kind in "iu" and dtype.itemsize == 8:
        return np.dtype("float64")
    return np.dtype("int16") if dtype == np.dtype("int8") else dtype


def unpacked_fill(field: ArrayField) -> np.generic | None:
    """The value that means no data, in the type of the field in DAP 2."""
    if field.fill is None:
        return None
    value: np.generic = np.array([FILL if field.codec.is_packed else field.fill]).astype(unpacked_type(field))[0]
    return value


def unpack(field: ArrayField, stored: NDArray[Any]) -> NDArray[Any]:
    """Served values of a field as DAP 2 has them."""
    if not field.codec.is_packed:
        return stored.astype(unpacked_type(field), copy=False)
    values, valid = field.codec.decode(stored)
    return np.where(valid, values, FILL).astype(unpacked_type(field))
