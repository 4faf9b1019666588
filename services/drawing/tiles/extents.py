"""Boxes between longitudes and latitudes and other CRSs, by a lattice of points: also about a pole."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Transformer
from rasterio.warp import transform_bounds

from config.grids import CRS84

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""(west, south, east, north)."""

MERCATOR: Final = "EPSG:3857"
_POINTS: Final = 129
"""Points along each axis of a lattice. In a box around the earth they stand on each quarter of the turn."""
_BULGE: Final = 2e-3
"""Share of a box by which a curve may leave the points of its lattice: a turn between two of them is 2.8 degrees."""
_TURN: Final = 359.0


def box_in_crs(box: Box, crs: str) -> Box:
    """The box in a CRS that encloses a box of longitudes and latitudes, whose west is not beyond its east.

    Exact in degrees and in Web Mercator; elsewhere up to 0.2 % wider than needed on each side.
    """
    if crs == CRS84:
        return box
    if crs == MERCATOR:
        west, south, east, north = transform_bounds("EPSG:4326", MERCATOR, *box)
        return west, south, east, north
    x, y = _transformer(CRS84, crs).transform(*_lattice(box))
    west, south, east, north = _enclosing(x, y) or (0.0, 0.0, 0.0, 0.0)
    across, down = (east - west) * _BULGE, (north - south) * _BULGE
    return west - across, south - down, east + across, north + down


def box_in_degrees(box: Box, crs: str) -> Box:
    """The longitudes and latitudes of a box in a CRS.

    All longitudes where the box holds a pole or crosses 180 degrees, and the pole if it holds one.
    """
    if crs == CRS84:
        west, south, east, north = box
        return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)
    x, y = _transformer(crs, CRS84).transform(*_lattice(box))
    west, south, east, north = _enclosing(x, y) or (-180.0, -90.0, 180.0, 90.0)
    for pole in (-90.0, 90.0):
        at_x, at_y = _transformer(CRS84, crs).transform(0.0, pole)
        if box[0] <= at_x <= box[2] and box[1] <= at_y <= box[3]:
            south, north = min(south, pole), max(north, pole)
            west, east = -180.0, 180.0
    if east - west > _TURN:
        west, east = -180.0, 180.0
    return west, max(south, -90.0), east, min(north, 90.0)


def _lattice(box: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.meshgrid(np.linspace(box[0], box[2], _POINTS), np.linspace(box[1], box[3], _POINTS))
    return x.ravel(), y.ravel()


def _enclosing(x: NDArray[np.float64], y: NDArray[np.float64]) -> Box | None:
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return None
    x, y = x[finite], y[finite]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
