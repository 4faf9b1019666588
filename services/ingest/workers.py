"""Work on source files in processes of their own, which may crash without harm to the ingest."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from rasterio.windows import Window

from cog import gdal
from cog.convert import Converted, convert
from cog.models import SourceDescription, SourceVariable
from cog.profiles import ProfileName, profile
from cog.sources.opening import open_source
from cog.statistics import Partial, merge, partial
from cog.validate import strips
from config.datasets import DatasetDeclaration
from config.errors import GraticuleError, SourceRefused

log = logging.getLogger(__name__)

MAX_WORKERS = 32
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
    steps: tuple[int, ...]
    targets: tuple[Path, ...]
    tags: tuple[dict[str, str], ...]
    profile: ProfileName


def convert_steps(path: Path, conversion: Conversion) -> list[Converted]:
    """Convert some steps of a source."""
    encoding = profile(conversion.profile)
    with open_source(path, conversion.declaration) as source:
        return [
            convert(source, conversion.variable, step, target=target, profile=encoding, tags=tags)
            for step, target, tags in zip(conversion.steps, conversion.targets, conversion.tags, strict=True)
        ]


def measure_asset(path: Path, nodata: float | None, scale: float, offset: float) -> Partial:
    """Statistics of a COG that is in the store already."""
    whole: Partial | None = None
    with rasterio.open(path, driver="GTiff") as dataset:
        for first, last in strips(dataset.height, dataset.width, np.dtype(dataset.dtypes[0]).itemsize):
            cells = dataset.read(1, window=Window(0, first, dataset.width, last - first))
            found = partial(cells, nodata=nodata, scale=scale, offset=offset)
            whole = found if whole is None else merge(whole, found)
    assert whole is not None
    return whole


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    gdal.configure(_CACHE_MB)


def _perform(task: Task) -> Any:  # noqa: ANN401 - whatever the function returns
    try:
        return task.function(*task.arguments)
    except GraticuleError:
        raise
    except Exception as error:  # the edge of a worker
        log.exception("unexpected error in work on %s", task.path)
        cause = f"its conversion failed: {type(error).__name__}: {error}"
        raise SourceRefused(task.path, cause, "check free disk and memory, and that the file is whole") from error


class Workers:
    """A pool of worker processes; a context manager. Not thread-safe."""

    def __init__(self, count: int | None = None) -> None:
        self.count = min(count or len(os.sched_getaffinity(0)), MAX_WORKERS)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """The pool; processes start with the first task."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """End all processes, after the work in hand."""
        self._end()

    def run(self, tasks: list[Task], *, stop_early: bool, advanced: Callable[[], None]) -> list[Any]:
        """Run tasks; each result, or the SourceRefused that it ended in, in the order of the tasks.

        Args:
            tasks: What to do.
            stop_early: After the first refusal start nothing more; what was not done is None.
            advanced: Called after each task, in this process.
        """
        results: list[Any] = [None] * len(tasks)
        left = set(range(len(tasks)))
        try:
            self._run_together(tasks, results, left, stop_early=stop_early, advanced=advanced)
        except BrokenProcessPool:
            self._end()
            self._run_alone(tasks, results, left, stop_early=stop_early, advanced=advanced)
        return results

    def _run_together(
        self,
        tasks: list[Task],
        results: list[Any],
        left: set[int],
        *,
        stop_early: bool,
        advanced: Callable[[], None],
    ) -> None:
        pool = self._started(min(self.count, len(tasks)))
        futures: dict[Future[Any], int] = {pool.submit(_perform, task): i for i, task in enumerate(tasks)}
        pending = set(futures)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                if future.cancelled():
                    continue
                index = futures[future]
                results[index] = _outcome(future)
                left.discard(index)
                advanced()
                if stop_early and isinstance(results[index], SourceRefused):
                    for other in pending:
                        other.cancel()

    def _run_alone(
        self,
        tasks: list[Task],
        results: list[Any],
        left: set[int],
        *,
        stop_early: bool,
        advanced: Callable[[], None],
    ) -> None:
        """Find out which of the unfinished tasks kills its worker, by running each in a worker of its own."""
        for index in sorted(left):
            task = tasks[index]
            try:
                results[index] = _outcome(self._started(1).submit(_perform, task))
            except BrokenProcessPool:
                self._end()
                cause = "the process that read it crashed"
                results[index] = SourceRefused(task.path, cause, "check that the file is whole, or convert it first")
            advanced()
            if stop_early and isinstance(results[index], SourceRefused):
                return

    def _started(self, count: int) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(max(1, count), mp_context=self._context, initializer=_prepare)
        return self._pool

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _outcome(future: Future[Any]) -> Any:  # noqa: ANN401
    try:
        return future.result()
    except SourceRefused as refused:
        return refused
