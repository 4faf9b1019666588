"""Areas of geographic cells on the WGS 84 ellipsoid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.grids import Grid

_MAJOR = 6378137.0
_FLATTENING = 1 / 298.257223563
_MINOR = _MAJOR * (1 - _FLATTENING)
_ECCENTRICITY = math.sqrt(_FLATTENING * (2 - _FLATTENING))


def cell_areas(grid: Grid) -> NDArray[np.float64]:
    """The area, in square metres, of a cell of each row of a geographic grid: between two meridians and two parallels.

    Rows are cut at the poles. The area between the equator and a latitude is that of Snyder (1987), equation 3-12.
    """
    step, first = grid.transform[4], grid.transform[5]
    edges = np.clip(first + step * np.arange(grid.height + 1), -90.0, 90.0)
    sine = np.sin(np.radians(edges))
    zone = sine / (1 - (_ECCENTRICITY * sine) ** 2) + np.arctanh(_ECCENTRICITY * sine) / _ECCENTRICITY
    width = math.radians(abs(grid.transform[0]))
    areas: NDArray[np.float64] = np.abs(np.diff(zone)) * (_MINOR**2 / 2 * width)
    return areas
