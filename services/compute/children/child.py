"""The parent's end of a child process: fork it, have it perform calls, listen to it, stop or kill it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final, Self

from services.compute.children.call import CallCancelled, ChildCrashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.compute.children.call import Call, ChildMessage

TICK_S = 0.25
"""Seconds between two questions whether a call is still wanted: a dismissed job ends well within a second."""
_START_S = 120.0
"""Seconds that the first message may take beside the time without progress: the template imports large libraries."""
_PATIENCE_S = 1.0
"""Seconds to wait for the end of a killed child; its template may still be importing."""
_NO_THREADS: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_MAX_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Libraries that start threads as they are imported: a process with threads cannot fork soundly."""


class Template:
    """The template process with some modules, started when first needed, and again should it die. A context."""

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, *descriptors: int) -> None:
        """Have a child forked with these descriptors: its connection and its leash."""
        with self._lock:
            try:
                socket.send_fds(self._running(), [b"f"], list(descriptors))
            except (BrokenPipeError, ConnectionResetError):
                self._end()
                socket.send_fds(self._running(), [b"f"], list(descriptors))

    def start(self) -> None:
        """Start it before it is needed, so that it imports meanwhile."""
        with self._lock:
            self._running()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the template and its children."""
        with self._lock:
            self._end()

    def _running(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            words = [sys.executable, "-P", "-m", "services.compute.children.template", str(theirs.fileno())]
            # a new process has its parent's mask from its first instruction on: the parent decides what Ctrl-C means
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own module
                    [*words, json.dumps(sys.path), *self._modules],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, **_NO_THREADS},
                )
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                theirs.close()
        return self._control

    def _end(self) -> None:
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None and process is not None:
            control.close()
            process.kill()
            process.wait()


@functools.cache
def template(*modules: str) -> Template:
    """The template of this process that has imported these modules; it ends with this process."""
    shared = Template(*modules)
    atexit.register(shared.close)
    return shared


class Child:
    """A child process. It is killed when it is closed, and also when this process ends. A context.

    Args:
        origin: The template that it is forked from.
        stall_s: Seconds without a message after which it counts as stalled; None for no bound.

    Attributes:
        connection: Readable when the child has sent something or has ended.
    """

    def __init__(self, origin: Template, *, stall_s: float | None = None) -> None:
        self._stall_s = math.inf if stall_s is None else stall_s
        self._deadline = math.inf
        ours, theirs = socket.socketpair()
        self._leash, leash = socket.socketpair()
        with theirs, leash:
            self.connection = Connection(ours.detach())
            try:
                origin.fork(theirs.fileno(), leash.fileno())
            except OSError:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def patience_s(self) -> float:
        """Seconds until it counts as stalled; by a clock that nobody sets."""
        return self._deadline - time.monotonic()

    def send(self, call: Call, *, threads: int = 1) -> None:
        """Hand over a call. That the child has died is noticed when its answer is received."""
        self._deadline = time.monotonic() + self._stall_s + _START_S
        with contextlib.suppress(OSError):
            self.connection.send((call, threads))

    def receive(self) -> ChildMessage:
        """Wait for the child's next message; raises ChildCrashed if it has ended."""
        try:
            message: ChildMessage = self.connection.recv()
        except (EOFError, OSError):
            raise ChildCrashed(self._ending()) from None
        self._deadline = time.monotonic() + self._stall_s
        return message

    def stop(self, grace_s: float) -> None:
        """Ask it to end by SIGTERM, wait at most `grace_s` seconds, and close it."""
        with contextlib.suppress(OSError):
            self._leash.send(bytes([signal.SIGTERM]))
            self._leash.settimeout(grace_s)
            self._leash.recv(16)
        self.close()

    def close(self) -> None:
        """Kill it if it runs, wait until it is gone, and close the connection."""
        with contextlib.suppress(OSError), self._leash:
            self._leash.shutdown(socket.SHUT_WR)
            self._leash.settimeout(_PATIENCE_S)
            self._leash.recv(16)
        self.connection.close()

    def _ending(self) -> str:
        """Say how it ended."""
        self._leash.settimeout(None)
        text = self._leash.recv(16)
        if not text:
            return "ended with the process that it was forked from"
        code = int(text)
        if code < 0:
            names = {-number: number.name for number in signal.Signals}
            return f"crashed ({names.get(code, f'signal {-code}')})"
        return f"crashed (exit code {code})"


def perform(
    call: Call,
    origin: Template,
    *,
    listener: Callable[[Any], None] = lambda _: None,
    is_wanted: Callable[[], bool] = lambda: True,
    grace_s: float = 0.0,
) -> Any:
    """Perform a call in a child of its own.

    Args:
        call: What to perform.
        origin: The template that the child is forked from.
        listener: Called with each object that the call reports.
        is_wanted: Called at once and then every `TICK_S` seconds; when it answers False the child is killed.
        grace_s: Seconds that a child has to tidy up after SIGTERM when it is no longer needed.

    Returns:
        The result of the call.

    Raises:
        ChildCrashed: The child ended before it had answered.
        CallCancelled: `is_wanted` answered False.
        Exception: What the call has raised.
    """
    with Child(origin) as child:
        # from another thread: a child that does not read must not keep `is_wanted` from being called
        sender = threading.Thread(target=child.send, args=(call,), daemon=True)
        sender.start()
        try:
            return _await_result(child, listener, is_wanted)
        except BaseException:
            if grace_s:
                child.stop(grace_s)
            raise


def _await_result(child: Child, listener: Callable[[Any], None], is_wanted: Callable[[], bool]) -> Any:
    due = time.monotonic()
    while True:
        if time.monotonic() >= due:
            due = time.monotonic() + TICK_S
            if not is_wanted():
                raise CallCancelled("was cancelled")
        if not wait([child.connection], max(0.0, due - time.monotonic())):
            continue
        message = child.receive()
        if message.kind == "report":
            listener(message.value)
        elif message.kind == "error":
            raise message.value
        elif message.kind == "result":
            return message.value
