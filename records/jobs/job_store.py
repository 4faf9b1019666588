"""Jobs: executions of processes, their progress and their results, kept in PostgreSQL.

A job is written by whoever acts on it: the web worker creates and dismisses it, the compute worker starts, advances
and finishes it. Each change is one UPDATE that names the statuses it may start from, so that no order of events can
bring a dismissed job back or finish a job twice. A job that nobody's heartbeat keeps alive is failed by `sweep`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import ColumnElement, CursorResult, Select, Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from config.errors import JobDismissed, JobNotFound, Overloaded, ResultNotReady, TooManyRequests
from records.database.engine import translated_errors
from records.database.orm import JobCallbackRow, JobRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Engine

    from records.jobs.callbacks import Event

Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
STATUSES: tuple[Status, ...] = ("accepted", "running", "successful", "failed", "dismissed")
ALIVE: tuple[Status, ...] = ("accepted", "running")

_MAX_MESSAGE = 1000
_RETRY_S = 30
"""Seconds after which a client that was refused a job may ask again."""
_CREATING = 0x6A6F6273
"""The lock under which jobs are counted and made."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job without its request and result.

    Attributes:
        progress: Percent, 0 to 100.
        media_type: That of the result; None until there is one.
        error: `{type, title, status, detail}` of a failed job.
        created: Instant, UTC, as the other times.
    """

    id: str
    process_id: str
    status: Status
    message: str | None
    progress: int
    media_type: str | None
    error: dict[str, Any] | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    updated: datetime

    @property
    def alive(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ALIVE


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs a list shows (OGC 18-062r2, 11.2).

    Attributes:
        statuses: Any of these; empty: every status.
        process_ids: Any of these; empty: every process.
        since: Created at or after.
        before: Created before.
        client: Of this client; None: of everybody.
        min_seconds: Ran, or has been running, at least so long.
        max_seconds: Ran, or has been running, at most so long.
    """

    statuses: tuple[str, ...] = ()
    process_ids: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    client: str | None = None


class Jobs:
    """The table of jobs behind an engine. Thread-safe: every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def create(
        self,
        process_id: str,
        request: bytes,
        *,
        most_alive: int,
        client: str = "",
        most_of_client: int | None = None,
        callbacks: Mapping[Event, str] | None = None,
        message: str = "Waiting for a worker",
    ) -> str:
        """Accept a job; returns its id, which cannot be guessed: whoever knows it may see and dismiss the job.

        Args:
            process_id: A process.
            request: Its execute request.
            most_alive: Jobs of everybody that may wait or run at once.
            client: Who makes it; empty if nobody knows.
            most_of_client: The same of this client; None: as many as of everybody.
            callbacks: Addresses that want to hear of it, by event (`records.jobs.callbacks`).
            message: Said of it while it waits.

        Raises:
            Overloaded: Too many jobs wait or run.
            TooManyRequests: Too many jobs of the client do.
        """
        job_id = str(uuid.uuid4())  # 122 bits of the system's random numbers
        values = {"id": job_id, "process_id": process_id, "status": "accepted", "request": request, "client": client}
        mine = func.count().filter(JobRow.client == client)
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(select(func.pg_advisory_xact_lock(_CREATING)))
            alive, own = session.execute(select(func.count(), mine).where(JobRow.status.in_(ALIVE))).one()
            if most_of_client is not None and own >= most_of_client:
                raise TooManyRequests(
                    f"{own} of your jobs wait or run, the limit is {most_of_client}; ask again when some are done",
                    retry_after_s=_RETRY_S,
                )
            if alive >= most_alive:
                raise Overloaded(
                    f"{alive} jobs wait or run, the limit is {most_alive}; ask again when some are done",
                    retry_after_s=_RETRY_S,
                )
            session.execute(insert(JobRow).values(**values, rank=own, message=_clean(message)))
            for event, url in (callbacks or {}).items():
                session.execute(insert(JobCallbackRow).values(job_id=job_id, event=event, url=url))
        return job_id

    def ranks(self, job_ids: Collection[str]) -> dict[str, int]:
        """How many jobs of the same client waited or ran when each of these was made; in the order of their turns.

        Taking the jobs by rank gives each client a turn before any gets a second.
        """
        query = select(JobRow.id, JobRow.rank).where(JobRow.id.in_(list(job_ids)))
        with translated_errors(), Session(self.engine) as session:
            return {str(id_): rank for id_, rank in session.execute(query.order_by(JobRow.rank, JobRow.created))}

    def get(self, job_id: str) -> Job:
        """The job of that id; raises JobNotFound."""
        with translated_errors(), Session(self.engine) as session:
            row = session.get(JobRow, job_id) if _is_id(job_id) else None
            if row is None:
                raise JobNotFound(f"there is no job {job_id[:80]!r}; the answer that accepted it has its address")
            return _job(row)

    def request(self, job_id: str) -> bytes:
        """The request that a job was created with; raises JobNotFound."""
        with translated_errors(), Session(self.engine) as session:
            request = session.scalar(select(JobRow.request).where(JobRow.id == job_id))
        if request is None:
            raise JobNotFound(f"there is no job {job_id!r}")
        return request

    def start(self, job_id: str) -> bool:
        """Say that a worker has begun; False if the job is no longer wanted.

        A running job may be started again: its first worker has died.
        """
        return self._advance(job_id, ALIVE, status="running", message="Running", started=func.now())

    def progress(self, job_id: str, percent: float, message: str = "") -> bool:
        """Report progress of a running job; False if it is no longer wanted."""
        percent_ = max(0, min(100, int(percent)))
        return self._advance(job_id, ("running",), progress=percent_, message=_clean(message) or "Running")

    def waiting(self, *, silent: timedelta) -> list[str]:
        """The ids of accepted jobs without a heartbeat for `silent`, the oldest first: nobody may know of them."""
        conditions = (JobRow.status == "accepted", JobRow.heartbeat < func.now() - silent)
        with translated_errors(), Session(self.engine) as session:
            return list(session.scalars(select(JobRow.id).where(*conditions).order_by(JobRow.created)))

    def count_alive(self) -> int:
        """The number of jobs that wait or run."""
        with translated_errors(), Session(self.engine) as session:
            return session.scalar(select(func.count()).where(JobRow.status.in_(ALIVE))) or 0

    def statuses(self, job_ids: Collection[str]) -> dict[str, Status]:
        """The status of each of these jobs that is in the table."""
        valid_ids = [job_id for job_id in job_ids if _is_id(job_id)]
        with translated_errors(), Session(self.engine) as session:
            rows = session.execute(select(JobRow.id, JobRow.status).where(JobRow.id.in_(valid_ids)))
            return {str(job_id): cast("Status", status) for job_id, status in rows}

    def beat(self, *job_ids: str) -> int:
        """Say that jobs are alive; returns how many of them still wait or run."""
        if not job_ids:
            return 0
        statement = update(JobRow).where(JobRow.id.in_(job_ids), JobRow.status.in_(ALIVE)).values(heartbeat=func.now())
        return self._write(statement)

    def succeed(self, job_id: str, result: bytes, media_type: str) -> bool:
        """Keep the result of a running job; False if it is no longer wanted."""
        return self._advance(job_id, ("running",), **_success(result, media_type))

    def succeed_within(self, session: Session, job_id: str, result: bytes, media_type: str) -> None:
        """Keep the result of a running job within a transaction; raises JobDismissed if it is no longer wanted."""
        kept = self._advanced(job_id, ("running",), **_success(result, media_type))
        if cast("CursorResult[Any]", session.execute(kept)).rowcount == 0:
            raise JobDismissed(f"job {job_id} was dismissed; nothing is published")

    def fail(self, job_id: str, error: dict[str, Any]) -> bool:
        """Keep why a job failed, as `{type, title, status, detail}`; False if it had ended already."""
        error = {name: _clean(value) if isinstance(value, str) else value for name, value in error.items()}
        message = str(error.get("detail", "Failed"))
        return self._advance(job_id, ALIVE, status="failed", finished=func.now(), error=error, message=message)

    def dismiss(self, job_id: str) -> bool:
        """Dismiss a job that waits or runs; False if it had ended already."""
        return self._advance(job_id, ALIVE, status="dismissed", finished=func.now(), message="Dismissed")

    def remove(self, job_id: str) -> None:
        """Remove a job and its result."""
        self._write(delete(JobRow).where(JobRow.id == job_id))

    def result(self, job_id: str) -> tuple[bytes, str]:
        """The result of a job and its media type.

        Raises JobNotFound, ResultNotReady, or JobDismissed. A failed job has no result either: look at its `error`.
        """
        job = self.get(job_id)
        if job.status == "dismissed":
            raise JobDismissed(f"job {job_id} was dismissed and has no result")
        with translated_errors(), Session(self.engine) as session:
            row = session.execute(select(JobRow.result, JobRow.media_type).where(JobRow.id == job_id)).one_or_none()
        if row is None or row.result is None or row.media_type is None:
            raise ResultNotReady(f"job {job_id} is {job.status} and has no result; ask /jobs/{job_id} when it has")
        return row.result, row.media_type

    def page(self, criteria: JobFilter, *, limit: int, offset: int = 0) -> tuple[list[Job], int]:
        """A page of jobs, the newest first, and how many match."""
        query = _matching(criteria)
        with translated_errors(), Session(self.engine) as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(query.order_by(JobRow.created.desc(), JobRow.id).limit(limit).offset(offset))
            return [_job(row) for row in rows], total

    def sweep(self, *, stale: timedelta, keep: timedelta) -> tuple[int, list[str]]:
        """Fail jobs without a heartbeat for `stale`, remove those that ended before `keep`.

        Returns how many failed, and the ids of those that were removed.
        """
        error = _lost("the worker that ran the job was lost; execute the process again")
        silent = (JobRow.status.in_(ALIVE), JobRow.heartbeat < func.now() - stale)
        failed = self._write(update(JobRow).where(*silent).values(**_failed(error)))
        old = (JobRow.status.not_in(ALIVE), JobRow.updated < func.now() - keep)
        with translated_errors(), self.engine.begin() as connection:
            return failed, list(connection.scalars(delete(JobRow).where(*old).returning(JobRow.id)))

    def abandon(self, job_ids: Collection[str], reason: str) -> int:
        """Fail those of the jobs that still wait or run; returns how many."""
        conditions = (JobRow.id.in_(list(job_ids)), JobRow.status.in_(ALIVE))
        return self._write(update(JobRow).where(*conditions).values(**_failed(_lost(reason))))

    def _advance(self, job_id: str, before: tuple[Status, ...], **values: object) -> bool:
        return self._write(self._advanced(job_id, before, **values)) > 0

    def _advanced(self, job_id: str, before: tuple[Status, ...], **values: object) -> Update:
        conditions = (JobRow.id == job_id, JobRow.status.in_(before))
        return update(JobRow).where(*conditions).values(**values, updated=func.now(), heartbeat=func.now())

    def _write(self, statement: Any) -> int:
        with translated_errors(), self.engine.begin() as connection:
            return cast("CursorResult[Any]", connection.execute(statement)).rowcount


def _matching(criteria: JobFilter) -> Select[JobRow]:
    seconds = func.extract("epoch", func.coalesce(JobRow.finished, func.now()) - JobRow.started)
    clauses: list[ColumnElement[bool]] = []
    if criteria.statuses:
        clauses.append(JobRow.status.in_(criteria.statuses))
    if criteria.process_ids:
        clauses.append(JobRow.process_id.in_(criteria.process_ids))
    if criteria.client is not None:
        clauses.append(JobRow.client == criteria.client)
    if criteria.since is not None:
        clauses.append(JobRow.created >= criteria.since)
    if criteria.before is not None:
        clauses.append(JobRow.created < criteria.before)
    if criteria.min_seconds is not None:
        clauses.append(seconds >= criteria.min_seconds)
    if criteria.max_seconds is not None:
        clauses.append(seconds <= criteria.max_seconds)
    return select(JobRow).where(*clauses)


def _job(row: JobRow) -> Job:
    return Job(**{field.name: getattr(row, field.name) for field in fields(Job)})


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _success(result: bytes, media_type: str) -> dict[str, Any]:
    values = {"result": result, "media_type": media_type, "progress": 100, "message": "Done"}
    return {**values, "status": "successful", "finished": func.now()}


def _lost(reason: str) -> dict[str, Any]:
    return {"type": "urn:graticule:error:job-lost", "title": "Internal Server Error", "status": 500, "detail": reason}


def _failed(error: dict[str, Any]) -> dict[str, Any]:
    ended = {"finished": func.now(), "updated": func.now()}
    return {"status": "failed", "error": error, "message": error["detail"], **ended}


def _clean(text: str) -> str:
    """Text that PostgreSQL can keep: no NUL, no lone surrogate, and not too long."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:_MAX_MESSAGE]
