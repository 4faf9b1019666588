"""A box in one CRS as the smallest box around it in another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Transformer

from config.grids import CRS84, Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TURN = 360.0
_POLE = 90.0
_EDGE_SAMPLES = 1001
_INNER_SAMPLES = 65
_LARGEST_COORDINATE = 1e9
"""Beyond it no CRS has a place, and PROJ's loops over turns of the globe do not end."""

Bounds = tuple[float, float, float, float]
"""(west, south, east, north) in the CRS that the text names."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Two coordinates along an axis, in its unit; None is an open end. Equal ends name a point, hence one cell."""

    low: float | None = None
    high: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether both ends are open."""
        return self.low is None and self.high is None


@lru_cache(maxsize=256)
def is_degrees(crs: str) -> bool:
    """Whether a CRS is of longitude and latitude."""
    return crs == CRS84 or bool(CRS.from_user_input(crs).is_geographic)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def transformed(
    xs: NDArray[np.float64], ys: NDArray[np.float64], *, source: str, target: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates (x, y) of one CRS in another; infinite where that has no place for them.

    Longitudes may be up to two turns off; PROJ answers them between -180 and 180.
    """
    usable = (np.abs(xs) <= _LARGEST_COORDINATE) & (np.abs(ys) <= _LARGEST_COORDINATE)
    xs, ys = np.where(usable, xs, np.nan), np.where(usable, ys, np.nan)
    if is_degrees(source):
        # in -180..180 PROJ never answers a point one turn away; both ends of a whole turn keep their own side
        xs = np.where(np.abs(xs) <= _TURN / 2, xs, (xs + _TURN / 2) % _TURN - _TURN / 2)
    east, north = _transformer(source, target).transform(xs, ys)
    finite = np.isfinite(east) & np.isfinite(north) & usable
    return np.where(finite, east, np.inf), np.where(finite, north, np.inf)


def enclosing(grid: Grid, *, crs: str, x: Interval, y: Interval) -> Bounds | None:
    """The smallest box, in the CRS of a grid, around a box in another; None where that has no place in it.

    An open end is where the grid ends. On a geographic grid, west may be above east: across the antimeridian.
    """
    xs, ys = _points(*_closed(grid, crs, x, y), degrees=is_degrees(crs))
    east, north = transformed(xs, ys, source=crs, target=grid.crs)
    finite = np.isfinite(east) & np.isfinite(north)
    if not finite.any():
        return None
    east, north = east[finite], north[finite]
    if not grid.is_geographic:
        return float(east.min()), float(north.min()), float(east.max()), float(north.max())
    box = (xs.min(), ys.min(), xs.max(), ys.max())
    poles = [pole for pole in (-_POLE, _POLE) if _holds_pole(box, crs, pole)]
    south, top = min([float(north.min()), *poles]), max([float(north.max()), *poles])
    west, right = (-180.0, 180.0) if poles else _arc(east)
    return west, south, right, top


def _closed(grid: Grid, crs: str, x: Interval, y: Interval) -> tuple[Interval, Interval]:
    """Both intervals with ends: the open ones where the globe ends, or, in a projected CRS, the grid."""
    if is_degrees(crs):
        west = -_TURN / 2 if x.low is None else x.low
        east = _TURN / 2 if x.high is None else x.high
        if east < west:
            east += _TURN * math.ceil((west - east) / _TURN)
        south = -_POLE if y.low is None else max(y.low, -_POLE)
        north = _POLE if y.high is None else min(y.high, _POLE)
        return Interval(low=west, high=min(east, west + _TURN)), Interval(low=south, high=north)
    low_x, low_y, high_x, high_y = outline(grid, crs)
    return (
        Interval(low=low_x if x.low is None else x.low, high=high_x if x.high is None else x.high),
        Interval(low=low_y if y.low is None else y.low, high=high_y if y.high is None else y.high),
    )


def outline(grid: Grid, crs: str) -> Bounds:
    """The extent of a grid in a CRS."""
    west, south, east, north = grid.bounds
    xs, ys = _points(Interval(low=west, high=east), Interval(low=south, high=north), degrees=grid.is_geographic)
    east_, north_ = transformed(xs, ys, source=grid.crs, target=crs)
    finite = np.isfinite(east_) & np.isfinite(north_)
    if not finite.any():
        return 0.0, 0.0, 0.0, 0.0
    east_, north_ = east_[finite], north_[finite]
    return float(east_.min()), float(north_.min()), float(east_.max()), float(north_.max())


def _points(x: Interval, y: Interval, *, degrees: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points all along the edges of a box, and some inside it."""
    west, east, south, north = x.low or 0.0, x.high or 0.0, y.low or 0.0, y.high or 0.0
    if degrees:
        south, north = max(south, -_POLE), min(north, _POLE)
    along, up = np.linspace(west, east, _EDGE_SAMPLES), np.linspace(south, north, _EDGE_SAMPLES)
    inner = np.meshgrid(np.linspace(west, east, _INNER_SAMPLES), np.linspace(south, north, _INNER_SAMPLES))
    xs = np.concatenate([along, along, np.full_like(up, west), np.full_like(up, east), inner[0].ravel()])
    ys = np.concatenate([np.full_like(along, south), np.full_like(along, north), up, up, inner[1].ravel()])
    return xs, ys


def _holds_pole(box: tuple[float, float, float, float], crs: str, pole: float) -> bool:
    """Whether a pole is one point of a projected CRS, and that lies in the box."""
    if is_degrees(crs):
        return False
    longitudes = np.arange(-180.0, 180.0, 30.0)
    xs, ys = transformed(longitudes, np.full_like(longitudes, pole), source=CRS84, target=crs)
    if not (np.isfinite(xs).all() and np.isfinite(ys).all()) or np.ptp(xs) > 1 or np.ptp(ys) > 1:
        return False
    return bool(box[0] <= xs[0] <= box[2] and box[1] <= ys[0] <= box[3])


def _arc(longitudes: NDArray[np.float64]) -> tuple[float, float]:
    """(west, east) of the shortest arc that holds all longitudes: what the widest gap between them leaves."""
    ordered = np.unique(longitudes)
    gaps = np.append(np.diff(ordered), ordered[0] + _TURN - ordered[-1])
    widest = int(gaps.argmax())
    if widest == len(ordered) - 1:
        return float(ordered[0]), float(ordered[-1])
    return float(ordered[widest + 1]), float(ordered[widest])
