"""The loop of a child process: it performs the calls that arrive until its parent hangs up."""

from __future__ import annotations

import pickle
import pkgutil
import resource
import time
import traceback
from typing import TYPE_CHECKING

from config.errors import GraticuleError
from services.compute.children.call import ChildMessage, Slot, UnknownError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from services.compute.children.call import Call

_PULSE_S = 0.5
"""Least seconds between two signs of life."""


def run(connection: Connection) -> None:
    """Perform calls one after the other; returns when the parent hangs up."""

    def report(value: object) -> None:
        connection.send(ChildMessage("report", value))

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            call, threads = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        except Exception as error:  # noqa: BLE001 - a call that cannot be unpickled has failed like any other
            connection.send(_failure(error))
            continue
        connection.send(ChildMessage("alive"))
        _bound_memory(call.memory_bytes)
        connection.send(perform(call, Slot(threads=threads, report=report, pulse=_Pulse(connection))))


class _Pulse:
    """Sends signs of life with the largest share that was told, but not many."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = self._share = 0.0

    def __call__(self, share: float) -> None:
        self._share = max(self._share, share)
        now = time.monotonic()
        if now - self._last >= _PULSE_S:
            self._last = now
            self._connection.send(ChildMessage("alive", self._share))


def _bound_memory(limit: int | None) -> None:
    """Have the kernel refuse memory beyond the limit: data, not code and mapped files."""
    if limit:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def perform(call: Call, slot: Slot) -> ChildMessage:
    """Perform a call in this process; its result, or the error it has raised, as the parent can read it."""
    try:
        function = pkgutil.resolve_name(call.function) if isinstance(call.function, str) else call.function
        return ChildMessage("result", function(slot, *call.arguments))
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever is raised is its answer
        return _failure(error)


def _failure(error: Exception) -> ChildMessage:
    """The error as the parent can read it; an unexpected one has a note with its traceback."""
    if isinstance(error, (GraticuleError, MemoryError)):
        return ChildMessage("error", error.with_traceback(None))
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - bytes of the line itself: whether the parent can read it
    except Exception:  # noqa: BLE001 - pickling runs code of the error's own class
        unknown = UnknownError(f"{type(error).__name__}: {error}")
        unknown.__notes__ = error.__notes__
        return ChildMessage("error", unknown)
    return ChildMessage("error", error.with_traceback(None))
