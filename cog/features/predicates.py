"""The spatial predicates of a join, and distances on the ellipsoid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely
from pyproj import Geod

if TYPE_CHECKING:
    from numpy.typing import NDArray

Predicate = Literal["intersects", "within", "contains", "crosses", "touches", "overlaps", "dwithin"]
_GEOD: Final = Geod(ellps="WGS84")
_LEAST_DEGREE_M: Final = 110_574.0
"""Length of the shortest degree of latitude on WGS 84, at the equator (metres)."""
_LEAST_EQUATOR_M: Final = 111_300.0
"""Less than a degree of longitude at the equator (111,319.49 m)."""
_A: Final = 6_378_137.0
_E2: Final = 0.0066943799901413165
_NEAR_POLE: Final = 89.999


def reach_degrees(bounds: NDArray[np.float64], metres: float) -> NDArray[np.float64]:
    """Envelopes (west, south, east, north) in degrees, widened by a distance in every direction."""
    up = metres / _LEAST_DEGREE_M
    furthest = np.minimum(np.abs(bounds[:, (1, 3)]).max(axis=1) + up, _NEAR_POLE)
    across = np.minimum(metres / (_LEAST_EQUATOR_M * np.cos(np.radians(furthest))), 360.0)
    return np.stack([bounds[:, 0] - across, bounds[:, 1] - up, bounds[:, 2] + across, bounds[:, 3] + up], axis=1)


def distances(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
    """Metres between pairs of geometries in longitude and latitude on WGS 84; 0 where they meet.

    The nearest places are those of the plane that touches the ellipsoid there, edges straight in longitude and
    latitude; the distance between them is geodesic.
    """
    if not len(left):
        return np.zeros(0)
    middles = np.radians(_nearest(left, right, np.ones((len(left), 2)))[:, :, 1].mean(axis=1))
    root = np.sqrt(1 - _E2 * np.sin(middles) ** 2)
    along = _A * (1 - _E2) / root**3
    across = np.maximum(_A * np.cos(middles) / root, 1.0)
    ends = _nearest(left, right, np.stack([across / along, np.ones(len(left))], axis=1))
    _, _, metres = _GEOD.inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
    return np.asarray(metres, dtype="float64")


def _nearest(left: NDArray[Any], right: NDArray[Any], scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """(pair, end, lon or lat) of the shortest line of each pair, coordinates scaled by (pair, x or y)."""
    lines = shapely.shortest_line(_scaled(left, scales), _scaled(right, scales))
    return shapely.get_coordinates(lines).reshape(-1, 2, 2) / scales[:, None, :]


def _scaled(shapes: NDArray[Any], scales: NDArray[np.float64]) -> NDArray[Any]:
    coordinates, numbers = shapely.get_coordinates(shapes, return_index=True)
    return shapely.set_coordinates(shapes.copy(), coordinates * scales[numbers])
