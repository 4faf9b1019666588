"""A process that has imported what calls need, and forks a child for each that asks.

Run as `python -P -m services.compute.children.template DESCRIPTOR PATH MODULE...`, PATH being the import path of the
parent as JSON. Imports take seconds, forking milliseconds.
The template itself reads no data, opens no file and has one thread, so what a child begins with is sound. It is
started by `services.compute.children.child` and ends when the process that started it does.

Over the control socket (the descriptor) come requests: one byte, with two descriptors: the child's connection and its
leash. A byte on the leash is the number of a signal for the child; when the other end of the leash is closed, the child
is killed; when the child has ended, its exit code (as subprocess has it) is written to the leash.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
from importlib import import_module
from multiprocessing.connection import Connection

from services.compute.children import runner
from services.compute.children.lifeline import die_with


class ForkServer:
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
                    _, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
                    if not descriptors:
                        return
                    self._fork(*descriptors)
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                    self._reap()
                elif key.data in self._children:
                    self._signal(key.data)

    def _signal(self, child: int) -> None:
        """Pass a signal on to a child. It is not reaped yet, so the number is its own."""
        number = self._children[child].recv(1)
        os.kill(child, number[0] if number else signal.SIGKILL)
        if not number:
            self._selector.unregister(self._children[child])

    def _fork(self, connection: int, leash: int) -> None:
        own = os.getpid()
        child = os.fork()
        if child == 0:
            self._become_child(own, connection, leash)
        os.close(connection)
        self._children[child] = socket.socket(fileno=leash)
        self._selector.register(self._children[child], selectors.EVENT_READ, child)

    def _become_child(self, parent: int, connection: int, leash: int) -> None:
        code = 1
        try:
            die_with(parent)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, _exit)
            self._selector.close()
            for end in (self._control, self._woken, self._waker, *self._children.values()):
                end.close()
            os.close(leash)
            runner.run(Connection(connection))
            code = 0
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else 1
        except BrokenPipeError:  # the caller is gone, so nobody waits for the answer
            code = 1
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


def _exit(number: int, _frame: object) -> None:
    """End as an exception does, so that each `with` block on the way tidies up."""
    raise SystemExit(128 + number)


def main() -> None:
    """Import, then fork on request. What a child prints goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.path[:] = json.loads(sys.argv[2])
    for name in sys.argv[3:]:
        import_module(name)
    ForkServer(control).run()


if __name__ == "__main__":
    main()
