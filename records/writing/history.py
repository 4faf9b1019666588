"""The versions of records: what each was, since when, and who made it so."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.errors import RecordNotFound
from records.database.engine import translated_errors
from records.database.orm import DatasetRow, RecordRow, RecordVersionRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


@dataclass(frozen=True, kw_only=True)
class Version:
    """One state of a record.

    Attributes:
        number: Counts from 1 in each record.
        at: Since when.
        who: `token NAME`, `harvest SOURCE`, `ingest`, `command USER`, or `unknown`.
        action: One of `records.writing.writing.ACTIONS`.
    """

    number: int
    at: datetime
    who: str
    action: str


def state(document: dict[str, Any], updated: datetime) -> str:
    """What tells one state of a record from all others, the same in every process: 20 hexadecimal digits."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False) + updated.astimezone(UTC).isoformat()
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def versions(
    engine: Engine, record_id: str, *, limit: int, before: int | None = None, hidden: bool = False
) -> list[Version]:
    """The versions of a record, the latest first, at most `limit`, those numbered below `before` alone.

    A record that has not changed since versions are kept has none. Raises RecordNotFound if it never was, and for one
    of a hidden dataset unless `hidden` are meant too.
    """
    row = RecordVersionRow
    of_record = select(row.version, row.at, row.who, row.action).where(row.record_id == record_id)
    page = of_record if before is None else of_record.where(row.version < before)
    with translated_errors(), Session(engine) as session:
        if not hidden:
            _require_public(session, record_id)
        results = session.execute(page.order_by(row.version.desc()).limit(limit)).all()
        if not results and session.execute(of_record.limit(1)).first() is None:
            _require_record(session, record_id)
        return [Version(number=r.version, at=r.at, who=r.who, action=r.action) for r in results]


def document_of(session: Session, record_id: str, version: int) -> dict[str, Any] | None:
    """The document of a version, None for a removal; raises RecordNotFound."""
    row = session.get(RecordVersionRow, (record_id, version))
    if row is None:
        remedy = f"`graticule records history {record_id[:200]}` lists those there are"
        raise RecordNotFound(f"record {record_id[:200]!r} has no version {version}; {remedy}")
    return None if row.document is None else dict(row.document)


def prune(engine: Engine, *, keep: int, before: datetime) -> int:
    """Forget versions written before a moment, but for the latest `keep` of each record; how many."""
    row = RecordVersionRow
    rank = func.row_number().over(partition_by=row.record_id, order_by=row.version.desc())
    ranked = select(row.record_id, row.version, row.at, rank.label("rank")).subquery()
    old = delete(row).where(row.record_id == ranked.c.record_id, row.version == ranked.c.version)
    old = old.where(ranked.c.rank > keep, ranked.c.at < before)
    with translated_errors(), Session(engine) as session, session.begin():
        return len(session.execute(old.returning(row.version)).all())


def _require_public(session: Session, record_id: str) -> None:
    of_hidden = select(DatasetRow.id).join(RecordRow, RecordRow.dataset_id == DatasetRow.id)
    if session.execute(of_hidden.where(RecordRow.id == record_id, DatasetRow.hidden)).first() is not None:
        raise RecordNotFound(f"there is no record {record_id[:200]!r}")


def _require_record(session: Session, record_id: str) -> None:
    if session.execute(select(RecordRow.id).where(RecordRow.id == record_id)).first() is None:
        raise RecordNotFound(f"there is no record {record_id[:200]!r}, and none was removed")
