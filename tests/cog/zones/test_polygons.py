"""Polygons of any CRS on a grid: where their edges lie, across the antimeridian, round a pole, and far away."""

from __future__ import annotations

import math
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.geometry import mapping

from cog.zones.geojson import parse_crs, parse_features
from cog.zones.polygons import PolygonsInGrid
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84, Grid
from tests.support.rasters import global_grid

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

WORLD = global_grid()
ALBERS = Grid(crs="EPSG:5070", transform=(30.0, 0.0, -2e6, 0.0, -30.0, 3e6), width=100_000, height=80_000)
ARCTIC = Grid(crs="EPSG:3413", transform=(25_000.0, 0.0, -3.85e6, 0.0, -25_000.0, 5.85e6), width=304, height=448)


def placed(geometry: BaseGeometry | list[list[float]], grid: Grid, crs: str = CRS84) -> BaseGeometry:
    document: dict[str, Any] = (
        {"type": "Polygon", "coordinates": [geometry]} if isinstance(geometry, list) else plain(geometry)
    )
    [feature] = parse_features(document)
    return PolygonsInGrid(CRS.from_user_input(crs), grid).place(feature.polygons)


def plain(geometry: BaseGeometry) -> dict[str, Any]:
    return {"type": geometry.geom_type, "coordinates": listed(mapping(geometry)["coordinates"])}


def listed(value: Any) -> Any:
    return [listed(each) for each in value] if isinstance(value, tuple | list) else value


def test_a_straight_edge_in_degrees_is_bent_within_a_hundredth_of_a_cell() -> None:
    found = placed(shapely.box(-110, 30, -80, 45), ALBERS)
    dense = shapely.segmentize(shapely.box(-110, 30, -80, 45), 0.01)
    project = Transformer.from_crs(CRS84, ALBERS.crs, always_xy=True)
    image = shapely.transform(dense, lambda points: np.stack(project.transform(*points.T), axis=1))
    assert shapely.area(found.symmetric_difference(image)) < 0.3 * found.length
    assert len(shapely.get_coordinates(found)) < 20_000


def test_an_equal_area_image_has_the_area_of_the_polygon() -> None:
    ring = shapely.segmentize(shapely.box(-100, 35, -90, 40), 0.01)
    area, _ = Geod(ellps="GRS80").geometry_area_perimeter(ring)
    assert placed(ring, ALBERS).area == pytest.approx(abs(area), rel=1e-6)


def test_the_same_crs_is_not_touched() -> None:
    box = shapely.box(1e5, 1.5e6, 2e5, 1.6e6)
    assert shapely.equals_exact(placed(box, ALBERS, crs="EPSG:5070").normalize(), box.normalize(), 0)


def test_a_polygon_across_the_antimeridian_lies_whole_on_a_polar_grid() -> None:
    ring = [[170.0, 70.0], [-170.0, 70.0], [-170.0, 75.0], [170.0, 75.0], [170.0, 70.0]]
    short = placed(ring, ARCTIC)
    beyond = placed(shapely.box(170, 70, 190, 75), ARCTIC)
    assert short.area == pytest.approx(beyond.area, rel=1e-9)
    assert short.area == pytest.approx(placed(shapely.box(-45, 70, -25, 75), ARCTIC).area, rel=1e-3)


def test_a_ring_round_the_pole_holds_the_pole() -> None:
    ring = [[float(longitude), 80.0] for longitude in (0, 90, 180, -90, 0)]
    found = placed(ring, WORLD)
    assert found.bounds[3] == 90
    assert found.area == pytest.approx(360 * 10)
    assert placed(ring, ARCTIC).contains(shapely.Point(0, 0).buffer(1e5))


def test_a_polygon_in_metres_goes_round_the_pole_in_degrees() -> None:
    cap = shapely.Point(0, 0).buffer(1e6, quad_segs=16)
    found = placed(cap, WORLD, crs="EPSG:3413")
    assert found.bounds[2] - found.bounds[0] == pytest.approx(360)
    assert found.bounds[3] == 90


def test_what_lies_far_from_a_projected_grid_is_empty() -> None:
    for box in (shapely.box(100, -60, 120, -40), shapely.box(-180, -90, 180, -60)):
        assert placed(box, ALBERS).is_empty
        assert placed(box, ARCTIC).is_empty


def test_a_hole_follows_its_shell_round_the_globe() -> None:
    shell, hole = shapely.box(170, -10, 190, 10), shapely.box(-178, -5, -172, 5)
    document = {"type": "Polygon", "coordinates": [listed(mapping(s)["coordinates"][0]) for s in (shell, hole)]}
    [feature] = parse_features(document)
    found = PolygonsInGrid(CRS.from_user_input(CRS84), WORLD).place(feature.polygons)
    assert found.area == pytest.approx(20 * 20 - 6 * 10)


@pytest.mark.parametrize("box", [(-300, 0, 300, 10), (0, 0, 1000, 10)], ids=["twice round", "beyond two turns"])
def test_impossible_longitudes_are_refused(box: tuple[float, float, float, float]) -> None:
    west, south, east, north = box
    steps = np.linspace(west, east, 13).tolist()
    ring = [[x, south] for x in steps] + [[x, north] for x in reversed(steps)] + [[west, south]]
    with pytest.raises(InvalidInput):
        placed([[float(v) for v in point] for point in ring], WORLD)


def test_metres_where_the_crs_has_no_place_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"longitude|transformed"):
        placed(shapely.box(1e30, 1e30, 2e30, 2e30), WORLD, crs="EPSG:3413")


def test_cutting_edges_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cog.zones.polygons.MOST_VERTICES", 100)
    with pytest.raises(TooLarge, match="more than 100 vertices"):
        placed(shapely.box(-110, 30, -80, 45), ALBERS)


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:3857",
        "http://www.opengis.net/def/crs/EPSG/0/3857",
        "https://www.opengis.net/def/crs/EPSG/9.9.1/3857",
        "urn:ogc:def:crs:EPSG::3857",
        "[EPSG:3857]",
        CRS.from_epsg(3857).to_wkt(),
    ],
)
def test_a_crs_is_named_in_many_ways(text: str) -> None:
    assert parse_crs(text).to_epsg() == 3857


@pytest.mark.parametrize(
    "text", ["", "3857", "EPSG:", "EPSG:abc", "/etc/passwd", "+proj=utm +zone=33", "PROJCS[" + "x" * 30_000]
)
def test_other_texts_are_no_crs(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_crs(text)


def test_a_hundred_thousand_vertices_are_placed_in_bounded_memory() -> None:
    angles = np.linspace(0, 2 * math.pi, 100_001)
    ring = np.stack([-95 + 5 * np.cos(angles), 40 + 5 * np.sin(angles)], axis=1)
    ring[-1] = ring[0]
    tracemalloc.start()
    found = placed(ring.tolist(), ALBERS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.is_valid
    assert peak < 100_000_000
