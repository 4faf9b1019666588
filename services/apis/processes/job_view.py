"""What the page of a job shows besides its status: inputs, result, when that is removed, and a form to publish."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.processes import registry
from services.processes.requests.execute_request import ExecuteRequest

if TYPE_CHECKING:
    from records.jobs.job_store import Job
    from services.processes.executions import Executions

_LONGEST: Final = 2000
"""Letters of a value that are shown."""


def page_facts(executions: Executions, job: Job, days: float) -> dict[str, Any]:
    """The facts of the page of a job whose result is kept for some days."""
    request = ExecuteRequest.decode(executions.jobs.request(job.id))
    is_successful = job.status == "successful"
    described = registry.texts(job.process_id).english["inputs"] if job.process_id in _known() else {}
    ended = job.updated.astimezone(UTC) + timedelta(days=days)
    return {
        "result": executions.result(job.id) if is_successful else None,
        "inputs": {name: _short(value) for name, value in request.inputs.items()},
        "chosen": list(request.outputs),
        "expires": None if job.alive else ended.strftime("%Y-%m-%d %H:%M UTC"),
        "may_publish": is_successful and "publish" in described and not request.publishes,
        "filled": {},
        "problem": "",
    }


def _known() -> set[str]:
    return set(registry.process_ids())


def _short(value: Any) -> Any:
    """A value without what is too long for a page."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}"
    if isinstance(value, dict):
        return {str(name): _short(member) for name, member in value.items()}
    return [_short(member) for member in value] if isinstance(value, list) else value
