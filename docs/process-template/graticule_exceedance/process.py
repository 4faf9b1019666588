"""The process `exceedance`. A part takes all times over a strip of rows; the strips become one map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from services.processes.describing import (
    FIELD,
    NUMBER,
    PERIOD_OF_TIMES,
    PUBLICATION,
    REGION,
    DescribedInput,
    DescribedOutput,
    describe,
    maps_output,
)
from services.processes.fields.field import field_of
from services.processes.fields.region import aligned_cells, boxes_of, region_of, require_cells
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.process import MapPlan, MapProcess, MapResult
from services.processes.maps.publication import Lineage
from services.processes.maps.quantity import MapQuantity
from services.processes.maps.writer import MapWriter

if TYPE_CHECKING:
    from cog.grids.lattice import CellBox
    from cog.reading.aligned import AlignedCells
    from config.grids import Grid
    from services.processes.describing import ProcessTexts
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

QUANTITY = MapQuantity(
    id="exceedance",
    title={"en": "Share of times above the threshold", "zh": "超过阈值的时次比例"},
    unit="1",
    colormap="viridis",
)
TEXTS = describe(
    "exceedance",
    ("Exceedance", "超阈值比例"),
    ("The share of its times with data in which a variable exceeds a threshold.", "变量在有值时次中超过阈值的比例。"),
    inputs={
        "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
        "threshold": DescribedInput(
            title=("Threshold", "阈值"),
            text=("In the unit of the variable.", "以变量的单位计。"),
            schema=NUMBER,
            needed=True,
        ),
        "datetime": PERIOD_OF_TIMES,
        "bbox": REGION,
        "publish": PUBLICATION,
    },
    outputs={
        "exceedance": maps_output(("Exceedance", "超阈值比例"), ("The map.", "图。")),
        "summary": DescribedOutput(
            title=("Summary", "概要"), text=("Lineage and grid.", "来历与格网。"), schema={"type": "object"}
        ),
    },
)


@dataclass(frozen=True, kw_only=True)
class ExceedancePart:
    """The cells of every time, and the threshold. It is small, and can be pickled: cells are read where it runs."""

    times: tuple[AlignedCells, ...]
    threshold: float
    grid: Grid
    cells: int


class Exceedance(MapProcess[ExceedancePart]):
    """How often a variable exceeds a threshold."""

    texts: ClassVar[ProcessTexts] = TEXTS

    def lay_out(self, request: ExecuteRequest, context: Context) -> MapPlan[ExceedancePart]:
        """Find the field and its times; raise an error of `config.errors` for what cannot be computed."""
        inputs: dict[str, Any] = request.inputs
        field = field_of("field", inputs["field"], context)
        steps = match_steps(context, [field], times_of(inputs.get("datetime")), default="all").steps
        grid = region_of(steps[0].cells["field"].grid, inputs.get("bbox"))
        cells = require_cells(grid, len(steps), fields=1, most=context.settings.limit.process_cells)
        times = tuple(aligned_cells(step, [field], grid, kernel=None)["field"] for step in steps)
        part = ExceedancePart(times=times, threshold=float(inputs["threshold"]), grid=grid, cells=cells)
        parameters = {name: inputs[name] for name in ("threshold", "datetime") if name in inputs}
        lineage = Lineage(process="exceedance", version="1.0.0", fields=(field,), parameters=parameters)
        return MapPlan(grid=grid, quantities=(QUANTITY,), lineage=lineage, parts=(part,))

    def part(self, part: ExceedancePart, environment: Environment) -> MapResult:
        """Count box by box: blocks of (row, column) values, NaN where there are no data."""
        with MapWriter.open(environment.staging, part.grid, (QUANTITY,)) as writer:
            for box in boxes_of(part.grid):
                writer.put(QUANTITY.id, box, _share(part, box))
            environment.report(90, "Writing the map")
            return MapResult(maps=writer.finish(None))


def _share(part: ExceedancePart, box: CellBox) -> Any:
    above, count = np.zeros((box.rows, box.columns)), np.zeros((box.rows, box.columns))
    for cells in part.times:
        values = cells.read(box)
        above += values > part.threshold
        count += np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return above / count
