"""pygeoapi's process manager over the jobs table and the Dask cluster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from pygeoapi.process.manager.base import BaseManager
from pygeoapi.util import DATETIME_FORMAT, JobStatus, RequestedProcessExecutionMode, Subscriber

from config.errors import UnsafeSetting
from config.vocabulary import JSON
from records.jobs.job_store import JobFilter, Jobs
from services.compute.link import ClusterLink
from services.processes import registry
from services.processes.executions import Executions
from services.processes.requests.outputs import LINKS
from services.pygeoapi.engines import DATABASE_OPTIONS, plugin_settings, shared_engine
from services.pygeoapi.errors import as_job_errors, as_processor_errors
from services.pygeoapi.live_object import LiveObject

if TYPE_CHECKING:
    from config.settings import Settings
    from records.jobs.job_store import Job

_GROUPS = ("dask", "jobs", "limit", "server")
"""Groups of settings that the definition may have, in the words of docs/settings.md."""
_SINGLE = ("store", "data_dir", "serve_restricted", "gdal_cache_mb")
"""Settings without a group that it may have."""


class JobManager(BaseManager):  # type: ignore[misc]  # pygeoapi ships no types
    """Jobs in PostgreSQL, executed by Dask.

    A plugin that pygeoapi loads from its configuration (docs/pygeoapi.md): `connection` is the URL of the database,
    `dask` says where the cluster is, `limit`, `server` and `store` have the meaning that they have in the settings of
    Graticule; what the definition leaves out comes from the environment, then from the defaults. `executions` is there
    instead inside the application: the live objects.

    pygeoapi keeps the processor of the present request on the manager, which requests share. `execute_process` is
    overridden as a whole for that reason: nothing here is kept between calls.
    """

    def __init__(self, manager_def: dict[str, Any]) -> None:
        super().__init__(manager_def)
        self.is_async = True
        self._definition = manager_def
        self._executions: Executions | None = None

    @property
    def executions(self) -> Executions:
        """The jobs and the cluster, opened when first needed: pygeoapi starts without them."""
        if self._executions is None:
            self._executions = _executions(self._definition)
        return self._executions

    def close(self) -> None:
        """Disconnect from the cluster; jobs go on."""
        if self._executions is not None:
            self._executions.close()

    def execute_process(
        self,
        process_id: str,
        data_dict: dict[str, Any],
        execution_mode: RequestedProcessExecutionMode | None = None,
        requested_outputs: dict[str, Any] | None = None,
        subscriber: Subscriber | None = None,
        requested_response: str | None = None,
    ) -> tuple[str, str, Any, JobStatus, dict[str, str]]:
        """Execute a process; returns job id, media type, outputs, status and headers.

        The outputs are a JSON value or bytes; None of a job in the background. Raises ProcessorExecuteError, with the
        status and the message to answer with.
        """
        document = {
            "inputs": data_dict,
            "outputs": requested_outputs,
            "subscriber": _as_document(subscriber),
            "response": requested_response or "raw",
        }
        background = execution_mode == RequestedProcessExecutionMode.respond_async
        with as_processor_errors():
            job_id, in_background = self.executions.execute(process_id, document, background=background)
            if in_background:
                applied = {"Preference-Applied": RequestedProcessExecutionMode.respond_async.value}
                return job_id, JSON, None, JobStatus.accepted, applied
            media_type, outputs = self._outputs(job_id)
            return job_id, media_type, outputs, JobStatus.successful, {}

    def get_job(self, job_id: str) -> dict[str, Any]:
        """The job of an id, in the members that pygeoapi's core reads; raises JobNotFoundError."""
        with as_job_errors():
            return _as_metadata(self.executions.jobs.get(job_id))

    def get_jobs(
        self, status: JobStatus | None = None, limit: int | None = None, offset: int | None = None
    ) -> dict[str, Any]:
        """A page of jobs, the newest first, and how many there are; none unless everybody may list those of everybody.

        Nobody tells a manager who asks.
        """
        if not self.executions.is_public:
            return {"jobs": [], "numberMatched": 0}
        of_status = JobFilter(statuses=(status.value,) if status else ())
        jobs, total = self.executions.jobs.page(of_status, limit=limit or 10, offset=offset or 0)
        return {"jobs": [_as_metadata(job) for job in jobs], "numberMatched": total}

    def get_job_result(self, job_id: str) -> tuple[str, Any]:
        """Media type of a result, and the result: a JSON value or bytes.

        Raises JobNotFoundError or JobResultNotFoundError.
        """
        with as_job_errors():
            media_type, result = self.executions.result(job_id)
            return media_type, _decode(media_type, result)

    def delete_job(self, job_id: str) -> bool:
        """Dismiss a job that waits or runs, remove one that has ended; raises JobNotFoundError."""
        with as_job_errors():
            self.executions.dismiss(job_id)
        return True

    def _outputs(self, job_id: str) -> tuple[str, Any]:
        media_type, result = self.executions.result(job_id)
        return media_type, _decode(media_type, result)


class ApplicationJobManager(JobManager):
    """The job manager inside the application, whose route sends a result as it stands in the jobs table.

    pygeoapi's core would decode the JSON of a result, encode it again and escape `<` and `>` in it.
    """

    def _outputs(self, job_id: str) -> tuple[str, Any]:
        del job_id
        return JSON, None


def _executions(definition: dict[str, Any]) -> Executions:
    live = definition.get("executions")
    if isinstance(live, LiveObject):
        executions: Executions = live.value
        return executions
    settings = _settings(definition)
    jobs = Jobs(shared_engine(settings.database))
    return Executions(jobs, ClusterLink(registry.execution_config(settings)), settings)


def _settings(definition: dict[str, Any]) -> Settings:
    """The settings of a definition; raises UnsafeSetting naming each bad one."""
    if not definition.get("connection"):
        raise UnsafeSetting("server.manager.connection: give the database as postgresql://user:password@host/name")
    names = (*_GROUPS, *_SINGLE, *DATABASE_OPTIONS)
    return plugin_settings(definition["connection"], {name: definition[name] for name in names if name in definition})


def _decode(media_type: str, result: bytes) -> Any:
    """A result as pygeoapi's core encodes it: the value of JSON, the bytes of all else."""
    return orjson.loads(result) if media_type in (JSON, LINKS) else result


def _as_metadata(job: Job) -> dict[str, Any]:
    return {
        "identifier": job.id,
        "process_id": job.process_id,
        "status": job.status,
        "message": job.message,
        "progress": job.progress,
        "mimetype": job.media_type or JSON,
        "created": _instant(job.created),
        "started": _instant(job.started or job.created),  # the core sorts by it, and cannot sort None
        "finished": _instant(job.finished) if job.finished else None,
        "updated": _instant(job.updated),
    }


def _as_document(subscriber: Subscriber | None) -> dict[str, str | None] | None:
    """The `subscriber` of an execute request again, of what the core has made of it."""
    if subscriber is None:
        return None
    return {
        "successUri": subscriber.success_uri,
        "inProgressUri": subscriber.in_progress_uri,
        "failedUri": subscriber.failed_uri,
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(DATETIME_FORMAT)
