"""The records in the order in which they changed: what a harvester reads page by page without losing any.

Pages follow one another by (time of change, id). A record that changes meanwhile moves behind the page, and is met
again. Changes become visible when their transaction ends, but bear the time at which it began: so a listing stops
before the oldest transaction that still writes (`horizon`), and meets its records later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, select, text, tuple_
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import RecordRow
from records.search.search import Found, public, with_datasets

if TYPE_CHECKING:
    from sqlalchemy import Engine

_OLDEST_WRITER = text(
    "select min(xact_start) from pg_stat_activity where datname = current_database()"
    " and backend_type = 'client backend' and pid <> pg_backend_pid()"
    " and (backend_xid is not null or xact_start > clock_timestamp() - interval '1 minute')"
)
"""Transactions that write, and young ones, which may begin to; PostgreSQL tells of those of the same user alone."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Which records a listing holds.

    Attributes:
        first: Earliest time of change, inside; None: any.
        after: First time of change that is outside; None: any.
        type: The type of the records; None: all.
    """

    first: datetime | None = None
    after: datetime | None = None
    type: str | None = None


Place = tuple[datetime, str]
"""Where a page ended: the time of change and the id of its last record."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of a listing.

    Attributes:
        following: Where the next page begins; None if this is the last one.
        matched: How many records the listing holds; None unless it was asked for.
        horizon: The time before which all changes are seen.
    """

    records: tuple[Found, ...]
    following: Place | None
    matched: int | None
    horizon: datetime


def changed(engine: Engine, changes: Changes, *, after: Place | None, limit: int, count: bool = False) -> Listed:
    """The records of a listing behind a place, `limit` at most; those of hidden datasets are left out."""
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with translated_errors(), Session(engine) as session:
        horizon = _horizon(session)
    with translated_errors(), Session(snapshot) as session:
        condition = and_(*_conditions(changes), RecordRow.updated < horizon)
        columns = select(RecordRow.document, RecordRow.created, RecordRow.updated, RecordRow.dataset_id)
        behind = [tuple_(RecordRow.updated, RecordRow.id) > after] if after is not None else []
        page = columns.where(condition, *behind).order_by(RecordRow.updated, RecordRow.id).limit(limit + 1)
        rows = session.execute(page).all()
        matched = session.scalar(select(func.count()).select_from(RecordRow).where(condition)) if count else None
        records = tuple(with_datasets(session, rows[:limit]))
        last = records[-1] if len(rows) > limit else None
        following = (last.updated, str(last.document["id"])) if last is not None else None
        return Listed(records=records, following=following, matched=matched, horizon=horizon)


def earliest_change(engine: Engine) -> datetime | None:
    """The first time of change of the records; None without records."""
    with translated_errors(), Session(engine) as session:
        return session.scalar(select(func.min(RecordRow.updated)).where(public()))


def types(engine: Engine, *, limit: int) -> list[str]:
    """The types of the records, sorted."""
    with translated_errors(), Session(engine) as session:
        statement = select(RecordRow.type).where(public()).distinct().order_by(RecordRow.type).limit(limit)
        return list(session.scalars(statement))


def _horizon(session: Session) -> datetime:
    """Now, or when the oldest transaction began that still writes."""
    now = session.scalar(select(func.clock_timestamp()))
    oldest = session.scalar(_OLDEST_WRITER)
    assert isinstance(now, datetime)
    return min(now, oldest or now).astimezone(UTC)


def _conditions(changes: Changes) -> list[ColumnElement[Any]]:
    conditions: list[ColumnElement[Any]] = [public()]
    if changes.first is not None:
        conditions.append(RecordRow.updated >= changes.first)
    if changes.after is not None:
        conditions.append(RecordRow.updated < changes.after)
    if changes.type is not None:
        conditions.append(RecordRow.type == changes.type)
    return conditions
