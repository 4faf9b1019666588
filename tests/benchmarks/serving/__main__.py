"""`python -m tests.benchmarks.serving`: the whole benchmark, as tables."""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import os
import random
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from config.settings import DatabaseSettings
from records import postgis
from tests.benchmarks.serving import many, rasters, servers
from tests.benchmarks.serving.load import load
from tests.benchmarks.serving.report import Measured, tables
from tests.support.database import Server as Databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.serving.load import Run
    from tests.benchmarks.serving.rasters import Layer
    from tests.benchmarks.serving.servers import Server

_PNG = b"\x89PNG"
_COMPARED = 8
"""Tiles of each layer whose pixels are compared."""
_LEAST_CPU_S = 1.0
_MOST_REPEATS = 40


def main() -> None:
    """Publish the rasters, start the servers, measure each in turn on the same tiles, and print."""
    asked = _arguments()
    with _folder(asked.work) as work, _database(work) as environment:
        _say("publishing")
        layers = [
            rasters.publish(work, asked.size, kind, crs, environment) for kind in asked.kinds for crs in asked.crs
        ]
        if asked.many:
            many.publish(environment["GRATICULE_DATABASE_URL"], work / "var" / "store", asked.many)
        with contextlib.ExitStack() as stack:
            ours, titiler = stack.enter_context(servers.graticule(environment)), stack.enter_context(servers.titiler())
            mapserver = stack.enter_context(servers.mapserver(layers, work))
            tile = _fetch(ours, layers[0], rasters.tiles(asked.size)[0])
            limit = stack.enter_context(servers.static(tile, work))
            running = [server for server in (ours, titiler, mapserver, limit) if server is not None]
            found, wrong = _layers(layers, running, asked)
            if asked.many:
                found += _many(ours, titiler, work, asked.many)
    told = tables(found)
    print(told)
    if asked.write:
        _write(asked.write, told)
    if wrong:
        raise SystemExit("\n".join(wrong))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.serving")
    parser.add_argument("--size", type=int, default=6144, help="pixels of an edge, a multiple of 1024")
    parser.add_argument("--tiles", type=int, default=300, help="tiles of each layer")
    parser.add_argument("--rounds", type=int, default=3, help="warm runs, of which the median counts")
    parser.add_argument("--many", type=int, default=1000, help="collections, and times of one; 0: none")
    parser.add_argument("--kinds", nargs="+", choices=rasters.KINDS, default=rasters.KINDS)
    parser.add_argument("--crs", nargs="+", choices=list(rasters.CRS), default=list(rasters.CRS))
    parser.add_argument("--work", type=Path, help="a folder that is kept, with the rasters, for another run")
    parser.add_argument("--write", type=Path, help="a page whose section is replaced by the tables")
    return parser.parse_args()


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="graticule-bench-") as made:
        yield Path(made)


@contextlib.contextmanager
def _database(work: Path) -> Iterator[dict[str, str]]:
    """The environment of a server over a database and a store of the benchmark's own."""
    folder, settings = work / "var", DatabaseSettings()
    folder.mkdir(exist_ok=True)
    with postgis.running(folder, settings, durable=False) as admin, _fresh(admin) as url:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GRATICULE_")}
        yield kept | {"GRATICULE_DATABASE_URL": url, "GRATICULE_DATA_DIR": str(folder)}


@contextlib.contextmanager
def _fresh(admin: str) -> Iterator[str]:
    databases = Databases(admin)
    databases.make_template()
    try:
        with databases.database() as url:
            yield url
    finally:
        databases.drop_template()


class _Invalid(Exception):
    """What a server answered is not what is measured."""


def _layers(layers: list[Layer], running: list[Server], asked: argparse.Namespace) -> tuple[list[Measured], list[str]]:
    """Every run on every layer, and what was wrong with the layers that are left out."""
    found, wrong = [], []
    for layer in layers:
        try:
            found += _layer(layer, running, asked)
        except (_Invalid, OSError) as error:
            wrong.append(f"{layer.id} is left out: {error}")
            _say(wrong[-1])
    return found, wrong


def _layer(layer: Layer, running: list[Server], asked: argparse.Namespace) -> list[Measured]:
    """Every run on one layer: each server with its block cache cold, then warm, then over few and many connections."""
    tiles = rasters.tiles(asked.size)
    tiles = random.Random(layer.id).sample(tiles, min(asked.tiles, len(tiles)))
    _compare(running[0], running[1], layer, tiles[:_COMPARED])
    for server in running[2:]:
        _require_picture(server, layer, tiles[0])
    plan = [("cold", 16), *[("warm", 16)] * asked.rounds, ("warm", 1), ("warm", 100)]
    found: list[Measured] = []
    repeats: dict[str, int] = {}
    for cache, connections in plan:
        for server in running:
            paths = [server.path(layer, tile) for tile in tiles]
            if cache == "warm":
                paths *= repeats[server.name]
            _say(f"{layer.id}: {server.name}, {cache}, {connections} connections, {len(paths)} tiles")
            run = load(server.base, paths, server.processes, connections=connections)
            if run.errors:
                raise _Invalid(f"{server.name} failed on {run.errors} of {run.requests} tiles")
            repeats.setdefault(server.name, _repeats(run))
            found.append(Measured(layer=layer.id, server=server.name, cache=cache, connections=connections, run=run))
    return found


def _repeats(run: Run) -> int:
    """How often to ask for the same tiles so that a warm run takes a while of CPU, which is counted in hundredths."""
    return max(1, min(_MOST_REPEATS, math.ceil(_LEAST_CPU_S * 1000 / (run.cpu_ms * run.requests + 1))))


def _many(ours: Server, titiler: Server, work: Path, count: int) -> list[Measured]:
    """Many collections in turn, and many times of one, twice each."""
    collections, series = many.rival_paths(work / "var" / "store", count)
    asked = {
        f"{count:,} collections": ((ours, many.collection_paths(count)), (titiler, collections)),
        f"{count:,} times": ((ours, many.series_paths(count)), (titiler, series)),
    }
    found = []
    for name, sides in asked.items():
        for cache in ("cold", "warm"):
            for server, paths in sides:
                _say(f"{name}: {server.name}, {cache}")
                run = load(server.base, paths, server.processes, connections=16)
                if run.errors:
                    raise SystemExit(f"{server.name} failed on {run.errors} of {name}")
                found.append(Measured(layer=name, server=server.name, cache=cache, connections=16, run=run))
    return found


def _compare(ours: Server, rival: Server, layer: Layer, tiles: list[tuple[int, int, int]]) -> None:
    """Stop unless both draw the same pixels; what is transparent may have any colour."""
    for tile in tiles:
        mine, theirs = (_pixels(_fetch(server, layer, tile)) for server in (ours, rival))
        different = int((mine != theirs).any(axis=-1).sum())
        if different:
            raise _Invalid(f"{different} pixels of tile {tile} differ from {rival.name}'s")


def _require_picture(server: Server, layer: Layer, tile: tuple[int, int, int]) -> None:
    """Stop unless a server, whose own colours may differ, draws the data: an error page is quick to make."""
    found = _fetch(server, layer, tile)
    if not found.startswith(_PNG) or not _pixels(found).any():
        raise _Invalid(f"{server.name} draws nothing at tile {tile}: {found[-200:]!r}")


def _pixels(png: bytes) -> np.ndarray:
    pixels = np.array(Image.open(io.BytesIO(png)).convert("RGBA"))
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _fetch(server: Server, layer: Layer, tile: tuple[int, int, int]) -> bytes:
    with urllib.request.urlopen(server.base + server.path(layer, tile), timeout=60) as answer:
        return bytes(answer.read())


def _write(page: Path, told: str) -> None:
    """Replace what stands between the page's two marks."""
    begin, end = "<!-- tiles: begin -->\n", "<!-- tiles: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(before + begin + "\n" + told + "\n" + end + after, "utf-8")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
