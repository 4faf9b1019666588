"""The nodes of a dataset's store: groups, and arrays with their chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.gridded.arrays import ArrayDataset, ArrayField, Coordinate

SERIES_FROM: Final = 257
"""Times from which on a field is there in two chunkings: below that the chunks of maps answer a series soon enough."""
SERIES_STEPS: Final = 4096
"""Times of a chunk of series."""
SERIES_EDGE: Final = 8
"""Rows and columns of a chunk of series."""
MAP_EDGE: Final = 256
"""Rows and columns of a chunk of maps: those of a block of a COG."""
MAPS: Final = "maps"
"""The group of fields in chunks of maps, where the root has them in chunks of series."""

_SERIES_COMMENT: Final = (
    "Chunks hold long series of few cells; the group maps has the same values in chunks of one time each."
)
_MAPS_COMMENT: Final = (
    "Chunks hold one time each; the root group has the same values in chunks of long series of few cells."
)


@dataclass(frozen=True, kw_only=True)
class ZarrArray:
    """An array of the store.

    Attributes:
        path: Its path in the store, without a slash at either end.
        source: The coordinate or the field whose values it has.
        dimensions: Names of the dimensions.
        shape: Size of each.
        chunk_shape: Shape of a chunk.
        dtype: Type of the values.
        attributes: CF attributes without `_FillValue`.
        missing: The value that means no data; None without one.
        comment: What to know of its chunks; empty where there is nothing.
    """

    path: str
    source: Coordinate | ArrayField
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...]
    dtype: np.dtype[Any]
    attributes: Mapping[str, Any]
    missing: np.generic | None = None
    comment: str = ""

    @property
    def fill(self) -> np.generic:
        """The value of cells beyond the array: that for no data, or 0."""
        return self.dtype.type(0) if self.missing is None else self.missing

    def slab(self, index: tuple[int, ...]) -> tuple[range, ...] | None:
        """The places of a chunk inside the array; None where the array has no such chunk."""
        if len(index) != len(self.shape):
            return None
        slab = tuple(
            range(n * edge, min((n + 1) * edge, size))
            for n, edge, size in zip(index, self.chunk_shape, self.shape, strict=True)
        )
        return slab if all(map(len, slab)) else None


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """The store of a dataset.

    Attributes:
        attributes: Global attributes.
        arrays: By path.
        has_maps: Whether fields are there in two chunkings.
    """

    attributes: Mapping[str, Any]
    arrays: Mapping[str, ZarrArray]
    has_maps: bool

    @property
    def groups(self) -> tuple[str, ...]:
        """Paths of the groups; the root is the empty one."""
        return ("", MAPS) if self.has_maps else ("",)

    def members(self, node: str) -> list[str]:
        """Names of what is right below a node."""
        if node in self.arrays:
            return ["zarr.json", "c/"]
        prefix = f"{node}/" if node else ""
        paths = [path.removeprefix(prefix) for path in (*self.arrays, *self.groups[1:]) if path.startswith(prefix)]
        return ["zarr.json", *(f"{path}/" for path in sorted(paths) if "/" not in path)]


def hierarchy_of(arrays: ArrayDataset) -> Hierarchy:
    """The store of a dataset: fields with many times in chunks of series, and again in chunks of maps."""
    has_maps = any(_is_long(field) for field in arrays.fields.values())
    nodes = [_coordinate(c, "") for c in arrays.coordinates.values()]
    nodes += [_series(field) if _is_long(field) else _maps(field, "", "") for field in arrays.fields.values()]
    if has_maps:
        nodes += [_coordinate(c, f"{MAPS}/") for c in arrays.coordinates.values()]
        nodes += [_maps(field, f"{MAPS}/", _MAPS_COMMENT) for field in arrays.fields.values() if _is_long(field)]
    return Hierarchy(attributes=arrays.attributes, arrays={node.path: node for node in nodes}, has_maps=has_maps)


def _is_long(field: ArrayField) -> bool:
    return field.time is not None and len(field.time.steps) >= SERIES_FROM


def _coordinate(coordinate: Coordinate, prefix: str) -> ZarrArray:
    return ZarrArray(
        path=f"{prefix}{coordinate.name}",
        source=coordinate,
        dimensions=coordinate.dimensions,
        shape=coordinate.values.shape,
        chunk_shape=coordinate.values.shape,
        dtype=coordinate.values.dtype,
        attributes=coordinate.attributes,
    )


def _series(field: ArrayField) -> ZarrArray:
    edges = {"time": SERIES_STEPS, "y": SERIES_EDGE, "x": SERIES_EDGE}
    return _field(field, "", edges, _SERIES_COMMENT)


def _maps(field: ArrayField, prefix: str, comment: str) -> ZarrArray:
    return _field(field, prefix, {"y": MAP_EDGE, "x": MAP_EDGE}, comment)


def _field(field: ArrayField, prefix: str, edges: Mapping[str, int], comment: str) -> ZarrArray:
    """A field in chunks of some edges, 1 along the other dimensions; series are not longer than the times there are."""
    return ZarrArray(
        path=f"{prefix}{field.name}",
        source=field,
        dimensions=tuple(dimension.name for dimension in field.dimensions),
        shape=field.shape,
        chunk_shape=tuple(
            min(edges.get(d.role, 1), d.size) if d.role == "time" else edges.get(d.role, 1) for d in field.dimensions
        ),
        dtype=field.dtype,
        attributes=field.packed_attributes,
        missing=field.fill,
        comment=comment,
    )
