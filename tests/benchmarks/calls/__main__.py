"""`python -m tests.benchmarks.calls`: calls and files of the project that a tile, a record, a job or an ingest touches.

Everything is done in this process over the demo's catalogue: what a server, a worker of Dask or of an ingest does
elsewhere is counted as well, and what waits for other processes is not. Requests are asked for three times, and the
last is counted: plans, statements and documents are kept by then.
"""

from __future__ import annotations

import argparse
import pkgutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, override
from unittest.mock import patch

from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import DatabaseSettings, Settings
from records.database.engine import make_engine
from records.datasets.catalogue import Catalogue
from records.datasets.repository import Repository
from records.jobs.job_store import Jobs
from services.app import create_app
from services.compute import environment, jobs
from services.compute.children.call import ALONE
from services.demo import demo_datasets, example
from services.ingest.pipeline import ingest
from services.ingest.workers import FileTask, Workers
from services.processes import registry
from services.processes.requests import validation
from tests.benchmarks.calls.counting import Calls, counted
from tests.support.database import Server, private_cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from services.demo import DemoDataset

SST = "/collections/sea-surface-temperature"
REQUESTS = {
    "tile": "/xyz/sea-surface-temperature/surface_temperature/2/1/1.png",
    "tile, OGC API": f"{SST}/map/tiles/WebMercatorQuad/2/1/1?f=png",
    "map": f"{SST}/map?f=png&width=512&bbox=-60,-5,0,5",
    "coverage": f"{SST}/coverage?f=geotiff&bbox=-60,-5,0,5",
    "values at a point": f"{SST}/position?coords=POINT(-30%202)&f=json",
    "search": "/collections/records/items?q=temperature",
    "record": "/collections/records/items/sea-surface-temperature",
    "collection": f"{SST}?f=json",
    "page of a collection": f"{SST}?f=html",
    "STAC search": "/stac/search?collections=sea-surface-temperature",
}


class _WorkersHere(Workers):
    """Workers whose tasks are performed in this process."""

    @override
    def run(self, tasks: list[FileTask], *, stop_early: bool, advanced: Callable[[], None]) -> list[Any]:
        return [task.function(*task.arguments) for task in tasks]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was done, and what was called for it."""

    name: str
    calls: Calls


def main() -> None:
    """Count, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=0, help="name so many functions that are called most often")
    most = parser.parse_args().most
    with _settings() as settings:
        engine = make_engine(settings.database.url.get_secret_value(), settings.database)
        results = [_ingested(engine, settings), *_requested(settings), _executed(engine, settings)]
        engine.dispose()
    print("| request | calls of our functions | functions | files | calls of libraries in Python |")
    print("|---|---:|---:|---:|---:|")
    for it in results:
        total, others = it.calls.own.total(), it.calls.others
        print(f"| {it.name} | {total:,} | {len(it.calls.own):,} | {it.calls.files} | {others:,} |")
    for it in results if most else []:
        print(f"\n{it.name}:", *(f"{calls:8,} {name}" for name, calls in it.calls.most(most)), sep="\n")


@contextmanager
def _settings() -> Iterator[Settings]:
    """Settings over an empty catalogue and store, which are removed at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="graticule-calls-") as made,
        private_cluster(Path(made), DatabaseSettings()) as admin,
    ):
        server = Server(admin)
        server.make_template()
        with server.database() as url:
            yield Settings(data_dir=Path(made), database=DatabaseSettings(url=SecretStr(url)))


def _ingested(engine: Engine, settings: Settings) -> Counted:
    """The last of the demo's datasets, after the others."""
    *others, last = demo_datasets()
    for dataset in others:
        _ingest(dataset, engine, settings)
    with counted() as calls:
        _ingest(last, engine, settings)
    return Counted(name=f"ingest of `{last.declaration.id}`", calls=calls)


def _ingest(dataset: DemoDataset, engine: Engine, settings: Settings) -> None:
    with _WorkersHere(1) as workers:
        report = ingest(
            dataset.paths,
            dataset.declaration,
            repository=Repository(engine),
            store=settings.store_dir,
            workers=workers,
        )
    assert not report.refused, report


def _requested(settings: Settings) -> Iterator[Counted]:
    with TestClient(create_app(settings), base_url="http://localhost:8080") as client:
        for name, url in REQUESTS.items():
            for _ in range(2):
                client.get(url).raise_for_status()
            with counted() as calls:
                answer = client.get(url)
            assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.text[:200]}"
            yield Counted(name=name, calls=calls)


def _executed(engine: Engine, settings: Settings) -> Counted:
    """The demo's computation, from its row in the jobs table to its result there."""
    store, process_id = Jobs(engine), "zonal-statistics"
    request = validation.check(example.REQUEST, registry.process(process_id).description)
    config = registry.execution_config(settings)

    def run() -> None:
        job_id = store.create(process_id, request.encode(), most_alive=1)
        jobs.run_job(job_id, config)
        body, _ = store.result(job_id)
        assert len(body.splitlines()) == 1 + example.MONTHS, body

    catalogue = Catalogue(engine)  # a child takes its own with it when it ends
    here = patch.multiple(environment, make_engine=lambda *_: engine, Catalogue=lambda _: catalogue)
    with here, patch.object(jobs, "execute", _execute_here):
        run()
        with counted() as calls:
            run()
    catalogue.close()
    jobs.jobs_of(config.settings.database.url.get_secret_value()).engine.dispose()
    return Counted(name="job, `zonal-statistics`", calls=calls)


def _execute_here(step: str, execution: Any, *arguments: object, tick: Callable[..., bool]) -> Any:
    """As `services.compute.execution.execute`, without a child."""
    assert tick(None)
    return pkgutil.resolve_name(step)(ALONE, execution, *arguments)


if __name__ == "__main__":
    main()
