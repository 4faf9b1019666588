"""The process `trend`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from config.vocabulary import JSON
from services.processes.fields.field import field_of
from services.processes.maps.answers import answer_maps
from services.processes.maps.publication import require_publishable
from services.processes.protocol import cells_of
from services.processes.tables.publication import publish_table, require_publishable_table
from services.processes.trend.description import TEXTS
from services.processes.trend.maps import TrendPart, compute_strip, join_strips, lay_out_maps
from services.processes.trend.regions import RegionsPlan, lay_out_regions, table_of_regions
from services.processes.zonal.rows import compute_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.maps.process import MapPlan
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.processes.zonal.rows import ZonalPart
    from services.web.context import Context

    type TrendPlan = MapPlan[TrendPart] | RegionsPlan


class Trend:
    """Trends as maps, or of regions as a table."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int:
        """The variable is there, its times are enough and not too many, and the method makes sense."""
        plan = _lay_out(request, context)
        require = require_publishable_table if isinstance(plan, RegionsPlan) else require_publishable
        require(request.inputs.get("publish"), context)
        return cells_of(plan)

    def plan(self, request: ExecuteRequest, environment: Environment) -> TrendPlan:
        """Strips of rows over all times; or zonal means."""
        return _lay_out(request, environment.context)

    def part(self, part: TrendPart | ZonalPart, environment: Environment) -> Any:
        """Compute a strip, or the means of some polygons."""
        if isinstance(part, TrendPart):
            return compute_strip(part, environment)
        return compute_rows(part, lambda _: environment.report(50, "Computing the means of regions"))

    def combine(
        self, request: ExecuteRequest, plan: TrendPlan, results: Sequence[Any], environment: Environment
    ) -> Mapping[str, Any]:
        """Put strips together as maps, or make the table of regions."""
        publish = request.inputs.get("publish")
        if isinstance(plan, RegionsPlan):
            table = table_of_regions(plan, results)
            form = request.formats.get("regions", JSON)
            publication = publish_table(publish, table.published, plan.lineage, environment)
            return {"regions": table.encode(form), **publication}
        joined = join_strips(plan, results, environment)
        outputs = answer_maps(
            [each for result in joined for each in result.maps],
            plan.quantities,
            plan.grid,
            publish=publish,
            lineage=plan.lineage,
            environment=environment,
            request=request,
        )
        facts = {name: value for name, value in plan.facts.items() if name != "time"}
        summary = {**facts, "grid": plan.grid.to_json(), "lineage": plan.lineage.sentences}
        return {**outputs, "summary": summary}


def _lay_out(request: ExecuteRequest, context: Context) -> TrendPlan:
    field = field_of("field", request.inputs["field"], context)
    if "polygons" in request.inputs:
        return lay_out_regions(request.inputs, field, context)
    return lay_out_maps(request, field, context)
