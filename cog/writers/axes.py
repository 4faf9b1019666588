"""Coordinates of a cube as text writers state them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cog.grids.enclosing import is_degrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.grids import Grid


@dataclass(frozen=True, kw_only=True)
class Horizontal:
    """Cell centres along one axis: its name for people, its unit, and the coordinates from the first cell on."""

    name: str
    unit: str
    values: NDArray[np.float64]


def horizontal(grid: Grid) -> tuple[Horizontal, Horizontal]:
    """(x, y) of a grid without rotation."""
    a, _, c, _, e, f = grid.transform
    degrees = is_degrees(grid.crs)
    names = (("longitude", "degrees_east"), ("latitude", "degrees_north")) if degrees else (("x", "m"), ("y", "m"))
    xs = c + a * (np.arange(grid.width, dtype="float64") + 0.5)
    ys = f + e * (np.arange(grid.height, dtype="float64") + 0.5)
    (x, x_unit), (y, y_unit) = names
    return Horizontal(name=x, unit=x_unit, values=xs), Horizontal(name=y, unit=y_unit, values=ys)


def coordinate_texts(values: NDArray[np.float64]) -> NDArray[np.str_]:
    """Coordinates with twelve digits, which is a millimetre on the earth in degrees and less in metres."""
    return np.char.mod("%.12g", values)
