"""Other ways to search the same records: pygeoapi's TinyDB provider, and ILIKE on the same PostgreSQL."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
from pygeoapi.provider.tinydb_ import TinyDBCatalogueProvider
from tinydb import TinyDB

from records.database.engine import libpq_url
from tests.benchmarks.catalogue.generator import documents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LEAST = 3
"""Searches of a class, at least."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Milliseconds of CPU and of wall time of one search, means over a class."""

    cpu_ms: float
    wall_ms: float


def tinydb(folder: Path, count: int, texts: dict[str, list[str]], seconds: float) -> dict[str, Cost]:
    """pygeoapi's provider, called in process without HTTP; its cache of queries is cleared before each."""
    path = folder / f"{count}.tinydb"
    path.unlink(missing_ok=True)
    with TinyDB(path) as store:
        store.insert_multiple(_pygeoapi(document) for document in documents(count))
    provider = TinyDBCatalogueProvider(
        {"name": "TinyDBCatalogue", "type": "record", "data": str(path), "id_field": "id", "time_field": "modified"}
    )

    def search(q: str) -> None:
        provider.db.clear_cache()
        provider.query(q=q, limit=10)

    return {name: _cost(search, words, seconds, psutil.Process()) for name, words in texts.items()}


def _pygeoapi(document: dict[str, Any]) -> dict[str, Any]:
    """A record in the form that pygeoapi's loaders give it: one language, and all texts in one member."""
    properties = document["properties"]
    title, description = properties["title"], properties["description"]
    anytext = [*title.values(), *description.values()]
    anytext += [word for words in properties["keywords"].values() for word in words]
    return document | {
        "properties": properties
        | {"title": next(iter(title.values())), "description": next(iter(description.values()))}
        | {"_metadata-anytext": " ".join(anytext)}
    }


def ilike(url: str, texts: dict[str, list[str]], seconds: float) -> dict[str, Cost]:
    """The texts of all records in one column, read by ILIKE: ten records, the latest first, and how many there are."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        connection.execute("drop table if exists bench_plain")
        connection.execute(
            "create unlogged table bench_plain as select id, document, updated, concat_ws(' ', "
            "document #>> '{properties,title}', document #>> '{properties,description}', "
            "document #>> '{properties,keywords}') as anytext from records"
        )
        connection.execute("analyze bench_plain")
        connection.execute("set max_parallel_workers_per_gather = 0")  # so that one process has all the CPU

        def search(q: str) -> None:
            terms = [f"%{term}%" for term in q.split(",")]
            connection.execute("select count(*) from bench_plain where anytext ilike any(%s)", (terms,)).fetchall()
            connection.execute(
                "select document from bench_plain where anytext ilike any(%s) order by updated desc, id limit 10",
                (terms,),
            ).fetchall()

        backend = psutil.Process(connection.info.backend_pid)
        found = {name: _cost(search, words, seconds, backend) for name, words in texts.items()}
        connection.execute("drop table bench_plain")
    return found


def _cost(search: Callable[[str], None], words: list[str], seconds: float, process: psutil.Process) -> Cost:
    """What a search costs a process: a class in turn, for a while; if the first one takes longer, that one counts."""

    def turn(least: int, seconds: float) -> Cost:
        cpu, began, count = sum(process.cpu_times()[:2]), time.perf_counter(), 0
        while count < least or time.perf_counter() - began < seconds:
            search(words[count % len(words)])
            count += 1
        wall = time.perf_counter() - began
        return Cost(cpu_ms=(sum(process.cpu_times()[:2]) - cpu) * 1000 / count, wall_ms=wall * 1000 / count)

    first = turn(1, 0)
    return first if first.wall_ms > seconds * 1000 else turn(min(_LEAST, len(words)), seconds)
