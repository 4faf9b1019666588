"""The centres of columns and rows, from which a regular grid is made, or one that they are put on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cog.sources.axes import edge_and_step
from config.grids import Grid


@dataclass(frozen=True, kw_only=True)
class Centres:
    """The centres of the columns and rows of a variable, in a CRS.

    Attributes:
        crs: As `Grid.crs` names it.
        x: Of its columns, in the unit of the CRS, as stored but for longitudes that are stored modulo 360.
        y: Of its rows.
        degrees: Whether both are true longitudes and latitudes.
        coarseness: The error that rounding of the stored columns, which were moved since, adds to a step.
        notes: What was decided, one sentence each.
        assumed: Those of the notes that rest on no statement of the file.
    """

    crs: str
    x: NDArray[Any]
    y: NDArray[Any]
    degrees: bool
    coarseness: float = 0.0
    notes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def are_series(self) -> bool:
        """Whether columns and rows rise or fall throughout, so that they can be put on even ones."""
        for axis in (self.x, self.y):
            steps = np.diff(axis.astype("float64"))
            if steps.size < 1 or not ((steps > 0).all() or (steps < 0).all()):
                return False
        return True

    def grid(self, *, names: tuple[str, str], path: Path) -> Grid:
        """The regular grid of these centres, as stored; raises SourceRefused for irregular ones."""
        west, dx = edge_and_step(self.x, name=names[0], path=path, degrees=self.degrees, coarseness=self.coarseness)
        north, dy = edge_and_step(self.y, name=names[1], path=path, degrees=self.degrees)
        transform = (dx, 0.0, west, 0.0, dy, north)
        return Grid(crs=self.crs, transform=transform, width=self.x.size, height=self.y.size)
