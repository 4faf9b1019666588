"""The packaged polygons: areas against published ones, and what a set of the operator's own must hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from cog.zones.named.regions import named_region, named_regions
from config.errors import EnvironmentFault, NotFound

if TYPE_CHECKING:
    from pathlib import Path

EARTH_KM = 6371.0072  # radius of the sphere of the same area


def area(region_id: str) -> float:
    """Thousands of square kilometres, by the equal-area cylinder."""
    dense = shapely.segmentize(named_region("", region_id).geometry, 0.5)
    flat = shapely.transform(dense, lambda c: np.column_stack([np.radians(c[:, 0]), np.sin(np.radians(c[:, 1]))]))
    return float(flat.area * EARTH_KM**2 / 1000)


@pytest.mark.parametrize(
    ("region_id", "published"),
    [
        *[("bohai", 77), ("south-china", 3500), ("mediterranean", 2500), ("baltic", 377)],
        *[("southern", 21_960), ("indian", 70_560), ("north-atlantic", 41_490)],
        *[("fr", 638), ("br", 8_510), ("cn-qh", 722), ("cn-sc", 486), ("cn-xz", 1_228)],
    ],
)
def test_areas_are_near_published_ones(region_id: str, published: float) -> None:
    assert area(region_id) == pytest.approx(published, rel=0.09)


def test_every_region_has_a_kind_and_both_names() -> None:
    regions = named_regions("").values()
    assert {region.kind for region in regions} == {"sea", "basin", "country", "province"}
    assert sum(region.kind == "province" for region in regions) == 34
    assert all(region.titles["en"] and region.titles["zh"] for region in regions)
    assert all(shapely.is_valid(region.geometry) for region in regions)


def test_a_file_of_the_operator_replaces_the_set(tmp_path: Path) -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    feature = {"type": "Feature", "id": "own", "properties": {"name": "Own"}}
    path = tmp_path / "own.geojson"
    path.write_text(json.dumps({"features": [feature | {"geometry": {"type": "Polygon", "coordinates": [ring]}}]}))
    assert list(named_regions(str(path))) == ["own"]
    with pytest.raises(NotFound, match="own"):
        named_region(str(path), "cn")
    path.write_text(json.dumps({"features": [feature | {"geometry": {"type": "Point", "coordinates": [0, 0]}}]}))
    with pytest.raises(EnvironmentFault, match="no polygon"):
        named_regions(str(path))
