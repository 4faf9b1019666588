"""The foreground of the terminal, for a server that `make` has started.

Ctrl-C at a terminal goes to every process of the foreground group: to the server, which stops well, and to `make`,
which dies of it and reports an error. A server that is alone in the foreground gets it alone; `make` then sees its
success.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAKES = frozenset({"make", "gmake", "bmake"})


@contextmanager
def own_foreground() -> Iterator[None]:
    """During the block be alone in the foreground of the terminal, if `make` started this process in it.

    Ctrl-Z is without effect then: `make`, for which the shell waits, would not notice that the server has paused.
    """
    terminal = _terminal_of_make()
    if terminal is None:
        yield
        return
    before = os.tcgetpgrp(terminal)
    os.setpgid(0, 0)
    _give(terminal, os.getpgrp())
    pausing = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, pausing)
        with suppress(OSError):  # make, or the terminal, is gone
            _give(terminal, before)
            os.setpgid(0, before)


def _terminal_of_make() -> int | None:
    """The descriptor of the terminal whose foreground this process shares with the `make` that started it."""
    terminal = sys.__stdin__.fileno() if sys.__stdin__ else -1
    try:
        if "MAKELEVEL" not in os.environ or os.tcgetpgrp(terminal) != os.getpgrp() or os.getpgrp() == os.getpid():
            return None
    except OSError:  # no terminal, or not the one of this session
        return None
    try:
        return terminal if psutil.Process(os.getppid()).name() in _MAKES else None
    except psutil.Error:
        return None


def _give(terminal: int, group: int) -> None:
    """Put a group into the foreground; the kernel would stop a process that does so from the background."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        os.tcsetpgrp(terminal, group)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
