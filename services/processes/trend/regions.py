"""Trends of the means of regions: area means at each time, then one series a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.science.trends.analysis import analyse
from config.vocabulary import CSV, GEOJSON, JSON
from services.processes.fields.steps import match_steps, time_step, times_of
from services.processes.protocol import EncodedOutput
from services.processes.tables.publication import ResultTable, place_of_feature, span_of
from services.processes.trend.maps import SLOPES, lineage_of
from services.processes.trend.question import method_of, months_of, years_of
from services.processes.zonal.plan import ZonalPlan, plan_request
from services.processes.zonal.rows import in_order
from services.processes.zonal.zonal_request import ZonalRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.science.trends.analysis import TrendMethod
    from cog.sources.models import TimeStep
    from services.processes.fields.field import ProcessField
    from services.processes.maps.publication import Lineage
    from services.processes.zonal.rows import Row, ZonalPart
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class RegionsPlan:
    """A request for a table of trends: zonal means, and what is made of them."""

    zones: ZonalPlan
    times: tuple[TimeStep, ...]
    method: TrendMethod
    factor: float
    unit: str
    lineage: Lineage

    @property
    def parts(self) -> tuple[ZonalPart, ...]:
        """The parts of the zonal means."""
        return self.zones.parts


def lay_out_regions(inputs: Mapping[str, Any], field: ProcessField, context: Context) -> RegionsPlan:
    """Plan a table of trends of polygons."""
    assert field.selection is not None
    dataset, variable = field.selection.dataset, field.variable
    weights = "area" if variable.grid.is_geographic else "coverage"
    zonal = ZonalRequest.of(
        {"collection": dataset.id, "polygons": inputs["polygons"], "statistics": ["mean"], "weights": weights,
         "variable": variable.id},
        context,
    )  # fmt: skip
    matched = match_steps(context, [field], times_of(inputs.get("datetime")), default="all")
    sources = [step.cells["field"] for step in matched.steps]
    times = [time for source in sources if (time := time_step(source)) is not None]
    method = method_of(inputs, len(times))
    return RegionsPlan(
        zones=plan_request(zonal, sources, most_cells=context.settings.limit.zone_cells),
        times=tuple(times),
        method=method,
        factor=10.0 if inputs.get("per") == "decade" else 1.0,
        unit=f"{field.unit or '1'} {'decade' if inputs.get('per') == 'decade' else 'year'}-1",
        lineage=lineage_of(inputs, [field], method),
    )


def table_of_regions(plan: RegionsPlan, results: Sequence[list[Row]]) -> RegionsTable:
    """The trends of the means of the regions."""
    rows = in_order([row for result in results for row in result])
    features = plan.zones.request.features
    values = np.full((len(plan.times), len(features)), np.nan)
    for row in rows:
        values[row["step"], row["feature"]] = np.nan if row["mean"] is None else row["mean"]
    trends = analyse(years_of(plan.times), values, months_of(plan.times), plan.method)
    table = []
    for number, feature in enumerate(features):
        own = {name: _number(result[number]) for name, result in trends.items()}
        for name in SLOPES & own.keys():
            own[name] = None if own[name] is None else own[name] * plan.factor
        name = str(feature.properties.get("name") or feature.id or number)
        table.append({"region": name, "unit": plan.unit, **own, "significant": bool(own["significant"])})
    return RegionsTable(plan=plan, rows=table, means=values)


@dataclass(frozen=True, kw_only=True)
class RegionsTable:
    """The trends of regions.

    Attributes:
        plan: The request.
        rows: One for each region.
        means: (time, region) means by area.
    """

    plan: RegionsPlan
    rows: list[dict[str, Any]]
    means: NDArray[np.float64]

    @property
    def published(self) -> ResultTable:
        """The table as it is published."""
        zones = self.plan.zones.request
        return ResultTable(
            stem="regions",
            rows=self.rows,
            places=[place_of_feature(feature, zones.crs) for feature in zones.features],
            span=span_of(self.plan.times),
        )

    def encode(self, media_type: str) -> EncodedOutput:
        """The table as JSON with the means, as CSV, or as GeoJSON with the regions."""
        if media_type == CSV:
            return EncodedOutput(value=self.published.csv().decode(), media_type=CSV)
        document = {"method": vars(self.plan.method), "lineage": self.plan.lineage.sentences}
        if media_type == GEOJSON:
            return EncodedOutput(value=self.published.geojson() | document, media_type=GEOJSON)
        series = [
            {"time": time.label, "means": [_number(each) for each in self.means[number]]}
            for number, time in enumerate(self.plan.times)
        ]
        return EncodedOutput(value={"regions": self.rows, "series": series} | document, media_type=JSON)


def _number(value: Any) -> Any:
    return float(value) if np.isfinite(value) else None
