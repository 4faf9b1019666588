"""Ingests that are killed at a chosen moment, and what is to be found afterwards.

A server process imports everything once and forks for each ingest, so that many kills take little time. The ingest's
listener, the hook that announces stages, writes each stage to a pipe.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import psutil
from rasterio import Affine
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from config.declarations.datasets import parse_declaration
from config.errors import DatabaseUnavailable, EnvironmentFault
from config.settings import DatabaseSettings
from records.database import postgis, schema
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.ingest.models import IngestReport, Listener, Progress, silent
from services.ingest.pipeline import ingest
from services.ingest.store.garbage import collect
from services.ingest.workers import FileTask, Workers
from tests.support.sources import write_geotiff

if TYPE_CHECKING:
    from collections.abc import Iterator

Victim = Literal["worker", "ingest", "database"]
VICTIMS: tuple[Victim, ...] = ("worker", "ingest", "database")
DATASET = "sst"
_DECLARATION: dict[str, Any] = {
    "id": DATASET,
    "variables": [{"id": "sst", "unit": "K"}],
    "time": {"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"},
}
_VOLATILE = frozenset({"created", "updated", "verified", "version"})
_TABLES = {
    "datasets": "id",
    "variables": "id",
    "styles": "id",
    "granules": "asset_href",
    "assets": "href",
    "records": "id",
}
_REFUSED, _DATABASE, _ENVIRONMENT = 1, 3, 4


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an ingest works."""

    url: str
    store: Path
    sources: tuple[Path, ...]

    @contextmanager
    def repository(self) -> Iterator[Repository]:
        """The catalogue."""
        engine = create_engine(driver_url(self.url), poolclass=NullPool)
        try:
            yield Repository(engine)
        finally:
            engine.dispose()

    def ingest(self, *, workers: Workers | int = 1, listener: Listener = silent) -> IngestReport:
        """Ingest the sources as one dataset."""
        declaration = parse_declaration(_DECLARATION, name="test")
        with self.repository() as repository:
            return ingest(
                self.sources, declaration, repository=repository, store=self.store, workers=workers, listener=listener
            )

    def visible(self) -> set[str]:
        """The assets of the dataset's granules that the catalogue shows."""
        with self.repository() as repository:
            return {granule.asset.href for granule in repository.granules(DATASET)}

    def files(self) -> dict[str, str]:
        """Every file under the store and its SHA-256."""
        found = (path for path in self.store.rglob("*") if path.is_file())
        return {str(p.relative_to(self.store)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}

    def rows(self) -> dict[str, list[Any]]:
        """Every row of the catalogue but for times, ids that are numbers, and versions."""
        found: dict[str, list[Any]] = {}
        with self.repository() as repository, repository.engine.connect() as connection:
            for table, order in _TABLES.items():
                rows = connection.execute(text(f"select to_jsonb(t) from {table} t order by {order}")).scalars()
                found[table] = [_lasting(row, table) for row in rows]
        return found

    def clear(self) -> None:
        """Forget the dataset, with its files."""
        with self.repository() as repository, repository.engine.begin() as connection:
            connection.execute(text(f"truncate {', '.join(_TABLES)} cascade"))
        for path in sorted(self.store.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def _lasting(row: dict[str, Any], table: str) -> dict[str, Any]:
    volatile = _VOLATILE | ({"id"} if table == "granules" else set())
    return {name: value for name, value in row.items() if name not in volatile}


def write_sources(folder: Path, *, count: int = 3, edge: int = 700) -> tuple[Path, ...]:
    """Months of noise, whose conversion takes some tenths of a second."""
    random_ = np.random.default_rng(1)
    place = Affine(0.01, 0, 10, 0, -0.01, 50)
    return tuple(
        write_geotiff(folder / f"sst_2006{month:02d}.tif", random_.random((edge, edge), "float32"), transform=place)
        for month in range(1, count + 1)
    )


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """What an undisturbed ingest leaves, and when its stages began, in seconds from its start."""

    rows: dict[str, list[Any]]
    files: dict[str, str]
    stages: dict[str, tuple[float, float]] = field(default_factory=dict)


class Forks:
    """Runs ingests in forks of a process that has everything imported."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.stops"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._line() == "ready"

    def close(self) -> None:
        """End the server."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def _line(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline().strip()

    def begin(self, place: Place) -> int:
        """Begin an ingest; its process id."""
        assert self._server.stdin is not None
        words = {"url": place.url, "store": str(place.store), "sources": [str(p) for p in place.sources]}
        self._server.stdin.write(json.dumps(words) + "\n")
        self._server.stdin.flush()
        return int(self._line())

    def announcements(self) -> Iterator[str]:
        """The stages as the ingest reaches them, until it has ended; `ended` and its exit code are the last."""
        while line := self._line():
            yield line
            if line.startswith("ended"):
                return


@contextmanager
def forks() -> Iterator[Forks]:
    """A server of forks."""
    found = Forks()
    try:
        yield found
    finally:
        found.close()


def undisturbed(place: Place, server: Forks) -> Undisturbed:
    """Run an ingest to its end, twice for times that are not those of a cold start, and note what it does and when."""
    for _ in range(2):
        place.clear()
        server.begin(place)
        began, seen = time.monotonic(), {"starting": 0.0}
        for line in server.announcements():
            seen.setdefault(line.split()[0], time.monotonic() - began)
            if line.startswith("ended"):
                assert line == "ended 0", line
    moments = [*seen.items()]
    stages = {name: (start, end) for (name, start), (_, end) in pairwise(moments)}
    found = Undisturbed(rows=place.rows(), files=place.files(), stages=stages)
    place.clear()
    return found


def kill_in(
    stage: str, victim: Victim, place: Place, server: Forks, *, normal: Undisturbed, chance: random.Random
) -> str:
    """Kill a victim at a random moment of a stage; how the ingest ended: `ended` and its exit code."""
    start, end = normal.stages[stage]
    wait_s = chance.uniform(0, end - start)
    pid = server.begin(place)
    killed = False
    for line in server.announcements() if stage != "starting" else _after(server, wait_s, pid, victim, place):
        if line.split()[0] == stage and not killed:
            killed = True
            time.sleep(wait_s)
            kill(victim, pid, place)
        if line.startswith("ended"):
            return line
    raise AssertionError("the server of forks has ended")


def _after(server: Forks, wait_s: float, pid: int, victim: Victim, place: Place) -> Iterator[str]:
    time.sleep(wait_s)
    kill(victim, pid, place)
    yield from server.announcements()


def kill(victim: Victim, pid: int, place: Place) -> None:
    """Kill one process, or all of the database, by SIGKILL."""
    if victim == "database":
        kill_database(place)
        return
    with suppress(psutil.NoSuchProcess):
        ingesting = psutil.Process(pid)
        target = ingesting if victim == "ingest" else _worker(ingesting)
        if target is not None:
            target.send_signal(signal.SIGKILL)


def _worker(ingesting: psutil.Process) -> psutil.Process | None:
    """A worker of an ingest: a fork of the template that the server of forks has started for all its ingests."""
    server = ingesting.parent()
    assert server is not None
    templates = [child for child in server.children() if child.pid != ingesting.pid]
    workers = [worker for template in templates for worker in template.children()]
    return next((worker for worker in workers if worker.status() != psutil.STATUS_ZOMBIE), None)


def kill_database(place: Place) -> None:
    """Kill the private PostgreSQL server, with all its processes."""
    found = postgis.status(place.store.parent)
    assert found is not None
    (file,) = found.state.rglob("postmaster.pid")
    postmaster = psutil.Process(int(file.read_text().split()[0]))
    for process in (postmaster, *postmaster.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A private database, an empty store, sources, and what their ingest leaves when nothing disturbs it."""

    place: Place
    server: Forks
    pool: Workers
    normal: Undisturbed

    def stop(self, stage: str, victim: Victim, chance: random.Random) -> str:
        """Kill, look, ingest again and look: how the killed ingest ended, and whether it had come to its commit."""
        self.place.clear()
        ended = kill_in(stage, victim, self.place, self.server, normal=self.normal, chance=chance)
        postgis.ensure(self.place.store.parent, DatabaseSettings())
        visible, everything = self.place.visible(), set(self.normal.files)
        assert visible in (set(), everything), f"{len(visible)} of {len(everything)} granules are visible"
        report = self.place.ingest(workers=self.pool)
        assert not report.refused, report
        assert self.place.rows() == self.normal.rows
        assert self.place.files() == self.normal.files
        with self.place.repository() as repository:
            list(collect(repository, self.place.store, grace=timedelta(0)))
        assert self.place.files() == self.normal.files
        return f"{ended}, {'all' if visible else 'nothing'} visible"


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A ground to kill on."""
    store, sources = folder / "store", folder / "sources"
    store.mkdir()
    sources.mkdir()
    settings = DatabaseSettings()
    try:
        with postgis.running(folder, settings) as url, forks() as server, Workers(1) as pool:
            engine = create_engine(driver_url(url), poolclass=NullPool)
            schema.migrate(engine)
            engine.dispose()
            place = Place(url=url, store=store, sources=write_sources(sources))
            normal = undisturbed(place, server)
            yield Ground(place=place, server=server, pool=pool, normal=normal)
    finally:
        postgis.discard(folder, settings)


def _serve() -> None:
    """Fork an ingest for each line of standard input, and say what becomes of it on standard output.

    The forks share the template of their workers, which imports once.
    """
    with Workers(1) as pool:
        pool.run([FileTask(path=Path(), function=os.getpid, arguments=())], stop_early=False)
    _say("ready")
    for line in sys.stdin:
        words = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_ingest(words))
        _, status = os.waitpid(pid, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")


def _ingest(words: dict[str, Any]) -> int:
    _say(str(os.getpid()))
    place = Place(url=words["url"], store=Path(words["store"]), sources=tuple(Path(p) for p in words["sources"]))

    def listener(progress: Progress) -> None:
        _say(f"{progress.stage} {progress.done} {progress.total}")

    try:
        return _REFUSED if place.ingest(listener=listener).refused else 0
    except DatabaseUnavailable:
        return _DATABASE
    except EnvironmentFault:
        return _ENVIRONMENT


def _say(words: str) -> None:
    os.write(1, f"{words}\n".encode())


if __name__ == "__main__":
    _serve()
