"""Coordinates of a CRS in degrees of CRS84."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer

from config.errors import InvalidInput
from config.grids import CRS84, Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.web.crs import Reference


def to_degrees(coordinates: NDArray[np.float64], source: Reference | Grid) -> NDArray[np.float64]:
    """(n, 2) coordinates, x before y, as longitude and latitude; raises InvalidInput where there are none."""
    if source.crs == CRS84:
        return coordinates
    lon, lat = _transformer(source.crs).transform(coordinates[:, 0], coordinates[:, 1])
    degrees = np.stack([lon, lat], axis=1)
    if isinstance(source, Grid):
        return degrees
    if not np.isfinite(degrees).all():
        raise InvalidInput("a coordinate has no longitude and latitude in that crs")
    return degrees


@lru_cache(maxsize=64)
def _transformer(crs: str) -> Transformer:
    return Transformer.from_crs(crs, CRS84, always_xy=True)
