"""DAP 2 (DAP 2.0, OPeNDAP 2005): the DDS, the DAS, and the values in XDR (RFC 4506)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from services.apis.opendap.arrays import ServedArray, ServedDataset
    from services.apis.opendap.constraints import Projection, Slice

DATA: Final = b"Data:\n"

_TYPES: Final = {
    "uint8": ("Byte", "u1"),
    "int16": ("Int16", ">i4"),
    "uint16": ("UInt16", ">u4"),
    "int32": ("Int32", ">i4"),
    "uint32": ("UInt32", ">u4"),
    "float32": ("Float32", ">f4"),
    "float64": ("Float64", ">f8"),
}
"""numpy name -> (name in DAP 2, type in XDR, which widens 16 bits to 32)."""


def dds(name: str, projections: Sequence[Projection]) -> str:
    """The dataset descriptor structure: the members of an answer with the sizes of their slabs."""
    lines = ["Dataset {"]
    for projection in projections:
        if projection.kind == "Array":
            lines.append(f"    {_declaration(projection.slices[0])}")
        elif projection.kind == "Grid":
            lines += ["    Grid {", "      Array:", f"        {_declaration(projection.slices[0])}", "      Maps:"]
            lines += [f"        {_declaration(slice_)}" for slice_ in projection.slices[1:]]
            lines.append(f"    }} {projection.name};")
        else:
            lines += ["    Structure {", *(f"        {_declaration(slice_)}" for slice_ in projection.slices)]
            lines.append(f"    }} {projection.name};")
    return "\n".join([*lines, f"}} {name};", ""])


def _declaration(slice_: Slice) -> str:
    sizes = zip(slice_.array.dimensions, slice_.slab, strict=True)
    brackets = "".join(f"[{name} = {len(steps)}]" for (name, _), steps in sizes)
    return f"{type_name(slice_.array.dtype)} {slice_.array.name}{brackets};"


def type_name(dtype: np.dtype[Any]) -> str:
    """The name of a type in DAP 2."""
    return _TYPES[dtype.name][0]


def das(dataset: ServedDataset) -> str:
    """The dataset attribute structure: the attributes of every array, and the global ones in NC_GLOBAL."""
    lines = ["Attributes {"]
    for array in dataset.arrays.values():
        lines += _container(array.name, array.attributes)
    return "\n".join([*lines, *_container("NC_GLOBAL", dataset.attributes), "}", ""])


def _container(name: str, attributes: Mapping[str, Any]) -> list[str]:
    inner = [f"        {_attribute(key, value)}" for key, value in attributes.items()]
    return [f"    {name} {{", *inner, "    }"]


def _attribute(name: str, value: Any) -> str:
    if isinstance(value, str):
        return f"String {name} {quoted(value)};"
    type_, values = numbers(value)
    return f"{type_} {name} {', '.join(number_text(v) for v in values)};"


def quoted(text: str) -> str:
    """A text in quotation marks, with those and backslashes inside escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def numbers(value: Any) -> tuple[str, NDArray[Any]]:
    """(name of the type in DAP 2, numbers) of an attribute; types that DAP 2 lacks become wider ones."""
    values = np.atleast_1d(np.asarray(value))
    if values.dtype.kind == "b" or values.dtype == np.dtype("int8"):
        values = values.astype("int16")
    elif values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        fits = np.all(np.abs(values.astype("float64")) < 2**31)
        values = values.astype("int32" if fits else "float64")
    return type_name(values.dtype), values


def number_text(value: Any) -> str:
    """A number with the fewest digits that mean the same in its type."""
    if np.asarray(value).dtype.kind != "f":
        return str(int(value))
    if np.isnan(value):
        return "NaN"
    return str(np.asarray(value)[()]) if np.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def data_length(projections: Sequence[Projection]) -> int:
    """Number of bytes of the values of an answer in XDR."""
    return sum(_slice_length(slice_) for projection in projections for slice_ in projection.slices)


def _slice_length(slice_: Slice) -> int:
    size = np.dtype(_TYPES[slice_.array.dtype.name][1]).itemsize * slice_.count
    padded = -(-size // 4) * 4
    return padded + (8 if slice_.slab else 0)


def data(projections: Sequence[Projection]) -> Iterator[bytes]:
    """The values of an answer in XDR: arrays after their length, which is written twice; bytes padded to four."""
    for projection in projections:
        for slice_ in projection.slices:
            yield from _slice(slice_.array, slice_)


def _slice(array: ServedArray, slice_: Slice) -> Iterator[bytes]:
    if slice_.slab:
        yield slice_.count.to_bytes(4, "big") * 2
    wire = np.dtype(_TYPES[array.dtype.name][1])
    for values in array.read(slice_.slab):
        yield values.astype(wire, copy=False).tobytes()
    if wire.itemsize == 1:
        yield bytes(-slice_.count % 4)
