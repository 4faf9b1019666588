"""Memory of one drawing process over many distinct tiles of many rasters: its slope after the caches are full.

Run with `make bench`; GRATICULE_TEST_TILES sets how many tiles are drawn after the first half (20,000 in full).
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import morecantile
import numpy as np
import psutil
import pytest

from cog.encode import encode
from cog.opened import close_all, opened
from cog.read import ImageRequest, RasterSource, read_cells
from cog.render import Drawing, Painter
from services.raster.matrices import matrices
from tests.support.rasters import global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

RASTERS = 50
TILES = int(os.environ.get("GRATICULE_TEST_TILES", "2000"))
LIMIT_MB = 1.0
"""Growth for 10,000 tiles."""


@pytest.mark.timeout(3600)
def test_memory_does_not_grow_with_the_tiles_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = global_grid(1024, 512)
    values = np.random.default_rng(1).integers(0, 900, (512, 1024)).astype("int16")
    drawing = Drawing(ranges=((0.0, 900.0),))
    asset = write_cog(tmp_path, "0.tif", values, grid, nodata=0.0)
    source = RasterSource(path=str(tmp_path / "0.tif"), grid=grid, nodata=0.0, version=asset.sha256)
    sources = [source]
    for i in range(1, RASTERS):
        (tmp_path / f"{i}.tif").write_bytes((tmp_path / "0.tif").read_bytes())
        sources.append(replace(source, path=str(tmp_path / f"{i}.tif")))
    painters = [Painter(s, "int16", drawing) for s in sources]
    dice, process, seen = random.Random(3), psutil.Process(), []
    for number in range(2 * TILES):
        pick, tile = dice.randrange(RASTERS), morecantile.Tile(x=dice.randrange(256), y=dice.randrange(256), z=8)
        bounds = matrices("WebMercatorQuad")[tile.z].bounds(tile.y, tile.x)
        request = ImageRequest(bounds=bounds, crs="EPSG:3857", shape=(256, 256))
        with opened(sources[pick].path, sources[pick].version) as raster:
            cells = read_cells(sources[pick], raster, request)
        assert cells is not None
        picture = painters[pick].paint(cells)
        assert picture is not None
        encode(picture, "png")
        if number >= TILES and number % 100 == 0:
            seen.append((number, process.memory_info().rss / 1e6))
    close_all()
    slope = float(np.polyfit(*zip(*seen, strict=True), 1)[0]) * 10_000
    with capsys.disabled():
        print(f"\nRSS {seen[-1][1]:.0f} MB, slope {slope:+.2f} MB for 10,000 tiles, of {TILES} measured")
    assert slope < LIMIT_MB or TILES < 10_000  # a short run shows noise
