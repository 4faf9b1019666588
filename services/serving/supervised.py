"""A process that is kept running: started, heard when it is ready, and started again when it ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from config.errors import EnvironmentFault

log = logging.getLogger(__name__)

_TICK_S = 0.05
MOST_FAILURES = 5
"""A child that ends so often in a row without ever having been ready stops the supervisor."""

_LONGEST_WAIT_S = 30.0
_HEALTHY_S = 60.0


class SupervisedProcess:
    """A process that is kept running: started again when it ends, after a wait that doubles with each failure."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: dict[str, str], *, fds: tuple[int, ...] = ()
    ) -> None:
        self.name = name
        self.ready = False
        self.failures = 0
        self._arguments, self._environment, self._fds = arguments, environment, fds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._started = 0.0
        self._due = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, or None while it does not run."""
        return self._process.pid if self._process else None

    @property
    def answers(self) -> int:
        """The descriptor on which it says that it is ready; -1 once it has, or does not run."""
        return self._answers

    @property
    def wait_s(self) -> float | None:
        """Seconds until it is started again; None while it runs."""
        return None if self._process else max(0.0, self._due - time.monotonic())

    def start(self) -> None:
        """Start it."""
        self._answers, theirs = os.pipe()
        words = [word.format(answers=theirs, parent=os.getpid()) for word in self._arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *words],
            env=self._environment,
            pass_fds=(theirs, *self._fds),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs)
        self.ready = False
        self._started = time.monotonic()

    def hear(self) -> None:
        """Take what it says on `answers`."""
        self.ready = bool(os.read(self._answers, 4096)) or self.ready
        if self.ready:
            self.failures = 0
        self._hang_up()

    def keep(self) -> None:
        """Notice its end, and start it again when that is due; raises EnvironmentFault if it never gets ready."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self.start()
            return
        code = self._process.poll()
        if code is not None:
            self._ended(code)

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float, forced: Callable[[], bool]) -> None:
        """Wait for its end; kill what is left of its group after `seconds`, or as soon as `forced()`."""
        if self._process is None:
            return
        end = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < end and not forced():
            time.sleep(_TICK_S)
        self._kill_group()
        self._process.wait()
        self._hang_up()

    def _ended(self, code: int) -> None:
        self._kill_group()
        self._hang_up()
        uptime = time.monotonic() - self._started
        self._process = None
        self.failures += 1
        if not self.ready and self.failures >= MOST_FAILURES:
            raise EnvironmentFault(
                f"{self.name} has ended {self.failures} times before it was ready; see the log above"
            )
        wait = 0.0 if uptime > _HEALTHY_S else min(_LONGEST_WAIT_S, 0.25 * 2**self.failures)
        self._due = time.monotonic() + wait
        log.warning("%s has ended with code %d and is started again in %.1f s", self.name, code, wait)

    def _kill_group(self) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _hang_up(self) -> None:
        if self._answers >= 0:
            os.close(self._answers)
            self._answers = -1
