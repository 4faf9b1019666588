"""Sources that are harvested, what was read of them, and the reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from records.database.orm.base import Base


class HarvestSourceRow(Base):
    """A source that was harvested: how, what to ask it for the next time, and when it is due."""

    __tablename__ = "harvest_sources"
    __table_args__ = (Index(None, "due"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str]
    options: Mapped[dict[str, Any]]
    since: Mapped[str | None]
    """What a service is asked for the next time: the records that it changed from then on."""
    read_whole: Mapped[datetime | None]
    """When it was last read from end to end."""
    every_s: Mapped[int | None] = mapped_column(BigInteger)
    """Seconds from one harvest to the next; absent: it is harvested by hand."""
    due: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    """Harvests in a row that came to no end."""
    created: Mapped[datetime] = mapped_column(server_default=func.now())


class HarvestItemRow(Base):
    """A file or an address of a source as it was last read, so that it is not read again while it is the same."""

    __tablename__ = "harvest_items"

    source: Mapped[str] = mapped_column(ForeignKey("harvest_sources.source", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    reader: Mapped[str]
    """The version and the adapter that read it: another one may understand more."""
    sha256: Mapped[str]
    etag: Mapped[str | None]
    modified: Mapped[str | None]
    """Its `Last-Modified`, as it was sent."""
    following: Mapped[list[Any]]
    """[relation, address] of each page that it leads to."""
    record_ids: Mapped[list[str]]
    checked: Mapped[datetime] = mapped_column(server_default=func.now())


class HarvestRunRow(Base):
    """One harvest of a source and its report."""

    __tablename__ = "harvest_runs"
    __table_args__ = (Index(None, "source", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("harvest_sources.source", ondelete="CASCADE"))
    status: Mapped[str]
    started: Mapped[datetime] = mapped_column(server_default=func.now())
    finished: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    outcomes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    reason: Mapped[str | None]
    """Why it came to no end."""
