"""Worker processes that read source files: what goes wrong in one becomes the refusal of its file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Self

from cog import gdal
from config.errors import GraticuleError, SourceRefused
from config.setting_groups.ingest import IngestSettings
from services.compute.children.call import Call, ChildCrashed, ChildStalled, Slot, UnknownError
from services.compute.children.pool import ChildPool
from services.compute.children.runner import perform
from services.ingest.counting import Counter
from services.ingest.worker_template import worker_template

log = logging.getLogger(__name__)

MAX_WORKERS = 32
TOGETHER = 16
"""Small tasks that are handed over together."""
_CACHE_MB = 128
"""GDAL's block cache in each worker, in MiB."""


@dataclass(frozen=True, kw_only=True)
class FileTask:
    """A call of a module's function with picklable arguments, on behalf of a file.

    A function with a parameter `slot` gets a `Slot` by that name; another must end within the time for one step.

    Attributes:
        path: The file.
        function: The function, or "package.module:function" (`services.ingest.tasks`).
        arguments: Its arguments.
        is_small: Whether it is done in milliseconds: several such tasks are handed to a process together.
    """

    path: Path
    function: Callable[..., Any] | str
    arguments: tuple[Any, ...]
    is_small: bool = False


class Workers:
    """A pool of worker processes within limits; a context manager. Not thread-safe.

    Args:
        count: Most processes; absent: as the limits say.
        limits: Memory of a process, and how long it may be without progress.
    """

    def __init__(self, count: int | None = None, *, limits: IngestSettings | None = None) -> None:
        self._limits = limits or IngestSettings()
        self.count = min(count or self._limits.workers or len(os.sched_getaffinity(0)), MAX_WORKERS)
        self._pool = ChildPool(self.count, worker_template(), stall_s=self._limits.stall_s)

    def __enter__(self) -> Self:
        """The pool; processes start with the first tasks."""
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill all processes: after an error or an interrupt nobody waits for the work in progress."""
        self._pool.close()

    def run(self, tasks: list[FileTask], *, stop_early: bool, counter: Counter | None = None) -> list[Any]:
        """Run tasks; returns the result or the SourceRefused of each, in the order of the tasks.

        A task whose worker dies is tried once more; one that kills its worker again, or makes no progress for too
        long, is refused. The others go on in other processes.

        Args:
            tasks: What to do.
            stop_early: After the first refusal start nothing more; what was not done is None.
            counter: Told of each task, in this process.

        Raises:
            OSError: A worker could not write its file.
        """
        results: list[Any] = [None] * len(tasks)
        counter = counter or Counter()
        waiting = _grouped(tasks)
        while waiting:
            groups, waiting = waiting, []
            calls = [self._call([tasks[index] for index in group], stop_early=stop_early) for group in groups]
            for number, outcome in self._pool.run(
                calls,
                is_enough=lambda it: stop_early and _has_failed(it),
                advanced=partial(_advance, counter, groups),
            ):
                group = groups[number]
                if isinstance(outcome, Exception) and len(group) > 1:  # what one does befalls it alone
                    waiting += [[index] for index in group]
                    continue
                for index, one in zip(group, outcome if len(group) > 1 else [outcome], strict=False):
                    results[index] = _refusal(tasks[index].path, one, self._limits) or one
                    counter.finish(index)
        return results

    def _call(self, tasks: list[FileTask], *, stop_early: bool) -> Call:
        most = self._limits.memory_mb << 20
        calls = [Call(function=_perform, arguments=(it.function, it.arguments), memory_bytes=most) for it in tasks]
        if len(calls) == 1:
            return calls[0]
        return Call(function=_perform_all, arguments=(calls, stop_early), memory_bytes=most)


def _grouped(tasks: Sequence[FileTask]) -> list[list[int]]:
    """The numbers of tasks in groups that are handed over together."""
    groups: list[list[int]] = []
    growing = False
    for number, task in enumerate(tasks):
        if task.is_small and growing and len(groups[-1]) < TOGETHER:
            groups[-1].append(number)
        else:
            groups.append([number])
        growing = task.is_small
    return groups


def _advance(counter: Counter, groups: Sequence[Sequence[int]], number: int, share: float) -> None:
    """Tell how far a task is that does not share its call: the others are done in no time."""
    if len(groups[number]) == 1:
        counter.advance(groups[number][0], share)


def _has_failed(outcome: Any) -> bool:
    """Whether a task, or one of a group, was not done."""
    return isinstance(outcome, Exception) or (
        isinstance(outcome, list) and any(isinstance(one, Exception) for one in outcome)
    )


@contextmanager
def pool_of(workers: Workers | int | None) -> Iterator[Workers]:
    """A pool of that many workers, or the same pool, whose processes live on unless the block ends in an error."""
    if not isinstance(workers, Workers):
        with Workers(workers) as pool:
            yield pool
        return
    try:
        yield workers
    except BaseException:
        workers.close()
        raise


def _perform(slot: Slot, task: Callable[..., Any] | str, arguments: tuple[Any, ...]) -> Any:
    """Perform a task, in a worker."""
    gdal.configure(_CACHE_MB)
    function = resolve_name(task) if isinstance(task, str) else task
    return function(*arguments, **({"slot": slot} if "slot" in signature(function).parameters else {}))


def _perform_all(slot: Slot, calls: list[Call], stop_early: bool) -> list[Any]:
    """Perform several tasks, in a worker: the result or the error of each, up to the first error if that is enough."""
    outcomes: list[Any] = []
    for call in calls:
        outcomes.append(perform(call, slot).value)
        slot.pulse(0.0)
        if stop_early and isinstance(outcomes[-1], Exception):
            break
    return outcomes


def _refusal(path: Path, outcome: Any, limits: IngestSettings) -> SourceRefused | None:
    """The refusal of a file whose task has failed; raises OSError where the file is not to blame."""
    match outcome:
        case SourceRefused():
            return outcome
        case ChildCrashed():
            remedy = "check that the file is whole and that memory is free, or convert it to another format first"
            return SourceRefused(path, f"the process that read it {outcome}", remedy)
        case ChildStalled():
            cause = f"no progress was made on it for {limits.stall_s:g} seconds, and the process that read it was ended"
            return SourceRefused(path, cause, "check the file and its disk, or raise GRATICULE_INGEST_STALL_S")
        case MemoryError():
            cause = f"reading it takes more than the {limits.memory_mb} MiB that a worker process may use"
            return SourceRefused(path, cause, "raise GRATICULE_INGEST_MEMORY_MB, or store the file in smaller chunks")
        case OSError(errno=int()) | GraticuleError():  # of the store: sources turn theirs into refusals
            raise outcome
        case Exception():
            log.error("unexpected error in work on %s", path, exc_info=outcome)
            error = str(outcome) if isinstance(outcome, UnknownError) else f"{type(outcome).__name__}: {outcome}"
            remedy = "check free disk and memory, and that the file is whole"
            return SourceRefused(path, f"its conversion failed: {error}", remedy)
    return None
