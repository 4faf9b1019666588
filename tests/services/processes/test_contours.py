"""`contours`: of times of a collection, in another unit, as GeoJSON and FlatGeobuf, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from config.errors import InvalidInput, InvalidParameter
from config.grids import CRS84, Grid
from tests.support.processes import answer_here, context_of, execute_here
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 5.0), width=6, height=5)
UTM = Grid(crs="EPSG:32650", transform=(1000.0, 0.0, 500_000.0, 0.0, -1000.0, 3_300_000.0), width=6, height=5)
RISING = np.broadcast_to(np.arange(6, dtype="float32") + 290, (5, 6)).copy()
FORM = {"contours": {"format": {"mediaType": "application/flatgeobuf"}}}


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Temperatures that rise eastward, on two grids."""
    with context_of(server, tmp_path_factory.mktemp("contours")) as context:
        steps: dict[str | None, Any] = {"2020-01-01": RISING, "2020-01-02": RISING + 1}
        for name, grid in (("warm", GRID), ("plane", UTM)):
            made = publication(context.store, name, steps, grid, nodata=np.nan, unit="K")
            context.catalogue.repository.publish(made)
        yield context


def contours(context: Context, **inputs: Any) -> list[dict[str, Any]]:
    answer = answer_here(context, "contours", {"field": {"collection": "warm"}, **inputs}, outputs_={"contours": {}})
    features: list[dict[str, Any]] = answer["features"]
    return features


def test_lines_lie_where_the_values_are_at_each_time(context: Context) -> None:
    features = contours(context, levels=[19.35], unit="degC", datetime="2020-01-01/2020-01-02")
    assert [feature["properties"]["time"] for feature in features] == ["2020-01-01", "2020-01-02"]
    xs = [shapely.from_geojson(shapely.to_geojson(shapely.geometry.shape(f["geometry"]))).bounds[0] for f in features]
    assert xs == pytest.approx([3.0, 2.0], abs=1e-4)
    assert features[0]["properties"] == {"time": "2020-01-01", "low": 19.35, "high": 19.35, "unit": "degC"}


def test_areas_come_as_flatgeobuf_and_of_projected_grids_in_degrees(context: Context, tmp_path: Path) -> None:
    inputs = {"field": {"collection": "plane"}, "interval": 2, "kind": "areas", "datetime": "2020-01-01"}
    body, media_type = execute_here(context, "contours", inputs, outputs_=FORM)
    assert media_type == "application/flatgeobuf"
    path = tmp_path / "a.fgb"
    path.write_bytes(body)
    info, _, geometry, fields = pyogrio.raw.read(path)
    columns = dict(zip(info["fields"].tolist(), fields, strict=True))
    assert sorted(columns["low"].tolist()) == [290, 292, 294]
    assert "CRS84" in info["crs"]
    bounds = shapely.total_bounds(shapely.from_wkb(geometry))
    corners = Transformer.from_crs("EPSG:32650", "OGC:CRS84", always_xy=True).transform(
        [500_500, 505_500], [3_295_500, 3_299_500]
    )
    assert bounds == pytest.approx((corners[0][0], corners[1][0], corners[0][1], corners[1][1]), abs=1e-4)


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ({}, InvalidInput, "levels, or interval"),
        ({"levels": [2, 1]}, InvalidParameter, "rise"),
        ({"levels": [2], "kind": "areas"}, InvalidParameter, "two levels"),
        ({"levels": [2], "unit": "m"}, InvalidInput, "unit"),
        ({"interval": 0.001}, InvalidParameter, "the limit is 200"),
        ({"levels": [2], "bbox": {"bbox": [0.1, 0.1, 0.2, 0.2]}}, InvalidInput, "two rows"),
    ],
)
def test_what_has_no_contours_is_refused(
    context: Context, inputs: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        contours(context, **inputs)
