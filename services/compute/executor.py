"""The executor of the cluster's jobs: it plans a request in parts and combines their results.

This package knows no processes. An `Executor` is handed in by reference, as "package.module:Class", and made where it
is needed: in children of Dask workers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.settings import Settings
    from records.database.engine import SessionChange
    from services.compute.staging import StagingArea
    from services.web.context import Context


class ReportProgress(Protocol):
    """Takes progress: percent (0 to 100) and a short message."""

    def __call__(self, percent: float, message: str = "", /) -> None:
        """Report."""
        ...


type LastCommit = Callable[[SessionChange], object]
"""Commits something to the catalogue; it calls what it is given with the session, at the end of its transaction."""


class Environment(Protocol):
    """The surroundings of an execution."""

    @property
    def report(self) -> ReportProgress:
        """Takes the progress of the execution or of the part."""
        ...

    @property
    def context(self) -> Context:
        """The catalogue, the store and the settings, opened at the first use."""
        ...

    @property
    def staging(self) -> StagingArea:
        """The folder of the store into which this part may write files."""
        ...

    def commit_last(self, commit: LastCommit) -> None:
        """Have something committed once the result of the execution is known, in one transaction with its success.

        So a job has a result if and only if what it publishes is there. Only `combine` may call it, once.
        """
        ...


class ExecutionPart(Protocol):
    """A part of an execution: a small picklable object, such as a frozen dataclass."""

    @property
    def cells(self) -> int:
        """Its size, by which progress counts: cells times times, or any other measure that parts share."""
        ...


class ExecutionPlan(Protocol):
    """The parts of an execution, and anything else that their results are combined with: a picklable object.

    A plan with a member `is_last`, False, is a stage of several: the next is planned with the results of its parts.
    """

    @property
    def parts(self) -> Sequence[ExecutionPart]:
        """The parts, at least one."""
        ...


def is_last(plan: ExecutionPlan) -> bool:
    """Whether the results of a plan are combined; else the next stage is planned with them."""
    return bool(getattr(plan, "is_last", True))


@dataclass(frozen=True, kw_only=True)
class ResultDocument:
    """The result document of an execution.

    Attributes:
        body: The document.
        media_type: Its media type.
        is_kept: Whether the jobs table has it, and the job has succeeded.
    """

    body: bytes
    media_type: str
    is_kept: bool = False


class Executor(Protocol):
    """Plans, executes and combines the parts of a request. Its methods raise GraticuleErrors for clients to see."""

    def plan(self, process_id: str, request: bytes, environment: Environment) -> ExecutionPlan:
        """Plan the parts of a request as the jobs table keeps it."""
        ...

    def part(self, process_id: str, part: Any, environment: Environment) -> Any:
        """Execute one part; returns a picklable object."""
        ...

    def proceed(
        self, process_id: str, request: bytes, plan: Any, results: Sequence[Any], environment: Environment
    ) -> ExecutionPlan:
        """Plan the next stage with the results of the parts of a plan that is not the last, in their order."""
        ...

    def combine(
        self, process_id: str, request: bytes, plan: Any, results: Sequence[Any], environment: Environment
    ) -> ResultDocument:
        """Make the answer of the results of all parts, in their order."""
        ...


@dataclass(frozen=True, kw_only=True)
class ExecutionConfig:
    """The configuration of a Dask worker for jobs. It travels with each task; its text never shows the password.

    Attributes:
        settings: The settings, with `database.url` and the store as the workers reach them.
        executor: The `Executor`, as "package.module:Class".
        modules: Modules that executions need; imported once in each Dask worker's template, not in each child.
    """

    settings: Settings
    executor: str
    modules: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings, *, executor: str, modules: tuple[str, ...]) -> Self:
        """The configuration that these settings give; `database.url` is set."""
        located = settings.model_copy(update={"store": str(settings.store_dir.absolute())})
        return cls(settings=located, executor=executor, modules=modules)
