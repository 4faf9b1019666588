"""A process: a description, a plan of parts, a function of one part, and the combination of their results.

A plan, a part and a result are picklable, and small: a part names the cells that it reads
(`services.selection.opening.blocks`) and does not hold them. The parts of a large plan run side by side on the
cluster, those of a small one one after the other. Each runs in an operating system process of its own, which is
killed when the job is dismissed: a process needs no care for being stopped, and may block, crash or exhaust its
memory without harm to others. A part that makes a map writes it with `environment.staging.write` and returns the
reference. docs/processes.md has an example.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from services.compute.executor import Environment, ExecutionPart, ExecutionPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

__all__ = [
    "EncodedOutput",
    "Environment",
    "ExecutionPart",
    "ExecutionPlan",
    "Process",
    "StagedProcess",
    "cells_of",
]


def cells_of(plan: ExecutionPlan) -> int:
    """The cells that a plan reads: what `Process.require` answers."""
    return sum(part.cells for part in plan.parts)


@dataclass(frozen=True, kw_only=True)
class EncodedOutput:
    """An output in a form of several that its description offers: a JSON value, text or bytes, and the media type."""

    value: Any
    media_type: str


class Process[PlanType: ExecutionPlan, PartType: ExecutionPart, Result](Protocol):
    """A process that is published and may be executed. Its methods raise GraticuleErrors whose message clients see."""

    @property
    def description(self) -> Mapping[str, Any]:
        """The process description (OGC 18-062r2, 7.9) without links.

        Schemas of inputs and outputs are OpenAPI 3.0 objects without `$ref`, `const`, `$defs`, `examples` or lists
        of types: the official tests accept no others. An output that comes in several forms has a `oneOf` of schemas
        with a `contentMediaType` each, the default first.

        A process may have a second member, `chinese`: the same texts in Chinese (`services.processes.chinese`).
        """
        ...

    def require(self, request: ExecuteRequest, context: Context) -> int | None:
        """Refuse what can be refused before the job is accepted, quickly: it runs in the web worker.

        What costs too much is refused with the cost, the limit and the remedy. Returns the cost that is accepted, in
        cells that will be read, or None where nobody knows it. The catalogue may have changed when the job runs: `plan`
        looks again.
        """
        ...

    def plan(self, request: ExecuteRequest, environment: Environment) -> PlanType:
        """Plan an execution with checked inputs, absent ones missing: resolve what they mean, and cut it into parts.

        `request.outputs` are the outputs that are asked for: others need not be computed.

        A dataset may change while its parts are computed; files of the store do not, so that parts which name files
        compute what was planned.
        """
        ...

    def part(self, part: PartType, environment: Environment) -> Result:
        """Compute one part."""
        ...

    def combine(
        self, request: ExecuteRequest, plan: PlanType, results: Sequence[Result], environment: Environment
    ) -> Mapping[str, Any]:
        """Make the outputs by id of the results of the parts, in their order.

        An output is a JSON value, `EncodedOutput`, or bytes where its schema has a `contentMediaType`.
        """
        ...


class StagedProcess(Protocol):
    """What a process has besides that works in stages, where later parts depend on the results of earlier ones.

    Its plans have a member `is_last`; `combine` gets the last of them, with the results of its parts.
    """

    def proceed(
        self, request: ExecuteRequest, plan: Any, results: Sequence[Any], environment: Environment
    ) -> ExecutionPlan:
        """Plan the next stage with the results of the parts of a plan whose `is_last` is False."""
        ...


type AnyProcess = Process[Any, Any, Any]
