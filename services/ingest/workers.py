"""Work on source files in processes of their own, which may crash without harm to the ingest."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from rasterio.windows import Window

from cog import gdal
from cog.convert import RGB, Converted, convert
from cog.models import SourceDescription, SourceVariable
from cog.profiles import ProfileName, profile
from cog.sources.opening import open_source
from cog.statistics import Partial, merge, partial
from cog.validate import strips
from config.datasets import DatasetDeclaration
from config.errors import GraticuleError, SourceRefused
from services.serving.lifeline import die_with

log = logging.getLogger(__name__)

MAX_WORKERS = 32
_SPAWN = multiprocessing.get_context("spawn")
"""Workers are children of the ingest itself, so that they end with it; those of a fork server would outlive it."""
_CACHE_MB = 128
"""GDAL's block cache in each worker: with a scratch raster of 64 MiB a worker stays well below 1 GB."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A call of a module's function with picklable arguments, on behalf of a source."""

    path: Path
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


def inspect_source(path: Path, declaration: DatasetDeclaration) -> SourceDescription:
    """What a source holds."""
    with open_source(path, declaration) as source:
        return source.description


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """Some steps of one variable that one worker converts, each to its own file."""

    declaration: DatasetDeclaration
    variable: SourceVariable
    """As described, with the meaning that the tags will state."""
    steps: tuple[tuple[int, int], ...]
    """(step, level) of each."""
    targets: tuple[Path, ...]
    tags: tuple[dict[str, str], ...]
    profile: ProfileName


def convert_steps(path: Path, conversion: Conversion) -> list[Converted]:
    """Convert some steps of a source."""
    encoding = profile(conversion.profile)
    with open_source(path, conversion.declaration) as source:
        return [
            convert(source, conversion.variable, step, level=level, target=target, profile=encoding, tags=tags)
            for (step, level), target, tags in zip(conversion.steps, conversion.targets, conversion.tags, strict=True)
        ]


def measure_asset(path: Path, nodata: float | None, scale: float, offset: float) -> Partial:
    """Statistics of a COG that is in the store already."""
    whole: Partial | None = None
    with rasterio.open(path, driver="GTiff") as dataset:
        bands = list(dataset.indexes[:RGB])
        for first, last in strips(dataset.height, dataset.width, np.dtype(dataset.dtypes[0]).itemsize * len(bands)):
            cells = dataset.read(bands, window=Window(0, first, dataset.width, last - first))
            found = partial(cells, nodata=nodata, scale=scale, offset=offset)
            whole = found if whole is None else merge(whole, found)
    assert whole is not None
    return whole


def _work(tasks: Connection, parent: int) -> None:
    """Perform the tasks that come until the ingest hangs up; an ingest that is killed takes its workers with it."""
    die_with(parent)
    gdal.configure(_CACHE_MB)
    with suppress(EOFError, OSError):
        while True:
            tasks.send(_perform(tasks.recv()))


def _perform(task: Task) -> Any:  # noqa: ANN401 - whatever the function returns
    """What a task gives, or the error it ends in."""
    try:
        return task.function(*task.arguments)
    except GraticuleError as error:
        return error
    except Exception as error:  # the edge of a worker
        log.exception("unexpected error in work on %s", task.path)
        cause = f"its conversion failed: {type(error).__name__}: {error}"
        return SourceRefused(task.path, cause, "check free disk and memory, and that the file is whole")


class _Worker:
    """A worker process, and the task that it has in hand."""

    def __init__(self) -> None:
        self.index: int | None = None
        self.link, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_work, args=(theirs, os.getpid()), daemon=True)
        # a new process has its parent's mask from its first instruction on: the parent decides what Ctrl-C means
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def give(self, index: int, task: Task) -> None:
        """Hand it a task; one that has died is noticed when its answer is taken."""
        self.index = index
        with suppress(OSError):
            self.link.send(task)

    def answer(self) -> Any:  # noqa: ANN401
        """What it answers; raises EOFError or OSError if it has died."""
        return self.link.recv()

    def end(self) -> None:
        """Kill it, whatever it does, and wait until it is gone."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.link.close()


class Workers:
    """A pool of worker processes; a context manager. Not thread-safe."""

    def __init__(self, count: int | None = None) -> None:
        self.count = min(count or len(os.sched_getaffinity(0)), MAX_WORKERS)
        self._pool: list[_Worker] = []

    def __enter__(self) -> Self:
        """The pool; processes start with the first tasks."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """End the pool."""
        self.end()

    def end(self) -> None:
        """Kill all processes: after an error or an interrupt nobody waits for the work in hand."""
        while self._pool:
            self._pool.pop().end()

    def run(self, tasks: list[Task], *, stop_early: bool, advanced: Callable[[], None]) -> list[Any]:
        """Run tasks; each result, or the SourceRefused that it ended in, in the order of the tasks.

        A task whose worker dies is tried once more; one that kills its worker again is refused.

        Args:
            tasks: What to do.
            stop_early: After the first refusal start nothing more; what was not done is None.
            advanced: Called after each task, in this process.
        """
        batch = _Batch(tasks)
        while batch.waiting or self._busy:
            self._hand_out(batch)
            for link in wait([worker.link for worker in self._busy]):
                worker = next(w for w in self._busy if w.link is link)
                if self._take(worker, batch):
                    advanced()
            if stop_early and batch.refused:
                batch.waiting.clear()
        return batch.results

    @property
    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._pool if worker.index is not None]

    def _hand_out(self, batch: _Batch) -> None:
        while batch.waiting:
            idle = next((worker for worker in self._pool if worker.index is None), None)
            if idle is None:
                if len(self._pool) >= self.count:
                    return
                idle = _Worker()
                self._pool.append(idle)
            index = batch.waiting.popleft()
            idle.give(index, batch.tasks[index])

    def _take(self, worker: _Worker, batch: _Batch) -> bool:
        """Take a worker's answer; whether its task is over."""
        index, worker.index = worker.index, None
        assert index is not None
        try:
            found = worker.answer()
        except (EOFError, OSError):
            self._pool.remove(worker)
            worker.end()
            return batch.crashed(index)
        if isinstance(found, GraticuleError) and not isinstance(found, SourceRefused):
            raise found
        batch.ended(index, found)
        return True


@contextmanager
def pool_of(workers: Workers | int | None) -> Iterator[Workers]:
    """A pool of so many workers, or a given one, whose processes live on unless the block ends in an error."""
    if not isinstance(workers, Workers):
        with Workers(workers) as pool:
            yield pool
        return
    try:
        yield workers
    except BaseException:
        workers.end()
        raise


class _Batch:
    """Tasks that are run together, and what has become of them."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks = tasks
        self.results: list[Any] = [None] * len(tasks)
        self.waiting = deque(range(len(tasks)))
        self.refused = False
        self._crashed: set[int] = set()

    def ended(self, index: int, result: Any) -> None:  # noqa: ANN401 - whatever the task gives
        """Note what a task gave."""
        self.results[index] = result
        self.refused = self.refused or isinstance(result, SourceRefused)

    def crashed(self, index: int) -> bool:
        """Note that a task's worker died: the first time it waits for another; whether it is over."""
        if index not in self._crashed:
            self._crashed.add(index)
            self.waiting.appendleft(index)
            return False
        cause = "the process that read it crashed"
        remedy = "check that the file is whole, or convert it first"
        self.ended(index, SourceRefused(self.tasks[index].path, cause, remedy))
        return True
