"""Many calls in several child processes, which may crash or hang without harm to the other calls."""

from __future__ import annotations

import math
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Self

from services.compute.children.call import Call, ChildCrashed, ChildStalled, apply
from services.compute.children.child import Child, template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from services.compute.children.child import Template


class ChildPool:
    """Children of one template that perform calls; a context manager. Not thread-safe.

    Args:
        count: Children at most; each is forked when there is a call for it, and stays for the next.
        origin: The template that they are forked from.
        stall_s: Seconds without a report or result after which a child is killed; None for no bound.
    """

    def __init__(self, count: int, origin: Template, *, stall_s: float | None = None) -> None:
        self.count = count
        self._origin, self._stall_s = origin, stall_s
        self._idle: list[Child] = []
        self._busy: dict[Child, int] = {}

    def __enter__(self) -> Self:
        """The pool; children are forked as calls come."""
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill all children: after an error or an interrupt nobody waits for the calls in progress."""
        for child in (*self._idle, *self._busy):
            child.close()
        self._idle.clear()
        self._busy.clear()

    def run(
        self,
        calls: Sequence[Call],
        *,
        is_enough: Callable[[Any], bool] = lambda _: False,
        advanced: Callable[[int, float], None] = lambda _index, _share: None,
    ) -> Iterator[tuple[int, Any]]:
        """Yield (index, outcome) of each call as it ends: its result, or the exception it has raised.

        A call whose child crashes is performed once more, in another child; if that crashes too, the outcome is
        ChildCrashed. The outcome of a call whose child was killed for want of a sign of life is ChildStalled.

        Args:
            calls: What to perform.
            is_enough: Called with each outcome; after True no further call begins, and those in progress go on.
            advanced: Called now and then with the index of a call in progress and the share of it that is done.
        """
        waiting = deque(range(len(calls)))
        crashed: set[int] = set()
        while waiting or self._busy:
            self._hand_out(calls, waiting)
            for index, outcome in self._outcomes(advanced):
                if isinstance(outcome, ChildCrashed) and index not in crashed:
                    crashed.add(index)
                    waiting.appendleft(index)
                    continue
                if is_enough(outcome):
                    waiting.clear()
                yield index, outcome

    def _hand_out(self, calls: Sequence[Call], waiting: deque[int]) -> None:
        at_once = min(self.count, len(waiting) + len(self._busy))
        while waiting and len(self._busy) < self.count:
            child = self._idle.pop() if self._idle else Child(self._origin, stall_s=self._stall_s)
            self._busy[child] = index = waiting.popleft()
            child.send(calls[index], threads=self.count // at_once)

    def _outcomes(self, advanced: Callable[[int, float], None]) -> Iterator[tuple[int, Any]]:
        """Wait until some child sends a message or has stalled; yields (index, outcome) of the calls that ended."""
        patience_s = min(child.patience_s for child in self._busy)
        children = {child.connection: child for child in self._busy}
        readable = wait(list(children), timeout=None if patience_s == math.inf else max(0.0, patience_s))
        for connection, child in children.items():
            if connection in readable:
                yield from self._take_message(child, advanced)
            elif child.patience_s <= 0:
                yield self._lose(child), ChildStalled(f"made no progress for {self._stall_s:g} seconds")

    def _take_message(self, child: Child, advanced: Callable[[int, float], None]) -> Iterator[tuple[int, Any]]:
        try:
            message = child.receive()
        except ChildCrashed as error:
            yield self._lose(child), error
            return
        if message.kind in ("result", "error"):
            self._idle.append(child)
            yield self._busy.pop(child), message.value
        elif message.kind == "alive" and message.value is not None:
            advanced(self._busy[child], message.value)

    def _lose(self, child: Child) -> int:
        """Close a child that is of no further use; returns the index of its call."""
        child.close()
        return self._busy.pop(child)


def map_in_children[T](
    function: Callable[..., T], argument_lists: Iterable[tuple[Any, ...]], *, processes: int
) -> Iterator[T]:
    """Call a module's function with each of some arguments, in child processes; yields results as they come.

    Raises the first exception that a call raises, or ChildCrashed.
    """
    calls = [Call(function=apply, arguments=(function, *arguments)) for arguments in argument_lists]
    with ChildPool(processes, template(function.__module__)) as pool:
        for _, outcome in pool.run(calls):
            if isinstance(outcome, Exception):
                raise outcome
            yield outcome
