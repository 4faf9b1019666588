"""The signals that a supervisor hears, between which it waits for its children."""

from __future__ import annotations

import select
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Signals:
    """SIGINT and SIGTERM: the first asks to stop, the second to stop at once. SIGCHLD only ends a wait."""

    def __init__(self) -> None:
        self._count = 0
        self._woken: socket.socket | None = None

    @property
    def stopped(self) -> bool:
        """Whether to stop."""
        return self._count > 0

    @property
    def forced(self) -> bool:
        """Whether to stop at once."""
        return self._count > 1

    def wait(self, descriptors: list[int], seconds: float | None) -> list[int]:
        """Wait for a signal, a readable descriptor, or at most some seconds; returns the readable descriptors.

        To be called while signals are caught.
        """
        assert self._woken is not None
        readable, _, _ = select.select([self._woken.fileno(), *descriptors], [], [], seconds)
        if self._woken.fileno() in readable:
            self._woken.recv(4096)
        return [descriptor for descriptor in descriptors if descriptor in readable]

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catch the signals during a block; main thread only."""
        handlers = {signal.SIGINT: self._catch, signal.SIGTERM: self._catch, signal.SIGCHLD: lambda *_: None}
        self._woken, waker = socket.socketpair()
        waker.setblocking(False)
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        descriptor = signal.set_wakeup_fd(waker.fileno())
        try:
            with self._woken, waker:
                yield
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _catch(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1
