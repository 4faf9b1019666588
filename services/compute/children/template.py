"""A process that has imported what executions need, and forks a child for each.

Run as `python -m services.compute.children.template`. Imports take seconds, forking milliseconds. The template itself
reads no data, opens no file and has one thread, so what a child begins with is sound. It is started by
`services.compute.children.children`, and ends when that process does.

Over the control socket (descriptor in the first argument) come requests: one byte, with three descriptors: standard
input, standard output and the leash of a child. When the other end of a leash is shut, its child is killed; when the
child has ended, its exit code (as subprocess has it) is written to the leash.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
from importlib import import_module

from services.compute.children import runner
from services.compute.lifeline import die_with
from services.processes import registry

_PRELOADED = (
    "exactextract", "geoalchemy2", "orjson", "psycopg", "rasterio", "sqlalchemy.dialects.postgresql.psycopg",
    "cog.gdal", "config.settings", "records.datasets.catalogue", "records.database.engine", "services.web.context",
)  # fmt: skip
"""What executions import when they need it (`services.compute.environment`)."""


class Template:
    """The loop of the template."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = socket.socketpair()

    def run(self) -> None:
        """Fork on request until the owner ends; the children end with this process."""
        self._waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker.fileno())
        for source in (self._control, self._woken):
            self._selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    _, descriptors, _, _ = socket.recv_fds(self._control, 1, 3)
                    if not descriptors:
                        return
                    self._fork(*descriptors)
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                    self._reap()
                elif key.data in self._children:
                    os.kill(key.data, signal.SIGKILL)  # it is not reaped yet, so the number is its own
                    self._selector.unregister(key.fileobj)

    def _fork(self, stdin: int, stdout: int, leash: int) -> None:
        own = os.getpid()
        child = os.fork()
        if child == 0:
            self._become_child(own, stdin, stdout, leash)
        os.close(stdin)
        os.close(stdout)
        self._children[child] = socket.socket(fileno=leash)
        self._selector.register(self._children[child], selectors.EVENT_READ, child)

    def _become_child(self, parent: int, stdin: int, stdout: int, leash: int) -> None:
        code = 1
        try:
            die_with(parent)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            for end in (self._control, self._woken, self._waker, *self._children.values()):
                end.close()
            os.dup2(stdin, 0)
            os.dup2(stdout, 1)
            for descriptor in (stdin, stdout, leash):
                os.close(descriptor)
            runner.main()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may return into the loop of the template
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(OSError):
                sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        for child, leash in list(self._children.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended == 0:
                continue
            del self._children[child]
            with contextlib.suppress(KeyError, ValueError):  # it was killed by its leash
                self._selector.unregister(leash)
            with contextlib.suppress(OSError):
                leash.send(str(os.waitstatus_to_exitcode(status)).encode())
            leash.close()


def main() -> None:
    """Import, then fork on request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides
    control = socket.socket(fileno=int(sys.argv[1]))
    for id_ in registry.process_ids():
        registry.process(id_)
    for name in _PRELOADED:
        import_module(name)
    Template(control).run()


if __name__ == "__main__":
    main()
