"""The process `air-sea-co2-flux`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from services.processes.carbon_flux.description import TEXTS
from services.processes.carbon_flux.question import FluxQuestion
from services.processes.carbon_flux.work import compute_part, plan_flux, summarise
from services.processes.maps.answers import answer_maps
from services.processes.maps.publication import require_publishable
from services.processes.protocol import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.carbon_flux.work import FluxPart, FluxPlan, FluxResult
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context


class CarbonFlux:
    """The flux of CO2 between sea and air as maps."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int:
        """The fields are there, readable and in known units, on grids and at times that fit, and not too many."""
        plan = plan_flux(FluxQuestion.of(request, context), context)
        require_publishable(request.inputs.get("publish"), context)
        return cells_of(plan)

    def plan(self, request: ExecuteRequest, environment: Environment) -> FluxPlan:
        """A part for each time."""
        environment.report(0, "Finding the fields")
        return plan_flux(FluxQuestion.of(request, environment.context), environment.context)

    def part(self, part: FluxPart, environment: Environment) -> FluxResult:
        """Write the maps of one time."""
        return compute_part(part, environment)

    def combine(
        self, request: ExecuteRequest, plan: FluxPlan, results: Sequence[FluxResult], environment: Environment
    ) -> Mapping[str, Any]:
        """Publish the maps, or answer links to them, and what they add up to."""
        question = plan.question
        maps = [each for result in results for each in result.maps]
        outputs = answer_maps(
            maps,
            question.quantities,
            plan.grid,
            publish=request.inputs.get("publish"),
            lineage=question.lineage,
            environment=environment,
            request=request,
        )
        return {**outputs, "summary": summarise(plan, list(results))}
