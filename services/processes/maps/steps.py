"""Maps of one time each, computed cell by cell from fields at that time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from services.processes.fields.region import aligned_cells, boxes_of, kernel_of, region_of, require_cells
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.process import MapResult
from services.processes.maps.writer import MapWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from cog.reading.aligned import AlignedCells
    from cog.reading.separable import Kernel
    from cog.sources.models import TimeStep
    from config.grids import Grid
    from services.processes.fields.field import ProcessField
    from services.processes.maps.quantity import MapQuantity
    from services.processes.protocol import Environment
    from services.web.context import Context

Values = dict[str, "NDArray[np.float64]"]
"""Values of a box by the name of a field, or by the id of a quantity."""


@dataclass(frozen=True, kw_only=True)
class StepPart:
    """One time.

    Attributes:
        time: The time; None where the fields have none.
        grid: The grid of the maps.
        read: The fields that are read, on the grid and in their units.
        constants: The fields that are numbers.
        quantities: The maps to write.
        formula: What is computed, for processes that need to know.
        cells: Cells that are read.
    """

    time: TimeStep | None
    grid: Grid
    read: Mapping[str, AlignedCells]
    constants: Mapping[str, float]
    quantities: tuple[MapQuantity, ...]
    formula: str = ""
    cells: int


@dataclass(frozen=True, kw_only=True)
class StepLayout:
    """The parts of some times on one grid, and the labels of times that a field does not have."""

    grid: Grid
    parts: tuple[StepPart, ...]
    skipped: tuple[str, ...]


def lay_out_steps(
    context: Context,
    fields: Sequence[ProcessField],
    inputs: Mapping[str, Any],
    quantities: tuple[MapQuantity, ...],
    *,
    grid: Grid | None = None,
    kernel: Kernel | None = None,
    formula: str = "",
) -> StepLayout:
    """A part for each time of the first field; raises as `match_steps`, `region_of`, `aligned_cells`, or TooLarge.

    Args:
        context: Has the catalogue and the limits.
        fields: The fields; the first that is read leads.
        inputs: `datetime`, `bbox` and `resample`.
        quantities: The maps to write.
        grid: The grid of the maps; None: that of the leading field in the box.
        kernel: The resampling of other grids; None: as `resample` says.
        formula: Handed to the parts.
    """
    matched = match_steps(context, fields, times_of(inputs.get("datetime")))
    read = [field for field in fields if field.selection is not None]
    if grid is None:
        grid = region_of(matched.steps[0].cells[read[0].name].grid, inputs.get("bbox"))
    cells = require_cells(grid, len(matched.steps), fields=len(read), most=context.settings.limit.process_cells)
    parts = tuple(
        StepPart(
            time=step.time,
            grid=grid,
            read=aligned_cells(step, fields, grid, kernel=kernel or kernel_of(inputs)),
            constants={field.name: field.constant for field in fields if field.constant is not None},
            quantities=quantities,
            formula=formula,
            cells=cells // len(matched.steps),
        )
        for step in matched.steps
    )
    return StepLayout(grid=grid, parts=parts, skipped=matched.skipped)


def compute_step(part: StepPart, environment: Environment, compute: Callable[[Values], Values]) -> MapResult:
    """Compute the maps of one time box by box; `compute` turns values of fields into values of quantities."""
    done, count, valid = 0, part.grid.width * part.grid.height, 0
    with MapWriter.open(environment.staging, part.grid, part.quantities) as writer:
        for box in boxes_of(part.grid):
            values: Values = {name: cells.read(box) for name, cells in part.read.items()}
            values |= {name: np.full((box.rows, box.columns), number) for name, number in part.constants.items()}
            made = compute(values)
            for quantity in part.quantities:
                writer.put(quantity.id, box, made[quantity.id])
                valid += int(np.isfinite(made[quantity.id]).sum())
            done += box.cells
            environment.report(90 * done / count, "Computing")
        maps = writer.finish(part.time)
    time = {} if part.time is None else {"time": part.time.label}
    return MapResult(maps=maps, summary={**time, "valid": valid})
