"""Computed cells as a COG: the same file, validated in the same way, that an ingest makes of a source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from cog.convert.convert import convert
from cog.convert.profiles import profile
from cog.sources.models import SourceDescription

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.convert.models import Converted
    from cog.sources.models import SourceVariable, TimeStep


class ComputedCells:
    """An array of (row, column) cells as a source of one step (`cog.sources.protocol.GridSource`).

    Args:
        variable: The meaning of the cells; its grid has their shape.
        cells: Stored values; a memory-mapped array is read strip by strip.
    """

    def __init__(self, variable: SourceVariable, cells: NDArray[Any]) -> None:
        self.description = SourceDescription(path="computed cells", format="computed", variables=(variable,))
        self._cells = cells

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """The cells of rows [first, last)."""
        del variable, step, layer
        return self._cells[rows[0] : rows[1]]

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Nothing is open."""


def write_computed(
    target: Path, variable: SourceVariable, cells: NDArray[Any], *, time: TimeStep | None, tags: dict[str, str]
) -> Converted:
    """Write cells as a COG and validate it.

    Args:
        target: File to write; its folder exists. Removed again if anything fails.
        variable: The meaning of the cells.
        cells: Stored values as (row, column), in the shape of the variable's grid.
        time: The time of the cells, stated in the tags.
        tags: Further GeoTIFF tags.
    """
    variable = replace(variable, steps=(time,))
    stated = {} if time is None else {"TIME": time.label, "TIME_CALENDAR": time.calendar}
    with ComputedCells(variable, cells) as source:
        return convert(source, variable, 0, target=target, profile=profile(), tags={**stated, **tags})
