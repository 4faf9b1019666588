"""`python -m tests.identity`: draw random tiles of every kind, compare each with rio-tiler's, and print the counts."""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import numpy as np
from fastapi.testclient import TestClient
from pydantic import SecretStr
from rasterio.warp import transform
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84
from config.settings import DatabaseSettings, Settings
from records.database import postgis
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app
from services.selection.matrices import IDS, matrix_set, native_matrix
from tests.identity.oracle import Tile, Wanted, rgba, wanted
from tests.identity.subjects import Subject, subjects
from tests.support.database import Server, external_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.drawing.tiles.plans import TilePlans

_DEEPEST: Final = 24
_FINER: Final = 3
"""Zooms beyond that of the grid's cells."""
_COARSER: Final = 5
_SHOWN: Final = 5
"""Differences of a kind that are told one by one."""
_COLUMNS: Final = ("compared", "fast path", "fallback", "outside", "exempt", "different")


def main() -> None:
    """Publish, draw, compare, print; exit code 1 if a pixel differs."""
    asked = _arguments()
    with _catalogue() as settings:
        engine = create_engine(driver_url(settings.database.url.get_secret_value()), poolclass=NullPool)
        found = subjects(Repository(engine), settings.store_dir, asked.seed, asked.only)
        engine.dispose()
        with TestClient(create_app(settings), raise_server_exceptions=False) as client:
            run = _Run(client, settings.store_dir, random.Random(asked.seed))
            kinds = sorted({subject.kind for subject in found})
            of_kind = {kind: [s for s in found if s.kind == kind] for kind in kinds}
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with contextlib.suppress(KeyboardInterrupt):  # then what was compared is told
                for number in range(asked.count):
                    run.draw(run.dice.choice(of_kind[kinds[number % len(kinds)]]))
                    if number % 500 == 499:
                        print(f"{number + 1} tiles", file=sys.stderr, flush=True)
            run.report()
    sys.exit(1 if run.total("different") else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.identity")
    parser.add_argument("--count", type=int, default=10_000, help="tiles")
    parser.add_argument("--seed", type=int, default=1, help="of rasters and tiles")
    parser.add_argument("--only", default="", help="a part of the names of the kinds that are drawn")
    return parser.parse_args()


@contextlib.contextmanager
def _catalogue() -> Iterator[Settings]:
    """Settings over an empty database and an empty store."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graticule-identity-")))
        options = DatabaseSettings()
        admin = external_url() or stack.enter_context(postgis.running(folder, options, durable=False))
        server = Server(admin)
        server.make_template()
        stack.callback(server.drop_template)
        url = SecretStr(stack.enter_context(server.database()))
        yield Settings(data_dir=folder, database=DatabaseSettings(url=url))


class _Run:
    """The tiles so far, counted by kind."""

    def __init__(self, client: TestClient, store: Path, dice: random.Random) -> None:
        self.client, self.store, self.dice = client, store, dice
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.plans: TilePlans = client.app.state.tile_plans  # type: ignore[attr-defined]  # any ASGI app

    def draw(self, subject: Subject) -> None:
        """Draw and compare a random tile."""
        tile, counts = _tile(subject, self.dice), self.counts[subject.kind]
        path = _path(subject, tile)
        way, content = self._answer(path)
        oracle = wanted(subject, str(self.store / subject.granule.asset.href), tile)
        counts["compared"] += 1
        counts[way] += 1
        counts["outside"] += oracle is None
        counts["exempt"] += oracle is not None and bool(oracle.gap.any())
        if oracle is None and subject.granule.grid.is_global:
            counts["exempt"] += 1
            return  # it goes on beyond the meridian where rio-tiler's ends
        why = _difference(content, oracle, tile)
        if why:
            counts["different"] += 1
            if counts["different"] <= _SHOWN:
                print(f"{subject.kind}: {path} ({way}): {why}", flush=True)

    def _answer(self, path: str) -> tuple[str, bytes]:
        """The way a tile was drawn, and its bytes; the first of its kind is asked for again."""
        for _ in range(2):
            drawn, left = self.plans.drawn, self.plans.left
            answer = self.client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code} {answer.text}")
            if self.plans.drawn > drawn:
                return "fast path", answer.content
            if self.plans.left > left:
                break
        return "fallback", answer.content

    def total(self, column: str) -> int:
        """A column's sum."""
        return sum(counts[column] for counts in self.counts.values())

    def report(self) -> None:
        """Print the table."""
        print("| kind | " + " | ".join(_COLUMNS) + " |\n|---|" + "---|" * len(_COLUMNS))
        for kind, counts in self.counts.items():
            print(f"| {kind} | " + " | ".join(f"{counts[c]:,}" for c in _COLUMNS) + " |")
        print("| all | " + " | ".join(f"{self.total(c):,}" for c in _COLUMNS) + " |")


def _tile(subject: Subject, dice: random.Random) -> Tile:
    """A random tile that a cell of the subject lies in; at times one at its edge, or anywhere."""
    name, size, form = dice.choice(IDS), dice.choice((256, 512)), dice.choice(("png", "npy"))
    grid = subject.granule.grid
    tms, native = matrix_set(name), native_matrix(grid, name)
    z = min(max(native + dice.randint(-_COARSER, _FINER), 0), _DEEPEST, len(tms.tileMatrices) - 1)
    for _ in range(100):
        place = dice.random()
        column, row = dice.uniform(0, grid.width), dice.uniform(0, grid.height)
        if place < 0.2:
            column = dice.choice((0.5, grid.width - 0.5))
        elif place < 0.3:
            row = dice.choice((0.5, grid.height - 0.5))
        a, b, c, d, e, f = grid.transform
        x, y = a * column + b * row + c, d * column + e * row + f
        (lon,), (lat,) = transform("EPSG:4326" if grid.crs == CRS84 else grid.crs, "EPSG:4326", [x], [y])
        if place > 0.97:
            lon, lat = dice.uniform(-180, 180), dice.uniform(-85, 85)
        if np.isfinite(lon + lat) and abs(lat) < 85:
            tile = tms.tile((lon + 180.0) % 360.0 - 180.0, lat, z)
            return Tile(matrix_set=name, x=tile.x, y=tile.y, z=z, size=size, form=form)
    raise SystemExit(f"no cell of {subject.kind} lies anywhere")


def _path(subject: Subject, tile: Tile) -> str:
    granule = subject.granule
    chosen = {"variable": granule.variable_id, "datetime": granule.time, "level": granule.level, "part": granule.part}
    query = {name: value for name, value in chosen.items() if value is not None}
    query |= {"f": tile.form, "tilesize": str(tile.size)}
    where = f"{tile.matrix_set}/{tile.z}/{tile.y}/{tile.x}"
    return f"/collections/{granule.dataset_id}/map/tiles/{where}?{urlencode(query)}"


def _difference(content: bytes, oracle: Wanted | None, tile: Tile) -> str | None:
    """What differs, None if nothing does."""
    if tile.form == "png":
        ours = rgba(content)
        if oracle is None:
            return "drawn, where rio-tiler has no tile" if ours[..., 3].any() else None
        wrong = (ours != oracle.image).any(axis=2) & ~oracle.gap
    else:
        values = np.load(io.BytesIO(content))
        if oracle is None:
            return "values, where rio-tiler has no tile" if (values[-1] > 0).any() else None
        if (values.shape, values.dtype) != (oracle.image.shape, oracle.image.dtype):
            return f"{values.dtype} {values.shape}, not {oracle.image.dtype} {oracle.image.shape}"
        unequal = (values[:-1] != oracle.image[:-1]).any(axis=0) & (values[-1] > 0)
        wrong = ((values[-1] != oracle.image[-1]) | unequal) & ~oracle.gap
    rows, columns = np.nonzero(wrong)
    if not rows.size:
        return None
    return f"{rows.size} pixels, rows {rows.min()} to {rows.max()}, columns {columns.min()} to {columns.max()}"


if __name__ == "__main__":
    main()
