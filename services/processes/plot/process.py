"""The process `plot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from config.vocabulary import PNG
from services.processes.plot.description import TEXTS
from services.processes.plot.question import coloring_of, plan_plot
from services.processes.plot.reading import read_map, read_place, read_section
from services.processes.protocol import EncodedOutput, cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from services.processes.plot.question import PlotPart, PlotPlan
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context


class Plot:
    """A picture of a field."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int:
        """The field, its times and the place are there, and not too much is read."""
        return cells_of(plan_plot(request.inputs, context))

    def plan(self, request: ExecuteRequest, environment: Environment) -> PlotPlan:
        """Parts of some times each."""
        return plan_plot(request.inputs, environment.context)

    def part(self, part: PlotPart, environment: Environment) -> NDArray[np.float64]:
        """Read the values of a part."""
        if part.grid is not None:
            return read_map(environment.context, part.field, part.steps[0][0].time, part.grid)
        assert part.place is not None
        if part.place.along == "distance" and len(part.steps[0]) > 1:
            return read_section(part)
        return read_place(part, lambda percent: environment.report(percent, "Reading the times"))

    def combine(
        self,
        request: ExecuteRequest,
        plan: PlotPlan,
        results: Sequence[NDArray[np.float64]],
        environment: Environment,
    ) -> Mapping[str, Any]:
        """Draw."""
        # matplotlib takes 2 s of a core to import: only executions that draw do
        from services.processes.plot.drawing import draw_plot  # noqa: PLC0415

        environment.report(90, "Drawing")
        media_type = request.formats.get("picture", PNG)
        values = np.concatenate(results)
        drawn = draw_plot(plan, values, coloring_of(request.inputs, plan.field), request.inputs, media_type)
        return {"picture": EncodedOutput(value=drawn if media_type == PNG else drawn.decode(), media_type=media_type)}
