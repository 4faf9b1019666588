"""The one way in which rows of records are written and erased: what was is kept as versions beside them.

Every function works within the caller's transaction, which holds the record's lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from records.database.orm import RecordRow, RecordVersionRow
from records.documents.documents import searchable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

Action = Literal[
    "found", "published", "edited", "harvested", "created", "replaced", "patched", "restored", "removed", "absorbed"
]
"""What a change was; `found`: the record was there before its versions were kept."""
ACTIONS: tuple[Action, ...] = get_args(Action)
UNKNOWN = "unknown"
"""Who wrote a record that was there before its versions were kept."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is done to a record, and by whom: `token NAME`, `harvest SOURCE`, `ingest` or `command USER`."""

    who: str
    action: Action


def lock(session: Session, *record_ids: str) -> None:
    """Hold records, or datasets of those ids, until the transaction ends: whoever writes them waits for the others."""
    for record_id in sorted(set(record_ids)):
        session.execute(text("select pg_advisory_xact_lock(hashtextextended(:id, 0))"), {"id": "publish:" + record_id})


def write(session: Session, document: dict[str, Any], change: Change, **columns: Any) -> datetime:
    """Make a document the state of its record; returns when it was written. A new state becomes a version.

    Args:
        session: Of the transaction.
        document: The stored form (`records.documents.documents`); raises InvalidRecord if it is none.
        change: Who does what.
        columns: Further columns of the row.
    """
    before = _state(session, document["id"])
    values = searchable(document) | columns | {"updated": func.clock_timestamp()}
    statement = upsert(RecordRow).values(**values)
    changed = {name: statement.excluded[name] for name in values if name != "id"}
    returning = statement.on_conflict_do_update(index_elements=["id"], set_=changed).returning(RecordRow.updated)
    updated: datetime = session.execute(returning).scalar_one()
    if before is None or before[0] != document:
        _keep(session, document["id"], document, change, at=updated)
    return updated


def erase(session: Session, record_ids: Sequence[str], change: Change) -> None:
    """Remove records; their versions stay, and the removal is one more."""
    for record_id in sorted(record_ids):
        if _state(session, record_id) is None:
            continue
        session.execute(delete(RecordRow).where(RecordRow.id == record_id))
        _keep(session, record_id, None, change)


def _state(session: Session, record_id: str) -> tuple[dict[str, Any], datetime] | None:
    """The document of a record and when it was written. One without versions is given its first."""
    row = session.execute(select(RecordRow.document, RecordRow.updated).where(RecordRow.id == record_id)).first()
    if row is None:
        return None
    versions = select(RecordVersionRow.version).where(RecordVersionRow.record_id == record_id).limit(1)
    if session.execute(versions).first() is None:
        _keep(session, record_id, row.document, Change(who=UNKNOWN, action="found"), at=row.updated)
    return row.document, row.updated


def _keep(
    session: Session, record_id: str, document: dict[str, Any] | None, change: Change, *, at: datetime | None = None
) -> None:
    latest = select(func.max(RecordVersionRow.version)).where(RecordVersionRow.record_id == record_id)
    values = {
        "record_id": record_id,
        "version": func.coalesce(latest.scalar_subquery(), 0) + 1,
        "at": at or func.clock_timestamp(),
        "who": change.who,
        "action": change.action,
        "document": document,
    }
    session.execute(insert(RecordVersionRow).values(**values))
