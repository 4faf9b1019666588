"""`python -m tests.identity`: draw random tiles of every kind, compare each with rio-tiler's, and print the counts."""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database import postgis
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app
from services.drawing.tiles.matrix_sets import PLAIN
from tests.identity.mosaics import draw_mosaics
from tests.identity.oracle import wanted
from tests.identity.subjects import Subject, subjects
from tests.identity.tiles import difference, random_tile
from tests.support.database import Server, external_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.drawing.tiles.plans import TilePlans
    from tests.identity.oracle import Tile

_MOSAICS: Final = "mosaics"
_SHARE: Final = 5
"""Tiles for each that is drawn of a mosaic after them."""
_SHOWN: Final = 5
"""Differences of a kind that are told one by one."""
_COLUMNS: Final = ("compared", "fast path", "fallback", "outside", "exempt", "different")


def main() -> None:
    """Publish, draw, compare, print; exit code 1 if a pixel differs or nothing was compared."""
    asked = _arguments()
    with _catalogue() as settings:
        engine = create_engine(driver_url(settings.database.url.get_secret_value()), poolclass=NullPool)
        found = []
        if asked.only != _MOSAICS:
            found = subjects(Repository(engine), settings.store_dir, asked.seed, asked.only)
        engine.dispose()
        with TestClient(create_app(settings), raise_server_exceptions=False) as client:
            run = _Run(client, settings.store_dir, random.Random(asked.seed))
            kinds = sorted({subject.kind for subject in found})
            of_kind = {kind: [s for s in found if s.kind == kind] for kind in kinds}
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            try:
                for number in range(asked.count if kinds else 0):
                    run.draw(run.dice.choice(of_kind[kinds[number % len(kinds)]]))
                    if number % 500 == 499:
                        print(f"{number + 1} tiles", file=sys.stderr, flush=True)
                if asked.only in _MOSAICS:
                    run.add(draw_mosaics(settings, run.dice, asked.count // _SHARE))
            except KeyboardInterrupt:
                print("interrupted; this was compared:", file=sys.stderr)
            run.report()
    sys.exit(1 if run.total("different") or not run.total("compared") else 0)


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
        name, size, form = self.dice.choice(PLAIN), self.dice.choice((256, 512)), self.dice.choice(("png", "npy"))
        tile = random_tile(subject.granule.grid, self.dice, matrix_set_id=name, size=size, form=form)
        counts = self.counts[subject.kind]
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
        why = difference(content, oracle, tile)
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

    def add(self, mosaics: dict[str, list[str | None]]) -> None:
        """Count what differs in the tiles of mosaics, by kind: None for a tile that is equal."""
        for kind, differences in mosaics.items():
            self.counts[kind] = Counter({"compared": len(differences)})
            wrong = [text for text in differences if text]
            self.counts[kind]["different"] = len(wrong)
            print(*(f"{kind}: {text}\n" for text in wrong[:_SHOWN]), sep="", end="", flush=True)

    def total(self, column: str) -> int:
        """A column's sum."""
        return sum(counts[column] for counts in self.counts.values())

    def report(self) -> None:
        """Print the table."""
        print("| kind | " + " | ".join(_COLUMNS) + " |\n|---|" + "---|" * len(_COLUMNS))
        for kind, counts in self.counts.items():
            print(f"| {kind} | " + " | ".join(f"{counts[c]:,}" for c in _COLUMNS) + " |")
        print("| all | " + " | ".join(f"{self.total(c):,}" for c in _COLUMNS) + " |")


def _path(subject: Subject, tile: Tile) -> str:
    granule = subject.granule
    chosen = {"variable": granule.variable_id, "datetime": granule.time, "level": granule.level, "part": granule.part}
    query = {name: value for name, value in chosen.items() if value is not None}
    query |= {"f": tile.form, "tilesize": str(tile.size)}
    where = f"{tile.matrix_set}/{tile.z}/{tile.y}/{tile.x}"
    return f"/collections/{granule.dataset_id}/map/tiles/{where}?{urlencode(query)}"


if __name__ == "__main__":
    main()
