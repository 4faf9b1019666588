"""Execution of a process in a child process that may crash or be killed at any time."""

from __future__ import annotations

import json
import os
import selectors
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config import errors
from services.compute.children.children import fork
from services.web.problems import as_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.compute.children.children import Child
    from services.compute.environment import Site

TICK_S = 0.25
"""How often the caller is asked whether the work is still wanted: a dismissed job ends well within a second."""

_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Task:
    """What to execute.

    Attributes:
        request: An encoded `ExecuteRequest`.
        memory_bytes: Bound of the child's own data; None for none.
        result_bytes: Bound of its result.
        site: Where the catalogue and the store are; None for a process that needs neither.
        part: The one part of a split execution to execute; None: all of it.
        results: The results of all parts, to be combined; None: there are none yet.
    """

    process_id: str
    request: bytes
    memory_bytes: int | None
    result_bytes: int
    site: Site | None = None
    part: dict[str, Any] | None = None
    results: tuple[bytes, ...] | None = None

    def encode(self) -> bytes:
        """A header line (JSON) and the bytes that it announces, for a child of this process."""
        results = self.results or ()
        header = {
            "process_id": self.process_id,
            "memory_bytes": self.memory_bytes,
            "result_bytes": self.result_bytes,
            "site": self.site.encode() if self.site else None,
            "part": self.part,
            "request": len(self.request),
            "results": None if self.results is None else [len(result) for result in results],
        }
        return b"".join([json.dumps(header).encode(), b"\n", self.request, *results])


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Percent, 0 to 100, and a short message."""

    percent: float
    message: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an execution ended.

    Attributes:
        result: The result.
        media_type: That of the result.
        error: `{type, title, status, detail}`, if there is no result.
        parts: What the execution was split into, with the work of each, if it was.
    """

    result: bytes = b""
    media_type: str = ""
    error: dict[str, Any] | None = None
    parts: tuple[tuple[dict[str, Any], float], ...] = ()


def execute(task: Task, tick: Callable[[Progress | None], bool]) -> Outcome | None:
    """Execute a task to its end, or kill it.

    Args:
        task: What to execute.
        tick: Called every `TICK_S` seconds with the newest progress, if there is any; the child is killed when it
            answers False.

    Returns:
        The outcome, or None if the child was killed.
    """
    child = fork()
    try:
        # by another thread: a child that does not read must not keep the caller from being asked
        giver = threading.Thread(target=child.give, args=(task.encode(),), daemon=True)
        giver.start()
        return _listen(child, tick)
    finally:
        child.close()
        giver.join()


def _listen(child: Child, tick: Callable[[Progress | None], bool]) -> Outcome | None:
    answer = _Answer()
    due = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() >= due:
                due = time.monotonic() + TICK_S
                if not tick(answer.take_progress()):
                    return None
            if selector.select(max(0.0, due - time.monotonic())):
                data = os.read(child.stdout.fileno(), _CHUNK)
                if not data:
                    return _died(child)
                answer.feed(data)
                if answer.outcome is not None:
                    return answer.outcome


def _died(child: Child) -> Outcome:
    code = child.wait()
    if code is None:
        how = "was ended with the one that it was forked from"
    else:
        how = f"was ended by signal {-code}" if code < 0 else f"exited with code {code}"
    detail = f"the process {how} before it answered; it may have used too much memory"
    return Outcome(error=as_problem(errors.GraticuleError(detail)))


class _Answer:
    """What a child has written so far."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self._progress: Progress | None = None
        self._buffer = bytearray()
        self._announced: dict[str, Any] | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        while self._announced is None and (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._frame(json.loads(line))
        if self._announced is not None and len(self._buffer) >= self._announced["bytes"]:
            self.outcome = Outcome(result=bytes(self._buffer), media_type=self._announced["media_type"])

    def take_progress(self) -> Progress | None:
        """The newest progress not yet taken."""
        progress, self._progress = self._progress, None
        return progress

    def _frame(self, frame: dict[str, Any]) -> None:
        if "progress" in frame:
            self._progress = Progress(percent=frame["progress"], message=frame["message"])
        elif "error" in frame:
            self.outcome = Outcome(error=_problem(frame["error"]))
        elif "parts" in frame:
            self.outcome = Outcome(parts=tuple((part, work) for part, work in frame["parts"]))
        else:
            self._announced = frame


def _problem(error: dict[str, Any]) -> dict[str, Any]:
    class_ = getattr(errors, error["class"], errors.GraticuleError)
    plain = errors.GraticuleError.__new__(class_)  # some classes compose their message of several arguments
    plain.args = (error["detail"],)
    return as_problem(plain)
