"""Executions of processes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from records.database.orm.base import Base


class JobRow(Base):
    """One execution of a process (OGC 18-062r2, statusInfo), and its result once it has one."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "created", "id"), Index(None, "status"), Index(None, "client"))

    id: Mapped[str] = mapped_column(primary_key=True)
    process_id: Mapped[str]
    status: Mapped[str]
    message: Mapped[str | None]
    progress: Mapped[int] = mapped_column(server_default="0")
    client: Mapped[str] = mapped_column(server_default="")
    """Who made it (`records.jobs.job_store.Jobs.create`)."""
    rank: Mapped[int] = mapped_column(server_default="0")
    """How many jobs of the same client waited or ran when it was made."""
    request: Mapped[bytes]
    media_type: Mapped[str | None]
    result: Mapped[bytes | None] = mapped_column(deferred=True)
    error: Mapped[dict[str, Any] | None]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    updated: Mapped[datetime] = mapped_column(server_default=func.now())
    heartbeat: Mapped[datetime] = mapped_column(server_default=func.now())


class JobCallbackRow(Base):
    """An address that wants to hear of a job (OGC 18-062r2, 7.11.2.2), until it has, or was tried often enough."""

    __tablename__ = "job_callbacks"
    __table_args__ = (Index(None, "due"),)

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    """`inProgress`, `success` or `failed`."""
    url: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0")
    due: Mapped[datetime] = mapped_column(server_default=func.now())
    """When it is tried next, once the event is there."""
    fault: Mapped[str | None]
    """Why the last attempt failed."""
