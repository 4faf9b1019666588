"""What a process is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.execute_request import ExecuteRequest
    from services.web.context import Context


class Report(Protocol):
    """Takes progress: percent (0 to 100) and a short message."""

    def __call__(self, percent: float, message: str = "", /) -> None:
        """Report."""
        ...


class Environment(Protocol):
    """What a process finds where it executes."""

    @property
    def report(self) -> Report:
        """Takes its progress."""
        ...

    @property
    def context(self) -> Context:
        """The catalogue, the store and the settings, opened when first asked for."""
        ...


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """An output in a form of several that its description offers: a JSON value, or text, and the media type."""

    value: Any
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Split:
    """An execution in parts, which the cluster executes side by side: each a JSON object, and how much work it is."""

    parts: tuple[tuple[dict[str, Any], float], ...]


class Process(Protocol):
    """A process that is published and may be executed.

    It is executed in an operating system process of its own, which is killed when the job is dismissed: it needs no
    care for being stopped, and may block, crash or exhaust its memory without harm to others.
    """

    @property
    def description(self) -> Mapping[str, Any]:
        """The process description (OGC 18-062r2, 7.9) without links.

        Schemas of inputs and outputs are OpenAPI 3.0 objects without `$ref`, `const`, `$defs`, `examples` or lists
        of types: the official tests accept no others. An output that comes in several forms has a `oneOf` of schemas
        with a `contentMediaType` each, the default first.
        """
        ...

    def require(self, inputs: Mapping[str, Any], context: Context) -> None:
        """Refuse what can be refused before the job is accepted, quickly: it runs in the web worker.

        Raises a GraticuleError. What it has found may be otherwise when the job runs: `execute` looks again.
        """
        ...

    def execute(self, request: ExecuteRequest, environment: Environment) -> Mapping[str, Any] | Split:
        """Execute a checked request, absent inputs at their default or missing; returns outputs by id, or a split.

        An output is a JSON value, `Encoded`, or bytes where its schema has a `contentMediaType`. Raises a
        GraticuleError whose message may be shown to the client; any other exception is a bug and is logged.
        """
        ...


class SplitProcess(Process, Protocol):
    """A process whose `execute` may answer a `Split`."""

    def execute_part(self, request: ExecuteRequest, part: Mapping[str, Any], environment: Environment) -> bytes:
        """Execute one part, in an operating system process of its own."""
        ...

    def combine(self, request: ExecuteRequest, results: Sequence[bytes], environment: Environment) -> Mapping[str, Any]:
        """The outputs of a request from the results of its parts, in their order."""
        ...
