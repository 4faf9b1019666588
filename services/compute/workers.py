"""Work on source files in processes of their own: a pool of them, and the tasks that an ingest has."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from rasterio.windows import Window

from cog.cells.codec import Codec
from cog.convert.convert import RGB, Converted, convert
from cog.convert.profiles import ProfileName, profile
from cog.convert.validate import strips
from cog.sources.models import SourceDescription, SourceVariable
from cog.sources.opening import open_source
from cog.sources.regular import require_regular
from cog.statistics.partial import Partial, partial
from config.datasets import DatasetDeclaration
from config.errors import SourceRefused
from config.settings import IngestSettings
from services.compute.worker import ALONE, Slot, Task, Worker, WorkerDied, stalled

__all__ = [
    "Conversion",
    "Task",
    "Workers",
    "convert_steps",
    "inspect_source",
    "measure_asset",
    "pool_of",
]

MAX_WORKERS = 32
_AT_ONCE_S = 0.25
"""Seconds that the first task of several may take before a further process starts for the others."""
_WORTH_S = 1.5
"""Seconds of waiting work that are worth a further process, which takes about one to start."""


def inspect_source(path: Path, declaration: DatasetDeclaration) -> SourceDescription:
    """What a source holds."""
    require_regular(path)
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


def convert_steps(path: Path, conversion: Conversion, *, slot: Slot = ALONE) -> list[Converted]:
    """Convert some steps of a source."""
    encoding = profile(conversion.profile)
    reading = rasterio.Env(GDAL_NUM_THREADS=str(slot.threads))
    with reading, open_source(path, conversion.declaration) as source:
        return [
            convert(
                source,
                conversion.variable,
                step,
                level=level,
                target=target,
                profile=encoding,
                tags=tags,
                threads=slot.threads,
                pulse=slot.pulse,
            )
            for (step, level), target, tags in zip(conversion.steps, conversion.targets, conversion.tags, strict=True)
        ]


def measure_asset(path: Path, codec: Codec, *, slot: Slot = ALONE) -> Partial:
    """Statistics of a COG that is in the store already."""
    whole: Partial | None = None
    with rasterio.open(path, driver="GTiff") as dataset:
        bands = list(dataset.indexes[:RGB])
        for first, last in strips(dataset.height, dataset.width, np.dtype(dataset.dtypes[0]).itemsize * len(bands)):
            cells = dataset.read(bands, window=Window(0, first, dataset.width, last - first))
            part = partial(cells, codec)
            whole = part if whole is None else whole.merge(part)
            slot.pulse()
    assert whole is not None
    return whole


class Workers:
    """A pool of worker processes; a context manager. Not thread-safe.

    Args:
        count: How many processes at most; absent: as the limits say.
        limits: What a process may use, and how long it may be without progress.
    """

    def __init__(self, count: int | None = None, *, limits: IngestSettings | None = None) -> None:
        self.limits = limits or IngestSettings()
        self.count = min(count or self.limits.workers or len(os.sched_getaffinity(0)), MAX_WORKERS)
        self._pool: list[Worker] = []

    def __enter__(self) -> Self:
        """The pool; a process starts with the first task, further ones where that is worth it."""
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

        A task whose worker dies is tried once more; one that kills its worker again, or makes no progress for too
        long, is refused. The others go on in other processes.

        Args:
            tasks: What to do.
            stop_early: After the first refusal start nothing more; what was not done is None.
            advanced: Called after each task, in this process.

        Raises:
            OSError: A worker could not write what it made.
        """
        batch = _Batch(tasks)
        while batch.waiting or self._busy:
            self._hand_out(batch)
            for _ in range(self._progress(batch)):
                advanced()
            if stop_early and batch.refused:
                batch.waiting.clear()
        return batch.results

    @property
    def _busy(self) -> list[Worker]:
        return [worker for worker in self._pool if worker.index is not None]

    def _hand_out(self, batch: _Batch) -> None:
        while batch.waiting:
            idle = next((worker for worker in self._pool if worker.index is None), None)
            if idle is None:
                if len(self._pool) >= self.count or (self._pool and not batch.lasts()):
                    return
                idle = Worker(self.limits)
                self._pool.append(idle)
            at_once = min(self.count, len(batch.waiting) + len(self._busy))
            index = batch.waiting.popleft()
            idle.give(index, batch.tasks[index], threads=self.count // at_once)

    def _progress(self, batch: _Batch) -> int:
        """Wait until some worker has something to say, or none for too long; how many tasks are over with it."""
        busy = self._busy
        patience = min(worker.patience for worker in busy)
        if batch.waiting and len(self._pool) < self.count:
            patience = min(patience, _AT_ONCE_S)
        spoken = wait([worker.link for worker in busy], timeout=max(0.0, patience))
        over = sum(self._take(worker, batch) for worker in busy if worker.link in spoken)
        return over + sum(self._give_up(worker, batch) for worker in busy if worker.index is not None)

    def _take(self, worker: Worker, batch: _Batch) -> bool:
        """Take what a worker says; whether its task is over."""
        index = worker.index
        assert index is not None
        try:
            said = worker.answer()
        except WorkerDied as death:
            self._remove(worker)
            return batch.crashed(index, death.cause)
        batch.begin()
        if said is None:
            return False
        worker.index = None
        (found,) = said
        if isinstance(found, Exception) and not isinstance(found, SourceRefused):
            raise found
        batch.ended(index, found)
        return True

    def _give_up(self, worker: Worker, batch: _Batch) -> bool:
        """End a worker that made no progress for too long, and refuse its task; whether it was so."""
        index = worker.index
        if index is None or worker.patience > 0 or worker.link.poll():
            return False
        self._remove(worker)
        batch.ended(index, stalled(batch.tasks[index].path, self.limits))
        return True

    def _remove(self, worker: Worker) -> None:
        worker.index = None
        self._pool.remove(worker)
        worker.end()


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
        self._began: float | None = None
        self._done = 0

    def begin(self) -> None:
        """Note that a process is at work."""
        if self._began is None:
            self._began = time.monotonic()

    def lasts(self) -> bool:
        """Whether the tasks that wait will take longer, at the pace so far, than a further process takes to start."""
        if self._began is None:
            return False
        took = time.monotonic() - self._began
        return took * len(self.waiting) > _WORTH_S * self._done if self._done else took >= _AT_ONCE_S

    def ended(self, index: int, result: Any) -> None:
        """Note what a task gave."""
        self._done += 1
        self.results[index] = result
        self.refused = self.refused or isinstance(result, SourceRefused)

    def crashed(self, index: int, cause: str) -> bool:
        """Note that a task's worker died: the first time it waits for another; whether it is over."""
        if index not in self._crashed:
            self._crashed.add(index)
            self.waiting.appendleft(index)
            return False
        remedy = "check that the file is whole and that memory is free, or convert it to another format first"
        self.ended(index, SourceRefused(self.tasks[index].path, f"the process that read it {cause}", remedy))
        return True
