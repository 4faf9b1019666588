"""Contours against geometry: planes, cones, holes, the antimeridian."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from cog.features.contours import contours_of, levels_by
from config.errors import InvalidParameter
from config.grids import CRS84, Grid

GRID = Grid(crs=CRS84, transform=(0.5, 0.0, 10.0, 0.0, -0.5, 20.0), width=40, height=20)
X = 10 + 0.5 * (np.arange(40) + 0.5)
Y = 20 - 0.5 * (np.arange(20) + 0.5)


def test_a_plane_has_straight_lines_where_its_values_are() -> None:
    made = contours_of(np.broadcast_to(3 * X, (20, 40)).copy(), GRID, [45.0, 60.0], "lines")
    assert made.low.tolist() == [45, 60]
    assert [shape.bounds for shape in made.shapes] == [pytest.approx((x, Y[-1], x, Y[0])) for x in (15, 20)]


def test_the_areas_of_a_cone_are_rings_with_holes() -> None:
    radius = np.hypot(X[None, :] - 20, Y[:, None] - 15)
    made = contours_of(radius, GRID, [1.0, 2.0, 4.0], "areas")
    areas = [shape.area for shape in made.shapes]
    assert areas == pytest.approx([np.pi * 3, np.pi * 12], rel=0.02)
    assert [len(shape.geoms[0].interiors) for shape in made.shapes] == [1, 1]
    assert shapely.is_ccw(shapely.get_exterior_ring(made.shapes[0].geoms[0]))
    lines = contours_of(radius, GRID, [2.0], "lines")
    assert lines.shapes[0].length == pytest.approx(4 * np.pi, rel=0.01)


def test_there_is_no_contour_where_there_are_no_data() -> None:
    values = np.broadcast_to(3 * X, (20, 40)).copy()
    values[10:] = np.nan
    [line] = contours_of(values, GRID, [45.0], "lines").shapes
    assert line.bounds == pytest.approx((15, Y[9], 15, Y[0]))
    assert not len(contours_of(np.full((20, 40), np.nan), GRID, [45.0], "lines").shapes)


def test_contours_of_a_globe_go_on_across_the_antimeridian() -> None:
    globe = Grid(crs=CRS84, transform=(2.0, 0.0, -180.0, 0.0, -2.0, 90.0), width=180, height=90)
    lon, lat = np.meshgrid(-180 + 2 * (np.arange(180) + 0.5), 90 - 2 * (np.arange(90) + 0.5))
    distance = np.hypot((lon - 180 + 180) % 360 - 180, lat)
    [area] = contours_of(distance, globe, [-1.0, 20.0], "areas").shapes
    assert area.area == pytest.approx(np.pi * 400, rel=0.02)
    assert len(area.geoms) == 2
    assert (area.bounds[0], area.bounds[2]) == (-180, 180)


def test_levels_follow_an_interval() -> None:
    values = np.array([[2.5, 9.9], [np.nan, 5]])
    assert levels_by(2.0, 1.0, values, around=False) == [3, 5, 7, 9]
    assert levels_by(2.0, 1.0, values, around=True) == [1, 3, 5, 7, 9, 11]
    with pytest.raises(InvalidParameter, match=r"it makes 741 levels between 2.5 and 9.9; the limit is 200"):
        levels_by(0.01, 0.0, values, around=False)
