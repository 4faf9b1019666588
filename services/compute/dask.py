"""The Dask cluster that executes jobs: what runs on its workers, and the seam through which web workers reach it.

A job is a Dask task named `job-<id>`. The worker that runs it reads the request from the jobs table and writes
status, progress and result there. The table owns the job from the moment it is accepted: handing it to the cluster is
only a message, which dies with the web worker that sends it, so the cluster's process (`services.serving.cluster`)
hands over again what waits in the table and the cluster does not know.
The process itself executes in a child of the worker (`services.compute.children.child`): dismissing kills it, also in
the middle of a long C call, and a crash or exhausted memory ends that job alone.
"""

from __future__ import annotations

import functools
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dask.utils import parse_bytes

from config.errors import EnvironmentFault, TooSlow
from config.settings import DaskSettings, DatabaseSettings, Settings
from records.database.engine import make_engine
from records.jobs.job_store import Jobs
from services.compute import parts
from services.compute.children.child import Progress, Task, execute
from services.compute.environment import Site

if TYPE_CHECKING:
    from distributed import Client, Future, Security

log = logging.getLogger(__name__)

KEY_PREFIX = "job-"
BACKGROUND = "background"
"""The resource of a worker that jobs in the background take."""
CONNECT_S = 10
_WAITED_FOR = parts.PRIORITY + 10
_POOL = 20


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a Dask worker needs to run jobs; it travels with each task, so its text never shows the password.

    Attributes:
        site: Where the catalogue and the store are, as the workers reach them.
        memory_bytes: Bound of the memory of one execution; None for none.
        result_bytes: Bound of a result.
    """

    site: Site
    memory_bytes: int | None
    result_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Work:
        """What the settings say of it; `database.url` is set."""
        return cls(
            site=Site.of(settings),
            memory_bytes=parse_bytes(settings.dask.memory_limit),
            result_bytes=settings.limit.result_bytes,
        )


class DaskLink:
    """A web worker's way to the cluster: connects when first needed, and again after a connection was lost."""

    def __init__(self, settings: DaskSettings, work: Work) -> None:
        self._settings = settings
        self._work = work
        self._client: Client | None = None
        self._lock = threading.Lock()

    def submit(self, job_id: str, *, background: bool) -> Future[None]:
        """Have the job run, also when this web worker ends; raises EnvironmentFault if there is no cluster."""
        return hand_over(self._connected(), job_id, self._work, background=background)

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
        from distributed import Future  # noqa: PLC0415

        client = self._client
        if client is not None and client.status == "running":
            client.cancel([Future(KEY_PREFIX + job_id, client)], force=True)

    def close(self) -> None:
        """Disconnect; submitted jobs go on."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close(timeout=2)

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None or self._client.status not in ("running", "connecting"):
                self._client = connect(self._settings)
            return self._client


def hand_over(client: Client, job_id: str, work: Work, *, background: bool) -> Future[None]:
    """Have the cluster run a job, also when the client ends; a job that the cluster knows already is not run twice.

    Jobs in the background take one `BACKGROUND` each where workers have that resource: they leave a thread to those
    who wait for an answer, who also come first.
    """
    from distributed import fire_and_forget  # noqa: PLC0415 - dear to import, and not every worker needs it

    bounded = background and _has_background(client)
    future = client.submit(
        run_job,
        job_id,
        work,
        key=KEY_PREFIX + job_id,
        pure=False,
        priority=0 if background else _WAITED_FOR,
        resources={BACKGROUND: 1} if bounded else None,
    )
    fire_and_forget(future)
    return future


def _has_background(client: Client) -> bool:
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return any(worker["resources"].get(BACKGROUND) for worker in workers)


def connect(settings: DaskSettings) -> Client:
    """A client of the cluster that the settings name; raises EnvironmentFault."""
    scheduler = settings.scheduler
    if not scheduler:
        raise EnvironmentFault("no Dask cluster: set GRATICULE_DASK_SCHEDULER, or start with `graticule serve`")
    from distributed import Client  # noqa: PLC0415 - dear to import

    try:
        return Client(scheduler, timeout=CONNECT_S, set_as_default=False, security=security(settings))
    except (OSError, ValueError) as error:  # dask's TimeoutError is an OSError
        raise EnvironmentFault(f"the Dask cluster at {scheduler} does not answer: {error}") from error


def security(settings: DaskSettings) -> Security | None:
    """The credentials of the settings, for TLS on every connection; None without any."""
    if not settings.tls_cert:
        return None
    from distributed import Security  # noqa: PLC0415 - dear to import

    for name in ("tls_ca", "tls_cert", "tls_key"):
        path = getattr(settings, name)
        if not Path(path).is_file():
            raise EnvironmentFault(f"dask.{name}={path}: there is no such file; name a PEM file")
    pair = {"cert": settings.tls_cert, "key": settings.tls_key}
    roles = {f"tls_{role}_{part}": path for role in ("client", "scheduler", "worker") for part, path in pair.items()}
    return Security(require_encryption=True, tls_ca_file=settings.tls_ca, **roles)


def run_job(job_id: str, work: Work) -> None:
    """Run a job to its end; what comes of it is in the jobs table. Runs in a thread of a Dask worker."""
    jobs = jobs_of(work.site.database.get_secret_value())
    if not jobs.start(job_id):
        return
    try:
        _run(jobs, job_id, work)
    except Exception:
        log.exception("job %s could not be run", job_id)
        jobs.abandon([job_id], "the server failed on this job; the operator finds the cause in its log")


def _run(jobs: Jobs, job_id: str, work: Work) -> None:
    def tick(progress: Progress | None) -> bool:
        if progress is None:
            return jobs.beat(job_id) > 0
        return jobs.progress(job_id, progress.percent, progress.message)

    task = Task(
        process_id=jobs.get(job_id).process_id,
        request=jobs.request(job_id),
        memory_bytes=work.memory_bytes,
        result_bytes=work.result_bytes,
        site=work.site,
    )
    outcome = execute(task, tick)
    if outcome is not None and outcome.parts:
        outcome = parts.spread(task, outcome, job_id, tick)
    if outcome is None:
        return
    if outcome.error is not None:
        jobs.fail(job_id, outcome.error)
    else:
        jobs.succeed(job_id, outcome.result, outcome.media_type)


@functools.lru_cache(maxsize=4)
def jobs_of(url: str) -> Jobs:
    """The jobs table behind a URL, with connections that this process keeps."""
    return Jobs(make_engine(url, DatabaseSettings(pool_size=_POOL)))


def job_keys(dask_scheduler: Any = None) -> list[str]:
    """The ids of the jobs that wait or run on a scheduler; run there with `Client.run_on_scheduler`."""
    return [key.removeprefix("job-") for key in list(dask_scheduler.tasks) if str(key).startswith("job-")]
