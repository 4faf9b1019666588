"""CPU per request of whole servers: Graticule and titiler, one worker each, on the same tiles in turn.

Both run under uvicorn with uvloop and httptools. Run with `make bench`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil
import pytest
from rio_tiler.colormap import cmap

from records.models import ColorClass, Style
from tests.benchmarks.tiles.rasters import CLASSES, SIZE, ZOOM, grids, values
from tests.support.rasters import publication
from tests.support.serving import free_port
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.models import Publication
    from records.repository import Repository

TILES = 60
ROUNDS = 3
RIVAL = {"lc": f"&colormap={quote(json.dumps(CLASSES))}", "rgb": ""} | {"sst": "&rescale=0,30&colormap_name=viridis"}
ENV = {
    "GDAL_CACHEMAX": "200",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "VSI_CACHE": "TRUE",
    "GDAL_HTTP_MULTIPLEX": "YES",
}


def published(store: Path, kind: str, grid: str) -> Publication:
    stored, nodata = values(kind)
    box = (0.0, 35.0, 8.4, 41.5)
    made = publication(store, f"{kind}-{grid}", {None: stored}, grids()[grid], nodata=nodata, bbox=box)
    variable = made.variables[0]
    if kind == "lc":
        classes = tuple(ColorClass(value=v, color=c) for v, c in CLASSES.items())
        variable = replace(variable, kind="categorical", classes=classes, styles=(Style(id="default"),))
    elif kind == "rgb":
        variable = replace(variable, kind="rgb", band_count=3, styles=(Style(id="default"),))
    else:
        assert "viridis" in cmap.list()
        variable = replace(variable, styles=(Style(id="default", colormap="viridis", range=(0.0, 30.0)),))
    return replace(made, variables=(variable,))


@contextmanager
def server(app: str, env: dict[str, str]) -> Iterator[tuple[psutil.Process, http.client.HTTPConnection]]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--factory", "--port", str(port), "--loop", "uvloop"]
    run = [*command, "--http", "httptools", "--log-level", "warning"]
    process = subprocess.Popen(run, env=os.environ | env, stderr=subprocess.DEVNULL)
    try:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        yield psutil.Process(process.pid), link
        link.close()
    finally:
        process.terminate()
        process.wait(30)


def get(link: http.client.HTTPConnection, path: str) -> tuple[int, int]:
    """(status, bytes) of an answer; asked again over a new connection if an idle one was closed; else zeros."""
    for _ in range(2):
        try:
            link.request("GET", path)
            answer = link.getresponse()
            return answer.status, len(answer.read())
        except (ConnectionError, http.client.HTTPException):
            link.close()
    return 0, 0


def cpu_ms(process: psutil.Process, link: http.client.HTTPConnection, paths: list[str]) -> float:
    """Median CPU milliseconds a request; the first round, which fills caches, does not count."""
    rounds = []
    for _ in range(ROUNDS + 1):
        before = sum(process.cpu_times()[:2])
        for path in paths:
            assert get(link, path)[0] == 200
        rounds.append((sum(process.cpu_times()[:2]) - before) / len(paths) * 1000)
    return sorted(rounds[1:])[ROUNDS // 2]


@pytest.mark.timeout(1800)
def test_serving_a_tile_against_titiler(
    repository: Repository, store: Path, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [(kind, grid) for kind in ("lc", "sst", "rgb") for grid in ("web", "geo", "albers")]
    hrefs = {}
    for kind, grid in names:
        made = published(store, kind, grid)
        repository.publish(made)
        hrefs[kind, grid] = store / made.granules[0].asset.href
    dice, span = random.Random(7), SIZE // 256
    tiles = [(256 + dice.randrange(3, span - 3), 190 + dice.randrange(3, span - 3)) for _ in range(TILES)]
    own = {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(tmp_path), "GRATICULE_STORE": str(store)}
    with (
        server("services.app:create_app", own) as (us, our_link),
        server("tests.benchmarks.tiles.titiler_app:create_app", ENV) as (them, their_link),
    ):
        eventually(lambda: get(our_link, "/healthz")[0], lambda status: status == 200, within_s=120)
        eventually(lambda: get(their_link, "/docs")[0], lambda status: status == 200, within_s=120)
        time.sleep(1)
        for kind, grid in names:
            mine = cpu_ms(us, our_link, [f"/xyz/{kind}-{grid}/v/{ZOOM}/{x}/{y}.png" for x, y in tiles])
            url = quote(str(hrefs[kind, grid]))
            paths = [f"/tiles/WebMercatorQuad/{ZOOM}/{x}/{y}.png?url={url}{RIVAL[kind]}" for x, y in tiles[::6]]
            theirs = cpu_ms(them, their_link, paths)
            with capsys.disabled():
                figures = f"CPU ms a request: {mine:5.2f}  titiler {theirs:6.2f}  ratio {theirs / mine:5.1f}"
                print(f"\n{kind} {grid:7} {figures}", end="")
        with capsys.disabled():
            print(f"\nRSS {us.memory_info().rss / 1e6:.0f} MB, titiler {them.memory_info().rss / 1e6:.0f} MB")
