"""Executes processes as jobs: accepts them, hands them to the cluster, waits for those that a client waits for."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from config.errors import Forbidden, GraticuleError, TooSlow
from services.compute.staging import discard
from services.processes import registry
from services.processes.requests import validation
from services.processes.requests.subscriber import require_callable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.settings import Settings
    from records.jobs.job_store import Job, Jobs
    from services.compute.link import ClusterLink


_WAITING: Final = "Waiting for a worker"
MAKER: Final[ContextVar[str]] = ContextVar("maker", default="")
"""Who makes the jobs of a call; empty if nobody knows. pygeoapi's core stands between the route and the manager."""

COST: Final[ContextVar[int | None]] = ContextVar("cost", default=None)
"""Cells that the jobs of a call will read, as `Process.require` reckons; None if nobody knows."""


class JobFailed(GraticuleError):
    """The execution failed."""

    kind = "job-failed"

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error["detail"]))
        self.error = error
        """The body to answer with: `{type, title, status, detail}`."""


class Executions:
    """The jobs table and the cluster that works on it. Thread-safe.

    Args:
        jobs: The jobs table.
        cluster: The link to the cluster.
        settings: With bounds on the number of jobs and on the length of a synchronous execution.
        publishes: Whether jobs may publish what they compute: whoever hands requests in has seen the token for that.

    Attributes:
        is_public: Whether everybody may list the jobs of everybody.
    """

    def __init__(self, jobs: Jobs, cluster: ClusterLink, settings: Settings, *, publishes: bool = False) -> None:
        self.jobs = jobs
        self.is_public = settings.jobs.public
        self._cluster = cluster
        self._limit, self._settings, self._store = settings.limit, settings.jobs, settings.store_dir
        self._publishes = publishes

    def close(self) -> None:
        """Disconnect from the cluster; jobs go on."""
        self._cluster.close()

    def execute(self, process_id: str, document: Mapping[str, Any], *, background: bool) -> tuple[str, bool]:
        """Accept a job and hand it to the cluster; unless it is for the background, wait until it has succeeded.

        A process that offers one of the two modes only is executed in that mode (OGC 18-062r2, 7.11.2.3).
        Returns the id of the job, and whether it goes on in the background.

        Args:
            process_id: A published process.
            document: The execute request, with `inputs`, `outputs`, `response` and `subscriber`.
            background: Whether the client prefers not to wait.

        Raises:
            ProcessNotFound: There is no such process.
            InvalidInput: The description of the process does not allow the request.
            Forbidden: The request publishes, and here nobody may.
            Overloaded: Too many jobs wait or run.
            TooManyRequests: Too many jobs of the client do.
            EnvironmentFault: The cluster cannot be reached.
            TooSlow: A synchronous execution took longer than `limit.sync_seconds`.
            JobFailed: A synchronous execution failed.
        """
        description = registry.texts(process_id).english
        request = validation.check(document, description)
        if request.publishes and not self._publishes:
            raise Forbidden("publish: results are published by the service itself, at its own /processes, with a token")
        require_callable(request.subscriber, self._settings)
        in_background = _is_background(description["jobControlOptions"], preferred=background)
        maker = MAKER.get()
        job_id = self.jobs.create(
            process_id,
            request.encode(),
            client=maker,
            most_alive=self._limit.jobs,
            most_of_client=self._limit.jobs_per_client if maker else None,
            callbacks=request.subscriber,
            message=_WAITING if not COST.get() else f"{_WAITING}; about {COST.get():,} cells will be read",
        )
        future = self._submit(job_id, background=in_background)
        if not in_background:
            self._wait(future, job_id)
        return job_id, in_background

    def result(self, job_id: str) -> tuple[str, bytes]:
        """Media type and bytes of a result; raises JobNotFound, ResultNotReady, JobDismissed or JobFailed."""
        job = self.jobs.get(job_id)
        if job.error is not None:
            raise JobFailed(job.error)
        result, media_type = self.jobs.result(job_id)
        return media_type, result

    def dismiss(self, job_id: str) -> Job:
        """Dismiss a job that waits or runs, remove one that has ended; a dismissed job stays as it is.

        Returns the job as it was before; raises JobNotFound.
        """
        job = self.jobs.get(job_id)
        if job.status == "dismissed":
            return job
        if self.jobs.dismiss(job_id):
            self._cluster.cancel(job_id)
        elif self.jobs.get(job_id).status != "dismissed":
            self.jobs.remove(job_id)
            discard(self._store, job_id)
        return job

    def _submit(self, job_id: str, *, background: bool) -> Any:
        try:
            rank = self.jobs.ranks([job_id]).get(job_id, 0) if background else 0
            return self._cluster.submit(job_id, background=background, rank=rank)
        except Exception:
            self.jobs.abandon([job_id], "the job could not be handed to the Dask cluster")
            raise

    def _wait(self, future: Any, job_id: str) -> None:
        try:
            self._cluster.wait(future, self._limit.sync_seconds)
        except TooSlow:
            self.jobs.dismiss(job_id)
            raise
        job = self.jobs.get(job_id)
        if job.error is not None:
            raise JobFailed(job.error)
        if job.alive:
            self.jobs.dismiss(job_id)
            raise GraticuleError("the execution was cut short: its worker was lost; execute the process again")


def _is_background(options: list[str], *, preferred: bool) -> bool:
    """Whether a process with these `jobControlOptions` is executed without the client waiting for it."""
    return "async-execute" in options if preferred else "sync-execute" not in options
