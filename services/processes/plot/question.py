"""A request for a plot: what is read, and how it is coloured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from cog.grids.ellipsoid import cell_areas
from cog.science.sections import Section, cut_section
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import Grid
from config.layers import layer_keys
from config.times import parse_datetime
from services.drawing import colormaps
from services.drawing.styles import style_of
from services.processes.fields.field import ProcessField, field_of
from services.processes.fields.line import step_of, vertices_of
from services.processes.fields.region import region_of
from services.processes.fields.steps import sources_of, time_step, times_of
from services.selection.moments import one_moment
from services.selection.opening.blocks import block_sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.sources.models import TimeStep
    from config.times import TimeRange
    from services.selection.opening.blocks import BlockSource
    from services.selection.selection import DefaultTimes, Selection
    from services.web.context import Context

Kind = Literal["map", "series", "hovmoller", "section"]
Along = Literal["latitude", "longitude", "distance", "level", "everything"]

MAP_EDGE: Final = 1000
"""Most pixels along an edge of a map: more cannot be seen in a picture of that size."""
_PART_CELLS: Final = 50_000_000
_MOST_VALUES: Final = 20_000_000
_LINE_COST: Final = 65_536
"""Cells that are decoded for one value of a line: a block of a COG."""


@dataclass(frozen=True, kw_only=True)
class ChartPlace:
    """Where values are read.

    Attributes:
        along: What the positions are; a mean over `everything` is one position.
        line: The pieces of a line, or the one point of a position; None of an area.
        area: The cells of an area.
        edges: Edges of the positions: degrees, km or numbers of levels; one more than positions.
        levels: Labels of the levels that are read.
    """

    along: Along
    line: Section | None
    area: Grid | None
    edges: NDArray[np.float64]
    levels: tuple[str, ...] = ()

    @property
    def weights(self) -> NDArray[np.float64]:
        """(row,) weights of the cells of an area: their area, or 1 on projected grids."""
        assert self.area is not None
        return cell_areas(self.area) if self.area.is_geographic else np.ones(self.area.height)


@dataclass(frozen=True, kw_only=True)
class PlotPart:
    """Some times of a place, or the one time of a map.

    Attributes:
        field: The field.
        steps: At each time the cells of each level.
        place: Where; None of a map.
        grid: The pixels of a map.
        cells: Cells that are decoded.
    """

    field: ProcessField
    steps: tuple[tuple[BlockSource, ...], ...]
    place: ChartPlace | None
    grid: Grid | None = None
    cells: int


@dataclass(frozen=True, kw_only=True)
class PlotPlan:
    """A request and its parts.

    Attributes:
        kind: Of the plot.
        field: The field.
        times: The times; None for a field without times.
        place: Where; None of a map.
        parts: Parts in the order of the times.
    """

    kind: Kind
    field: ProcessField
    times: tuple[TimeStep | None, ...]
    place: ChartPlace | None
    parts: tuple[PlotPart, ...]


@dataclass(frozen=True, kw_only=True)
class FieldColoring:
    """Colours that a request and the style of the variable say; a range only where the request says it."""

    colormap: str
    range: tuple[float, float] | None
    style_range: tuple[float, float]
    scale: Literal["linear", "log"]


def coloring_of(inputs: Mapping[str, Any], field: ProcessField) -> FieldColoring:
    """The colours of a field; raises StyleNotFound or InvalidParameter."""
    style = style_of(field.variable, inputs.get("style"))
    name = str(inputs.get("colormap") or style.colormap or "viridis").lower()
    if name not in colormaps.names():
        raise InvalidParameter("colormap", inputs.get("colormap"), "give a name such as viridis, thermal or balance")
    limits = inputs.get("range")
    if limits is not None and not limits[0] < limits[1]:
        raise InvalidParameter("range", limits, "give the low end first and a higher one second")
    assert style.range is not None
    ends = style.range if limits is None else (float(limits[0]), float(limits[1]))
    scale = style.scale if ends[0] > 0 else "linear"
    return FieldColoring(colormap=name, range=None if limits is None else ends, style_range=ends, scale=scale)


def plan_plot(inputs: Mapping[str, Any], context: Context) -> PlotPlan:
    """Plan a plot; raises InvalidInput, TooLarge, and what the field and its times raise."""
    field = field_of("field", inputs["field"], context)
    coloring_of(inputs, field)
    kind: Kind = inputs["kind"]
    _require_inputs(kind, inputs)
    every = kind in ("series", "hovmoller")
    if kind == "map":
        return _plan_map(inputs, field, context)
    field = _at_levels(kind, inputs, field)
    steps = _steps(context, field, inputs, every=every)
    if kind == "section":
        steps = steps[-1:]
    place = _place(kind, inputs, field, steps[0][0].grid)
    parts = _parts(context, field, steps, place)
    times = tuple(time_step(step[0]) for step in steps)
    if every and None in times:
        raise InvalidInput(f"{kind}: the collection has no times")
    return PlotPlan(kind=kind, field=field, times=times, place=place, parts=parts)


def _require_inputs(kind: Kind, inputs: Mapping[str, Any]) -> None:
    """Refuse inputs that the kind does not use, and missing ones."""
    places = [name for name in ("bbox", "section", "position") if name in inputs]
    uses = {"map": ("bbox",), "section": ("section",)}.get(kind, ("bbox", "section", "position"))
    other = next((name for name in places if name not in uses), None)
    if other is not None:
        raise InvalidInput(f"{other}: a {kind} is not drawn of it; give {' or '.join(uses)}")
    if len(places) > 1 or (not places and kind != "map"):
        raise InvalidInput(f"a {kind} is drawn of one place: give {' or '.join(uses)}")
    if "along" in inputs and not (kind == "hovmoller" and "bbox" in inputs):
        raise InvalidInput("along: it goes with kind hovmoller and a bbox; leave it out")


def _at_levels(kind: Kind, inputs: Mapping[str, Any], field: ProcessField) -> ProcessField:
    """The field with all levels where the plot goes over them."""
    assert field.selection is not None
    over_levels = kind == "section" or (kind == "hovmoller" and "position" in inputs)
    if not over_levels:
        return field
    axis = field.variable.levels
    if axis is None:
        raise InvalidInput(
            f"field: variable {field.variable.id} has no levels; take kind map, or hovmoller with a section or bbox"
        )
    return replace(field, selection=replace(field.selection, layers=layer_keys(axis.labels, field.selection.members)))


def _steps(
    context: Context, field: ProcessField, inputs: Mapping[str, Any], *, every: bool
) -> list[tuple[BlockSource, ...]]:
    assert field.selection is not None
    sources = sources_of(context, field, times_of(inputs.get("datetime")), default="all" if every else "latest")
    steps = [tuple(group) for _, group in groupby(sources, key=lambda source: source.key)]
    count = max(1, len(field.selection.levels))
    lacking = next((step for step in steps if len(step) != count), None)
    if lacking is not None:
        raise InvalidInput(f"field: {lacking[0].time} has {len(lacking)} of {count} levels; name times that have all")
    return steps


def _place(kind: Kind, inputs: Mapping[str, Any], field: ProcessField, grid: Grid) -> ChartPlace:
    assert field.selection is not None
    levels = field.selection.levels
    if "bbox" in inputs:
        area = region_of(grid, inputs["bbox"])
        if kind == "series":
            return ChartPlace(along="everything", line=None, area=area, edges=np.array([0.0, 1.0]))
        along = inputs.get("along", "latitude")
        a, _, c, _, e, f = area.transform
        edges = f + e * np.arange(area.height + 1.0) if along == "latitude" else c + a * np.arange(area.width + 1.0)
        return ChartPlace(along=along, line=None, area=area, edges=edges)
    if "position" in inputs:
        line = _point(*inputs["position"])
        return ChartPlace(
            along="everything" if kind == "series" else "level",
            line=line,
            area=None,
            edges=np.arange(len(levels) + 1.0),
            levels=levels,
        )
    line = cut_section(vertices_of(inputs["section"]), step_of(grid))
    edges = np.concatenate([[0.0], np.cumsum(line.length)]) / 1000
    return ChartPlace(
        along="everything" if kind == "series" else "distance", line=line, area=None, edges=edges, levels=levels
    )


def _point(lon: float, lat: float) -> Section:
    if not (-720 <= lon <= 720 and -90 <= lat <= 90):
        raise InvalidParameter("position", [lon, lat], "give longitude and latitude in degrees")
    ones, zeros = np.ones(1), np.zeros(1)
    return Section(
        lon=np.array([float(lon)]), lat=np.array([float(lat)]), length=ones, east=ones, north=zeros, distance=zeros
    )


def _parts(
    context: Context, field: ProcessField, steps: Sequence[tuple[BlockSource, ...]], place: ChartPlace
) -> tuple[PlotPart, ...]:
    levels = len(steps[0])
    positions = 1 if place.along == "everything" else len(place.edges) - 1
    one = place.area.width * place.area.height if place.area is not None else _LINE_COST
    cells, most = one * len(steps) * levels, context.settings.limit.process_cells
    if cells > most:
        raise TooLarge(
            f"about {cells} cells would be read ({len(steps)} times, {levels} levels), the limit is {most}: ask for "
            "fewer times or a smaller bbox"
        )
    if positions * len(steps) > _MOST_VALUES:
        raise TooLarge(f"{positions} positions at {len(steps)} times are more than {_MOST_VALUES} values; ask for less")
    size = max(1, _PART_CELLS // (one * levels))
    return tuple(
        PlotPart(
            field=field,
            steps=tuple(steps[start : start + size]),
            place=place,
            cells=one * levels * len(steps[start : start + size]),
        )
        for start in range(0, len(steps), size)
    )


def _plan_map(inputs: Mapping[str, Any], field: ProcessField, context: Context) -> PlotPlan:
    ranges = times_of(inputs.get("datetime"))
    if len(ranges) > 1:
        raise InvalidInput(f"datetime: a map shows one time, not {len(ranges)}; give one, or take process animation")
    assert field.selection is not None
    selection = replace(field.selection, times=ranges[0] if ranges else "latest")
    source = block_sources(context, [replace(selection, times=_latest(selection, context))], most_times=1)[0]
    grid = pixels_of(region_of(source.grid, inputs.get("bbox")), MAP_EDGE)
    part = PlotPart(field=field, steps=((source,),), place=None, grid=grid, cells=grid.width * grid.height)
    return PlotPlan(kind="map", field=field, times=(time_step(source),), place=None, parts=(part,))


def _latest(selection: Selection, context: Context) -> TimeRange | DefaultTimes:
    """The one time that a selection means: the latest in an interval."""
    label = one_moment(context.catalogue, selection).first.time
    return "latest" if label is None else parse_datetime(label)


def pixels_of(area: Grid, most: int) -> Grid:
    """The pixels of a picture of an area: its cells, or fewer where an edge has more than `most`."""
    share = min(1.0, most / max(area.width, area.height))
    if share == 1.0:
        return area
    width, height = max(1, round(area.width * share)), max(1, round(area.height * share))
    west, south, east, north = area.bounds
    transform = ((east - west) / width, 0.0, west, 0.0, -(north - south) / height, north)
    return Grid(crs=area.crs, transform=transform, width=width, height=height)
