"""Child processes that are forked from a template of this process (`services.compute.children.template`)."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from typing import BinaryIO

_PATIENCE_S = 1.0
"""How long a killed child is waited for; its template may still be importing."""


class Child:
    """One child. It is killed when it is closed, and also when this process ends.

    Attributes:
        stdin: Its standard input.
        stdout: Its standard output.
    """

    def __init__(self, templates: Templates) -> None:
        given, to_child = os.pipe()
        from_child, answers = os.pipe()
        self._leash, leash = socket.socketpair()
        self.stdin: BinaryIO = os.fdopen(to_child, "wb")
        self.stdout: BinaryIO = os.fdopen(from_child, "rb", buffering=0)
        try:
            templates.fork(given, answers, leash.fileno())
        except OSError:
            self.close()
            raise
        finally:
            os.close(given)
            os.close(answers)
            leash.close()

    def wait(self) -> int | None:
        """Its exit code, when it has ended; None if its template died with it."""
        self._leash.settimeout(None)
        code = self._leash.recv(16)
        return int(code) if code else None

    def close(self) -> None:
        """Kill it if it runs, and close its pipes."""
        with contextlib.suppress(OSError), self._leash:
            self._leash.shutdown(socket.SHUT_WR)
            self._leash.settimeout(_PATIENCE_S)
            self._leash.recv(16)
        self.stdout.close()

    def give(self, data: bytes) -> None:
        """Write all of its standard input; a child that died before it has read all is no error."""
        with contextlib.suppress(BrokenPipeError), self.stdin:
            self.stdin.write(data)


class Templates:
    """The template of this process, started when first needed, and again should it die."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, *descriptors: int) -> None:
        """Have a child forked with these descriptors."""
        with self._lock:
            try:
                socket.send_fds(self._started(), [b"f"], list(descriptors))
            except (BrokenPipeError, ConnectionResetError):
                self._end()
                socket.send_fds(self._started(), [b"f"], list(descriptors))

    def close(self) -> None:
        """End the template and its children."""
        with self._lock:
            self._end()

    def _started(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, "-m", "services.compute.children.template", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # a process with threads cannot fork soundly
                )
        return self._control

    def _end(self) -> None:
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None and process is not None:
            control.close()
            process.kill()
            process.wait()


_TEMPLATES = Templates()
atexit.register(_TEMPLATES.close)


def fork() -> Child:
    """A new child that waits for a task on its standard input."""
    return Child(_TEMPLATES)
