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
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from config.settings import DatabaseSettings
from records.database import postgis
from tests.benchmarks.serving import many, rasters, servers
from tests.benchmarks.serving.load import load
from tests.benchmarks.serving.report import OURS, Measured, tables
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
_MANY = 100
"""Connections of the run whose latencies are compared."""
_LONGER = 5
"""Times that it is longer than others: at first each connection waits to be accepted, which is not what is compared."""
_MOST_CPU_S = 6.0
"""Seconds of CPU that it takes at most, unless other runs take more."""
_MOST_REPEATS = 40
_QUICK: Final = {"size": 2048, "tiles": 24, "rounds": 1, "many": 12}


def main() -> None:
    """Publish the rasters, start the servers, measure each in turn on the same tiles, and print."""
    asked = _arguments()
    end = time.monotonic() + asked.minutes * 60
    with bench_folder(asked.work) as work, bench_database(work) as environment:
        layers = [_published(work, asked, kind, crs, environment) for kind in asked.kinds for crs in asked.crs]
        if asked.many:
            _say(f"publishing {asked.many} collections and a series")
            many.publish(environment["GRATICULE_DATABASE_URL"], work / "var" / "store", asked.many)
        with contextlib.ExitStack() as stack:
            ours, titiler = stack.enter_context(servers.graticule(environment)), stack.enter_context(servers.titiler())
            mapserver = stack.enter_context(servers.mapserver(layers, work)) if layers else None
            told = _Told()
            if asked.many:
                try:
                    _many(ours, titiler, work, asked.many, told)
                except _Invalid as error:
                    told.is_wrong = True
                    told.note(f"first visits: {error}")
            running = [server for server in (ours, titiler, mapserver) if server is not None]
            if layers:
                tile = _fetch(ours, layers[0], rasters.tiles(asked.size)[0])
                limit = stack.enter_context(servers.static(tile, work))
                running += [] if limit is None else [limit]
                if mapserver is None:
                    told.note("MapServer was not measured: mapserv and nginx are not both installed")
                if limit is None:
                    told.note("nginx, the limit of the machine, was not measured: it is not installed")
            for layer in layers:
                _measure(layer, running, asked, told, end)
    page = tables(told.found, told.notes)
    print(page)
    if asked.write:
        replace_section(asked.write, "tiles", page)
    if told.is_wrong:
        raise SystemExit(1)


@dataclass
class _Told:
    """What is told at the end: runs, and notes on what is left out; whether an answer of Graticule's was wrong."""

    found: list[Measured] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_wrong: bool = False

    def note(self, what: str) -> None:
        """Tell of something, now and at the end."""
        self.notes.append(what)
        _say(what)


def _published(work: Path, asked: argparse.Namespace, kind: str, crs: str, environment: dict[str, str]) -> Layer:
    _say(f"publishing {kind}, {crs}")
    return rasters.publish(work, asked.size, kind, crs, environment)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.serving")
    parser.add_argument("--size", type=int, default=4096, help="pixels of an edge, a multiple of 1024")
    parser.add_argument("--tiles", type=int, default=200, help="tiles of each layer")
    parser.add_argument("--rounds", type=int, default=3, help="warm runs, of which the median counts")
    parser.add_argument("--many", type=int, default=1000, help="collections, and times of one; 0: none")
    parser.add_argument("--first-visits", action="store_true", help="these many collections and times alone")
    parser.add_argument("--kinds", nargs="+", choices=rasters.KINDS, default=rasters.KINDS)
    parser.add_argument("--crs", nargs="+", choices=list(rasters.CRS), default=list(rasters.CRS))
    parser.add_argument("--work", type=Path, help="a folder that is kept, with the rasters, for another run")
    parser.add_argument("--write", type=Path, help="a page whose section is replaced by the tables")
    parser.add_argument("--minutes", type=float, default=25, help="after which no further layer is begun")
    parser.add_argument("--least-cpu", type=float, default=_LEAST_CPU_S, help="seconds of CPU of a warm run, about")
    parser.add_argument("--quick", action="store_true", help="little of everything: whether it runs, not how fast")
    asked = parser.parse_args()
    if asked.first_visits:
        asked.kinds = []
    if asked.quick:
        vars(asked).update(_QUICK, least_cpu=0.0)
    return asked


@contextlib.contextmanager
def bench_folder(kept: Path | None) -> Iterator[Path]:
    """The folder of a benchmark: a kept one, or one that is removed."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="graticule-bench-") as made:
        yield Path(made)


@contextlib.contextmanager
def bench_database(work: Path) -> Iterator[dict[str, str]]:
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


def _measure(layer: Layer, running: list[Server], asked: argparse.Namespace, told: _Told, end: float) -> None:
    """Every run on a layer, unless time is up; servers that do not draw it are left out."""
    if time.monotonic() > end:
        told.note(f"{layer.id} was left out: {asked.minutes:g} minutes were over")
        return
    try:
        told.found += _layer(layer, running, asked, told)
    except (_Invalid, OSError, TimeoutError) as error:
        told.is_wrong = True
        told.note(f"{layer.id} was left out: {error}")


def _layer(layer: Layer, running: list[Server], asked: argparse.Namespace, told: _Told) -> list[Measured]:
    """Every run on one layer: each server with its block cache cold, then warm, then over few and many connections."""
    tiles = rasters.tiles(asked.size)
    tiles = random.Random(layer.id).sample(tiles, min(asked.tiles, len(tiles)))
    ours, titiler, *others = running
    _compare(ours, titiler, layer, tiles[:_COMPARED])
    drawing = [ours, titiler]
    for server in others:
        try:
            _require_picture(server, layer, tiles[0])
        except (_Invalid, OSError) as error:
            told.note(f"{layer.id}: without {server.name}: {error}")
        else:
            drawing.append(server)
    plan = [("cold", 16), *[("warm", 16)] * asked.rounds, ("warm", 1), ("warm", _MANY)]
    found: list[Measured] = []
    repeats: dict[str, int] = {}
    longer: dict[str, int] = {}
    for cache, connections in plan:
        for server in drawing.copy():
            paths = [server.path(layer, tile) for tile in tiles]
            if cache == "warm":
                paths *= repeats[server.name] * (longer[server.name] if connections == _MANY else 1)
            _say(f"{layer.id}: {server.name}, {cache}, {connections} connections, {len(paths)} tiles")
            run = _loaded(server, paths, connections, told, layer.id)
            if run is None:
                drawing.remove(server)
                continue
            repeats.setdefault(server.name, _repeats(run, asked.least_cpu))
            longer.setdefault(server.name, _longer(run, repeats[server.name]))
            found.append(Measured(layer=layer.id, server=server.name, cache=cache, connections=connections, run=run))
    return found


def _loaded(server: Server, paths: list[str], connections: int, told: _Told, what: str) -> Run | None:
    """A run, or None, and a note, where a server other than Graticule fails; raises _Invalid where that does."""
    try:
        run = load(server.base, paths, server.processes, connections=connections)
        why = f"failed on {run.errors} of {run.requests} tiles" if run.errors else ""
    except (OSError, TimeoutError) as error:
        why = f"stopped answering: {error!r}"
    if not why:
        return run
    if server.name == OURS:
        raise _Invalid(f"{server.name} {why}")
    told.note(f"{what}: without {server.name}, which {why}")
    return None


def _repeats(run: Run, least_s: float) -> int:
    """How often to ask for the same tiles so that a warm run takes a while of CPU, which is counted in hundredths."""
    return max(1, min(_MOST_REPEATS, math.ceil(least_s * 1000 / (run.cpu_ms * run.requests + 1))))


def _longer(run: Run, repeats: int) -> int:
    """How many times as long the run over many connections is."""
    return max(1, min(_LONGER, int(_MOST_CPU_S * 1000 / (run.cpu_ms * run.requests * repeats + 1))))


def _many(ours: Server, titiler: Server, work: Path, count: int, told: _Told) -> None:
    """Many collections in turn, and many times of one, twice each."""
    collections, series = many.rival_paths(work / "var" / "store", count)
    begun = _memory(ours)
    asked = {
        f"{count:,} collections": ((ours, many.collection_paths(count)), (titiler, collections)),
        f"{count:,} times": ((ours, many.series_paths(count)), (titiler, series)),
    }
    for name, sides in asked.items():
        for cache in ("cold", "warm"):
            for server, paths in sides:
                _say(f"{name}: {server.name}, {cache}")
                try:
                    run = _loaded(server, paths, 16, told, name)
                except _Invalid as error:
                    told.is_wrong = True
                    told.note(f"{name}: {error}")
                    continue
                if run is not None:
                    told.found.append(Measured(layer=name, server=server.name, cache=cache, connections=16, run=run))
    ended = _memory(ours)
    for (_, paths), (_, others) in asked.values():
        for mine, theirs in list(zip(paths, others, strict=True))[:: max(1, count // _COMPARED)]:
            _require_same(_get(ours.base + mine), _get(titiler.base + theirs), mine, titiler)
    told.note(
        f"the larger worker of Graticule took {begun[0]:.0f} MB of memory at first, of which it shared none of "
        f"{begun[1]:.0f}, and {ended[0]:.0f} ({ended[1]:.0f}) MB after {count:,} collections and {count:,} times, "
        "each visited twice"
    )


def _memory(server: Server) -> tuple[float, float]:
    """MB of the largest process of a server: its resident set (RSS), and what of it no other process has (USS)."""
    largest = max((process.memory_full_info() for process in server.processes), key=lambda memory: memory.rss)
    return largest.rss / 2**20, largest.uss / 2**20


def _compare(ours: Server, rival: Server, layer: Layer, tiles: list[tuple[int, int, int]]) -> None:
    """Stop unless both draw the same pixels; what is transparent may have any colour."""
    for tile in tiles:
        mine, theirs = (_fetch(server, layer, tile) for server in (ours, rival))
        _require_same(mine, theirs, str(tile), rival)


def _require_same(mine: bytes, theirs: bytes, tile: str, rival: Server) -> None:
    different = int((_pixels(mine) != _pixels(theirs)).any(axis=-1).sum())
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
    return _get(server.base + server.path(layer, tile))


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def replace_section(page: Path, name: str, text: str) -> None:
    """Replace what stands between the two marks of a section of a page."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(before + begin + "\n" + text + "\n" + end + after, "utf-8")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
