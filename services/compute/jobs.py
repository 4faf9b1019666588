"""Jobs on a Dask worker: `run_job` runs one to its end, `run_part` one part of a large one.

The task of a job hands its parts over, leaves its thread to them, and waits: it asks the jobs table whether the job is
still wanted, as each part does for itself, and reports how much of the work is done.
"""

from __future__ import annotations

import functools
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from dask.utils import parse_bytes
from distributed import get_client, secede

from config.errors import TooLarge
from config.settings import DatabaseSettings
from records.database.engine import make_engine
from records.jobs.job_store import Jobs
from services.compute.children.child import TICK_S
from services.compute.execution import (
    RUN_ALONE,
    RUN_COMBINE,
    RUN_PART,
    RUN_PROCEED,
    Execution,
    JobProgress,
    Problem,
    execute,
)
from services.compute.executor import ResultDocument, is_last
from services.compute.staging import discard, tidy
from services.web.problems import as_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Client, Future

    from services.compute.execution import Tick
    from services.compute.executor import ExecutionConfig, ExecutionPart, ExecutionPlan

log = logging.getLogger(__name__)

PART_PREFIX = "part-"
PART_PRIORITY = 10
"""Above that of jobs in the background: what has begun ends before more begins; below that of those who wait."""

_FIRST, _LAST = 5.0, 95.0
"""Percent done when the parts begin and end."""
_POLL_S = 0.05
_POOL = 20


def run_job(job_id: str, config: ExecutionConfig) -> None:
    """Run a job to its end; its outcome is in the jobs table. Runs in a thread of a Dask worker."""
    jobs = jobs_of(config.settings.database.url.get_secret_value())
    if not jobs.start(job_id):
        return
    discard(config.settings.store_dir, job_id)  # what an earlier attempt has left, whose worker died
    try:
        if not _run(jobs, job_id, config):
            discard(config.settings.store_dir, job_id)
    except (
        Exception
    ):  # its files are left to the next sweep: if the database is away, nobody knows whether it succeeded
        log.exception("job %s could not be run", job_id)
        jobs.abandon([job_id], "the server failed on this job; the operator finds the cause in its log")


def _run(jobs: Jobs, job_id: str, config: ExecutionConfig) -> bool:
    """Run a job that has been started; returns whether it has a result."""

    def tick(progress: JobProgress | None) -> bool:
        if progress is None:
            return jobs.beat(job_id) > 0
        return jobs.progress(job_id, progress.percent, progress.message)

    execution = Execution(
        job_id=job_id,
        process_id=jobs.get(job_id).process_id,
        request=jobs.request(job_id),
        memory_bytes=parse_bytes(config.settings.dask.memory_limit),
        config=config,
    )
    outcome = execute(RUN_ALONE, execution, tick=tick)
    if outcome is not None and not isinstance(outcome, (ResultDocument, Problem)):
        outcome = _spread(execution, outcome, tick)
    if isinstance(outcome, ResultDocument):
        tidy(config.settings.store_dir, job_id)
        return outcome.is_kept or jobs.succeed(job_id, outcome.body, outcome.media_type)
    if isinstance(outcome, Problem):
        jobs.fail(job_id, outcome.error)
    # a child that died, or was no longer wanted, may have committed its result at its last moment
    return jobs.statuses([job_id]).get(job_id) == "successful"


def _spread(execution: Execution, plan: ExecutionPlan, tick: Tick) -> ResultDocument | Problem | None:
    """Execute the parts of a plan on the cluster and combine their results; None if the job is no longer wanted."""
    client = get_client()
    secede()  # the parts need the thread
    stage, span = 0, _stage_span(_FIRST, plan)
    results = _stage(client, execution, plan, tick, stage=stage, span=span)
    while isinstance(results, list) and not is_last(plan):
        following = execute(RUN_PROCEED, execution, plan, results, tick=lambda _: tick(None))
        if following is None or isinstance(following, Problem):
            return following
        plan, stage = following, stage + 1
        span = _stage_span(span[1], plan)
        results = _stage(client, execution, plan, tick, stage=stage, span=span)
    if isinstance(results, Problem) or results is None:
        return results
    outcome: ResultDocument | Problem | None = execute(RUN_COMBINE, execution, plan, results, tick=_after_parts(tick))
    return outcome


def _stage_span(first: float, plan: ExecutionPlan) -> tuple[float, float]:
    """Percent done when the parts of a stage begin and end; later stages share what is left."""
    return first, _LAST if is_last(plan) else (first + _LAST) / 2


def _stage(
    client: Client, execution: Execution, plan: ExecutionPlan, tick: Tick, *, stage: int, span: tuple[float, float]
) -> list[bytes] | Problem | None:
    """Execute the parts of one plan on the cluster; the results are pickled."""
    prefix = f"{PART_PREFIX}{execution.job_id}-" + (f"{stage}-" if stage else "")
    futures = [
        client.submit(run_part, execution, number, part, key=f"{prefix}{number}", priority=PART_PRIORITY)
        for number, part in enumerate(plan.parts)
    ]
    try:
        return gather(futures, plan.parts, tick, most=execution.config.settings.limit.result_bytes, span=span)
    finally:
        client.cancel(futures, force=True)  # what has not begun; what runs ends when the job is no longer wanted


def run_part(execution: Execution, number: int, part: ExecutionPart) -> bytes | Problem | None:
    """Execute one part, unless or until its job is no longer wanted. Runs in a thread of a Dask worker."""
    jobs = jobs_of(execution.config.settings.database.url.get_secret_value())
    outcome: bytes | Problem | None = execute(
        RUN_PART, execution, number, part, tick=lambda _: jobs.beat(execution.job_id) > 0
    )
    return outcome


def gather(
    futures: Sequence[Future[bytes | Problem | None]],
    parts: Sequence[ExecutionPart],
    tick: Tick,
    *,
    most: int,
    span: tuple[float, float] = (_FIRST, _LAST),
) -> list[bytes] | Problem | None:
    """Wait for the results of all parts; returns the first problem instead, or None if the job is no longer wanted."""
    results: dict[int, bytes] = {}
    due = 0.0
    total = sum(part.cells for part in parts) or 1
    while len(results) < len(futures):
        for number, future in enumerate(futures):
            if number in results or not future.done():
                continue
            outcome = future.result()
            if not isinstance(outcome, bytes):
                return outcome
            results[number] = outcome
        if sum(map(len, results.values())) > most:
            return Problem(error=as_problem(TooLarge(f"the results have more than {most} bytes; ask for less")))
        if time.monotonic() >= due:
            due = time.monotonic() + TICK_S
            percent = span[0] + (span[1] - span[0]) * sum(parts[number].cells for number in results) / total
            if not tick(JobProgress(percent=percent, message=f"{len(results)} of {len(futures)} parts are done")):
                return None
        time.sleep(_POLL_S)
    return [results[number] for number in range(len(futures))]


def _after_parts(tick: Tick) -> Tick:
    """The tick of what follows after all parts are done."""

    @functools.wraps(tick)
    def later(progress: JobProgress | None) -> bool:
        if progress is None:
            return tick(None)
        return tick(replace(progress, percent=_LAST + (100 - _LAST) * progress.percent / 100))

    return later


@functools.lru_cache(maxsize=4)
def jobs_of(url: str) -> Jobs:
    """The jobs table behind a URL, with connections that this process keeps."""
    return Jobs(make_engine(url, DatabaseSettings(pool_size=_POOL)))
