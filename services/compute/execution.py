"""One execution of a process, in child processes within limits.

A small request is executed in one child; the parts of a large one travel to the workers of the cluster
(`services.compute.jobs`). What the children do stands in `services.compute.steps`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config.errors import GraticuleError, TooLarge
from services.compute.children.call import Call, CallCancelled, ChildCrashed
from services.compute.children.child import perform, template
from services.web.problems import as_problem

if TYPE_CHECKING:
    from services.compute.executor import ExecutionConfig

log = logging.getLogger(__name__)

_STEPS = "services.compute.steps"
RUN_ALONE, RUN_PART, RUN_PROCEED, RUN_COMBINE = (
    f"{_STEPS}:{step}" for step in ("run_alone", "run_part", "run_proceed", "run_combine")
)
ALONE_CELLS = 100_000_000
"""Size of a request that is executed in one child: further processes would take longer to start."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A job on its way to the processes that execute it.

    Attributes:
        job_id: The job.
        process_id: The process.
        request: The request as the jobs table keeps it.
        memory_bytes: Bound of the memory of each child; None for none.
        config: What the children need to know of the server.
    """

    job_id: str
    process_id: str
    request: bytes
    memory_bytes: int | None
    config: ExecutionConfig


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """Percent, 0 to 100, and a short message."""

    percent: float
    message: str


Tick = Callable[[JobProgress | None], bool]
"""Called a few times a second with the newest progress, if there is any; answers whether the job is still wanted."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why an execution failed, as `{type, title, status, detail}`."""

    error: dict[str, Any]


def execute(step: str, execution: Execution, *arguments: object, tick: Tick) -> Any:
    """Perform `RUN_ALONE`, `RUN_PART`, `RUN_PROCEED` or `RUN_COMBINE` in a child of its own.

    Returns the result of the step, a Problem, or None if `tick` has answered False and the child was killed.
    """
    news: list[JobProgress] = []
    try:
        return perform(
            Call(function=step, arguments=(execution, *arguments), memory_bytes=execution.memory_bytes),
            template(_STEPS, *execution.config.modules),
            listener=news.append,
            is_wanted=lambda: tick(_take_last(news)),
        )
    except CallCancelled:
        return None
    except Exception as error:  # noqa: BLE001 - the edge of an execution: whatever happens becomes its problem
        return Problem(error=as_problem(_public(error)))


def _take_last(news: list[JobProgress]) -> JobProgress | None:
    last = news[-1] if news else None
    news.clear()
    return last


def _public(error: Exception) -> GraticuleError:
    """The error that a client may see; the cause of an unexpected one is logged."""
    if isinstance(error, GraticuleError):
        return error
    if isinstance(error, MemoryError):
        return TooLarge("the process ran out of memory; ask for less")
    if isinstance(error, ChildCrashed):
        return GraticuleError(f"the process {error} before it answered; it may have used too much memory")
    log.error("the process failed", exc_info=error)
    return GraticuleError("the process failed; the operator finds the cause in the server's log")
