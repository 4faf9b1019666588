"""The log of Dask's processes in our format. Imported only where distributed is imported anyway."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from distributed import WorkerPlugin

from config import logging as logs

if TYPE_CHECKING:
    from distributed import Worker


class LogAsWeDo(WorkerPlugin):
    """Has each worker of a cluster, also one that is started again, log as we do."""

    name = "graticule-log"

    def __init__(self, *, level: str, style: Literal["text", "json"]) -> None:
        self._level, self._style = level, style

    def setup(self, worker: Worker) -> None:
        """Configure the process of a worker."""
        del worker
        logs.configure(level=self._level, style=self._style)
        quieten()


def quieten() -> None:
    """Take from Dask's loggers the handler and the format that they have when it is imported."""
    logger = logging.getLogger("distributed")
    logger.handlers.clear()
    logger.setLevel(logging.WARNING)
    logger.propagate = True
