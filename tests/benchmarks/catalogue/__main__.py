"""`python -m tests.benchmarks.catalogue`: the whole benchmark, as tables."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import psutil
import psycopg
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from records.database.engine import driver_url, libpq_url
from tests.benchmarks.catalogue import queries, rivals
from tests.benchmarks.catalogue.generator import documents, shares
from tests.benchmarks.catalogue.measuring import closed, open_loop
from tests.benchmarks.catalogue.report import Findings, tables
from tests.benchmarks.catalogue.servers import environment, running, serving
from tests.support.records import add

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.catalogue.servers import Database, Server

_TINYDB = (1_000, 5_000)
"""Records in pygeoapi's provider, which reads all of them for each search."""
_INSERTED = 200


def main() -> None:
    """Generate, load, measure each class and the mix, then the rivals, and print."""
    asked = _arguments()
    with _folder(asked.work) as work:
        data_dir = work / f"var-{asked.records}"
        data_dir.mkdir(exist_ok=True)
        found = Findings(records=asked.records, workers=asked.workers)
        with running(data_dir) as database:
            if _count(database) < asked.records:
                found.loading = _loaded(work, data_dir, database, asked.records)
            found.loading.append(_inserted(database, asked.records))
            with serving(data_dir, asked.workers) as server:
                _measure(server, database, found, asked)
            if not asked.no_rivals:
                _rivals(work, database, found, asked.seconds)
    told = tables(found)
    print(told)
    if asked.write:
        _put(asked.write, asked.records, told)
    if any(row.errors for row in [*found.classes, *found.mixed, *found.opened]):
        raise SystemExit("some answers were errors")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.catalogue")
    parser.add_argument("--records", type=int, default=50_487, help="records of the catalogue")
    parser.add_argument("--seconds", type=float, default=5, help="seconds of each class; the mix takes six times that")
    parser.add_argument("--clients", type=int, default=8, help="clients of the closed loop")
    parser.add_argument("--rate", type=float, default=20, help="requests a second of the open loop")
    parser.add_argument("--workers", type=int, default=2, help="web workers")
    parser.add_argument("--no-rivals", action="store_true", help="measure Graticule alone")
    parser.add_argument("--only", default="", help="names of classes, with commas between, instead of all and the mix")
    parser.add_argument("--work", type=Path, help="a folder that is kept, with the catalogue, for another run")
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


def _count(database: Database) -> int:
    with psycopg.connect(libpq_url(database.url)) as connection:
        row = connection.execute("select count(*) from records").fetchone()
        return int(row[0]) if row else 0


def _loaded(work: Path, data_dir: Path, database: Database, count: int) -> list[str]:
    """Generate the records as a file and load it, as an operator would."""
    path = work / "records.ndjson"
    _say(f"generating {count:,} records")
    _generate(path, count)
    _say("loading them")
    words = [sys.executable, "-m", "services.cli", "records", "load", str(path)]
    before, began = (database.cpu_s(), sum(os.times()[2:4])), time.perf_counter()
    subprocess.run(words, env=environment(data_dir), check=True, stdout=sys.stderr)
    seconds, after = time.perf_counter() - began, (database.cpu_s(), sum(os.times()[2:4]))
    server, loader = ((b - a) / count * 1e6 for a, b in zip(before, after, strict=True))
    told = (
        f"loaded in {seconds:.0f} s from a file of {path.stat().st_size / 2**20:,.0f} MB; a record costs "
        f"{loader:.0f} µs of CPU in the loader and {server:.0f} µs in PostgreSQL, indexes included"
    )
    path.unlink()
    return [told, _sizes(database)]


def _generate(path: Path, count: int) -> None:
    parts = shares(count, os.cpu_count() or 1)
    names = [path.with_suffix(f".{number}") for number in range(len(parts))]
    with ProcessPoolExecutor() as pool:
        list(pool.map(_write, names, *zip(*parts, strict=True)))
    with path.open("wb") as whole:
        for name in names:
            with name.open("rb") as part:
                shutil.copyfileobj(part, whole, 2**20)
            name.unlink()


def _write(path: Path, start: int, count: int) -> None:
    with path.open("wb") as file:
        for document in documents(count, start=start):
            properties = document["properties"]
            properties["created"], properties["updated"] = properties["issued"], properties["modified"]
            file.write(orjson.dumps(document) + b"\n")


def _sizes(database: Database) -> str:
    with psycopg.connect(libpq_url(database.url)) as connection:
        table, indexes = connection.execute(
            "select pg_table_size('records') / 1048576, pg_indexes_size('records') / 1048576"
        ).fetchone() or (0, 0)
    return f"the table of records takes {table:,} MB, its indexes {indexes:,} MB"


def _inserted(database: Database, count: int) -> str:
    """Write single records, a commit each, and take them away again."""
    engine = create_engine(driver_url(database.url), poolclass=NullPool)
    new = list(documents(_INSERTED, start=count))
    own, began = psutil.Process(), time.perf_counter()
    before = sum(own.cpu_times()[:2]), database.cpu_s()
    for document in new:
        add(engine, document)
    wall = (time.perf_counter() - began) * 1000 / len(new)
    after = sum(own.cpu_times()[:2]), database.cpu_s()
    client, server = ((b - a) * 1000 / len(new) for a, b in zip(before, after, strict=True))
    with psycopg.connect(libpq_url(database.url)) as connection:
        connection.execute("delete from records where id = any(%s)", ([document["id"] for document in new],))
    engine.dispose()
    return f"one insert takes {wall:.1f} ms, {client:.1f} ms of CPU in the writer and {server:.1f} in PostgreSQL"


def _measure(server: Server, database: Database, found: Findings, asked: argparse.Namespace) -> None:
    found.idle = server.settle()
    by_class = queries.classes(server.base, asked.records)
    if asked.only:
        by_class = {name: by_class[name.strip()] for name in asked.only.split(",")}
    mixed = queries.mix(by_class)
    _say("warming up")
    closed(server, database, "", mixed, clients=2, seconds=asked.seconds)
    for name, paths in by_class.items():
        _say(name)
        requests = [(name, path) for path in paths]
        found.classes.append(closed(server, database, name, requests, clients=asked.clients, seconds=asked.seconds))
    if asked.only:
        return
    _say("the mix")
    name = f"the mix, {asked.clients} clients"
    long = 6 * asked.seconds
    found.mixed = [closed(server, database, name, mixed, clients=asked.clients, seconds=long)]
    found.opened = open_loop(server, database, mixed, rate=asked.rate, seconds=long)
    found.workers_mb = server.workers_mb()


def _rivals(work: Path, database: Database, found: Findings, seconds: float) -> None:
    texts = queries.texts()
    for count in _TINYDB:
        if count <= found.records:
            _say(f"pygeoapi's TinyDB provider, {count:,} records")
            found.rivals[f"TinyDB, {count:,} records"] = rivals.tinydb(work, count, texts, seconds / 5)
    _say("ILIKE")
    found.rivals["ILIKE, all records"] = rivals.ilike(database.url, texts, seconds / 5)


def _put(page: Path, records: int, told: str) -> None:
    """Replace what stands between the page's two marks for a catalogue of that size."""
    begin, end = f"<!-- catalogue {records}: begin -->\n", f"<!-- catalogue {records}: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{page} has no line {begin.strip()}, or no {end} behind it")
    page.write_text(before + begin + "\n" + told + "\n" + end + after, "utf-8")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
