"""The drawing of a plot. Imports matplotlib: imported where one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from services.drawing.charts.fields import (
    FieldAxis,
    FieldColors,
    FieldDiagram,
    MapPanel,
    draw_diagram,
    draw_maps,
)
from services.drawing.charts.labels import LABELS
from services.drawing.charts.series import SeriesLine, draw_series
from services.processes.plotting import field_label, share_range
from services.processes.trend.question import years_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.sources.models import TimeStep
    from services.processes.plot.question import ChartPlace, FieldColoring, PlotPlan

    Numbers = NDArray[np.float64]

_MARKS: Final = 7
_DAY, _MONTH, _YEAR = 10, 7, 4
"""Letters of a label that say a day, a month, a year."""


def draw_plot(
    plan: PlotPlan, values: Numbers, coloring: FieldColoring, inputs: Mapping[str, Any], media_type: str
) -> bytes:
    """Draw the values of a plan, as `services.processes.plot.reading` makes them, as SVG or PNG."""
    language, field = inputs.get("language", "en"), plan.field
    label = field_label(field, language)
    title = inputs.get("title") or _title(plan, language)
    if plan.kind == "series":
        times = [time for time in plan.times if time is not None]
        line = SeriesLine(name=label, years=years_of(times), values=values[:, 0])
        return draw_series([line], label, media_type, title=title, language=language)
    ends = coloring.range or (coloring.style_range if plan.kind == "map" else share_range(values))
    scale = coloring.scale if ends[0] > 0 else "linear"
    colors = FieldColors(colormap=coloring.colormap, range=ends, scale=scale, label=label)
    if plan.kind == "map":
        grid = plan.parts[0].grid
        assert grid is not None
        return draw_maps(
            [MapPanel(values=values, grid=grid, colors=colors, title=title)], media_type, language=language
        )
    assert plan.place is not None
    positions = _positions(plan.place, language)
    if plan.kind == "section":
        depths = _level_axis(plan.place.levels, field.variable.levels, language)
        diagram = FieldDiagram(values=values, across=positions, down=depths, colors=colors, title=title)
        return draw_diagram(diagram, media_type)
    times_axis = _time_axis([time for time in plan.times if time is not None], language)
    if plan.place.along == "longitude":  # time downwards, as Hovmöller drew it
        diagram = FieldDiagram(
            values=values, across=positions, down=_reversed(times_axis), colors=colors, title=title
        )  # fmt: skip
    else:
        if plan.place.along == "level":
            positions = _level_axis(plan.place.levels, field.variable.levels, language)
        diagram = FieldDiagram(values=values.T, across=times_axis, down=positions, colors=colors, title=title)
    return draw_diagram(diagram, media_type)


def _title(plan: PlotPlan, language: str) -> str:
    assert plan.field.selection is not None
    dataset = plan.field.selection.dataset
    name = dataset.title.get(language) or dataset.title.get("en") or dataset.id
    one = plan.times[0] if plan.kind in ("map", "section") else None
    return name if one is None else f"{name}, {_short(one.label)}"


def _short(label: str) -> str:
    """A label without a midnight."""
    return label.removesuffix("T00:00:00Z")


def _positions(place: ChartPlace, language: str) -> FieldAxis:
    key = {"latitude": "latitude", "longitude": "longitude", "distance": "distance"}.get(place.along, "level")
    if place.area is not None and not place.area.is_geographic:
        key = {"latitude": "northing", "longitude": "easting"}[key]
    degrees: dict[str, Literal["EW", "NS"]] = {"longitude": "EW", "latitude": "NS"}
    return FieldAxis(edges=place.edges, label=LABELS.text(key, language), degrees=degrees.get(key, ""))


def _level_axis(labels: Sequence[str], axis: Any, language: str) -> FieldAxis:
    """Levels at their values if all are numbers, half-way to their neighbours; else one after the other."""
    try:
        values = np.array([float(label) for label in labels])
    except ValueError:
        values = np.array([])
    if values.size < 2 or not (np.all(np.diff(values) > 0) or np.all(np.diff(values) < 0)):
        marks = tuple((number + 0.5, label) for number, label in enumerate(labels))
        return FieldAxis(edges=np.arange(len(labels) + 1.0), label=LABELS.text("level", language), ticks=marks)
    middle = (values[1:] + values[:-1]) / 2
    edges = np.concatenate([[values[0] - (middle[0] - values[0])], middle, [values[-1] + (values[-1] - middle[-1])]])
    if values.min() >= 0:
        edges = np.maximum(edges, 0)
    name, unit = (axis.name, axis.unit) if axis is not None else (LABELS.text("level", language), None)
    label = f"{LABELS.text('depth', language)}" if name == "depth" and unit in ("m", None) else f"{name} ({unit})"
    return FieldAxis(edges=edges, label=label, reverse=axis is not None and axis.positive == "down")


def _time_axis(times: Sequence[TimeStep], language: str) -> FieldAxis:
    """Times in years, each half-way to its neighbours, with some labels."""
    years = years_of(times)
    if len(years) == 1:
        edges = np.array([years[0] - 0.5 / 365, years[0] + 0.5 / 365])
    else:
        middle = (years[1:] + years[:-1]) / 2
        edges = np.concatenate([[2 * years[0] - middle[0]], middle, [2 * years[-1] - middle[-1]]])
    span = years[-1] - years[0]
    letters = _YEAR if span > 3 * _MARKS else _MONTH if span > _MARKS / 12 else _DAY
    numbers = sorted({int(number) for number in np.linspace(0, len(times) - 1, min(_MARKS, len(times)))})
    marks = tuple((float(years[number]), times[number].label[:letters]) for number in numbers)
    return FieldAxis(edges=edges, label=LABELS.text("time", language), ticks=marks)


def _reversed(axis: FieldAxis) -> FieldAxis:
    return FieldAxis(edges=axis.edges, label=axis.label, ticks=axis.ticks, reverse=True)
