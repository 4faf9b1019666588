"""The process `time-series`: values of a variable at points, or means of regions, over all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import shapely

from cog.grids.lattice import CellBox
from cog.reading.aligned import AlignedCells, align
from cog.reading.points import locate
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84
from config.vocabulary import CSV, JSON, SVG
from services.processes.fields.field import ProcessField, field_of
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.publication import Lineage
from services.processes.plotting import drawn_output, field_label
from services.processes.protocol import EncodedOutput, cells_of
from services.processes.tables.publication import (
    ResultTable,
    place_of_feature,
    publish_table,
    require_publishable_table,
    span_of,
)
from services.processes.time_series.description import TEXTS
from services.processes.trend.question import years_of
from services.processes.zonal.plan import ZonalPlan, plan_request
from services.processes.zonal.rows import compute_rows, in_order
from services.processes.zonal.zonal_request import ZonalRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely import Geometry

    from cog.sources.models import TimeStep
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.processes.zonal.rows import ZonalPart
    from services.selection.opening.blocks import BlockSource
    from services.web.context import Context

_MOST_VALUES: Final = 1_000_000
_MOST_LINES: Final = 20


@dataclass(frozen=True, kw_only=True)
class PointSeriesPart:
    """Some points at all times."""

    field: ProcessField
    sources: tuple[BlockSource, ...]
    points: tuple[tuple[float, float], ...]
    cells: int


@dataclass(frozen=True, kw_only=True)
class SeriesPlan:
    """A request: zonal statistics, or points.

    Attributes:
        field: The variable.
        times: Its times.
        statistics: Names of the values.
        places: Names of the points or regions.
        shapes: Their geometries in CRS84.
        zones: The zonal statistics; None of points.
        parts: The parts.
    """

    field: ProcessField
    times: tuple[TimeStep | None, ...]
    statistics: tuple[str, ...]
    places: tuple[str, ...]
    shapes: tuple[Geometry, ...]
    zones: ZonalPlan | None
    parts: tuple[ZonalPart | PointSeriesPart, ...]


class TimeSeries:
    """Values over time."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int | None:
        """The variable is there, and the places are points or polygons."""
        inputs = request.inputs
        field = field_of("field", inputs["field"], context)
        if ("points" in inputs) == ("polygons" in inputs):
            raise InvalidInput("give points or polygons; not both")
        require_publishable_table(inputs.get("publish"), context)
        if "href" in inputs.get("polygons", {}):
            return None
        return cells_of(_lay_out(inputs, field, context))

    def plan(self, request: ExecuteRequest, environment: Environment) -> SeriesPlan:
        """Zonal statistics, or one part with all points."""
        context = environment.context
        return _lay_out(request.inputs, field_of("field", request.inputs["field"], context), context)

    def part(self, part: ZonalPart | PointSeriesPart, environment: Environment) -> list[dict[str, Any]]:
        """Rows of `feature`, `step` and values by name."""
        if isinstance(part, PointSeriesPart):
            return _point_rows(part, environment)
        return compute_rows(part, lambda _: environment.report(50, "Computing statistics"))

    def combine(
        self,
        request: ExecuteRequest,
        plan: SeriesPlan,
        results: Sequence[list[dict[str, Any]]],
        environment: Environment,
    ) -> Mapping[str, Any]:
        """The table, and the plot if it is asked for."""
        rows = in_order([row for result in results for row in result])
        table = _table(plan, rows)
        outputs = {"series": _encode(plan, table, request.formats.get("series", JSON))}
        outputs |= publish_table(request.inputs.get("publish"), table, _lineage(plan), environment)
        if "plot" in request.outputs:
            outputs["plot"] = _plot(plan, rows, request)
        return outputs


def _lay_out(inputs: Mapping[str, Any], field: ProcessField, context: Context) -> SeriesPlan:
    assert field.selection is not None
    matched = match_steps(context, [field], times_of(inputs.get("datetime")), default="all")
    sources = [step.cells["field"] for step in matched.steps]
    times = tuple(step.time for step in matched.steps)
    if "points" in inputs:
        points = tuple((float(lon), float(lat)) for lon, lat in inputs["points"])
        if len(points) * len(times) > _MOST_VALUES:
            raise TooLarge(f"{len(points)} points at {len(times)} times are more than {_MOST_VALUES} values")
        part = PointSeriesPart(field=field, sources=tuple(sources), points=points, cells=len(points) * len(times))
        names = tuple(f"{lon:g},{lat:g}" for lon, lat in points)
        shapes: tuple[Geometry, ...] = tuple(shapely.Point(point) for point in points)
        return SeriesPlan(
            field=field, times=times, statistics=("value",), places=names, shapes=shapes, zones=None, parts=(part,)
        )
    statistics = tuple(inputs.get("statistics", ["mean"]))
    weights = "area" if field.variable.grid.is_geographic else "coverage"
    zonal = ZonalRequest.of(
        {"collection": field.selection.dataset.id, "variable": field.variable.id, "polygons": inputs["polygons"],
         "statistics": list(statistics), "weights": weights},
        context,
    )  # fmt: skip
    zones = plan_request(zonal, sources, most_cells=context.settings.limit.zone_cells)
    names = tuple(str(f.properties.get("name") or f.id or f.number) for f in zonal.features)
    shapes = tuple(place_of_feature(feature, zonal.crs) for feature in zonal.features)
    return SeriesPlan(
        field=field, times=times, statistics=statistics, places=names, shapes=shapes, zones=zones, parts=zones.parts
    )


def _point_rows(part: PointSeriesPart, environment: Environment) -> list[dict[str, Any]]:
    lons, lats = (np.array(each) for each in zip(*part.points, strict=True))
    rows: list[dict[str, Any]] = []
    for step, source in enumerate(part.sources):
        located = locate(source.grid, lons, lats, crs=CRS84)
        cells = AlignedCells(
            mosaic=source.mosaic, codec=source.codec,
            alignment=align(source.grid, source.grid, kernel=None, name="field"),
        )  # fmt: skip
        for number in range(len(part.points)):
            row, column = int(located.rows[number]), int(located.columns[number])
            box = CellBox(top=row, bottom=row + 1, left=column, right=column + 1)
            value = float(cells.read(box)[0, 0]) if located.inside[number] else np.nan
            rows.append({"feature": number, "step": step, "value": value if np.isfinite(value) else None})
        environment.report(100 * (step + 1) / len(part.sources), "Reading the times")
    return rows


def _table(plan: SeriesPlan, rows: Sequence[Mapping[str, Any]]) -> ResultTable:
    """A row for each place and time."""
    table = [
        {
            "place": plan.places[row["feature"]],
            "time": time.label if (time := plan.times[row["step"]]) is not None else None,
            **{name: row.get(name) for name in plan.statistics},
            "unit": plan.field.unit or "",
        }
        for row in rows
    ]
    return ResultTable(
        stem="series",
        rows=table,
        places=[plan.shapes[row["feature"]] for row in rows],
        span=span_of(plan.times),
    )


def _encode(plan: SeriesPlan, table: ResultTable, media_type: str) -> EncodedOutput:
    if media_type == CSV:
        return EncodedOutput(value=table.csv().decode(), media_type=CSV)
    series = [{name: value for name, value in row.items() if name != "unit"} for row in table.rows]
    document = {"unit": plan.field.unit, "series": series, "lineage": _lineage(plan).sentences}
    return EncodedOutput(value=document, media_type=JSON)


def _lineage(plan: SeriesPlan) -> Lineage:
    return Lineage(process="time-series", version="1.0.0", fields=(plan.field,), parameters={})


def _plot(plan: SeriesPlan, rows: Sequence[Mapping[str, Any]], request: ExecuteRequest) -> EncodedOutput:
    # matplotlib takes 2 s of a core to import: only executions that draw do
    from services.drawing.charts.series import SeriesLine, draw_series  # noqa: PLC0415

    times = [time for time in plan.times if time is not None]
    if len(times) < len(plan.times):
        raise InvalidInput("plot: the collection has no times")
    if len(plan.places) > _MOST_LINES:
        raise TooLarge(f"plot: {len(plan.places)} places are more than {_MOST_LINES} lines; leave plot out")
    years, name = years_of(times), plan.statistics[0]
    values = np.full((len(plan.places), len(times)), np.nan)
    for row in rows:
        values[row["feature"], row["step"]] = np.nan if row[name] is None else row[name]
    lines = [SeriesLine(name=place, years=years, values=own) for place, own in zip(plan.places, values, strict=True)]
    language = request.inputs.get("language", "en")
    label = field_label(plan.field, language)
    return drawn_output(draw_series(lines, label, request.formats.get("plot", SVG), language=language), request)
