"""Watches over the private PostgreSQL server, and starts it again when it ends."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from config.errors import GraticuleError
from records.database import postgis

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import DatabaseSettings

log = logging.getLogger(__name__)

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 30.0


class DatabaseWatch:
    """Waits for the end of the server's first process, which takes nothing while it runs.

    Starting a server may take a minute, so a thread does it: the supervisor must hear its signals meanwhile.

    Args:
        data_dir: The data directory.
        settings: The settings of the database.
    """

    def __init__(self, data_dir: Path, settings: DatabaseSettings) -> None:
        self._data_dir, self._settings = data_dir, settings
        self._descriptor = -1
        self._failures = 0
        self._due: float | None = None
        self._starting: threading.Thread | None = None
        self._attach()

    @property
    def descriptor(self) -> int:
        """What becomes readable when the server, or an attempt to start it, has ended; -1 while neither goes on."""
        return self._descriptor

    @property
    def wait_s(self) -> float | None:
        """Seconds until the server is to be started again; None while nothing is due."""
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def hear(self) -> None:
        """Notice that the server, or an attempt to start it, has ended."""
        self.close()
        if self._starting is not None:
            self._starting.join()
            self._starting = None
            self._attach()
            if self._descriptor >= 0:
                log.warning("the private database runs again")
            return
        log.error("the private database has ended, and is started again")
        self._due = time.monotonic()

    def keep(self) -> None:
        """Start the server again when that is due."""
        if self._due is None or time.monotonic() < self._due:
            return
        self._due = None
        self._descriptor, ended = os.pipe()
        self._starting = threading.Thread(target=self._start, args=(ended,), name="database", daemon=True)
        self._starting.start()

    def close(self) -> None:
        """Watch no longer."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _start(self, ended: int) -> None:
        try:
            postgis.ensure(self._data_dir, self._settings)
        except (GraticuleError, OSError) as error:
            log.warning("the private database could not be started: %s", error)
        finally:
            os.close(ended)

    def _attach(self) -> None:
        """Wait for the end of the running server; without one, for the time of the next attempt."""
        pid = postgis.server_pid(self._data_dir)
        if pid is not None:
            with suppress(ProcessLookupError):
                self._descriptor = os.pidfd_open(pid)
                self._failures = 0
                return
        self._failures += 1
        self._due = time.monotonic() + min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**self._failures)
