"""What it costs a tile that files are compared with their checksums: a look at an open file, and its first reading.

Run with `make bench`. Each raster is drawn under two names in turn: one that says its checksum, and one that does not.
It prints figures, and asserts nothing of time.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import morecantile
import pytest

from cog.reading.integrity import require_intact, sha256_of
from cog.reading.opener import close_all
from cog.tiles.render import Painter
from tests.benchmarks.tiles.rasters import SIZE, ZOOM, layers
from tests.benchmarks.tiles.test_drawing import ours

if TYPE_CHECKING:
    from tests.benchmarks.tiles.rasters import Layer

TILES = 40
ROUNDS = 15
LOOKS = 2_000


def _named(layer: Layer) -> Layer:
    """The same raster under a name of the store."""
    path = Path(layer.source.path)
    place = path.parent / layer.name / "v"
    place.mkdir(parents=True)
    link = place / f"static-{sha256_of(path)[:12]}.tif"
    link.hardlink_to(path)
    return replace(layer, source=replace(layer.source, path=str(link)))


def _look(path: str) -> float:
    """CPU seconds of a look at an open file, the least of some rounds."""
    known = require_intact(path)
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(LOOKS):
            require_intact(path, known)
        rounds.append((time.process_time() - began) / LOOKS)
    return min(rounds)


@pytest.mark.timeout(900)
def test_checksums_on_the_way_to_a_tile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dice, span = random.Random(7), SIZE // 256
    tiles = [
        morecantile.Tile(x=256 + dice.randrange(3, span - 3), y=190 + dice.randrange(3, span - 3), z=ZOOM)
        for _ in range(TILES)
    ]
    for layer in layers(tmp_path):
        pair = {"plain": layer, "named": _named(layer)}
        painters = {name: Painter(each.source, each.dtype, each.drawing) for name, each in pair.items()}
        began = time.perf_counter()
        require_intact(pair["named"].source.path)
        first = time.perf_counter() - began
        look = _look(pair["named"].source.path)
        seconds: dict[str, list[float]] = {"plain": [], "named": []}
        for round_ in range(ROUNDS + 1):
            for name in sorted(pair, reverse=round_ % 2 == 0):
                began = time.process_time()
                for tile in tiles:
                    ours(pair[name], painters[name], tile)
                if round_:
                    seconds[name].append((time.process_time() - began) / TILES)
        plain, named = (sorted(seconds[name])[ROUNDS // 2] for name in ("plain", "named"))
        size = Path(layer.source.path).stat().st_size / 2**20
        with capsys.disabled():
            print(
                f"\n{layer.name:12} CPU us a tile: {plain * 1e6:6.1f} without, {named * 1e6:6.1f} with checksums; "
                f"a look {look * 1e6:.1f} ({100 * look / plain:.1f} %), "
                f"first reading {first * 1e3:.1f} ms of {size:.1f} MiB",
                end="",
            )
    close_all()
