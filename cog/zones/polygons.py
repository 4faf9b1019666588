"""Polygons from the CRS of their coordinates to that of a grid, with edges that stay where they were.

Coordinates are (x, y), longitude first, in every CRS. An edge is straight in the CRS of its polygon, so before a
projection it is cut until its image bends by less than a hundredth of a cell. Longitudes may go on beyond 180; an edge
over more than half the globe, except one over the whole of it, takes the short way round, across the antimeridian.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon

from config.errors import InvalidInput, TooLarge
from config.grids import CRS84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from config.grids import Grid

Ring = "NDArray[np.float64]"
Project = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]

MOST_VERTICES = 2_000_000
"""Most vertices of one ring after its edges were cut."""

_TURN, _HALF = 360.0, 180.0
_BENT = 0.01
"""Cells by which the image of an edge may bend."""
_DEGREES_PER_EDGE = 1.0
_EDGES = 64
"""A ring in metres is cut into edges of at most this part of its width before it is looked at."""
_CUTS = 24
_MOST_METRES = 1e9
_FAR = 1e-9
_SAMPLES = 65
_MARGIN = 5.0
"""Degrees around a projected grid beyond which a polygon is not projected: far from its grid a projection folds."""


class PolygonsInGrid:
    """Turns polygons of one CRS into polygons of a grid.

    Args:
        crs: The CRS of the polygons.
        grid: The grid; its geographic CRS is `OGC:CRS84`.
        repair: Make valid what is not, and do not refuse it.
    """

    def __init__(self, crs: CRS, grid: Grid, *, repair: bool = False) -> None:
        self._grid = grid
        self._repair = repair
        self._same = not grid.is_geographic and crs.equals(CRS.from_user_input(grid.crs), ignore_axis_order=True)
        self._crs = crs
        cell = min(abs(grid.transform[0]), abs(grid.transform[4]))
        self._bend = cell * _BENT
        self._bend_degrees = self._bend if grid.is_geographic else self._bend / _metres_per_degree(grid)

    def place(self, polygons: Sequence[Sequence[NDArray[np.float64]]]) -> BaseGeometry:
        """A multipolygon, given as the rings (n, 2) of each polygon, in the coordinates of the grid.

        On a geographic grid its longitudes may lie outside -180..180. Raises InvalidInput if it is no valid polygon,
        or has no place in longitude and latitude.
        """
        if self._same:
            return _assembled([list(rings) for rings in polygons], repair=self._repair)
        unwrapped = [_unwrapped([self._in_degrees(ring) for ring in rings]) for rings in polygons]
        degrees = _assembled(unwrapped, repair=self._repair)
        if self._grid.is_geographic:
            return degrees
        return self._projected(degrees)

    def _in_degrees(self, ring: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._crs.is_geographic:
            _require_degrees(ring)
            return _moved_datum(ring, self._crs)
        if np.abs(ring).max() > _MOST_METRES:  # PROJ never ends on what no CRS has
            raise InvalidInput(f"a vertex lies beyond {_MOST_METRES:g} units, where no CRS has longitude and latitude")
        longest = float(np.ptp(ring, axis=0).max()) / _EDGES or 1.0
        project = _projection(self._crs.to_wkt(), CRS84)
        points = _bent(ring, project, longest=longest, bend=self._bend_degrees, turns=True)
        if not np.isfinite(points).all():
            raise InvalidInput("a vertex has no longitude and latitude in the declared CRS")
        return points

    def _projected(self, degrees: BaseGeometry) -> BaseGeometry:
        """A polygon in degrees in the CRS of a projected grid, cut to the surroundings of the grid before."""
        project = _projection(CRS84, self._grid.crs)
        shapes = []
        for near in _near(degrees, self._grid):
            for polygon in near:
                rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
                bent = [_bent(ring, project, longest=_DEGREES_PER_EDGE, bend=self._bend, turns=False) for ring in rings]
                if not all(np.isfinite(ring).all() for ring in bent):
                    raise InvalidInput("a part of the polygon near the data has no place in the CRS of the grid")
                shapes.append(_repaired(Polygon(bent[0], bent[1:])))
        return shapely.union_all(shapes) if len(shapes) > 1 else shapes[0] if shapes else MultiPolygon()


def _assembled(polygons: Sequence[Sequence[NDArray[np.float64]]], *, repair: bool) -> BaseGeometry:
    """One geometry of the rings of each polygon; raises InvalidInput with the reason where it is not valid."""
    try:
        parts = [Polygon(rings[0], rings[1:]) for rings in polygons]
    except (ValueError, shapely.errors.GEOSException) as error:
        raise InvalidInput(f"no polygon: {error}") from error
    geometry = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    if geometry.is_valid:
        return geometry
    if not repair:
        raise InvalidInput(f"no valid polygon: {shapely.is_valid_reason(geometry)}; correct it, or set `repair`")
    return MultiPolygon(_only_polygons(shapely.make_valid(geometry)))


def _require_degrees(ring: NDArray[np.float64]) -> None:
    longitude, latitude = np.abs(ring).max(axis=0)
    if latitude > 90 + _FAR or longitude > 2 * _TURN:
        raise InvalidInput(
            f"a vertex at longitude {longitude:.6g} or latitude {latitude:.6g} (either way) lies outside the earth; "
            "coordinates are longitude, latitude in degrees, or `crs` says which they are"
        )


def _moved_datum(ring: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Degrees of a geographic CRS as degrees on WGS 84, at the same turn."""
    if crs.equals(CRS.from_user_input(CRS84), ignore_axis_order=True):
        return ring
    project = _projection(crs.to_wkt(), CRS84)
    turns = np.round(ring[:, 0] / _TURN) * _TURN
    moved = project(ring - np.stack([turns, np.zeros_like(turns)], axis=1))
    if not np.isfinite(moved).all():
        raise InvalidInput("a vertex has no longitude and latitude on WGS 84")
    moved[:, 0] += np.round((ring[:, 0] - moved[:, 0]) / _TURN) * _TURN
    return moved


def _unwrapped(rings: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """The rings of a polygon with longitudes that go on, its holes at the turn of its shell."""
    shell = _closed_at_pole(_continued(rings[0]))
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    if np.ptp(shell[:, 0]) > _TURN + _FAR:
        raise InvalidInput(f"the polygon is {np.ptp(shell[:, 0]):.6g} degrees wide, more than once round the globe")
    result = [shell]
    for ring in rings[1:]:
        hole = _continued(ring)
        hole[:, 0] += np.round((middle - (hole[:, 0].min() + hole[:, 0].max()) / 2) / _TURN) * _TURN
        result.append(hole)
    return result


def _continued(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ring whose edges are at most half a turn wide, or a whole turn as they were given."""
    steps = np.diff(ring[:, 0])
    long = (np.abs(steps) > _HALF) & (np.abs(np.abs(steps) - _TURN) > _FAR)
    turns = np.where(long, np.round(steps / _TURN) * _TURN, 0.0)
    shifted = ring.copy()
    shifted[1:, 0] -= np.cumsum(turns)
    return shifted


def _closed_at_pole(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ring that goes once round a pole, closed along the nearer one; any other ring as it is."""
    if abs(ring[-1, 0] - ring[0, 0]) < _HALF:
        return ring
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    return np.concatenate([ring, [[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]]])


def _bent(
    ring: NDArray[np.float64], project: Project, *, longest: float, bend: float, turns: bool
) -> NDArray[np.float64]:
    """The image of a ring, its edges cut until the image of each bends by less than `bend`.

    `turns`: the image is in degrees, where a step over more than half a turn goes the other way.
    """
    points = shapely.get_coordinates(shapely.segmentize(shapely.linearrings(ring), longest))
    image = project(points)
    for _ in range(_CUTS):
        middles = (points[:-1] + points[1:]) / 2
        bent = project(middles)
        apart = bent - (image[:-1] + image[1:]) / 2
        if turns:
            apart[:, 0] -= np.round(apart[:, 0] / _HALF) * _HALF
        with np.errstate(invalid="ignore"):
            cut = np.flatnonzero(np.hypot(apart[:, 0], apart[:, 1]) > bend)
        if cut.size == 0:
            break
        if len(points) + cut.size > MOST_VERTICES:
            raise TooLarge(
                f"a ring needs more than {MOST_VERTICES} vertices in the CRS of the grid; cut it into smaller"
            )
        points = np.insert(points, cut + 1, middles[cut], axis=0)
        image = np.insert(image, cut + 1, bent[cut], axis=0)
    return image


@lru_cache(maxsize=32)
def _projection(source: str, target: str) -> Project:
    transformer = Transformer.from_crs(source, target, always_xy=True)

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        try:
            x, y = transformer.transform(points[:, 0], points[:, 1])
        except ProjError as error:
            raise InvalidInput(f"the coordinates cannot be transformed: {error}") from error
        return np.stack([x, y], axis=1)

    return project


def _near(degrees: BaseGeometry, grid: Grid) -> list[list[Polygon]]:
    """The polygons of a geometry near a projected grid, with longitudes within a turn, by turn."""
    west, south, east, north = _surroundings(grid)
    groups = []
    left, _, right, _ = degrees.bounds
    for turn in range(int(np.ceil((west - right) / _TURN)), int(np.floor((east - left) / _TURN)) + 1):
        moved = affinity.translate(degrees, xoff=turn * _TURN)
        cut = shapely.intersection(moved, shapely.box(west, south, east, north))
        groups.append(_only_polygons(cut))
    return groups


@lru_cache(maxsize=64)
def _surroundings(grid: Grid) -> tuple[float, float, float, float]:
    """(west, south, east, north) in degrees around a projected grid; west < east, also across the antimeridian."""
    west, south, east, north = grid.bounds
    xs, ys = np.meshgrid(np.linspace(west, east, _SAMPLES), np.linspace(south, north, _SAMPLES))
    points = _projection(grid.crs, CRS84)(np.stack([xs.ravel(), ys.ravel()], axis=1))
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return -_HALF, -90.0, _HALF, 90.0
    poles = _projection(CRS84, grid.crs)(np.array([[0.0, 90.0], [0.0, -90.0]]))
    north_in, south_in = (west <= x <= east and south <= y <= north for x, y in poles)
    low = -90.0 if south_in else max(-90.0, points[:, 1].min() - _MARGIN)
    high = 90.0 if north_in else min(90.0, points[:, 1].max() + _MARGIN)
    angles = np.radians(points[:, 0])
    middle = float(np.degrees(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean())))
    off = (points[:, 0] - middle + _HALF) % _TURN - _HALF
    if north_in or south_in or np.ptp(off) > _TURN - 2 * _MARGIN:
        return -_HALF, low, _HALF, high
    return middle + off.min() - _MARGIN, low, middle + off.max() + _MARGIN, high


def _repaired(polygon: Polygon) -> BaseGeometry:
    """A polygon that was valid before it was projected, made so again: images of edges may touch."""
    if polygon.is_valid:
        return polygon
    return MultiPolygon(_only_polygons(shapely.make_valid(polygon)))


def _only_polygons(geometry: BaseGeometry) -> list[Polygon]:
    parts = shapely.get_parts(geometry, return_index=False)
    flat = [inner for part in parts for inner in shapely.get_parts(part)]
    return [part for part in flat if part.geom_type == "Polygon" and not part.is_empty]


def _metres_per_degree(grid: Grid) -> float:
    crs = CRS.from_user_input(grid.crs)
    return 1.0 if crs.is_geographic else 111_319.49 / float(crs.axis_info[0].unit_conversion_factor)
