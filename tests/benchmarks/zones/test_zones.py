"""Zonal statistics by Graticule's engine and by plain exactextract in the same run: CPU seconds, and their ratio.

Run with `make bench`. It prints figures and ratios and asserts only that both found the same means.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from shapely.geometry import mapping

from cog.cells.codec import Codec
from cog.reading.mosaic import Mosaic
from cog.reading.sheets import Sheet
from cog.zones.zones import Zone, tallies
from tests.support.rasters import global_grid, write_cog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

GRID = global_grid(7200, 3600)


def countries() -> list[BaseGeometry]:
    """170 polygons of a few thousand to a million cells, with some hundred vertices each."""
    random = np.random.default_rng(3)
    places = random.uniform((-160, -70), (160, 70), (170, 2))
    return [
        shapely.Point(x, y).buffer(size, quad_segs=60)
        for (x, y), size in zip(places, random.gamma(2, 2, 170), strict=True)
    ]


def parcels() -> list[BaseGeometry]:
    """3,000 polygons of some ten cells."""
    random = np.random.default_rng(4)
    return [shapely.Point(x, y).buffer(0.12) for x, y in random.uniform((-20, 20), (20, 50), (3000, 2))]


@pytest.mark.parametrize("times", [1, 6])
@pytest.mark.parametrize("shapes", [countries, parcels])
def test_zonal_means(tmp_path: Path, shapes: Callable[[], list[BaseGeometry]], times: int) -> None:
    values = np.random.default_rng(5).normal(290, 10, (3600, 7200)).astype("float32")
    write_cog(tmp_path, "a.tif", values, GRID)
    path, geometries = str(tmp_path / "a.tif"), shapes()

    def ours() -> list[float]:
        zones = [Zone.of(geometry, GRID) for geometry in geometries]
        mosaics = [Mosaic.of([Sheet(path=path, grid=GRID)])] * times
        found = tallies(zones, mosaics, Codec(dtype="float32"), area=False, distinct=False, advance=lambda _: None)
        return [tally.mean or 0.0 for [*_, tally] in found]

    def theirs() -> list[float]:
        features = [{"type": "Feature", "properties": {}, "geometry": mapping(geometry)} for geometry in geometries]
        operations = ["mean", "min", "max", "stdev", "count"]
        answers: list[Any] = [exact_extract(path, features, operations) for _ in range(times)]
        return [feature["properties"]["mean"] for feature in answers[-1]]

    (found, our_s), (wanted, their_s) = timed(ours), timed(theirs)
    assert found == pytest.approx(wanted, rel=1e-7)
    print(
        f"\n{len(geometries)} {shapes.__name__}, {times} times: Graticule {our_s:.2f} s, exactextract {their_s:.2f} s "
        f"of CPU, ratio {our_s / their_s:.2f}"
    )


def timed(work: Callable[[], list[float]]) -> tuple[list[float], float]:
    """What it found, and the seconds of CPU that it took."""
    begin = time.process_time()
    return work(), time.process_time() - begin
