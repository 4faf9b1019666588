"""Tiles of one COG, read and rendered by Graticule and by rio-tiler's own reader in the same run: CPU per tile.

Run with `make bench`. It prints figures and ratios and asserts only that both drew the same pixels.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from morecantile import tms
from rio_tiler.io import Reader

from cog.read import RasterSource
from cog.reader import GranuleReader
from tests.support.rasters import global_grid, write_cog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rio_tiler.models import ImageData

TILES = 200
ROUNDS = 3
ZOOM = 4


@pytest.fixture
def source(tmp_path: Path) -> RasterSource:
    """A global uint8 grid of 5 arc minutes, smooth with noise."""
    grid = global_grid(4320, 2160)
    rows, columns = np.mgrid[:2160, :4320]
    noise = np.random.default_rng(1).integers(0, 8, (2160, 4320))
    values = (100 + 60 * np.sin(rows / 300) * np.cos(columns / 500) + noise).astype("uint8")
    write_cog(tmp_path, "a.tif", values, grid)
    return RasterSource(path=str(tmp_path / "a.tif"), grid=grid)


def _cpu_ms(draw: Callable[[int, int], ImageData], tiles: list[tuple[int, int]]) -> float:
    """Median CPU milliseconds a tile, over rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for x, y in tiles:
            draw(x, y)
        rounds.append((time.process_time() - began) / len(tiles) * 1000)
    return sorted(rounds)[ROUNDS // 2]


@pytest.mark.filterwarnings("ignore:Adjusting dataset latitudes")  # rio-tiler's own, at every global raster
def test_reading_a_tile_against_rio_tiler(source: RasterSource, capsys: pytest.CaptureFixture[str]) -> None:
    matrices = tms.get("WebMercatorQuad")
    random_ = random.Random(7)
    tiles = [(random_.randrange(1, 2**ZOOM - 1), random_.randrange(2, 2**ZOOM - 2)) for _ in range(TILES)]

    def ours(x: int, y: int) -> ImageData:
        with GranuleReader(source, tms=matrices) as reader:
            return reader.tile(x, y, ZOOM)

    def theirs(x: int, y: int) -> ImageData:
        with Reader(source.path, tms=matrices) as reader:
            return reader.tile(x, y, ZOOM)

    for x, y in tiles[:20]:
        np.testing.assert_array_equal(ours(x, y).array.data, theirs(x, y).array.data)
    mine, rival = _cpu_ms(ours, tiles), _cpu_ms(theirs, tiles)
    with capsys.disabled():
        print(f"\nread, CPU ms a tile: graticule {mine:.2f}, rio-tiler {rival:.2f}, ratio {rival / mine:.1f}")
