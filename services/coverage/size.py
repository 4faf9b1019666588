"""The size of a coverage answer: scaling, the limit, and how to ask for less."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cog.subset import Subset
from config.errors import InvalidParameter, TooLarge

if TYPE_CHECKING:
    from cog.window import Window
    from config.grids import Grid
    from records.models import Dataset
    from services.coverage.parameters import Scaling

MAX_SCALED_EDGE = 65_536
"""Most cells along an axis of a scaled answer, unless the window itself has more."""


def subset_of(grid: Grid, window: Window, scaling: Scaling) -> Subset:
    """The window in the cells that the scaling asks for; raises InvalidParameter."""
    a, _, _, _, e, _ = grid.transform
    return Subset(
        grid=grid,
        window=window,
        width=_cells(window.width, abs(a), scaling, "x"),
        height=_cells(window.height, abs(e), scaling, "y"),
    )


def _cells(count: int, cell: float, scaling: Scaling, axis: str) -> int:
    asked: float = scaling.sizes.get(axis, count)
    if axis in scaling.factors:
        asked = count / scaling.factors[axis]
    if axis in scaling.resolutions:
        asked = count * cell / scaling.resolutions[axis]
    limit = max(MAX_SCALED_EDGE, count)
    if asked > limit + 0.5:
        name, _, value = scaling.text.partition("=")
        raise InvalidParameter(name, value, f"{asked:.10g} cells along {axis} are above {limit}")
    return max(1, math.floor(asked + 0.5))


def most_steps(subset: Subset, *, limit: int, fields: int) -> int:
    """How many times of all fields fit below the limit."""
    return limit // (subset.width * subset.height * fields)


def require_fitting(  # noqa: PLR0913 - what the message names
    subset: Subset, dataset: Dataset, *, limit: int, fields: int, steps: int, more: bool = False
) -> None:
    """Raise TooLarge, naming the size, the limit and requests that would fit, if the answer has too many cells.

    Args:
        subset: Region and size.
        dataset: Names its times.
        limit: Most cells.
        fields: Number of bands or variables.
        steps: Number of times, 1 where there are none.
        more: Whether there are more times than `steps`.
    """
    cells = subset.width * subset.height * fields * steps
    if cells <= limit:
        return
    size = f"{subset.width} x {subset.height} cells x {steps}{' or more' if more else ''} times x {fields} variables"
    raise TooLarge(
        f"the answer would have {size} = {cells} cells{' or more' if more else ''}; the limit is {limit}. "
        f"Ask for less: {', or '.join(_remedies(subset, dataset, limit=limit, fields=fields, steps=steps))}"
    )


def _remedies(subset: Subset, dataset: Dataset, *, limit: int, fields: int, steps: int) -> list[str]:
    remedies = []
    room = limit // fields
    if steps > 1 and dataset.time is not None:
        one = "" if subset.width * subset.height <= room else " (together with one of the others)"
        remedies.append(f"fewer times, such as datetime={dataset.time.last}{one}")
    if fields * steps <= limit:
        factor = _fitting_factor(subset, limit // (fields * steps))
        remedies += [
            f"fewer cells, such as scale-factor={factor:.10g}",
            _fitting_box(subset, limit // (fields * steps)),
        ]
    if fields > 1:
        remedies.append(f"fewer variables, such as properties={dataset.variables[0].id}")
    return remedies


def _fitting_factor(subset: Subset, room: int) -> float:
    """A whole scale factor, counted from the stored cells, whose answer has at most `room` cells."""
    width, height = subset.window.width, subset.window.height
    factor = max(2, math.ceil(math.sqrt(width * height / room)))
    while math.floor(width / factor + 0.5) * math.floor(height / factor + 0.5) > room:
        factor += 1
    return factor


def _fitting_box(subset: Subset, room: int) -> str:
    """A box around the middle of the window whose cells, unscaled, are at most `room`."""
    window = subset.window
    width = max(1, min(window.width, math.floor(math.sqrt(room * window.width / window.height))))
    height = max(1, min(window.height, room // width))
    middle = replace(
        window,
        column=window.column + (window.width - width) // 2,
        row=window.row + (window.height - height) // 2,
        width=width,
        height=height,
    )
    west, south, east, north = (f"{v:.10g}" for v in middle.grid(subset.grid).bounds)
    if subset.grid.is_geographic:
        return f"a smaller region, such as bbox={west},{south},{east},{north}"
    return f"a smaller region, such as subset=x({west}:{east}),y({south}:{north})"
