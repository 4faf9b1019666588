"""The client side of the Dask cluster. Imports distributed: import this module only where a cluster is talked to.

A job is a Dask task named `job-<id>`. The worker that runs it reads the request from the jobs table and writes status,
progress and result there. The table owns the job from the moment it is accepted: handing it to the cluster is only a
message, which dies with the web worker that sends it, so the cluster's process (`services.serving.cluster`) hands over
again what waits in the table and the cluster does not know.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Client, Future, Security, fire_and_forget

from config.errors import EnvironmentFault
from services.compute.jobs import PART_PRIORITY, run_job

if TYPE_CHECKING:
    from config.settings import DaskSettings
    from services.compute.executor import ExecutionConfig

KEY_PREFIX = "job-"
BACKGROUND = "background"
"""The resource of a worker that jobs in the background take."""
CONNECT_S = 10
_WAITED_FOR = PART_PRIORITY + 10


def connect(settings: DaskSettings) -> Client:
    """Connect to the cluster that the settings name; raises EnvironmentFault."""
    scheduler = settings.scheduler
    if not scheduler:
        raise EnvironmentFault("no Dask cluster: set GRATICULE_DASK_SCHEDULER, or start with `graticule serve`")
    try:
        return Client(scheduler, timeout=CONNECT_S, set_as_default=False, security=security(settings))
    except (OSError, ValueError) as error:  # dask's TimeoutError is an OSError
        raise EnvironmentFault(f"the Dask cluster at {scheduler} does not answer: {error}") from error


def security(settings: DaskSettings) -> Security | None:
    """The credentials of the settings, for TLS on every connection; None without any."""
    if not settings.tls_cert:
        return None
    for name in ("tls_ca", "tls_cert", "tls_key"):
        path = getattr(settings, name)
        if not Path(path).is_file():
            raise EnvironmentFault(f"dask.{name}={path}: there is no such file; name a PEM file")
    pair = {"cert": settings.tls_cert, "key": settings.tls_key}
    roles = {f"tls_{role}_{part}": path for role in ("client", "scheduler", "worker") for part, path in pair.items()}
    return Security(require_encryption=True, tls_ca_file=settings.tls_ca, **roles)


class ClusterClient:
    """A connection to the cluster. Closing it leaves submitted jobs running.

    Args:
        config: What the workers need to run jobs; its settings name the cluster. Raises EnvironmentFault if that does
            not answer.
    """

    def __init__(self, config: ExecutionConfig) -> None:
        self._config = config
        self._client = connect(config.settings.dask)

    @property
    def is_usable(self) -> bool:
        """Whether the connection stands, or is made again at this moment."""
        return self._client.status in ("running", "connecting")

    def submit(self, job_id: str, *, background: bool, rank: int = 0) -> Future[None]:
        """Have the cluster run a job; a job that it knows already is not run twice.

        Jobs in the background take one `BACKGROUND` each where workers have that resource: they leave a thread to
        those who wait for an answer, who also come first. Of the others those of the lowest rank
        (`records.jobs.job_store.Jobs.ranks`) come first.
        """
        is_bounded = background and self._has_background()
        future = self._client.submit(
            run_job,
            job_id,
            self._config,
            key=KEY_PREFIX + job_id,
            pure=False,
            priority=-rank if background else _WAITED_FOR,
            resources={BACKGROUND: 1} if is_bounded else None,
        )
        fire_and_forget(future)
        return future

    def cancel(self, job_id: str) -> None:
        """Take a job from the queue; one that runs goes on."""
        if self._client.status == "running":
            self._client.cancel([Future(KEY_PREFIX + job_id, self._client)], force=True)

    def known_jobs(self) -> set[str]:
        """The ids of the jobs that wait or run on the cluster."""
        return set(self._client.run_on_scheduler(_job_ids))

    def close(self) -> None:
        """Disconnect."""
        self._client.close(timeout=2)

    def _has_background(self) -> bool:
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return any(worker["resources"].get(BACKGROUND) for worker in workers)


def _job_ids(dask_scheduler: Any = None) -> list[str]:
    """The ids of the jobs of a scheduler; runs there."""
    keys = (str(key) for key in list(dask_scheduler.tasks))
    return [key.removeprefix(KEY_PREFIX) for key in keys if key.startswith(KEY_PREFIX)]
