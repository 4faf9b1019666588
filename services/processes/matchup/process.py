"""The process `match-up`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import shapely

from config.errors import InvalidInput
from config.vocabulary import CSV, GEOJSON, JSON, NETCDF, SVG, TSV
from services.processes.fields.field import ProcessField, field_of
from services.processes.maps.publication import Lineage
from services.processes.matchup.description import TEXTS
from services.processes.matchup.netcdf_points import points_of_netcdf, write_pairs
from services.processes.matchup.points import points_of_features, points_of_table
from services.processes.matchup.work import (
    MatchOptions,
    MatchPart,
    match_points,
    pairs_of,
    sources_around,
    statistics_of,
)
from services.processes.plotting import drawn_output, field_label
from services.processes.protocol import EncodedOutput
from services.processes.tables.publication import ResultTable, publish_table, require_publishable_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.matchup.points import Point
    from services.processes.matchup.work import MatchedPairs, PointMatch
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_BULKY: Final = ("points", "features", "netcdf", "field")
"""Inputs that the lineage does not repeat."""


@dataclass(frozen=True, kw_only=True)
class MatchPlan:
    """A request and its one part."""

    field: ProcessField
    parts: tuple[MatchPart, ...]


class MatchUp:
    """Measurements at points against a collection."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """The variable is there, and the table can be read; what is referred to is read later."""
        _field(request, context)
        require_publishable_table(request.inputs.get("publish"), context)
        if "href" not in request.inputs.get("features", {}):
            _points(request.inputs)

    def plan(self, request: ExecuteRequest, environment: Environment) -> MatchPlan:
        """One part with all points."""
        environment.report(0, "Reading the points")
        field, points = _field(request, environment.context), _points(request.inputs)
        part = MatchPart(
            points=tuple(points),
            sources=tuple(sources_around(environment.context, field)),
            options=MatchOptions.of(request.inputs),
            cells=len(points),
        )
        return MatchPlan(field=field, parts=(part,))

    def part(self, part: MatchPart, environment: Environment) -> list[PointMatch]:
        """Pair the points."""
        return match_points(part, lambda percent: environment.report(percent, "Reading cells"))

    def combine(
        self, request: ExecuteRequest, plan: MatchPlan, results: Sequence[list[PointMatch]], environment: Environment
    ) -> Mapping[str, Any]:
        """The outputs that are asked for."""
        inputs, [matches] = request.inputs, results
        by_cell = inputs.get("reduce") == "cell-mean"
        pairs = pairs_of(matches, unit=inputs.get("value_unit"), field=plan.field, by_cell=by_cell)
        statistics = statistics_of(matches, pairs, scale=inputs.get("scale", "linear"))
        statistics |= {"unit": plan.field.unit, "field": plan.field.words}
        outputs: dict[str, Any] = {"statistics": statistics}
        if "pairs" in request.outputs:
            outputs["pairs"] = _table(matches, request.formats.get("pairs", CSV), plan.field, inputs.get("value_unit"))
        outputs |= publish_table(inputs.get("publish"), _published(matches), _lineage(inputs, plan.field), environment)
        if "plot" in request.outputs and len(pairs.measured) > 1:
            outputs["plot"] = _plot(request, plan.field, pairs, statistics)
        return outputs


def _field(request: ExecuteRequest, context: Context) -> ProcessField:
    if sum(name in request.inputs for name in ("points", "features", "netcdf")) != 1:
        raise InvalidInput("give points, a table as text, or features, GeoJSON points, or netcdf; one of them")
    return field_of("field", request.inputs["field"], context)


def _points(inputs: Mapping[str, Any]) -> list[Point]:
    if "points" in inputs:
        return points_of_table(inputs["points"], inputs["columns"])
    if "netcdf" in inputs:
        return points_of_netcdf(inputs["netcdf"], inputs["columns"])
    return points_of_features(inputs["features"], inputs["columns"])


def _lineage(inputs: Mapping[str, Any], field: ProcessField) -> Lineage:
    parameters = {
        name: value for name, value in inputs.items() if name not in (*_BULKY, "publish", "plots", "language")
    }
    return Lineage(process="match-up", version="1.0.0", fields=(field,), parameters=parameters)


def _published(matches: Sequence[PointMatch]) -> ResultTable:
    """The table as it is published: every point, at its place."""
    keys = [match.point.key for match in matches]
    return ResultTable(
        stem="pairs",
        rows=[_row(match) for match in matches],
        places=[shapely.Point(match.point.lon, match.point.lat) for match in matches],
        span=(min(keys), max(keys)),
    )


def _table(
    matches: Sequence[PointMatch], media_type: str, field: ProcessField, measured_unit: str | None
) -> EncodedOutput:
    """Every point with its value, or the reason why it has none."""
    rows = [_row(match) for match in matches]
    if media_type in (CSV, TSV):
        body = _published(matches).csv(delimiter="," if media_type == CSV else "\t")
        return EncodedOutput(value=body.decode(), media_type=media_type)
    if media_type == NETCDF:
        unit = field.unit
        body = write_pairs(rows, unit=unit, measured_unit=measured_unit or unit, field=field.words)
        return EncodedOutput(value=body, media_type=NETCDF)
    if media_type == GEOJSON:
        return EncodedOutput(value=_published(matches).geojson(without=("lon", "lat")), media_type=GEOJSON)
    return EncodedOutput(value={"pairs": rows}, media_type=JSON)


def _row(match: PointMatch) -> dict[str, Any]:
    point, there = match.point, not match.reason
    lon, lat = match.cell if there and match.cell else (None, None)
    return {
        "row": point.row,
        "id": point.id or None,
        "lon": point.lon,
        "lat": point.lat,
        "time": point.time,
        "measured": point.value if math.isfinite(point.value) else None,
        "value": match.value if there else None,
        "value_time": match.time if there else None,
        "hours": match.hours if there else None,
        "cell_lon": lon,
        "cell_lat": lat,
        "cells": match.count,
        "cv": match.cv,
        "refused": match.reason or None,
    }


def _plot(
    request: ExecuteRequest, field: ProcessField, pairs: MatchedPairs, statistics: Mapping[str, Any]
) -> EncodedOutput:
    # matplotlib takes 2 s of a core to import: only executions that draw do
    from services.drawing.charts.labels import LABELS  # noqa: PLC0415
    from services.drawing.charts.pairs import PairChart, draw_pairs  # noqa: PLC0415

    language = request.inputs.get("language", "en")
    unit = f" ({field.unit})" if field.unit else ""
    is_log = request.inputs.get("scale") == "log10"
    kept = (pairs.measured > 0) & (pairs.estimated > 0) if is_log else slice(None)
    chart = PairChart(
        measured=pairs.measured[kept],
        estimated=pairs.estimated[kept],
        lon=pairs.lon[kept],
        lat=pairs.lat[kept],
        days=pairs.days[kept],
        statistics=statistics,
        measured_label=LABELS.text("measured", language) + unit,
        estimated_label=field_label(field, language),
        is_log=is_log,
        language=language,
    )
    panels = request.inputs.get("plots", ["scatter"])
    return drawn_output(draw_pairs(chart, panels, request.formats.get("plot", SVG)), request)
