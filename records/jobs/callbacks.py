"""Addresses that want to hear of jobs: which are due, and what became of them.

A row waits for its event; once that is there it is tried until it succeeds or was tried `MOST_ATTEMPTS` times. Whoever
tries takes a row first, for `LEASE`: a process that dies in between leaves it to the next. So an address may hear of an
event more than once, and never of one that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, cast

from sqlalchemy import and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import JobCallbackRow, JobRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine, Executable

Event = Literal["inProgress", "success", "failed"]

DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800))
"""Between one attempt and the next."""
MOST_ATTEMPTS: Final = len(DELAYS) + 1
LEASE: Final = timedelta(seconds=60)
_MOST_FAULT: Final = 500
_HAPPENED: Final = or_(
    and_(JobCallbackRow.event == "inProgress", JobRow.status == "running"),
    and_(JobCallbackRow.event == "success", JobRow.status == "successful"),
    and_(JobCallbackRow.event == "failed", JobRow.status.in_(("failed", "dismissed"))),
)


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One attempt: the address, the job and what has happened to it; `attempts` counts this one."""

    job_id: str
    event: Event
    url: str
    attempts: int


class Callbacks:
    """The table of callbacks behind an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def are_open(self) -> bool:
        """Whether any job that has ended or runs has an address that has not heard of it."""
        with translated_errors(), Session(self._engine) as session:
            return session.scalar(select(JobCallbackRow.job_id).limit(1)) is not None

    def take(self, *, most: int) -> list[Callback]:
        """Take the callbacks that are due, at most some of them; nobody else gets them for `LEASE`."""
        due = (
            select(JobCallbackRow.job_id, JobCallbackRow.event)
            .join(JobRow, JobRow.id == JobCallbackRow.job_id)
            .where(JobCallbackRow.due <= func.now(), _HAPPENED)
            .order_by(JobCallbackRow.due)
            .limit(most)
            .with_for_update(skip_locked=True, of=JobCallbackRow)
        )
        with translated_errors(), Session(self._engine) as session, session.begin():
            taken = []
            for job_id, event in session.execute(due).all():
                row = session.get_one(JobCallbackRow, (job_id, event))
                row.attempts += 1
                row.due = func.now() + LEASE
                taken.append(Callback(job_id=job_id, event=cast("Event", event), url=row.url, attempts=row.attempts))
        return taken

    def close(self, callback: Callback) -> None:
        """Say that an address has heard, or will not be tried again."""
        self._write(delete(JobCallbackRow).where(*_is(callback)))

    def postpone(self, callback: Callback, fault: str) -> bool:
        """Say that an attempt failed; returns whether there will be another."""
        if callback.attempts >= MOST_ATTEMPTS:
            self.close(callback)
            return False
        due = func.now() + DELAYS[callback.attempts - 1]
        self._write(update(JobCallbackRow).where(*_is(callback)).values(due=due, fault=fault[:_MOST_FAULT]))
        return True

    def forget_missed(self) -> None:
        """Remove what cannot happen any more, because the job has ended in another way."""
        ended = JobRow.status.in_(("successful", "failed", "dismissed"))
        self._write(delete(JobCallbackRow).where(JobCallbackRow.job_id == JobRow.id, ended, not_(_HAPPENED)))

    def _write(self, statement: Executable) -> None:
        with translated_errors(), self._engine.begin() as connection:
            connection.execute(statement)


def _is(callback: Callback) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return JobCallbackRow.job_id == callback.job_id, JobCallbackRow.event == callback.event
