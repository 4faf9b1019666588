"""Processes as the cluster executes them (`services.compute.executor.Executor`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.compute.executor import ResultDocument
from services.processes import outputs, registry
from services.processes.execute_request import ExecuteRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.compute.executor import Environment, ExecutionPlan


class ProcessExecutor:
    """Executes the processes of the registry."""

    def plan(self, process_id: str, request: bytes, environment: Environment) -> ExecutionPlan:
        """Plan the parts of a request."""
        plan: ExecutionPlan = registry.process(process_id).plan(ExecuteRequest.decode(request), environment)
        return plan

    def part(self, process_id: str, part: Any, environment: Environment) -> Any:
        """Execute one part."""
        return registry.process(process_id).part(part, environment)

    def combine(
        self, process_id: str, request: bytes, plan: Any, results: Sequence[Any], environment: Environment
    ) -> ResultDocument:
        """Make the answer of the results of all parts."""
        process, checked_request = registry.process(process_id), ExecuteRequest.decode(request)
        results_by_id = process.combine(checked_request, plan, results, environment)
        body, media_type = outputs.encode(results_by_id, checked_request, process.description["outputs"])
        return ResultDocument(body=body, media_type=media_type)
