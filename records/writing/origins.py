"""Where records came from, and what of them is for operators alone: rows beside the records, never served."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from records.database.orm import RecordOriginRow, RecordRow
from records.datasets.models import RecordOrigin
from records.writing.writing import Change, erase, lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from records.harvest.models import Harvested


def origin_of(session: Session, record_id: str) -> RecordOrigin | None:
    """Where a record came from; None if it was not harvested."""
    row = session.get(RecordOriginRow, record_id)
    if row is None:
        return None
    return RecordOrigin(
        source=row.source,
        item=row.item,
        format=row.format,
        source_id=row.source_id,
        notes=list(row.notes),
        private=dict(row.private),
        harvested=row.harvested,
    )


def origin_of_harvested(harvested: Harvested, *, source: str, item: str) -> RecordOrigin:
    """Where a harvested record came from: an item of a source."""
    return RecordOrigin(
        source=source,
        item=item,
        format=harvested.format,
        source_id=harvested.source_id,
        notes=[asdict(note) for note in harvested.notes],
        private=harvested.private,
    )


def keep_origin(session: Session, record_id: str, origin: RecordOrigin) -> bool:
    """Write where a record, which is there, came from; whether what is private of it is as it was."""
    before = session.get(RecordOriginRow, record_id)
    same_private = before is not None and before.private == origin.private
    values = {name: value for name, value in asdict(origin).items() if name != "harvested"}
    if before is None or any(getattr(before, name) != value for name, value in values.items()):
        statement = upsert(RecordOriginRow).values(record_id=record_id, **values)
        renewed = values | {"harvested": func.now()}
        session.execute(statement.on_conflict_do_update(index_elements=["record_id"], set_=renewed))
    return same_private


def absorb(session: Session, record_id: str, absorbed: Sequence[str], *, who: str) -> None:
    """Remove records without data whose place another takes, which is there; their origin becomes its own."""
    lock(session, *absorbed)
    loose = RecordRow.id.in_(absorbed), RecordRow.dataset_id.is_(None)
    others = session.scalars(select(RecordRow.id).where(*loose).order_by(RecordRow.id)).all()
    for other in others:
        origin = origin_of(session, other)
        if origin is not None:
            keep_origin(session, record_id, origin)
            session.expire_all()
    erase(session, others, Change(who=who, action="absorbed"))
