"""Creating, replacing, patching, deleting and restoring records: each in one commit, one writer of a record at a time.

A record whose dataset is published keeps the place, time and access of its data (`records.documents.published_record`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy.orm import Session

from config.errors import Conflict, InvalidInput, RecordNotFound
from records.database.engine import nothing_along, translated_errors
from records.database.orm import DatasetRow, RecordRow
from records.documents import published_record
from records.documents.patching import patched
from records.documents.record_form import require_record
from records.writing.history import document_of, state
from records.writing.record_store import joined, require_without_data
from records.writing.writing import Change, erase, lock, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from records.database.engine import SessionChange
    from records.documents.editable import EditedDocument


@dataclass(frozen=True, kw_only=True)
class Current:
    """The current record: its state tag (`records.writing.history.state`), and since when it holds."""

    state: str
    modified: datetime


type Check = Callable[[Current | None], None]
"""Raises if the state of a record, None if there is none, is not the one that a writer presumes."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became of a record."""

    record_id: str
    current: Current
    is_new: bool


def anything(_current: Current | None) -> None:
    """The check of a writer that presumes nothing."""


class Transactions:
    """Changes of the records behind an engine. Thread-safe: every call has its own session.

    Each takes who makes the change (`token NAME`, `command USER`) and, but for `restore`, the check of what the writer
    presumes, which is made while nobody else can write the record.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, draft: EditedDocument, *, who: str, check: Check = anything, along: SessionChange = nothing_along
    ) -> Written:
        """Add a record under the id that its document gives, or a new one; raises InvalidRecord or Conflict.

        `along` changes something else in the same transaction, at its end.
        """
        record_id = draft.document.get("id")
        document = {**draft.document, "id": str(uuid4()) if record_id is None else record_id}
        require_record(document)
        with _record(self._engine, document["id"]) as (session, row):
            check(_current(session, row))
            if row is not None:
                raise Conflict(f"there is a record {document['id']} already; PUT replaces it, another id makes another")
            written = _written(session, None, document, Change(who=who, action="created"))
            along(session)
            return written

    def replace(self, record_id: str, draft: EditedDocument, *, who: str, check: Check = anything) -> Written:
        """Make a document the record of an id, whether there is one or not; the document's own id does not count.

        Raises InvalidRecord, or Conflict for what cannot change, or if the draft would drop languages unsaid.
        """
        document = {**draft.document, "id": record_id}
        with _record(self._engine, record_id) as (session, row):
            if row is None:
                require_record(document)
                check(None)
                return _written(session, None, document, Change(who=who, action="created"))
            if _is_hidden(session, row):
                raise Conflict(f"the id {record_id} is taken by a dataset that is not public; choose another")
            if document != row.document:  # what is stored already may be stranger than what a client may write
                require_record(document)
            _require_same_languages(draft, row)
            check(_current(session, row))
            return _written(session, row, document, Change(who=who, action="replaced"))

    def patch(
        self,
        record_id: str,
        patch: dict[str, Any],
        *,
        who: str,
        check: Check = anything,
        language: str = "en",
        base_url: str = "",
    ) -> Written:
        """Change a record by a merge patch; raises RecordNotFound, InvalidRecord or Conflict.

        Args:
            record_id: Its id.
            patch: The patch, in either form (`records.documents.patching`).
            who: Who makes the change.
            check: Of what the writer presumes.
            language: Language tag that the writer asks for.
            base_url: Of the links to this server.
        """
        with _record(self._engine, record_id) as (session, existing):
            row = _public(session, existing, record_id)
            document = patched(dict(row.document), patch, language=language, base_url=base_url, created=row.created)
            if row.dataset_id is not None:  # null would remove what the data say
                document |= {name: None for name in ("geometry", "time") if name in patch and name not in document}
            check(_current(session, row))
            return _written(session, row, document, Change(who=who, action="patched"))

    def remove(self, record_id: str, *, who: str, check: Check = anything) -> None:
        """Withdraw a record without data; raises RecordNotFound or Conflict."""
        with _record(self._engine, record_id) as (session, existing):
            row = _public(session, existing, record_id)
            require_without_data(row)
            check(_current(session, row))
            erase(session, [record_id], Change(who=who, action="removed"))

    def restore(self, record_id: str, version: int, *, who: str) -> Written:
        """Make an earlier version the record again, as a new version; a removed record is there again.

        Raises RecordNotFound, or InvalidInput for the version of a removal.
        """
        with _record(self._engine, record_id) as (session, row):
            document = document_of(session, record_id, version)
            if document is None:
                raise InvalidInput(f"version {version} of {record_id} is its removal; restore the one before it")
            if row is not None and row.dataset_id is not None:
                document = {n: v for n, v in document.items() if n not in ("geometry", "time")}
                document["properties"] = {n: v for n, v in document["properties"].items() if n != "access"}
            return _written(session, row, document, Change(who=who, action="restored"))


@contextmanager
def _record(engine: Engine, record_id: str) -> Iterator[tuple[Session, RecordRow | None]]:
    """A transaction that holds a record, and the record, None if there is none."""
    if "\0" in record_id:
        raise RecordNotFound(f"there is no record {record_id[:200]!r}")
    with translated_errors(), Session(engine) as session, session.begin():
        lock(session, record_id)
        yield session, session.get(RecordRow, record_id)


def _public(session: Session, row: RecordRow | None, record_id: str) -> RecordRow:
    if row is None or _is_hidden(session, row):
        raise RecordNotFound(f"there is no record {record_id[:200]!r}; /collections/records/items lists them")
    return row


def _dataset(session: Session, row: RecordRow | None) -> DatasetRow | None:
    return session.get(DatasetRow, row.dataset_id) if row is not None and row.dataset_id else None


def _is_hidden(session: Session, row: RecordRow) -> bool:
    dataset = _dataset(session, row)
    return dataset is not None and dataset.hidden


def _current(session: Session, row: RecordRow | None) -> Current | None:
    if row is None:
        return None
    dataset = _dataset(session, row)
    modified = max(row.updated, dataset.updated) if dataset is not None else row.updated
    return Current(state=state(row.document, row.updated), modified=modified)


def _require_same_languages(draft: EditedDocument, row: RecordRow) -> None:
    """Raise Conflict if a draft in one language would drop the words of the record in others."""
    others = sorted(set(row.document["properties"]["title"]) - {draft.language}) if draft.language else []
    if others:
        raise Conflict(
            f"/properties/title: the record has words in {', '.join(others)} too, which a body in {draft.language} "
            "alone would drop; send the form that ?f=stored answers, or a merge patch"
        )


def _written(session: Session, row: RecordRow | None, document: dict[str, Any], change: Change) -> Written:
    """Write a checked document as the state of its record; an equal one changes nothing."""
    dataset = _dataset(session, row)
    text = document
    if row is not None and dataset is not None:
        text = published_record.given(document, row, dataset)
        document = joined(text, row)
    if row is not None and document == row.document:
        current = _current(session, row)
        assert current is not None
        return Written(record_id=row.id, current=current, is_new=False)
    updated = write(session, document, change)
    if dataset is not None:
        published_record.tell(session, dataset, text)
        session.flush()
        session.refresh(dataset, ["updated"])
    modified = max(updated, dataset.updated) if dataset is not None else updated
    current = Current(state=state(document, updated), modified=modified)
    return Written(record_id=document["id"], current=current, is_new=row is None)
