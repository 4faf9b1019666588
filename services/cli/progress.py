"""What an ingest shows while it runs and when it ends: progress on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from services.ingest.models import IngestReport, Listener, Progress


def as_lines(report: IngestReport) -> str:
    """A report as lines of status, path, target and reason, separated by tabs."""
    return "".join(f"{outcome.line}\n" for outcome in report.outcomes)


def as_json_lines(report: IngestReport) -> str:
    """A report as one JSON object a line, one for each source."""
    return "".join(f"{json.dumps(outcome.document, ensure_ascii=False)}\n" for outcome in report.outcomes)


@contextmanager
def progress_listener() -> Iterator[Listener]:
    """A progress bar on a terminal, a line a stage elsewhere; both on stderr, so that stdout is for results."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def advance(progress: Progress) -> None:
            bar.update(task, description=_words(progress), completed=progress.done, total=progress.total)

        yield advance


def _words(progress: Progress) -> str:
    if progress.stage == "waiting":
        return f"{progress.dataset}: waiting for another ingest of this dataset"
    return f"{progress.dataset}: {progress.stage}"


def _line(progress: Progress) -> None:
    if progress.done in {0, progress.total}:
        sys.stderr.write(f"{_words(progress)} {progress.done}/{progress.total}\n")
        sys.stderr.flush()
