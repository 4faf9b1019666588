"""A web worker's link to the Dask cluster."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from config.errors import TooSlow

if TYPE_CHECKING:
    from distributed import Future

    from services.compute.cluster_client import ClusterClient
    from services.compute.executor import ExecutionConfig

log = logging.getLogger(__name__)


class ClusterLink:
    """Hands jobs to the cluster: connects at the first one, and again after a connection was lost."""

    def __init__(self, config: ExecutionConfig) -> None:
        self._config = config
        self._client: ClusterClient | None = None
        self._lock = threading.Lock()

    def submit(self, job_id: str, *, background: bool, rank: int = 0) -> Future[None]:
        """Have the job run, also when this web worker ends; raises EnvironmentFault if there is no cluster."""
        return self._connected().submit(job_id, background=background, rank=rank)

    def wait(self, future: Future[None], seconds: float) -> None:
        """Wait until a job has ended; raises TooSlow after `seconds`."""
        try:
            future.result(timeout=seconds)
        except TimeoutError as error:
            raise TooSlow(
                f"the execution took longer than the {seconds:g} seconds of a synchronous one and was stopped; "
                "send `Prefer: respond-async`"
            ) from error
        except Exception as error:  # noqa: BLE001 - cancelled or lost: what is known stands in the jobs table
            log.warning("a synchronous job was cut short: %r", error)

    def cancel(self, job_id: str) -> None:
        """Drop a dismissed job from the queue; one that runs is stopped by the jobs table."""
        if self._client is not None:
            self._client.cancel(job_id)

    def close(self) -> None:
        """Disconnect; submitted jobs go on."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> ClusterClient:
        # the import of distributed takes 0.5 s of a core and 18 MB, and most web workers never submit a job
        from services.compute.cluster_client import ClusterClient  # noqa: PLC0415

        with self._lock:
            if self._client is None or not self._client.is_usable:
                self._client = ClusterClient(self._config)
            return self._client
