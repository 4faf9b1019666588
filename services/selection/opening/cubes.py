"""A selection as a cube: fields, times, levels, members and layers as the writers of coverages take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.reading.warp import Warp
from cog.writers.cube import CoverageField, CoverageTime, CubeAxis, FieldClass, Layer, LayerBlock
from config.errors import InvalidInput
from records.datasets.models import text_in
from services.selection.limits import require_raster_parts
from services.selection.moments import TimeSlice, codec_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.grids.lattice import CellBox
    from cog.reading.warp import Kernel
    from records.datasets.models import LayerAxis, Variable
    from services.selection.opening.series import Series
    from services.selection.region import CoveragePlace
    from services.selection.selection import Selection
    from services.web.context import Context


def steps_of(series: list[list[TimeSlice]]) -> tuple[CoverageTime, ...]:
    """List every time of any variable, in order; none where the data have no times. Raises InvalidInput."""
    granules = {moment.key: moment.first for moments in reversed(series) for moment in moments}
    if None in granules:
        if len(granules) > 1:
            raise InvalidInput("some of these variables have times and others have none; ask for each by itself")
        return ()
    if len({g.calendar for g in granules.values()}) > 1:
        raise InvalidInput("these variables have different calendars; ask for each by itself")
    return tuple(
        CoverageTime(label=g.time or "", key=key, start_key=g.start_key, end_key=g.end_key)
        for key, g in sorted((key, g) for key, g in granules.items() if key is not None)
    )


def layer_axes(selection: Selection) -> tuple[CubeAxis, ...]:
    """Build the axes of the layers of a selection: its members and its levels, as far as the variable has them."""
    variable = selection.variable
    members = None if variable.members is None else cube_axis(variable.members, selection.members)
    levels = None if variable.levels is None else cube_axis(variable.levels, selection.levels)
    return tuple(axis for axis in (members, levels) if axis is not None)


def cube_axis(axis: LayerAxis, labels: Sequence[str] | None = None) -> CubeAxis:
    """An axis of the catalogue as the writers take it, with some of its labels; None: all."""
    ends = dict(zip(axis.labels, axis.bounds, strict=True)) if axis.bounds else {}
    chosen_labels = axis.labels if labels is None else tuple(labels)
    bounds = tuple(ends[label] for label in chosen_labels) if ends else ()
    return CubeAxis(name=axis.name, unit=axis.unit, positive=axis.positive, labels=chosen_labels, bounds=bounds)


def layer_of(
    context: Context,
    selection: Selection,
    moments: Sequence[TimeSlice],
    steps: tuple[CoverageTime, ...],
    *,
    place: CoveragePlace,
    kernel: Kernel | None,
) -> Layer:
    """Build the layer of a variable: its files at every time and layer.

    Args:
        context: Has the store.
        selection: The variable and its layers.
        moments: The times that it has.
        steps: The times of the cube.
        place: Where the answer lies.
        kernel: How other cells than the stored ones are made; None: as the variable has it by default.

    Raises InvalidInput where a time is missing and no stored value means that there are no data, and TooLarge for more
    parts of one time than `limits.RASTER_PARTS`.
    """
    variable = selection.variable
    stored = codec_of(variable)
    codec = stored.fillable() if isinstance(place.region, Warp) else stored
    field = field_of(variable, codec=codec, method=kernel or default_kernel(variable, place))
    by_key = {moment.key: moment for moment in moments}
    region = place.region.window.grid(place.region.grid)
    paths = []
    keys: Sequence[int | None] = [step.key for step in steps] or [None]
    for key in keys:
        moment = by_key.get(key)
        for key_of_layer in selection.layers or (None,):
            parts = moment.parts.get(key_of_layer) if moment else None
            require_raster_parts(parts or (), region)
            paths.append(path_of(context, variable, parts) if parts else None)
    missing = next((number for number, path in enumerate(paths) if path is None), None)
    if missing is not None and field.nodata is None:
        label = steps[missing // max(1, len(selection.layers))].label if steps else "one of its levels or members"
        raise InvalidInput(
            f"{variable.id} has nothing at {label} and no value that means no data; ask for it by itself"
        )
    return Layer(field=field, stored=stored, paths=tuple(paths))


def series_layer(series: Series, box: CellBox) -> Layer:
    """Build the layer of a variable over a series: the stored values of a box, at every time."""
    codec = series.codec
    field = field_of(series.variable, codec=codec, method="nearest")
    return Layer(field=field, stored=codec, series=_SeriesCells(series=series, box=box))


@dataclass(frozen=True, kw_only=True, eq=False)
class _SeriesCells:
    """The values of a series in a box, as the writers take them."""

    series: Series
    box: CellBox

    def blocks(self) -> Iterator[LayerBlock]:
        """The values as blocks."""
        top, left = self.box.top, self.box.left
        for block in self.series.blocks(self.box):
            yield LayerBlock(
                steps=block.steps,
                rows=slice(block.box.top - top, block.box.bottom - top),
                columns=slice(block.box.left - left, block.box.right - left),
                values=block.stored,
            )

    def plane(self, step: int) -> NDArray[Any]:
        """The values of one step."""
        values: NDArray[Any] = self._cube[step]
        return values

    @cached_property
    def _cube(self) -> NDArray[Any]:
        return self.series.cube(self.box)[0]


def field_of(variable: Variable, *, codec: Codec, method: Kernel) -> CoverageField:
    """Describe a variable to the writers, its values stored as `codec` says."""
    return CoverageField(
        id=variable.id,
        long_name=text_in(variable.title) or variable.id,
        unit=variable.unit,
        standard_name=variable.standard_name,
        dtype=codec.dtype,
        nodata=codec.nodata,
        scale=variable.scale,
        offset=variable.offset,
        bands=variable.band_count,
        classes=tuple(FieldClass(value=c.value, name=text_in(c.title) or str(c.value)) for c in variable.classes),
        method=method,
    )


def default_kernel(variable: Variable, place: CoveragePlace) -> Kernel:
    """Nearest for classes and for bare integers; else average, or bilinear where a warp keeps the size of cells."""
    if variable.kind == "categorical":
        return "nearest"
    counts = np.issubdtype(np.dtype(variable.dtype), np.integer) and not variable.is_packed and variable.unit is None
    if counts and variable.kind != "rgb":
        return "nearest"
    return "bilinear" if isinstance(place.region, Warp) and not place.is_coarse else "average"
