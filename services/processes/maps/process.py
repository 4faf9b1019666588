"""What processes that make maps have in common: they plan, write maps by parts, and answer links or publish."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from services.processes.describing import ProcessTexts
from services.processes.maps.answers import answer_maps
from services.processes.maps.publication import require_publishable
from services.processes.protocol import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.grids import Grid
    from services.processes.maps.publication import Lineage
    from services.processes.maps.quantity import MapQuantity
    from services.processes.maps.writer import StagedMap
    from services.processes.protocol import Environment, ExecutionPart
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class MapPlan[P: ExecutionPart]:
    """A request for maps and its parts.

    Attributes:
        grid: The grid of the maps.
        quantities: The quantities of the maps.
        lineage: What they are computed from, and how.
        parts: The parts.
        skipped: Labels of times that are left out.
        facts: Further members of the summary.
    """

    grid: Grid
    quantities: tuple[MapQuantity, ...]
    lineage: Lineage
    parts: tuple[P, ...]
    skipped: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MapResult:
    """The maps of a part, and what it says of them in the summary."""

    maps: list[StagedMap]
    summary: dict[str, Any] = field(default_factory=dict)


class MapProcess[P: ExecutionPart](ABC):
    """A process whose outputs are maps, each by the id of its quantity, and a `summary`."""

    texts: ClassVar[ProcessTexts]

    @property
    def description(self) -> Mapping[str, Any]:
        """The process description."""
        return self.texts.english

    @property
    def chinese(self) -> Mapping[str, tuple[str, str]]:
        """Its texts in Chinese."""
        return self.texts.chinese

    @abstractmethod
    def lay_out(self, request: ExecuteRequest, context: Context) -> MapPlan[P]:
        """Plan a request; raises GraticuleErrors for what cannot be computed."""

    @abstractmethod
    def part(self, part: P, environment: Environment) -> MapResult:
        """Write the maps of one part."""

    def require(self, request: ExecuteRequest, context: Context) -> int:
        """Refuse what cannot be computed or published."""
        plan = self.lay_out(request, context)
        require_publishable(request.inputs.get("publish"), context)
        return cells_of(plan)

    def plan(self, request: ExecuteRequest, environment: Environment) -> MapPlan[P]:
        """Plan a request."""
        environment.report(0, "Finding the data")
        return self.lay_out(request, environment.context)

    def combine(
        self, request: ExecuteRequest, plan: MapPlan[P], results: Sequence[MapResult], environment: Environment
    ) -> Mapping[str, Any]:
        """Publish the maps, or answer links to them, with a summary."""
        maps = [each for result in results for each in result.maps]
        outputs = answer_maps(
            maps,
            plan.quantities,
            plan.grid,
            publish=request.inputs.get("publish"),
            lineage=plan.lineage,
            environment=environment,
            request=request,
        )
        summary = {
            "times": [result.summary for result in results if result.summary],
            "skipped": list(plan.skipped),
            "grid": plan.grid.to_json(),
            "lineage": plan.lineage.sentences,
            **plan.facts,
        }
        return {**outputs, "summary": summary}
