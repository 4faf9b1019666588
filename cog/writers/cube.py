"""The contents of a coverage file: fields, times and a region, independent of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from cog.cells.codec import Codec
from cog.grids.subset import Subset
from cog.reading.subset import strips
from cog.reading.warp import warped
from config.layers import MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.reading.warp import Kernel, Warp


@dataclass(frozen=True, kw_only=True)
class FieldClass:
    """One class of a categorical field: its stored value and its name."""

    value: int
    name: str


@dataclass(frozen=True, kw_only=True)
class CoverageField:
    """One field of a coverage. physical value = stored value * scale + offset.

    Attributes:
        dtype: numpy name of the stored values.
        nodata: Stored value that means no data; NaN allowed.
        bands: Number of bands of its COGs: 1, or 3 or 4 for a picture.
        method: Resampling to other cells than the stored ones; without a warp, nearest or average.
    """

    id: str
    long_name: str
    unit: str | None
    standard_name: str | None
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    bands: int
    classes: tuple[FieldClass, ...]
    method: Kernel

    @property
    def codec(self) -> Codec:
        """The meaning of its stored values."""
        return Codec(dtype=self.dtype, nodata=self.nodata, scale=self.scale, offset=self.offset, bands=self.bands)


@dataclass(frozen=True, kw_only=True)
class CoverageTime:
    """One time: its label and order key (`config.times`) in the cube's calendar, bounds [start_key, end_key)."""

    label: str
    key: int
    start_key: int | None
    end_key: int | None


@dataclass(frozen=True, kw_only=True)
class CubeAxis:
    """An axis of a cube beside time and space: its levels, or its members.

    Attributes:
        name: Name of the axis, such as `depth`.
        unit: Unit of its values, or None.
        positive: The direction in which its values rise, or None where that is not known.
        labels: Its values as text, in order.
        bounds: The two ends of the layer of each level, as such texts; none of an axis without layers.
    """

    name: str
    unit: str | None
    positive: Literal["up", "down"] | None
    labels: tuple[str, ...]
    bounds: tuple[tuple[str, str], ...] = ()

    @property
    def is_of_members(self) -> bool:
        """Whether it is the axis of the members of an ensemble."""
        return self.name == MEMBER

    @property
    def values(self) -> tuple[float, ...] | None:
        """The labels as numbers, or None if one of them is not a number."""
        try:
            return tuple(float(label) for label in self.labels)
        except ValueError:
            return None

    @property
    def ends(self) -> tuple[tuple[float, float], ...]:
        """The bounds as numbers, the lower one first; none if the labels are no numbers."""
        if self.values is None:
            return ()
        pairs = ((float(first), float(second)) for first, second in self.bounds)
        return tuple((min(pair), max(pair)) for pair in pairs)


@dataclass(frozen=True, kw_only=True)
class LayerBlock:
    """Values of a layer over some steps (step, row, column), and their place in the cube."""

    steps: slice
    rows: slice
    columns: slice
    values: NDArray[Any]


class LayerSeries(Protocol):
    """The values of a layer of many steps, read many steps at a time."""

    def blocks(self) -> Iterator[LayerBlock]:
        """The values as blocks of bounded size, each value once."""
        ...

    def plane(self, step: int) -> NDArray[Any]:
        """The values of one step (row, column); all steps are held in memory once one was asked for."""
        ...


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A field and its COGs, or virtual rasters, at each of the cube's `planes`; None where the field has none.

    `stored` is the meaning of the COGs' values; those of the
    answer are encoded by the field's codec. A layer with a `series` has one layer, one band and the cells of the COGs,
    and its values come from there instead.
    """

    field: CoverageField
    stored: Codec
    paths: tuple[str | None, ...] = ()
    series: LayerSeries | None = None


@dataclass(frozen=True, kw_only=True)
class Cube:
    """A coverage to be written.

    Attributes:
        region: Cells of the answer and their resampling, common to all layers.
        steps: Times in order; empty where the data have none.
        layer_axes: The members and the levels of the answer, as far as the data have any.
        calendar: CF calendar of the steps.
        attributes: Global attributes by CF name: title, license, source, history, references, ...
        crs_uri: The name of the region's CRS.
    """

    region: Subset | Warp
    layers: tuple[Layer, ...]
    steps: tuple[CoverageTime, ...]
    calendar: str
    attributes: dict[str, str]
    layer_axes: tuple[CubeAxis, ...] = ()
    crs_uri: str = ""

    @property
    def planes(self) -> list[tuple[int, ...]]:
        """(step, place on each of the layer axes) of each path of a layer, in order; step 0 without times."""
        return list(product(range(max(1, len(self.steps))), *(range(len(axis.labels)) for axis in self.layer_axes)))

    @property
    def levels(self) -> CubeAxis | None:
        """The levels of the answer; None where the data have none."""
        return next((axis for axis in self.layer_axes if not axis.is_of_members), None)

    @property
    def members(self) -> CubeAxis | None:
        """The members of the answer; None where the data have none."""
        return next((axis for axis in self.layer_axes if axis.is_of_members), None)

    def plane(self, layer: Layer, number: int) -> Iterator[tuple[int, NDArray[Any]]] | None:
        """The cells of a layer at one of `planes`, as `strips`; None where it has none."""
        if layer.series is not None:
            return iter([(0, layer.series.plane(number)[np.newaxis])])
        path = layer.paths[number]
        return None if path is None else self.strips(layer, path)

    def strips(self, layer: Layer, path: str) -> Iterator[tuple[int, NDArray[Any]]]:
        """The cells of a layer's path from top to bottom: (first row, values as (band, row, column))."""
        if isinstance(self.region, Subset):
            return strips(path, self.region, method="average" if layer.field.method == "average" else "nearest")
        return warped(path, self.region, layer.stored, kernel=layer.field.method)
