"""Plugins of the workers of a cluster: our log, and few heartbeats. Imports distributed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, Literal

from distributed import WorkerPlugin

from config import logging as logs

if TYPE_CHECKING:
    from distributed import Worker

HEARTBEAT_MS: Final = 5000.0
"""Between two heartbeats of a worker, and two looks of the scheduler at what it need not see at once.

Dask's own half and quarter of a second, over TLS, take 1.5 % of a core while nothing is to be done.
"""
_LOOKS: Final = ("idle-timeout", "no-workers-timeout")


class ClusterLogging(WorkerPlugin):
    """Has each worker of a cluster, also one that is started again, log as the server does."""

    name = "graticule-log"

    def __init__(self, *, level: str, style: Literal["text", "json"]) -> None:
        self._level, self._style = level, style

    def setup(self, worker: Worker) -> None:
        """Configure the process of a worker."""
        del worker
        logs.configure(level=self._level, style=self._style)
        quieten()


class FewHeartbeats(WorkerPlugin):
    """Has a worker send a heartbeat every `HEARTBEAT_MS`, regardless of the interval that the scheduler answers."""

    name = "graticule-heartbeats"

    def setup(self, worker: Worker) -> None:
        """Put the interval right after each heartbeat."""
        periodic = worker.periodic_callbacks["heartbeat"]

        async def beat() -> None:
            await worker.heartbeat()
            periodic.callback_time = HEARTBEAT_MS

        periodic.callback = beat


def slow_down(dask_scheduler: Any = None) -> None:
    """Have a scheduler look seldom whether it is idle or without workers; run there with `Client.run_on_scheduler`."""
    for name in _LOOKS:
        dask_scheduler.periodic_callbacks[name].callback_time = HEARTBEAT_MS


def quieten() -> None:
    """Take from Dask's loggers the handler and the format that they have when it is imported."""
    logger = logging.getLogger("distributed")
    logger.handlers.clear()
    logger.setLevel(logging.WARNING)
    logger.propagate = True
