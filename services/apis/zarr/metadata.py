"""Metadata of Zarr v3 (specification 3.1): `zarr.json` of groups and arrays, with CF attributes for xarray."""

from __future__ import annotations

import base64
import math
import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from services.apis.zarr.hierarchy import MAPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.apis.zarr.hierarchy import Hierarchy, ZarrArray

ZSTD_LEVEL: Final = 3


def array_document(array: ZarrArray) -> dict[str, Any]:
    """The `zarr.json` of an array."""
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(array.shape),
        "data_type": array.dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(array.chunk_shape)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": fill_json(array.fill),
        "codecs": [
            {"name": "bytes", "configuration": {"endian": "little"}},
            {"name": "zstd", "configuration": {"level": ZSTD_LEVEL, "checksum": False}},
        ],
        "attributes": array_attributes(array),
        "dimension_names": list(array.dimensions),
        "storage_transformers": [],
    }


def group_document(hierarchy: Hierarchy, group: str) -> dict[str, Any]:
    """The `zarr.json` of a group, with the metadata of all that is below it, which is de facto how clients read it."""
    prefix = f"{group}/" if group else ""
    inside: dict[str, Any] = {}
    if not group and hierarchy.has_maps:
        inside[MAPS] = {"zarr_format": 3, "node_type": "group", "attributes": _group_attributes(hierarchy)}
    for array in hierarchy.arrays.values():
        if array.path.startswith(prefix):
            inside[array.path.removeprefix(prefix)] = array_document(array)
    return {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": _group_attributes(hierarchy),
        "consolidated_metadata": {"kind": "inline", "must_understand": False, "metadata": inside},
    }


def _group_attributes(hierarchy: Hierarchy) -> dict[str, Any]:
    return {name: plain(value) for name, value in hierarchy.attributes.items()}


def array_attributes(array: ZarrArray) -> dict[str, Any]:
    """The attributes of an array, with its fill value where it has one."""
    attributes = {name: plain(value) for name, value in array.attributes.items()}
    if array.comment:
        attributes["comment"] = array.comment
    fill = array.missing
    if fill is not None and not (fill.dtype.kind == "f" and math.isnan(fill)):
        attributes["_FillValue"] = _attribute_fill(fill)
    return attributes


def plain(value: Any) -> Any:
    """An attribute as JSON has it."""
    if isinstance(value, str):
        return value
    values = np.asarray(value)
    numbers = [fill_json(number) for number in values.ravel()]
    return numbers if values.ndim else numbers[0]


def fill_json(value: np.generic) -> Any:
    """A number as JSON has it; what is not finite is a text (Zarr v2 and v3, fill values)."""
    if value.dtype.kind != "f":
        return int(value)
    number = float(value)
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")


def _attribute_fill(value: np.generic) -> Any:
    """`_FillValue` as xarray reads it: floats as base64 of a little-endian float64."""
    if value.dtype.kind != "f":
        return int(value)
    return base64.standard_b64encode(struct.pack("<d", float(value))).decode()


def document_of(hierarchy: Hierarchy, node: str) -> Mapping[str, Any] | None:
    """The `zarr.json` of a node; None where there is no such node."""
    if node in hierarchy.groups:
        return group_document(hierarchy, node)
    array = hierarchy.arrays.get(node)
    return None if array is None else array_document(array)
