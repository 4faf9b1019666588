"""The process `zonal-statistics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from services.processes.protocol import cells_of
from services.processes.zonal.answers import encode_answer
from services.processes.zonal.chinese import CHINESE
from services.processes.zonal.description import DESCRIPTION
from services.processes.zonal.plan import ZonalPlan, plan_request
from services.processes.zonal.rows import compute_rows, in_order
from services.processes.zonal.zonal_request import ZonalRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.processes.zonal.rows import Row, ZonalPart
    from services.web.context import Context

_FEW: Final = 100


class ZonalStatistics:
    """Statistics of a variable in polygons."""

    description: ClassVar[Mapping[str, Any]] = DESCRIPTION
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = CHINESE

    def require(self, request: ExecuteRequest, context: Context) -> int | None:
        """The collection is there and readable, and the statistics and weights are those of its variable.

        Of few polygons by value the cells are counted too; to place many takes too long here.
        """
        question = ZonalRequest.of(request.inputs, context)
        if "href" in request.inputs["polygons"] or len(question.features) > _FEW:
            return None
        sources = question.sources(context)
        return cells_of(plan_request(question, sources, most_cells=context.settings.limit.zone_cells))

    def plan(self, request: ExecuteRequest, environment: Environment) -> ZonalPlan:
        """Find the cells of each time, place the polygons on them, and cut the work into parts."""
        environment.report(0, "Reading the polygons")
        context = environment.context
        question = ZonalRequest.of(request.inputs, context)
        return plan_request(question, question.sources(context), most_cells=context.settings.limit.zone_cells)

    def part(self, part: ZonalPart, environment: Environment) -> list[Row]:
        """Compute the rows of some polygons at some times."""
        done = 0

        def advance(cells: int) -> None:
            nonlocal done
            done += cells
            percent = min(99.0, 100 * done / max(1, part.cells))
            environment.report(percent, f"{done} of about {part.cells} cells are done")

        return compute_rows(part, advance)

    def combine(
        self, request: ExecuteRequest, plan: ZonalPlan, results: Sequence[list[Row]], environment: Environment
    ) -> Mapping[str, Any]:
        """Answer with the rows of all parts."""
        del environment
        rows = in_order([row for result in results for row in result])
        return {"statistics": encode_answer(plan, rows, request.formats["statistics"])}
