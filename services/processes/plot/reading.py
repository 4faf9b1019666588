"""The values of a plot: those of a map's pixels, or of the positions of a place at some times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cog.reading.aligned import AlignedCells, align
from config.times import parse_datetime
from services.drawing.maps import MapDrawing, map_values
from services.drawing.rendering import Coloring, Rendering
from services.processes.fields.line import sample_line
from services.processes.fields.region import boxes_of
from services.selection.moments import one_moment
from services.selection.viewports import Viewport
from services.web.crs import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from config.grids import Grid
    from services.processes.fields.field import ProcessField
    from services.processes.plot.question import ChartPlace, PlotPart
    from services.selection.opening.blocks import BlockSource
    from services.web.context import Context

    Numbers = NDArray[np.float64]

_EDGE = 1024


def read_map(context: Context, field: ProcessField, time: str | None, grid: Grid) -> Numbers:
    """(row, column) values of the pixels of a map, means of the cells where there are more of them than pixels."""
    drawing = map_drawing(context, field, time, grid)
    values = np.ma.filled(map_values(context, drawing).astype("float64"), np.nan)[0]
    change = field.conversion
    result: Numbers = values * change.factor + change.offset
    return result


def map_drawing(context: Context, field: ProcessField, time: str | None, grid: Grid) -> MapDrawing:
    """A map of a field at a time on a grid of pixels, in no colours yet."""
    assert field.selection is not None
    selection = field.selection if time is None else replace(field.selection, times=parse_datetime(time))
    moment = one_moment(context.catalogue, selection)
    own = next(iter(moment.parts.values()))[0].grid
    is_finer = abs(grid.transform[0]) > abs(own.transform[0]) * (1 + 1e-9)
    return MapDrawing(
        selection=selection,
        moment=moment,
        view=Viewport(grid=grid, reference=Reference(crs=grid.crs, uri=grid.crs, north_first=False)),
        rendering=Rendering(),
        coloring=Coloring(ranges=None, colormap=None),
        kernel="average" if is_finer else "nearest",
    )


def read_place(part: PlotPart, advance: Callable[[float], None]) -> Numbers:
    """(time, position) means of a place; NaN where there are no data."""
    assert part.place is not None
    rows = []
    for number, step in enumerate(part.steps):
        rows.append(_positions(part.field, step, part.place))
        advance(100 * (number + 1) / len(part.steps))
    return np.array(rows)


def read_section(part: PlotPart) -> Numbers:
    """(level, position) values of a line at the one time of a part."""
    assert part.place is not None
    assert part.place.line is not None
    [step] = part.steps
    return np.array([sample_line(part.field, source, part.place.line) for source in step])


def _positions(field: ProcessField, step: tuple[BlockSource, ...], place: ChartPlace) -> Numbers:
    if place.area is not None:
        return _means(field, step[0], place)
    assert place.line is not None
    if place.along == "level":
        return np.array([sample_line(field, source, place.line)[0] for source in step])
    values = sample_line(field, step[0], place.line)
    if place.along == "distance":
        return values
    there = np.isfinite(values)
    length = place.line.length[there]
    return np.array([float((values[there] * length).sum() / length.sum()) if there.any() else np.nan])


def _means(field: ProcessField, source: BlockSource, place: ChartPlace) -> Numbers:
    """Means of an area over what is not an axis of the plot, weighted by the area of cells."""
    assert place.area is not None
    cells = AlignedCells(
        mosaic=source.mosaic,
        codec=source.codec,
        alignment=align(source.grid, place.area, kernel=None, name="field"),
        factor=field.conversion.factor,
        offset=field.conversion.offset,
    )
    shape = (place.area.height, place.area.width)
    axis, size = {"latitude": (1, shape[0]), "longitude": (0, shape[1])}.get(place.along, (None, 1))
    sums, weights = np.zeros(size), np.zeros(size)
    own = place.weights
    for box in boxes_of(place.area, edge=_EDGE):
        values = cells.read(box)
        there = np.isfinite(values)
        weight = np.where(there, own[box.top : box.bottom, np.newaxis], 0.0)
        where = {1: slice(box.top, box.bottom), 0: slice(box.left, box.right)}.get(-1 if axis is None else axis)
        where = slice(0, 1) if where is None else where
        sums[where] += np.where(there, values * weight, 0.0).sum(axis=axis)
        weights[where] += weight.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weights > 0, sums / weights, np.nan)
