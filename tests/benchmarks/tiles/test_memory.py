"""Memory of a web worker over many distinct tiles of many collections: its slope after the caches are full.

Run with `make bench`; GRATICULE_TEST_TILES sets how many tiles are fetched over HTTP after as many before (20,000 in
full).
"""

from __future__ import annotations

import http.client
import os
import random
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support.rasters import global_grid, publication
from tests.support.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.datasets.repository import Repository

COLLECTIONS = 50
TILES = int(os.environ.get("GRATICULE_TEST_TILES", "2000"))
LIMIT_MB = 1.0
"""Growth for 10,000 tiles."""
_ZOOM = 8


def publish(repository: Repository, store: Path) -> None:
    """Collections of one file each: all alike but for their ids."""
    values = np.random.default_rng(1).integers(0, 900, (512, 1024)).astype("int16")
    made = publication(store, "c0", {None: values}, global_grid(1024, 512), nodata=0.0, value_range=(0.0, 900.0))
    granule = made.granules[0]
    for number in range(COLLECTIONS):
        name = f"c{number}"
        asset = replace(granule.asset, href=granule.asset.href.replace("c0", name))
        if number:
            (store / asset.href).parent.mkdir(parents=True)
            (store / asset.href).write_bytes((store / granule.asset.href).read_bytes())
        own = replace(granule, dataset_id=name, asset=asset)
        repository.publish(replace(made, id=name, granules=(own,), record=made.record | {"id": name}))


def paths(dice: random.Random) -> Iterator[str]:
    """Tiles, none of them twice."""
    count = 2**_ZOOM
    for number in dice.sample(range(COLLECTIONS * count * count), 2 * TILES):
        collection, place = divmod(number, count * count)
        yield f"/xyz/c{collection}/v/{_ZOOM}/{place // count}/{place % count}.png"


def resident(server: Serving, wanted: Iterator[str]) -> Iterator[float]:
    """Fetch tiles on one connection; after each, the worker's resident memory in MB."""
    (worker,) = server.workers()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for path in wanted:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            assert answer.read(8) == b"\x89PNG\r\n\x1a\n", (path, answer.status)
            answer.read()
        yield worker.memory_info().rss / 1e6
    connection.close()


@pytest.mark.timeout(3600)
def test_memory_does_not_grow_with_the_tiles_served(
    database_url: str, repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(repository, tmp_path / "store")
    with serving(database_url, tmp_path, workers=1, log_level="warning") as server:
        seen = list(islice(enumerate(resident(server, paths(random.Random(3)))), 0, None, 100))
    slope = float(np.polyfit(*zip(*seen[len(seen) // 2 :], strict=True), 1)[0]) * 10_000
    with capsys.disabled():
        marks = ", ".join(f"{number:,}: {rss:.0f}" for number, rss in seen[:: max(1, len(seen) // 8)])
        print(f"\nRSS of the worker in MB by tile: {marks}, last {seen[-1][1]:.0f}")
        print(f"slope {slope:+.2f} MB for 10,000 tiles, of the last {TILES:,} of {2 * TILES:,}")
    assert slope < LIMIT_MB or TILES < 10_000  # a short run shows noise
