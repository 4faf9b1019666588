"""Where a grid lies, as a bounding box and a geometry in CRS84."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from shapely import make_valid, union_all
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box, shape
from shapely.geometry.base import BaseGeometry

from config.grids import CRS84, Grid

Box = tuple[float, float, float, float]
"""(west, south, east, north) in degrees; west > east across the antimeridian."""

_SAMPLES = 129
"""Places along each side, and inside in both directions, at which a projected grid is followed."""
_EDGE_SAMPLES = 33
"""Places along each side of an outline."""
_WORLD = box(-180.0, -90.0, 180.0, 90.0)
_TURN = 360.0
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
    return longitude if -180.0 <= longitude <= 180.0 else (longitude + 180.0) % 360.0 - 180.0


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


def outline(grid: Grid) -> BaseGeometry:
    """The outer cell edges of a grid in CRS84, as a polygon, or several: cut at the antimeridian (RFC 7946, 3.1.9).

    Each side of a projected grid is followed at many places; those that bend by less than half a cell are left out. A
    grid that holds a pole, or whose edges the projection cannot place, is outlined by its box.
    """
    projected = None if grid.is_geographic and _is_upright(grid) else _followed(grid)
    return shape(geometry(bounding_box(grid))) if projected is None else projected


def _is_upright(grid: Grid) -> bool:
    return grid.transform[1] == 0 == grid.transform[3]


def _followed(grid: Grid) -> BaseGeometry | None:
    """The ring of a grid's edges, or None where it is no ring on the map of the world."""
    steps = np.linspace(0.0, 1.0, _EDGE_SAMPLES)
    ones = np.ones(_EDGE_SAMPLES)
    column = np.concatenate([0 * ones, steps, ones, 1 - steps]) * grid.width
    row = np.concatenate([steps, ones, 1 - steps, 0 * ones]) * grid.height
    a, b, c, d, e, f = grid.transform
    x, y = a * column + b * row + c, d * column + e * row + f
    transformer = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(grid.crs), CRS84, always_xy=True)
    lon, lat = (np.asarray(v) for v in transformer.transform(x, y))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    lon = np.unwrap(lon, period=_TURN)
    if abs(lon[0] - lon[-1]) > 1 or np.ptp(lon) >= _TURN or any(_holds(grid, transformer, p) for p in (90.0, -90.0)):
        return None
    ring = Polygon(np.column_stack([lon, lat]))
    cell = max(np.ptp(lon), np.ptp(lat)) / max(grid.width, grid.height)
    slim = ring.simplify(cell / 2)
    return _on_the_map(slim if slim.is_valid and not slim.is_empty else make_valid(ring))


def _on_the_map(area: BaseGeometry) -> BaseGeometry | None:
    """An area whose longitudes go on beyond 180 degrees, in parts between -180 and 180."""
    turned = [translate(area, turn).intersection(_WORLD) for turn in (-_TURN, 0.0, _TURN)]
    area_ = union_all([part for part in turned if part.area])
    return area_ if area_.geom_type in ("Polygon", "MultiPolygon") else None


def merged(areas: list[BaseGeometry]) -> BaseGeometry:
    """The union of outlines."""
    return areas[0] if len(areas) == 1 else union_all(areas)


def box_of(area: BaseGeometry) -> Box:
    """The box of an outline that is cut at the antimeridian; west > east where both sides of it are meant."""
    west, south, east, north = area.bounds
    parts = list(area.geoms) if isinstance(area, MultiPolygon) else []
    if west > -_TURN / 2 or east < _TURN / 2 or not parts:
        return west, south, east, north
    spans = sorted((part.bounds[0], part.bounds[2]) for part in parts)
    reach, gaps = spans[0][1], []
    for left, right in spans[1:]:
        gaps.append((left - reach, reach, left))
        reach = max(reach, right)
    width, begins, ends = max(gaps)
    return (ends, south, begins, north) if width > 0 else (west, south, east, north)


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
