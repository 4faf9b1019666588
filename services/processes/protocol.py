"""What a process is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Report(Protocol):
    """Takes progress: percent (0 to 100) and a short message."""

    def __call__(self, percent: float, message: str = "", /) -> None:
        """Report."""
        ...


class Process(Protocol):
    """A process that is published and may be executed.

    It is executed in an operating system process of its own, which is killed when the job is dismissed: it needs no
    care for being stopped, and may block, crash or exhaust its memory without harm to others.
    """

    @property
    def description(self) -> Mapping[str, Any]:
        """The process description (OGC 18-062r2, 7.9) without links.

        Schemas of inputs and outputs are OpenAPI 3.0 objects without `$ref`, `const`, `$defs`, `examples` or lists
        of types: the official tests accept no others.
        """
        ...

    def execute(self, inputs: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
        """Execute with validated inputs, absent ones at their default or missing; returns outputs by id.

        An output is a JSON value, or bytes where its schema has a `contentMediaType`. Raises a GraticuleError whose
        message may be shown to the client; any other exception is a bug and is logged.
        """
        ...
