"""What an ingest shows while it runs and when it ends: progress on stderr, results on stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from services.cli.output import as_line
from services.ingest.models import IngestReport, Listener, Progress

_LINE_S = 30.0
"""Least seconds between two lines of one stage, where nobody looks at a bar."""


def as_lines(report: IngestReport) -> str:
    """A report as lines of status, path, target and reason, separated by tabs."""
    return "".join(f"{outcome.line}\n" for outcome in report.outcomes)


def as_json_lines(report: IngestReport) -> str:
    """A report as one JSON object a line, one for each source."""
    return "".join(as_line(outcome.document) for outcome in report.outcomes)


@contextmanager
def progress_listener() -> Iterator[Listener]:
    """A bar with a clock on a terminal, else lines; both on stderr, so that stdout is for results."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(time.monotonic)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[pieces]}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield _Bars(bar)


class _Bars:
    """One bar, which begins anew with each stage, and its clock with it."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("reading", total=None, pieces="")
        self._stage: tuple[str, str] | None = None

    def __call__(self, progress: Progress) -> None:
        stage = (progress.dataset, progress.stage)
        line: dict[str, Any] = {
            "description": _words(progress),
            "completed": progress.done + progress.begun,
            "total": max(1, progress.total),
            "pieces": f"{progress.done}/{progress.total}",
        }
        if stage == self._stage:
            self._bar.update(self._task, **line)
        else:  # a task that has ended keeps its clock still, also when it goes on
            self._stage = stage
            self._bar.reset(self._task, **line)


class _Lines:
    """A line where a stage begins and ends, and now and then between."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stage: tuple[str, str] | None = None
        self._written = 0.0

    def __call__(self, progress: Progress) -> None:
        stage, now = (progress.dataset, progress.stage), self._clock()
        ends = progress.done == progress.total
        if stage == self._stage and not ends and now - self._written < _LINE_S:
            return
        self._stage, self._written = stage, now
        share = (progress.done + progress.begun) / max(1, progress.total)
        within = f", {100 * share:.0f} %" if progress.begun else ""
        sys.stderr.write(f"{_words(progress)} {progress.done}/{progress.total}{within}\n")
        sys.stderr.flush()


def _words(progress: Progress) -> str:
    if progress.stage == "waiting":
        return f"{progress.dataset}: waiting for another ingest of this dataset"
    return f"{progress.dataset}: {progress.stage}"
