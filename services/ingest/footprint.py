"""Where a grid lies, as a bounding box and a geometry in CRS84."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from config.grids import CRS84, Grid

Box = tuple[float, float, float, float]
"""(west, south, east, north) in degrees; west > east across the antimeridian."""

_SAMPLES = 129
"""Places along each side, and inside in both directions, at which a projected grid is followed."""
_WHOLE: tuple[float, float] = (-180.0, 180.0)


def bounding_box(grid: Grid) -> Box:
    """The box of a grid's outer cell edges in CRS84."""
    if grid.is_geographic:
        west, south, east, north = grid.bounds
        if grid.is_global:
            west, east = _WHOLE
        return _wrapped(west), max(south, -90.0), _wrapped(east), min(north, 90.0)
    return _projected_box(grid)


def _wrapped(longitude: float) -> float:
    return longitude if -180.0 <= longitude <= 180.0 else (longitude + 180.0) % 360.0 - 180.0  # noqa: PLR2004


def _projected_box(grid: Grid) -> Box:
    """Edges are curves and a pole or an extreme may lie inside, so that a net over the whole grid is followed."""
    west, south, east, north = grid.bounds
    crs = pyproj.CRS.from_user_input(grid.crs)
    transformer = pyproj.Transformer.from_crs(crs, CRS84, always_xy=True)
    x, y = np.meshgrid(np.linspace(west, east, _SAMPLES), np.linspace(south, north, _SAMPLES))
    lon, lat = (np.asarray(v) for v in transformer.transform(x.ravel(), y.ravel()))
    seen = np.isfinite(lon) & np.isfinite(lat)
    if not seen.any():
        return (-180.0, -90.0, 180.0, 90.0)
    low, high = float(lat[seen].min()), float(lat[seen].max())
    poles = [pole for pole in (90.0, -90.0) if _holds(grid, transformer, pole)]
    if poles:
        return (-180.0, min(low, *poles), 180.0, max(high, *poles))
    left, right = _narrowest(lon[seen])
    return (left, max(low, -90.0), right, min(high, 90.0))


def _holds(grid: Grid, transformer: pyproj.Transformer, pole: float) -> bool:
    """Whether a pole is a place inside the grid; not where the projection draws it as a line or out of sight."""
    places = [transformer.transform(lon, pole, direction="INVERSE") for lon in (0.0, 90.0)]
    (x, y), (other_x, other_y) = places
    cell = abs(grid.transform[0])
    if not np.isfinite([x, y, other_x, other_y]).all() or np.hypot(x - other_x, y - other_y) > cell:
        return False
    west, south, east, north = grid.bounds
    return bool(west <= x <= east and south <= y <= north)


def _narrowest(longitudes: NDArray[Any]) -> tuple[float, float]:
    """The shortest span of longitudes that holds all: it leaves out the widest gap between neighbours."""
    around = np.sort(np.unique(longitudes % 360.0))
    gaps = np.diff(np.append(around, around[0] + 360.0))
    widest = int(np.argmax(gaps))
    if gaps[widest] < 2 * 360.0 / _SAMPLES:
        return _WHOLE
    return _wrapped(float(around[(widest + 1) % around.size])), _wrapped(float(around[widest]))


def union(boxes: list[Box]) -> Box:
    """The box of several boxes; the whole circle where they go across the antimeridian differently."""
    south, north = min(b[1] for b in boxes), max(b[3] for b in boxes)
    if len({(b[0], b[2]) for b in boxes}) == 1:
        return (boxes[0][0], south, boxes[0][2], north)
    if any(b[0] > b[2] for b in boxes):
        return (-180.0, south, 180.0, north)
    return (min(b[0] for b in boxes), south, max(b[2] for b in boxes), north)


def geometry(box: Box) -> dict[str, Any]:
    """A box as GeoJSON, cut at the antimeridian (RFC 7946, 3.1.9)."""
    west, south, east, north = box
    if west <= east:
        return {"type": "Polygon", "coordinates": [_ring(box)]}
    parts = [(west, south, 180.0, north), (-180.0, south, east, north)]
    return {"type": "MultiPolygon", "coordinates": [[_ring(part)] for part in parts]}


def _ring(box: Box) -> list[list[float]]:
    west, south, east, north = box
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]
