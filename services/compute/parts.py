"""The parts of a split execution as tasks of the Dask cluster.

The task of the job hands them over, leaves its thread to them, and waits: it asks the jobs table whether the job is
still wanted, as each part does for itself, and reports how much of the work is done.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from config.errors import TooLarge
from services.compute.children.child import TICK_S, Outcome, Progress, Task, execute
from services.web.problems import as_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client, Future

KEY_PREFIX = "part-"
PRIORITY = 10
"""Above that of jobs in the background: what has begun ends before more begins; below that of those who wait."""

_FIRST, _LAST = 5.0, 95.0
"""Percent done when the parts begin and end."""
_POLL_S = 0.05


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """The result of a part, or why it failed, or neither: it was no longer wanted."""

    result: bytes | None = None
    error: dict[str, Any] | None = None


def spread(task: Task, outcome: Outcome, job_id: str, tick: Callable[[Progress | None], bool]) -> Outcome | None:
    """Execute the parts of a split task on the cluster, and combine their results.

    Called in the thread of the job's Dask task. Returns None if the job is no longer wanted.
    """
    from distributed import get_client, secede  # noqa: PLC0415 - this is a worker: it is there

    client = get_client()
    secede()  # the parts need the thread
    futures = [
        client.submit(
            run_part, job_id, replace(task, part=part), key=f"{KEY_PREFIX}{job_id}-{number}", priority=PRIORITY
        )
        for number, (part, _) in enumerate(outcome.parts)
    ]
    try:
        results = gathered(futures, [work for _, work in outcome.parts], tick, most=task.result_bytes)
    finally:
        _drop(client, futures)
    if isinstance(results, Outcome) or results is None:
        return results
    return execute(replace(task, results=tuple(results)), _last(tick))


def run_part(job_id: str, task: Task) -> PartResult:
    """Execute one part, unless or until its job is no longer wanted. Runs in a thread of a Dask worker."""
    from services.compute.dask import jobs_of  # noqa: PLC0415 - it imports this module

    assert task.site is not None
    jobs = jobs_of(task.site.database.get_secret_value())
    outcome = execute(task, lambda _: jobs.beat(job_id) > 0)
    if outcome is None:
        return PartResult()
    return PartResult(result=None if outcome.error else outcome.result, error=outcome.error)


def gathered(
    futures: list[Future[PartResult]], work: list[float], tick: Callable[[Progress | None], bool], *, most: int
) -> list[bytes] | Outcome | None:
    """The results of all parts, or the first failure, or None if the job is no longer wanted."""
    found: dict[int, bytes] = {}
    due = 0.0
    whole = sum(work) or 1.0
    while len(found) < len(futures):
        for number, future in enumerate(futures):
            if number in found or not future.done():
                continue
            part: PartResult = future.result()
            if part.error is not None:
                return Outcome(error=part.error)
            if part.result is None:
                return None
            found[number] = part.result
        if sum(map(len, found.values())) > most:
            return Outcome(error=as_problem(TooLarge(f"the results have more than {most} bytes; ask for less")))
        if time.monotonic() >= due:
            due = time.monotonic() + TICK_S
            percent = _FIRST + (_LAST - _FIRST) * sum(work[number] for number in found) / whole
            if not tick(Progress(percent=percent, message=f"{len(found)} of {len(futures)} parts are done")):
                return None
        time.sleep(_POLL_S)
    return [found[number] for number in range(len(futures))]


def _last(tick: Callable[[Progress | None], bool]) -> Callable[[Progress | None], bool]:
    """A tick that knows that all parts are done."""

    @functools.wraps(tick)
    def later(progress: Progress | None) -> bool:
        if progress is None:
            return tick(None)
        return tick(replace(progress, percent=_LAST + (100 - _LAST) * progress.percent / 100))

    return later


def _drop(client: Client, futures: list[Future[PartResult]]) -> None:
    """Take from the queue what has not begun; what runs ends by itself when the job is no longer wanted."""
    client.cancel(futures, force=True)
