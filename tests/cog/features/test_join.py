"""Joins by leaves: equal to one tree over everything, whatever the leaves, chunks, copies and turns of the globe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyproj import CRS, Geod

from cog.features.geoparquet import GEOMETRY, ROW
from cog.features.join import LeafJoin, join_leaf
from cog.features.leaves import boxes_of_leaves, cut_plane, leaves_of
from cog.features.partition import LeafRows, Reach, heavy_leaves, placed, write_leaves
from cog.features.placing import FeaturePlacing
from config.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PLANE = CRS.from_epsg(32650).to_wkt()
GLOBE = CRS.from_user_input("OGC:CRS84").to_wkt()
RANDOM = np.random.default_rng(7)
PLACES = RANDOM.uniform(0, 1000, (40, 2))


def table_of(shapes: Any, **columns: Any) -> pa.Table:
    rows = {ROW: np.arange(len(shapes)), GEOMETRY: pa.array(shapely.to_wkb(shapes), type=pa.binary())}
    return pa.table(rows | columns)


def roads(count: int) -> NDArray[Any]:
    """Lines of 2 to 12 vertices around few places, some of them long."""
    places = PLACES[RANDOM.integers(0, 40, count) % RANDOM.integers(1, 40, count)]
    starts = places + RANDOM.normal(0, 20, (count, 2))
    steps = RANDOM.normal(0, 1, (count, 12, 2)) * np.where(RANDOM.random(count) < 0.02, 60, 2)[:, None, None]
    lines = starts[:, None] + steps.cumsum(axis=1)
    return np.array([shapely.LineString(line[: RANDOM.integers(2, 13)]) for line in lines], dtype=object)


def parcels(count: int) -> NDArray[Any]:
    places = PLACES[RANDOM.integers(0, 40, count) % RANDOM.integers(1, 40, count)]
    centres = places + RANDOM.normal(0, 20, (count, 2))
    angles = RANDOM.uniform(0, np.pi / 2, count)[:, None] + np.arange(4) * np.pi / 2
    sizes = RANDOM.uniform(0.3, 3, count) * np.where(RANDOM.random(count) < 0.01, 30, 1)
    corners = centres[:, None] + sizes[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return np.asarray(shapely.polygons(corners))


def joined(
    folder: Path, left: Any, right: Any, join: LeafJoin, *, leaves: int = 9, crs: str = PLANE
) -> tuple[list[tuple[int, int]], list[dict[str, Any]], int]:
    """(pairs, other rows, pairs that leaves count) of a join cut into leaves."""
    folder.mkdir(exist_ok=True)
    place = FeaturePlacing(name="features", source=crs, target=crs)
    centres = np.concatenate([shapely.bounds(left)[:, :2], shapely.bounds(right)[:, :2]])
    cut = cut_plane(centres[np.isfinite(centres).all(axis=1)], leaves)
    boxes = boxes_of_leaves(cut)
    sides = []
    for name, shapes, reach in (("left", left, join.reach), ("right", right, Reach())):
        path = folder / f"{name}.parquet"
        groups = write_leaves(path, placed(table_of(shapes), place, reach), cut, reach, crs=crs)
        by_leaf: dict[int, list[LeafRows]] = {}
        for group, (leaf, rows) in enumerate(groups):
            by_leaf.setdefault(leaf, []).append(LeafRows(path=str(path), group=group, rows=rows))
        sides.append(by_leaf)
    rows: list[dict[str, Any]] = []
    total = 0
    for leaf, box in enumerate(boxes):
        counts = join_leaf(
            sides[0].get(leaf, []), sides[1].get(leaf, []), box, join,
            put=lambda table: rows.extend(table.to_pylist()), put_shared=lambda table: None,
        )  # fmt: skip
        total += counts.pairs
    pairs = [(row["left"], row["right"]) for row in rows if "right" in row]
    return sorted(pairs), [row for row in rows if "right" not in row], total


@pytest.mark.parametrize("predicate", ["intersects", "within", "contains", "crosses", "touches", "overlaps"])
@pytest.mark.parametrize("leaves", [1, 7, 32])
def test_leaves_have_the_pairs_of_one_tree(tmp_path: Path, predicate: Any, leaves: int) -> None:
    left, right = (
        (parcels(3000), parcels(700)) if predicate in ("within", "contains", "overlaps") else (roads(800), parcels(700))
    )
    join = LeafJoin(predicate=predicate, reach=Reach(), with_geometry=False)
    pairs, _, total = joined(tmp_path, left, right, join, leaves=leaves)
    expected = shapely.STRtree(right).query(left, predicate=predicate).T.tolist()
    assert pairs == sorted(map(tuple, expected))
    assert total == len(pairs)
    assert pairs or predicate == "touches"


def test_borders_at_exact_coordinates_count_once(tmp_path: Path) -> None:
    """A chessboard of squares with dyadic corners, leaves cut along their edges."""
    x, y = np.meshgrid(np.arange(16) * 0.25, np.arange(16) * 0.25)
    squares = shapely.box(x.ravel(), y.ravel(), x.ravel() + 0.25, y.ravel() + 0.25)
    for predicate, neighbours in (
        ("touches", 4 * 3 + 56 * 5 + 196 * 8),
        ("intersects", 256 + 4 * 3 + 56 * 5 + 196 * 8),
    ):
        join = LeafJoin(predicate=predicate, reach=Reach(), with_geometry=False)  # type: ignore[arg-type]
        pairs, _, _ = joined(tmp_path / predicate, squares, squares, join, leaves=13)
        assert len(pairs) == len(set(pairs)) == neighbours


def test_a_planar_distance_is_that_of_the_crs(tmp_path: Path) -> None:
    left, right = roads(400), parcels(400)
    join = LeafJoin(predicate="dwithin", reach=Reach(distance=5.0), with_geometry=False)
    pairs, _, _ = joined(tmp_path, left, right, join)
    expected = shapely.STRtree(right).query(left, predicate="dwithin", distance=5.0).T.tolist()
    assert pairs == sorted(map(tuple, expected))


def test_distances_are_geodesic_and_go_across_the_antimeridian_and_near_the_pole(tmp_path: Path) -> None:
    places = np.concatenate(
        [RANDOM.uniform([179.8, -20], [180.2, -19.6], (150, 2)), RANDOM.uniform([-180, 83], [180, 84.5], (150, 2))]
    )
    places[:, 0] = (places[:, 0] + 180) % 360 - 180
    left, right = shapely.points(places[::2]), shapely.points(places[1::2])
    metres = 9_000.0
    join = LeafJoin(predicate="dwithin", reach=Reach(distance=metres, is_geographic=True), with_geometry=False)
    pairs, _, _ = joined(tmp_path, left, right, join, crs=GLOBE)
    first, second = np.indices((150, 150)).reshape(2, -1)
    a, b = places[::2][first], places[1::2][second]
    _, _, apart = Geod(ellps="WGS84").inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    expected = [(int(i), int(j)) for i, j, d in zip(first, second, apart, strict=True) if d <= metres]
    assert pairs == expected
    assert sum((places[::2][i, 0] > 0) != (places[1::2][j, 0] > 0) for i, j in pairs) > 20


def test_left_features_without_pair_are_at_home_in_one_leaf(tmp_path: Path) -> None:
    left = np.append(roads(300), [None, shapely.Point()])
    right = parcels(40)
    join = LeafJoin(predicate="intersects", reach=Reach(), how="left", with_geometry=False)
    pairs, others, _ = joined(tmp_path, left, right, join, leaves=5)
    alone = [row["left"] for row in others]
    assert len(alone) == len(set(alone))
    assert not set(alone) & {i for i, _ in pairs}
    assert {300, 301} <= set(alone)


def test_what_lies_beyond_180_degrees_is_cut_there() -> None:
    place = FeaturePlacing(name="left", source=GLOBE, target=GLOBE)
    [shape] = place.place(table_of(np.array([shapely.box(170, 0, 190, 10)])))[0]
    assert shape.area == pytest.approx(200)
    assert shape.bounds == (-180, 0, 180, 10)


def test_invalid_features_are_named_or_repaired() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    table = table_of(np.array([shapely.Point(1, 1), bow]))
    with pytest.raises(InvalidInput, match=r"left: feature 1 is not valid: Self-intersection.*repair"):
        FeaturePlacing(name="left", source=PLANE, target=PLANE).place(table)
    assert FeaturePlacing(name="left", source=PLANE, target=PLANE, repair=True).place(table)[0][
        1
    ].area == pytest.approx(2)


def test_leaves_hold_equally_many_and_coinciding_points_end_the_cutting() -> None:
    centres = RANDOM.random((20_000, 2)) ** 4
    bounds = np.concatenate([centres, centres], axis=1)
    members, leaves = leaves_of(cut_plane(centres, 32), bounds)
    counts = np.bincount(leaves)
    assert len(members) == 20_000
    assert counts.max() < 1.02 * counts.mean()
    assert len(boxes_of_leaves(cut_plane(np.ones((1000, 2)), 8))) == 1
    assert heavy_leaves([10, 10, 10, 10, 100, 10, 10, 10]) == [4]
