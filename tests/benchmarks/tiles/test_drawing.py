"""CPU per tile of drawing without HTTP: Graticule, and rio-tiler with titiler's renderer, on the same tiles in turn.

Run with `make bench`. It prints figures and ratios, and asserts that both drew the same colours.
"""

from __future__ import annotations

import io
import random
import time
import warnings
from typing import TYPE_CHECKING

import morecantile
import numpy as np
import pytest
from PIL import Image
from rio_tiler.io import Reader
from titiler.core.resources.enums import ImageType
from titiler.core.utils import render_image

from cog.reading.opener import close_all, open_raster
from cog.tiles.encode import encode
from cog.tiles.read import read_cells
from cog.tiles.render import Painter
from cog.tiles.source import ImageRequest
from services.drawing.tiles.matrix_sets import builtin
from tests.benchmarks.tiles.rasters import SIZE, ZOOM, layers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.benchmarks.tiles.rasters import Layer

TILES = 12
ROUNDS = 3
SETS = "WebMercatorQuad"


def ours(layer: Layer, painter: Painter, tile: morecantile.Tile) -> bytes:
    request = ImageRequest(
        bounds=builtin(SETS).matrices[tile.z].bounds(tile.y, tile.x), crs="EPSG:3857", shape=(256, 256)
    )
    with open_raster(layer.source.path, layer.source.version) as raster:
        cells = read_cells(layer.source, raster, request)
    assert cells is not None
    picture = painter.paint(cells)
    assert picture is not None
    return encode(picture, "png")


def theirs(layer: Layer, tile: morecantile.Tile) -> bytes:
    with Reader(layer.source.path, tms=morecantile.tms.get(SETS)) as reader:
        image = reader.tile(*tile)
    colors, ranges = layer.drawing.colors, layer.drawing.ranges
    return render_image(image, colormap=colors, output_format=ImageType.png, rescale=ranges)[0]


def rgba(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def cpu_ms(draw: Callable[[morecantile.Tile], bytes], tiles: list[morecantile.Tile]) -> float:
    """Median CPU milliseconds a tile, over rounds; the first, which fills the block cache, does not count."""
    rounds = []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        for tile in tiles:
            draw(tile)
        rounds.append((time.process_time() - began) / len(tiles) * 1000)
    return sorted(rounds[1:])[ROUNDS // 2]


@pytest.mark.timeout(900)
def test_drawing_a_tile_against_rio_tiler(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warnings.simplefilter("ignore")
    dice, span = random.Random(7), SIZE // 256
    tiles = [
        morecantile.Tile(x=256 + dice.randrange(3, span - 3), y=190 + dice.randrange(3, span - 3), z=ZOOM)
        for _ in range(TILES)
    ]
    for layer in layers(tmp_path):
        painter = Painter(layer.source, layer.dtype, layer.drawing)
        for tile in tiles[:4]:
            np.testing.assert_array_equal(rgba(ours(layer, painter, tile)), rgba(theirs(layer, tile)))
        mine = cpu_ms(lambda tile, layer=layer, painter=painter: ours(layer, painter, tile), tiles)
        rival = cpu_ms(lambda tile, layer=layer: theirs(layer, tile), tiles)
        with capsys.disabled():
            print(
                f"\n{layer.name:12} CPU ms a tile: {mine:6.2f}  rio-tiler {rival:6.2f}  ratio {rival / mine:5.1f}",
                end="",
            )
    close_all()
