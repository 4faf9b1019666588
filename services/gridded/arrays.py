"""The CF view of a dataset: coordinates, which are held in memory, and fields, whose cells are read on request.

Names, attributes, units, calendars and fill values are those of a NetCDF coverage of the dataset (`cog.writers.cf`).
Dimensions of a field are in the order time, member, level, band, y, x, without those that it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.writers.cube import CoverageTime, CubeAxis
    from config.grids import Grid
    from records.datasets.models import Dataset, Variable
    from records.datasets.series.steps import StepIndex

Role = Literal["time", "member", "level", "band", "y", "x"]
"""What a dimension stands for."""


@dataclass(frozen=True, kw_only=True)
class ArrayDimension:
    """A dimension of a dataset.

    Attributes:
        name: Its name, unique in the dataset.
        size: Number of its places.
        role: What it stands for.
    """

    name: str
    size: int
    role: Role


@dataclass(frozen=True, kw_only=True)
class Coordinate:
    """A coordinate variable, its bounds, or a grid mapping: small, and held in memory.

    Attributes:
        name: Its name.
        dimensions: Names of its dimensions; none for a grid mapping.
        values: Its values, read-only: float64, or an int32 scalar for a grid mapping.
        attributes: CF attributes.
    """

    name: str
    dimensions: tuple[str, ...]
    values: NDArray[Any]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class TimeCoordinate:
    """The times of fields that share a calendar.

    Attributes:
        name: Name of the dimension.
        calendar: CF calendar.
        steps: The times in order.
        keys: Their order keys.
    """

    name: str
    calendar: str
    steps: tuple[CoverageTime, ...]
    keys: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ArrayField:
    """One variable of the dataset as an array.

    Attributes:
        variable: As the catalogue has it.
        dimensions: Its dimensions in order.
        grid: The grid of its rows and columns, north up.
        codec: The meaning of the values that are served: those of the files, with room for missing ones where some
            are missing.
        stored: The meaning of the values in the files.
        attributes: CF attributes without packing and fill value.
        indexes: Key of the layer (`config.layers`; None without levels and members) -> what the catalogue has of it.
        time: Its times; None where it has none.
        levels: Its levels; None where it has none.
        members: Its members; None where it has none.
    """

    variable: Variable
    dimensions: tuple[ArrayDimension, ...]
    grid: Grid
    codec: Codec
    stored: Codec
    attributes: Mapping[str, Any]
    indexes: Mapping[str | None, StepIndex]
    time: TimeCoordinate | None
    levels: CubeAxis | None
    members: CubeAxis | None

    @property
    def name(self) -> str:
        """Its name: the id of the variable."""
        return self.variable.id

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each dimension."""
        return tuple(dimension.size for dimension in self.dimensions)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values that are served."""
        return np.dtype(self.codec.dtype)

    def places(self, layer: str | None, steps: range) -> NDArray[np.int64]:
        """(first, end) of the granules of each time in the index of a layer, as (time, 2); equal where it has none."""
        index = self.indexes[layer]
        if self.time is None:
            return np.array([[0, len(index)]] * len(steps), dtype="int64").reshape(-1, 2)
        keys = self.time.keys[np.asarray(steps, dtype="int64")]
        return np.stack([np.searchsorted(index.keys, keys, side) for side in ("left", "right")], axis=1)

    def slab(self, times: range, layer: int, rows: range, columns: range) -> tuple[range, ...]:
        """The hyperslab of one layer and the first band, without the ranges of dimensions that the field lacks."""
        member, level = divmod(layer, 1 if self.levels is None else len(self.levels.labels))
        ranges = {"time": times, "level": range(level, level + 1), "member": range(member, member + 1)}
        ranges |= {"band": range(1), "y": rows, "x": columns}
        return tuple(ranges[dimension.role] for dimension in self.dimensions)

    def is_series(self, layer: str | None) -> bool:
        """Whether each time of a layer is one granule of exactly the cells of the grid."""
        index = self.indexes[layer]
        return index.is_uniform and index.grids[0].matches(self.grid)

    @cached_property
    def layers(self) -> tuple[str | None, ...]:
        """Keys of its layers: the levels of the first member, then those of the next; (None,) without either."""
        return self.variable.layers or (None,)

    @property
    def packed_attributes(self) -> dict[str, Any]:
        """CF attributes with the packing of the values that are served, without the fill value."""
        attributes = dict(self.attributes)
        if self.codec.is_packed:
            attributes |= {"scale_factor": np.float64(self.codec.scale), "add_offset": np.float64(self.codec.offset)}
        return attributes

    @property
    def fill(self) -> np.generic | None:
        """The value that means no data, in the type of the array; None where no cell can be without data."""
        if self.codec.nodata is None:
            return None
        value: np.generic = np.array([self.codec.fill]).astype(self.dtype)[0]
        return value

    def axis(self, role: Role) -> int | None:
        """The place of a dimension in `dimensions`; None where the field lacks it."""
        return next((n for n, dimension in enumerate(self.dimensions) if dimension.role == role), None)


@dataclass(frozen=True, kw_only=True)
class ArrayDataset:
    """A dataset as arrays.

    Attributes:
        dataset: As the catalogue holds it.
        attributes: Global attributes.
        dimensions: By name.
        coordinates: By name, in the order in which they are listed.
        fields: By name.
        times: The time axes by name of their dimension.
    """

    dataset: Dataset
    attributes: Mapping[str, str]
    dimensions: Mapping[str, ArrayDimension]
    coordinates: Mapping[str, Coordinate]
    fields: Mapping[str, ArrayField]
    times: Mapping[str, TimeCoordinate]

    @property
    def revision(self) -> str:
        """Changes whenever anything in it may have changed: the version of the dataset."""
        return str(self.dataset.version)
