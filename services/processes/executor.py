"""Processes as the cluster executes them (`services.compute.executor.Executor`)."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from services.compute.executor import ResultDocument
from services.processes import registry
from services.processes.maps.answers import expiry
from services.processes.requests import outputs
from services.processes.requests.execute_request import ExecuteRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from services.compute.executor import Environment, ExecutionPlan
    from services.processes.protocol import StagedProcess


class ProcessExecutor:
    """Executes the processes of the registry."""

    def plan(self, process_id: str, request: bytes, environment: Environment) -> ExecutionPlan:
        """Plan the parts of a request."""
        plan: ExecutionPlan = registry.process(process_id).plan(ExecuteRequest.decode(request), environment)
        return plan

    def part(self, process_id: str, part: Any, environment: Environment) -> Any:
        """Execute one part."""
        return registry.process(process_id).part(part, environment)

    def proceed(
        self, process_id: str, request: bytes, plan: Any, results: Sequence[Any], environment: Environment
    ) -> ExecutionPlan:
        """Plan the next stage of a process that works in stages (`services.processes.protocol.StagedProcess`)."""
        process = cast("StagedProcess", registry.process(process_id))
        return process.proceed(ExecuteRequest.decode(request), plan, results, environment)

    def combine(
        self, process_id: str, request: bytes, plan: Any, results: Sequence[Any], environment: Environment
    ) -> ResultDocument:
        """Make the answer of the results of all parts."""
        process, checked_request = registry.process(process_id), ExecuteRequest.decode(request)
        described = process.description["outputs"]
        made = process.combine(checked_request, plan, results, environment)
        made = outputs.referred(made, checked_request, described, lambda name, body: _kept(environment, name, body))
        body, media_type = outputs.encode(made, checked_request, described)
        return ResultDocument(body=body, media_type=media_type)


def _kept(environment: Environment, name: str, body: bytes) -> dict[str, Any]:
    """Keep an output as a file of the job; returns the link to it, with its size and expiry."""
    staging, settings = environment.staging, environment.context.settings
    file = staging.write(name, lambda path: _write(path, body))
    part, own_name = PurePosixPath(file.href).parts[-2:]
    return {
        "href": f"{settings.base_url}/jobs/{staging.job_id}/files/{part}/{own_name}",
        "length": file.size,
        "sha256": file.sha256,
        "expires": expiry(settings.limit.job_days),
    }


def _write(path: Path, body: bytes) -> None:
    path.write_bytes(body)
