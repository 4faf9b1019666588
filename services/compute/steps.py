"""The steps of an execution, which child processes perform: plan it, execute its parts, combine their results."""

from __future__ import annotations

import pickle
import pkgutil
from typing import TYPE_CHECKING, Any, cast

from config.errors import TooLarge
from services.compute.environment import SiteEnvironment
from services.compute.execution import ALONE_CELLS, JobProgress
from services.compute.executor import is_last
from services.compute.staging import StagingArea

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.compute.children.call import Slot
    from services.compute.execution import Execution
    from services.compute.executor import ExecutionPlan, Executor, ResultDocument


def run_alone(slot: Slot, execution: Execution) -> ResultDocument | ExecutionPlan:
    """Plan an execution, and finish it if it is small; else return the plan."""
    executor, whole = _executor(execution), _environment(slot, execution, "plan")
    plan = executor.plan(execution.process_id, execution.request, whole)
    if len(plan.parts) > 1 and sum(part.cells for part in plan.parts) > ALONE_CELLS:
        return plan
    results = _parts(slot, execution, plan)
    while not is_last(plan):
        plan = executor.proceed(execution.process_id, execution.request, plan, results, whole)
        results = _parts(slot, execution, plan)
    return _combine(executor, execution, plan, results, whole)


def _parts(slot: Slot, execution: Execution, plan: ExecutionPlan) -> list[Any]:
    """The results of all parts, executed one after the other."""
    executor, cells = _executor(execution), [part.cells for part in plan.parts]
    results, done = [], 0
    for number, part in enumerate(plan.parts):
        surroundings = _environment(slot, execution, str(number), done=done, cells=cells[number], total=sum(cells))
        results.append(executor.part(execution.process_id, part, surroundings))
        done += cells[number]
    return results


def run_part(slot: Slot, execution: Execution, number: int, part: object) -> bytes:
    """Execute one part; returns its result pickled."""
    return pickle.dumps(
        _executor(execution).part(execution.process_id, part, _environment(slot, execution, str(number)))
    )


def run_proceed(slot: Slot, execution: Execution, plan: ExecutionPlan, results: Sequence[bytes]) -> ExecutionPlan:
    """Plan the next stage with the pickled results of all parts of one."""
    parts = [pickle.loads(result) for result in results]  # noqa: S301 - `run_part` has made them
    surroundings = _environment(slot, execution, "proceed")
    return _executor(execution).proceed(execution.process_id, execution.request, plan, parts, surroundings)


def run_combine(slot: Slot, execution: Execution, plan: ExecutionPlan, results: Sequence[bytes]) -> ResultDocument:
    """Combine the pickled results of all parts."""
    surroundings = _environment(slot, execution, "combine")
    parts = [pickle.loads(result) for result in results]  # noqa: S301 - `run_part` has made them
    return _combine(_executor(execution), execution, plan, parts, surroundings)


def _combine(
    executor: Executor, execution: Execution, plan: ExecutionPlan, results: Sequence[Any], surroundings: SiteEnvironment
) -> ResultDocument:
    answer = executor.combine(execution.process_id, execution.request, plan, results, surroundings)
    limit = execution.config.settings.limit.result_bytes
    if len(answer.body) > limit:
        raise TooLarge(f"the result has {len(answer.body)} bytes, the limit is {limit}; ask for less")
    return surroundings.conclude(answer)


def _environment(
    slot: Slot, execution: Execution, part: str, *, done: int = 0, cells: int = 1, total: int = 1
) -> SiteEnvironment:
    """The environment of a part of `cells` cells of `total`, of which `done` are done before it."""

    def report(percent: float, message: str = "", /) -> None:
        slot.report(JobProgress(percent=(100 * done + percent * cells) / max(1, total), message=message[:200]))

    settings = execution.config.settings
    return SiteEnvironment(settings, report, StagingArea(settings.store_dir, execution.job_id, part))


def _executor(execution: Execution) -> Executor:
    return cast("Executor", pkgutil.resolve_name(execution.config.executor)())
