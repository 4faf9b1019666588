"""pygeoapi's process manager on the jobs table and Dask."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from pygeoapi.process.base import BaseProcessor
from pygeoapi.process.manager.base import BaseManager
from pygeoapi.util import JobStatus, ProcessExecutionMode, RequestedProcessExecutionMode

from config.errors import GraticuleError, ProcessNotFound, TooSlow
from config.vocabulary import JSON
from records.jobs.job_store import JobFilter
from services.processes import registry, validation
from services.pygeoapi.record_provider import guarded

if TYPE_CHECKING:
    from anyio import CapacityLimiter

    from config.settings import LimitSettings
    from records.jobs.job_store import Job, Jobs
    from services.compute.dask import DaskLink
    from services.pygeoapi.bridge import Shared


class JobFailed(GraticuleError):
    """A synchronous execution failed; `error` is the body to answer with."""

    kind = "job-failed"

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error["detail"]))
        self.error = error


class Described(BaseProcessor):  # type: ignore[misc]  # pygeoapi has no types
    """A process as pygeoapi sees it: its description. It is executed by the cluster, never by pygeoapi."""

    def __init__(self, definition: dict[str, Any]) -> None:
        description = guarded(copy.deepcopy(dict(registry.process(definition["process"]).description)))
        super().__init__(definition, description)  # a copy: the core appends to it at every call


class DaskManager(BaseManager):  # type: ignore[misc]  # pygeoapi has no types
    """Jobs in PostgreSQL, executed by Dask.

    pygeoapi keeps the processor of the present request on the manager, which requests share. `execute_process` is
    overridden as a whole for that reason: nothing here is kept between calls.
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        super().__init__(definition)
        jobs: Shared[Jobs] = definition["jobs"]
        dask: Shared[DaskLink] = definition["dask"]
        limit: Shared[LimitSettings] = definition["limit"]
        self.jobs, self.dask, self.limit = jobs.value, dask.value, limit.value
        self.sync_threads: CapacityLimiter = definition["sync_threads"].value
        self.is_async = True

    def close(self) -> None:
        """Let go of the cluster; jobs go on."""
        self.dask.close()

    def execute_process(
        self,
        process_id: str,
        data_dict: dict[str, Any],
        execution_mode: RequestedProcessExecutionMode | None = None,
        requested_outputs: dict[str, Any] | None = None,
        subscriber: object | None = None,
        requested_response: str | None = None,
    ) -> tuple[str, str, None, JobStatus, dict[str, str]]:
        """Execute a process; returns job id, media type, no body, status and headers.

        The result is read from the jobs table by its id: the core would rewrite it. Raises InvalidInput for a request
        that the description does not allow, Overloaded, TooSlow, or JobFailed for a synchronous one that failed.
        """
        document = {"inputs": data_dict, "outputs": requested_outputs, "subscriber": subscriber}
        described = self._description(process_id)
        checked = validation.check(document | {"response": requested_response or "raw"}, described)
        job_id = self.jobs.create(process_id, checked.encode(), most_alive=self.limit.jobs)
        if _is_async(execution_mode, described["jobControlOptions"]):
            self._submit(job_id, background=True)
            applied = {"Preference-Applied": RequestedProcessExecutionMode.respond_async.value}
            return job_id, JSON, None, JobStatus.accepted, applied
        self._execute_and_wait(job_id)
        return job_id, JSON, None, JobStatus.successful, {}

    def get_job(self, job_id: str) -> Job:
        """The job of that id; raises JobNotFound."""
        return self.jobs.get(job_id)

    def get_jobs(
        self, status: JobStatus | None = None, limit: int | None = None, offset: int | None = None
    ) -> dict[str, Any]:
        """A page of jobs, the newest first."""
        wanted = JobFilter(statuses=(status.value,) if status else ())
        jobs, total = self.jobs.page(wanted, limit=limit or 10, offset=offset or 0)
        return {"jobs": jobs, "numberMatched": total}

    def get_job_result(self, job_id: str) -> tuple[str, bytes]:
        """Media type and bytes of a result; raises JobNotFound, ResultNotReady, JobDismissed or JobFailed."""
        job = self.jobs.get(job_id)
        if job.error is not None:
            raise JobFailed(job.error)
        result, media_type = self.jobs.result(job_id)
        return media_type, result

    def delete_job(self, job_id: str) -> bool:
        """Dismiss a job that waits or runs, remove one that has ended; a dismissed one stays as it is.

        Raises JobNotFound.
        """
        job = self.jobs.get(job_id)
        if job.status == "dismissed":
            return True
        if self.jobs.dismiss(job_id):
            self.dask.cancel(job_id)
        elif self.jobs.get(job_id).status != "dismissed":
            self.jobs.remove(job_id)
        return True

    def _description(self, process_id: str) -> dict[str, Any]:
        if process_id not in self.processes:
            raise ProcessNotFound(f"there is no process {process_id[:80]!r}; /processes lists them")
        return dict(registry.process(process_id).description)

    def _submit(self, job_id: str, *, background: bool) -> Any:
        try:
            return self.dask.submit(job_id, background=background)
        except Exception:
            self.jobs.abandon([job_id], "the job could not be handed to the Dask cluster")
            raise

    def _execute_and_wait(self, job_id: str) -> None:
        future = self._submit(job_id, background=False)
        try:
            self.dask.wait(future, self.limit.sync_seconds)
        except TooSlow:
            self.jobs.dismiss(job_id)
            raise
        job = self.jobs.get(job_id)
        if job.error is not None:
            raise JobFailed(job.error)
        if job.alive:
            self.jobs.dismiss(job_id)
            raise GraticuleError("the execution was cut short: its worker was lost; execute the process again")


def _is_async(mode: RequestedProcessExecutionMode | None, options: list[str]) -> bool:
    """What is done of what is preferred and possible (OGC 18-062r2, 7.11.2.3)."""
    offered = set(options)
    if mode == RequestedProcessExecutionMode.respond_async:
        return ProcessExecutionMode.async_execute.value in offered
    return ProcessExecutionMode.sync_execute.value not in offered
