"""Small sources, of which a dataset may have thousands: opened once, their cells carried from inspection to conversion.

Opening a file of a few cells and finding out what it means takes longer than anything else that is done with it.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from cog.convert.convert import convert
from cog.convert.models import Converted
from cog.convert.profiles import profile
from cog.sources.models import SourceDescription, SourceVariable
from cog.sources.opening import open_source
from cog.sources.protocol import GridSource
from cog.sources.regular import require_regular
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from services.compute.children.call import ALONE, Slot
from services.ingest.file_tasks import partial_pulse
from services.ingest.tasks import CarriedConversion, Cells, InspectedCells


def inspect_with_cells(path: Path, declaration: DatasetDeclaration, most: int) -> InspectedCells:
    """Describe a source, and read its cells if they are `most` bytes at most; raises SourceRefused."""
    require_regular(path)
    with open_source(path, declaration) as source:
        description = source.description
        if sum(_bytes(variable) for variable in description.variables) > most:
            return InspectedCells(description=description, cells={})
        try:
            return InspectedCells(description=description, cells=_cells(source))
        except SourceRefused:  # which its conversion finds again, if it comes to that
            return InspectedCells(description=description, cells={})


def _bytes(variable: SourceVariable) -> int:
    return variable.step_bytes * len(variable.steps) * len(variable.layers)


def _cells(source: GridSource) -> Cells:
    return {
        (variable.name, step, layer): source.read(variable.name, step, rows=(0, variable.grid.height), layer=layer)
        for variable in source.description.variables
        for step, layer in product(range(len(variable.steps)), range(len(variable.layers)))
    }


class CarriedSource:
    """Cells that were read before, as a source (`cog.sources.protocol.GridSource`)."""

    def __init__(self, path: Path, variable: SourceVariable, cells: Cells) -> None:
        self.description = SourceDescription(path=str(path), format="carried cells", variables=(variable,))
        self._cells = cells

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """The cells of rows [first, last)."""
        return self._cells[variable, step, layer][..., rows[0] : rows[1], :]

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Nothing is open."""


def convert_carried(path: Path, conversion: CarriedConversion, *, slot: Slot = ALONE) -> list[Converted]:
    """Convert carried cells as `file_tasks.convert_steps` does those of a file that it opens."""
    source = CarriedSource(path, conversion.variable, conversion.cells)
    steps = zip(conversion.cells, conversion.targets, conversion.tags, strict=True)
    return [
        convert(
            source,
            conversion.variable,
            step,
            layer=layer,
            target=target,
            profile=profile(conversion.profile),
            tags=tags,
            pulse=partial_pulse(slot.pulse, number, len(conversion.targets)),
            defer=True,
        )
        for number, ((_, step, layer), target, tags) in enumerate(steps)
    ]
