"""The process `composite`: statistics of calendar periods, climatologies and anomalies, as maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.science.reducers import Reducer
from config.errors import GranuleNotFound, InvalidInput
from services.processes.composite.description import ANOMALY, CLIMATOLOGIES, TEXTS
from services.processes.composite.periods import (
    CompositePart,
    WeightedStep,
    by_part_of_year,
    by_period,
    length,
    minimum,
    quantities,
)
from services.processes.fields.field import field_of
from services.processes.fields.region import aligned_cells, boxes_of, region_of, require_cells
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.process import MapPlan, MapProcess, MapResult
from services.processes.maps.publication import Lineage
from services.processes.maps.writer import MapWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.grids.lattice import CellBox
    from cog.science.reducers import MeanOf, Statistic
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_EDGE: Final = 1024
_SMALLEST: Final = 64
_KEPT_VALUES: Final = 64_000_000
"""Values that a median keeps at a time."""


class Composite(MapProcess[CompositePart]):
    """Statistics of calendar periods."""

    texts = TEXTS

    def lay_out(self, request: ExecuteRequest, context: Context) -> MapPlan[CompositePart]:
        """Find the times, and lay out a part for each period."""
        inputs = request.inputs
        field = field_of("field", inputs["field"], context)
        matched = match_steps(context, [field], times_of(inputs.get("datetime")), default="all")
        grid = region_of(matched.steps[0].cells["field"].grid, inputs.get("bbox"))
        if matched.steps[0].time is None:
            raise InvalidInput("field: the collection has no times")
        require_cells(grid, len(matched.steps), fields=1, most=context.settings.limit.process_cells)
        is_climatology = inputs["period"] in CLIMATOLOGIES
        steps = [
            WeightedStep(time=step.time, cells=cells["field"], weight=length(step.time))
            for step in matched.steps
            if step.time is not None
            for cells in [aligned_cells(step, [field], grid, kernel=None)]
        ]
        groups = by_part_of_year(steps, inputs) if is_climatology else by_period(steps, inputs)
        if not groups:
            raise GranuleNotFound(
                f"no {inputs['period']} is covered by the {len(steps)} times; give incomplete as keep, or more times"
            )
        statistics: tuple[Statistic, ...] = tuple(inputs.get("statistics", ["mean"]))
        is_anomaly = inputs["period"] == ANOMALY
        quantities_ = quantities(field.variable, field.unit, statistics, inputs)
        parts = tuple(
            CompositePart(
                time=time,
                grid=grid,
                steps=tuple(members),
                minimum=minimum(inputs, len(members)),
                mean_of=inputs.get("mean_of", "value"),
                quantities=quantities_,
                statistics=("mean",) if is_anomaly else statistics,
                is_anomaly=is_anomaly,
                cells=grid.width * grid.height * len(members),
            )
            for time, members in groups
        )
        parameters = {name: value for name, value in inputs.items() if name not in ("field", "publish")}
        lineage = Lineage(process="composite", version="1.0.0", fields=(field,), parameters=parameters)
        return MapPlan(grid=grid, quantities=quantities_, lineage=lineage, parts=parts)

    def part(self, part: CompositePart, environment: Environment) -> MapResult:
        """Compute one period."""
        return _anomalies(part, environment) if part.is_anomaly else _composite(part, environment)


def _boxes(part: CompositePart) -> list[CellBox]:
    edge = _EDGE
    while "median" in part.statistics and edge > _SMALLEST and edge * edge * len(part.steps) > _KEPT_VALUES:
        edge //= 2
    return list(boxes_of(part.grid, edge=edge))


def _reduced(part: CompositePart, box: CellBox) -> Reducer:
    reducer = Reducer((box.rows, box.columns), part.statistics, mean_of=part.mean_of)
    for step in part.steps:
        if step.in_reference:
            reducer.add(step.cells.read(box), step.weight)
    return reducer


def _composite(part: CompositePart, environment: Environment) -> MapResult:
    boxes = _boxes(part)
    with MapWriter.open(environment.staging, part.grid, part.quantities) as writer:
        for number, box in enumerate(boxes):
            reducer = _reduced(part, box)
            for quantity, statistic in zip(part.quantities, part.statistics, strict=True):
                writer.put(quantity.id, box, reducer.result(statistic, minimum=part.minimum))
            environment.report(90 * (number + 1) / len(boxes), "Computing statistics")
        maps = writer.finish(part.time)
    return MapResult(maps=maps, summary={**_times(part), "steps": len(part.steps)})


def _anomalies(part: CompositePart, environment: Environment) -> MapResult:
    """The times of a month less its climatology, one after the other."""
    means = np.full((part.grid.height, part.grid.width), np.nan, dtype="float64")
    boxes = _boxes(part)
    for box in boxes:
        means[box.slices] = _reduced(part, box).result("mean", minimum=part.minimum)
    [quantity] = part.quantities
    maps = []
    for number, step in enumerate(part.steps):
        with MapWriter.open(environment.staging, part.grid, part.quantities) as writer:
            for box in boxes:
                writer.put(quantity.id, box, _departure(step.cells.read(box), means[box.slices], part.mean_of))
            maps += writer.finish(step.time)
        environment.report(100 * (number + 1) / len(part.steps), "Computing anomalies")
    reference = sum(step.in_reference for step in part.steps)
    return MapResult(maps=maps, summary={**_times(part), "steps": len(part.steps), "reference_steps": reference})


def _departure(values: NDArray[np.float64], mean: NDArray[np.float64], mean_of: MeanOf) -> NDArray[np.float64]:
    """A difference; of logarithms a ratio."""
    if mean_of == "value":
        return values - mean
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(values > 0, values / mean, np.nan)


def _times(part: CompositePart) -> dict[str, Any]:
    return {"time": part.time.label, "start": part.time.start, "end": part.time.end}
