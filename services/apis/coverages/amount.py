"""The amount of cells of a coverage: the limit, and how to ask for less."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config.errors import TooLarge

if TYPE_CHECKING:
    from records.datasets.models import Dataset
    from services.selection.region import CoveragePlace


@dataclass(frozen=True, kw_only=True)
class Amount:
    """The amount of cells of an answer.

    Attributes:
        place: Its region.
        fields: Number of bands of all its variables.
        layers: Levels times members, 1 where there are none.
        limit: Most cells that it may have.
    """

    place: CoveragePlace
    fields: int
    layers: int
    limit: int

    @property
    def plane(self) -> int:
        """Cells of one time."""
        return self.place.region.width * self.place.region.height * self.fields * self.layers

    @property
    def most_steps(self) -> int:
        """Number of times that fit below the limit."""
        return self.limit // self.plane

    def require_fitting(self, dataset: Dataset, *, steps: int, more: bool = False) -> None:
        """Raise TooLarge, naming the size, the limit and requests that would fit, if the answer has too many cells.

        Args:
            dataset: Names its times and variables.
            steps: Number of times, 1 where there are none.
            more: Whether there are more times than `steps`.
        """
        cells = self.plane * steps
        if cells <= self.limit:
            return
        region, beyond = self.place.region, " or more" if more else ""
        size = f"{region.width} x {region.height} cells x {steps}{beyond} times x {self.fields} variables"
        if self.layers > 1:
            size += f" x {self.layers} levels or members"
        raise TooLarge(
            f"the answer would have {size} = {cells} cells{beyond}; the limit is {self.limit}. "
            f"Ask for less: {', or '.join(self._remedies(dataset, steps=steps))}"
        )

    def _remedies(self, dataset: Dataset, *, steps: int) -> list[str]:
        remedies = []
        region, bands = self.place.region, self.fields * self.layers
        if steps > 1 and dataset.time is not None:
            one = "" if region.width * region.height * bands <= self.limit else " (together with one of the others)"
            remedies.append(f"fewer times, such as datetime={dataset.time.last}{one}")
        if bands * steps <= self.limit:
            room = self.limit // (bands * steps)
            remedies += [f"fewer cells, such as scale-factor={_fitting_factor(self.place, room):.10g}"]
            remedies += [_fitting_box(self.place, room)]
        if self.fields > 1:
            remedies.append(f"fewer variables, such as properties={dataset.variables[0].id}")
        if self.layers > 1:
            remedies.append(
                "one level or member, such as the first, which is answered without subset=level(...) and member(...)"
            )
        return remedies


def _fitting_factor(place: CoveragePlace, room: int) -> float:
    """A whole scale factor, counted from the unscaled cells, whose answer has at most `room` cells."""
    width, height = place.unscaled
    factor = max(2, math.ceil(math.sqrt(width * height / room)))
    while max(1, math.floor(width / factor + 0.5)) * max(1, math.floor(height / factor + 0.5)) > room:
        factor += 1
    return factor


def _fitting_box(place: CoveragePlace, room: int) -> str:
    """A box around the middle of the window whose cells, unscaled, are at most `room`."""
    grid, window = place.region.grid, place.region.window
    if place.reference.crs != grid.crs:  # a cell may become several in another CRS
        room = max(1, room * window.width * window.height // (2 * place.unscaled[0] * place.unscaled[1]))
    width = max(1, min(window.width, math.floor(math.sqrt(room * window.width / window.height))))
    height = max(1, min(window.height, room // width))
    middle = replace(
        window,
        column=window.column + (window.width - width) // 2,
        row=window.row + (window.height - height) // 2,
        width=width,
        height=height,
    )
    west, south, east, north = (f"{v:.10g}" for v in middle.grid(grid).bounds)
    if grid.is_geographic:
        return f"a smaller region, such as bbox={west},{south},{east},{north}"
    return f"a smaller region, such as subset=x({west}:{east}),y({south}:{north})"
