"""One worker process: it performs tasks on source files within limits, and may crash without harm to the ingest."""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import signature
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cog import gdal
from config.errors import GraticuleError, SourceRefused
from config.settings import IngestSettings
from services.compute.lifeline import die_with

log = logging.getLogger(__name__)

PROCESSES = multiprocessing.get_context("spawn")
"""Workers are children of the ingest itself, so that they end with it; those of a fork server would outlive it."""
_CACHE_MB = 128
"""GDAL's block cache in each worker, in MiB."""
_BEAT_S = 0.5
"""Least seconds between two signs of life."""
_START_S = 120.0
"""Seconds that a process may take to start, beside the time without progress: it imports large libraries."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """What the pool grants a task.

    Attributes:
        threads: How many threads it may keep busy, so that few large tasks use all processors.
        pulse: To be called while it makes progress; without a call for `IngestSettings.stall_s` it is ended.
    """

    threads: int = 1
    pulse: Callable[[], None] = field(default=lambda: None)


ALONE = Slot()
"""For a call outside a pool."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A call of a module's function with picklable arguments, on behalf of a source.

    A function with a parameter `slot` is given a `Slot` by that name; another must end within the time for one step.
    """

    path: Path
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class _Alive:
    """A sign of life on the way to the pool."""


class WorkerDied(Exception):
    """The process ended without an answer; `cause` says how."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Worker:
    """A worker process, and the task that it has in hand."""

    def __init__(self, limits: IngestSettings) -> None:
        self.index: int | None = None
        self._limits = limits
        self._deadline = 0.0
        self.link, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=_work, args=(theirs, os.getpid(), limits), daemon=True)
        # a new process has its parent's mask from its first instruction on: the parent decides what Ctrl-C means
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    @property
    def patience(self) -> float:
        """Seconds until it has been without a sign of life for too long; by a clock that nobody sets."""
        return self._deadline - time.monotonic()

    def give(self, index: int, task: Task, *, threads: int) -> None:
        """Hand it a task; one that has died is noticed when its answer is taken."""
        self.index = index
        self._deadline = time.monotonic() + self._limits.stall_s + _START_S
        with suppress(OSError):
            self.link.send((task, threads))

    def answer(self) -> tuple[Any] | None:
        """Its answer as the only member of a tuple, None for a sign of life; raises WorkerDied."""
        try:
            found = self.link.recv()
        except (EOFError, OSError):
            self._process.join()
            raise WorkerDied(_ending(self._process.exitcode or 0)) from None
        if isinstance(found, _Alive):
            self._deadline = time.monotonic() + self._limits.stall_s
            return None
        return (found,)

    def end(self) -> None:
        """Kill it, whatever it does, and wait until it is gone."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.link.close()


def _ending(code: int) -> str:
    """How a process ended, by its exit code: that of a killed one is the signal's number below zero."""
    if code < 0:
        names = {-number: number.name for number in signal.Signals}
        return f"crashed ({names.get(code, f'signal {-code}')})"
    return f"crashed (exit code {code})"


def _work(tasks: Connection, parent: int, limits: IngestSettings) -> None:
    """Perform the tasks that come until the ingest hangs up; an ingest that is killed takes its workers with it."""
    die_with(parent)
    gdal.configure(_CACHE_MB)
    _confine(limits)
    beat = _Beat(tasks)
    with suppress(EOFError, OSError):
        while True:
            task, threads = tasks.recv()
            tasks.send(_Alive())
            tasks.send(_performed(task, Slot(threads=threads, pulse=beat), limits))


def _confine(limits: IngestSettings) -> None:
    """Have the kernel refuse memory beyond the limit (data, not code and files), and write no core dumps."""
    most = limits.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Beat:
    """Sends signs of life, not too many."""

    def __init__(self, link: Connection) -> None:
        self._link = link
        self._last = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last >= _BEAT_S:
            self._last = now
            self._link.send(_Alive())


def _performed(task: Task, slot: Slot, limits: IngestSettings) -> Any:
    """What a task gives, or the error it ends in."""
    further = {"slot": slot} if "slot" in signature(task.function).parameters else {}
    try:
        return task.function(*task.arguments, **further)
    except GraticuleError as error:
        return error
    except MemoryError:
        return out_of_memory(task.path, limits)
    except Exception as error:  # the edge of a worker
        if isinstance(error, OSError) and error.errno is not None:
            return error  # of the store: sources turn theirs into refusals
        log.exception("unexpected error in work on %s", task.path)
        cause = f"its conversion failed: {type(error).__name__}: {error}"
        return SourceRefused(task.path, cause, "check free disk and memory, and that the file is whole")


def out_of_memory(path: Path, limits: IngestSettings) -> SourceRefused:
    """The refusal of a source that needs more than a worker may have."""
    cause = f"reading it takes more than the {limits.memory_mb} MiB that a worker process may use"
    return SourceRefused(path, cause, "raise GRATICULE_INGEST_MEMORY_MB, or store the file in smaller chunks")


def stalled(path: Path, limits: IngestSettings) -> SourceRefused:
    """The refusal of a source on which a worker made no progress."""
    cause = f"no progress was made on it for {limits.stall_s:g} seconds, and the process that read it was ended"
    return SourceRefused(path, cause, "check the file and its disk, or raise GRATICULE_INGEST_STALL_S")
