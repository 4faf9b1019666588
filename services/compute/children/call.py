"""A call that a child process performs, and what passes between the child and its parent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The resources that the parent grants a call.

    Attributes:
        threads: Threads that the call may keep busy, so that few large calls use all processors.
        report: Sends any picklable object to the parent; it is a sign of life too.
        pulse: Gives a sign of life, and says how much of the work is done, 0 to 1; to be called as often as
            convenient, few of the calls are sent.
    """

    threads: int = 1
    report: Callable[[Any], None] = field(default=lambda _: None)
    pulse: Callable[[float], None] = field(default=lambda _: None)


ALONE = Slot()
"""The slot of a call that is made without a child."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a module's function, `function(slot, *arguments)`, with picklable arguments and a picklable result.

    Attributes:
        function: The function, or "package.module:function" where the parent must not import its module.
        arguments: Its arguments.
        memory_bytes: Bound of the child's own data, which the kernel keeps; None for none.
    """

    function: Callable[..., Any] | str
    arguments: tuple[Any, ...] = ()
    memory_bytes: int | None = None


def apply(slot: Slot, function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function that takes no slot."""
    del slot
    return function(*arguments)


@dataclass(frozen=True)
class ChildMessage:
    """A message of a child: it has begun or has done that share of its call, it reports an object, or the outcome."""

    kind: Literal["alive", "report", "result", "error"]
    value: Any = None


class ChildError(Exception):
    """A call did not come to its end; the message says why, as a predicate: "crashed (SIGSEGV)"."""


class ChildCrashed(ChildError):
    """The child ended before it had answered."""


class ChildStalled(ChildError):
    """The child gave no sign of life for too long and was killed."""


class CallCancelled(ChildError):
    """The parent no longer wanted the result, and the child was killed."""


class UnknownError(Exception):
    """Stands for an exception that cannot be pickled; the message names its type and its own message."""
