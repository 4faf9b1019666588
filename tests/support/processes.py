"""Executions of any process in this process, as the cluster does them."""

from __future__ import annotations

import json
import pickle
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import rasterio
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url, nothing_along
from records.datasets.catalogue import Catalogue
from services.compute.executor import is_last
from services.compute.staging import StagingArea
from services.processes import registry
from services.processes.requests import outputs, validation
from services.web.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from services.compute.executor import LastCommit
    from tests.support.database import Server

BASE = "http://localhost:8080"


@contextmanager
def context_of(server: Server, folder: Path) -> Iterator[Context]:
    """The application's parts over an empty catalogue."""
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)))
        catalogue = Catalogue(engine)
        yield Context(settings=settings, catalogue=catalogue, store=settings.store_dir)
        catalogue.close()
        engine.dispose()


@dataclass
class JobHere:
    """The environment of one part of an execution in this process."""

    context: Context
    job_id: str
    part: str
    seen: list[float] = field(default_factory=list)
    commits: list[LastCommit] = field(default_factory=list)

    @property
    def staging(self) -> StagingArea:
        """The staging area of the part."""
        return StagingArea(self.context.store, self.job_id, self.part)

    def report(self, percent: float, _message: str = "", /) -> None:
        """Keep the progress."""
        self.seen.append(percent)

    def commit_last(self, commit: LastCommit) -> None:
        """Keep what is committed at the end."""
        self.commits.append(commit)


def execute_here(
    context: Context, process_id: str, inputs: dict[str, Any], *, outputs_: Any = None, parts: int = 1
) -> tuple[bytes, str]:
    """The result of an execution and its media type, in that number of parts at least."""
    process, job_id = registry.process(process_id), str(uuid.uuid4())
    document = {"inputs": inputs, "response": "raw"} | ({} if outputs_ is None else {"outputs": outputs_})
    request = validation.check(document, process.description)
    process.require(request, context)
    plan = pickle.loads(pickle.dumps(process.plan(request, JobHere(context, job_id, "plan"))))
    assert len(plan.parts) >= parts
    results = _results(process, plan, context, job_id)
    while not is_last(plan):
        here = JobHere(context, job_id, "proceed")
        plan = pickle.loads(pickle.dumps(cast("Any", process).proceed(request, plan, results, here)))
        results = _results(process, plan, context, job_id)
    here = JobHere(context, job_id, "combine")
    made = process.combine(request, plan, results, here)
    encoded = outputs.encode(made, request, process.description["outputs"])
    for commit in here.commits:
        commit(nothing_along)
    return encoded


def _results(process: Any, plan: Any, context: Context, job_id: str) -> list[Any]:
    assert all(part.cells > 0 for part in plan.parts)
    return [
        pickle.loads(pickle.dumps(process.part(part, JobHere(context, job_id, str(number)))))
        for number, part in enumerate(plan.parts)
    ]


def answer_here(
    context: Context, process_id: str, inputs: dict[str, Any], *, outputs_: Any = None, parts: int = 1
) -> Any:
    """The JSON answer of an execution."""
    return json.loads(execute_here(context, process_id, inputs, outputs_=outputs_, parts=parts)[0])


def cells_of(context: Context, link: dict[str, Any]) -> NDArray[Any]:
    """The cells of a map that an answer links to, as (row, column)."""
    place = link["href"].removeprefix(BASE)
    if place.startswith("/jobs/"):
        _, _, job, _, part, name = place.split("/")
        path = context.store / ".staging" / job / part / name
    else:
        path = context.store / place.removeprefix("/assets/")
    with rasterio.open(path) as raster:
        cells: NDArray[Any] = raster.read(1)
    return cells


def clear_staging(context: Context) -> None:
    """Remove what jobs have staged."""
    shutil.rmtree(context.store / ".staging", ignore_errors=True)
