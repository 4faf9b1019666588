"""What is remembered of the items of a source, so that what is the same is neither fetched nor read again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import HarvestItemRow

if TYPE_CHECKING:
    from sqlalchemy import Engine

_BATCH: Final = 200
_STILL_THERE: Final = text(
    """not exists (
        select from unnest(harvest_items.record_ids) as wanted(id)
        left join record_origins o on o.record_id = wanted.id
            and o.source = harvest_items.source and o.item = harvest_items.item
        left join records r on r.id = wanted.id and r.updated <= harvest_items.checked
        where o.record_id is null or r.id is null
    )"""
)
"""Items whose records are all in the catalogue, from there, and were changed by nobody since."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """An item as it was read.

    Attributes:
        item: The file or address within the source.
        sha256: Of its bytes.
        etag: Its entity tag, as it was sent.
        modified: Its `Last-Modified`, as it was sent.
        following: (relation, address) of each page that it leads to.
        record_ids: The records that it gave; none: it was of another format.
    """

    item: str
    sha256: str
    etag: str | None = None
    modified: str | None = None
    following: tuple[tuple[str, str], ...] = ()
    record_ids: tuple[str, ...] = ()


@dataclass
class Memory:
    """Remembers for the length of a harvest; `SourceMemory` does in the database."""

    items: dict[str, Known] = field(default_factory=dict)

    def known(self, item: str) -> Known | None:
        """An item as it was read the last time, if all that it gave is still as it was."""
        return self.items.get(item)

    def keep(self, entry: Known) -> None:
        """Remember an item."""
        self.items[entry.item] = entry

    def flush(self) -> None:
        """Write what is to be remembered."""

    def forget_others(self, seen: set[str]) -> None:
        """Forget the items that are not among these."""
        self.items = {item: entry for item, entry in self.items.items() if item in seen}


class SourceMemory(Memory):
    """What the database remembers of the items of one source.

    What is lost with a harvest that is killed is read once more by the next one.

    Args:
        engine: The catalogue's.
        source: The identity of the source, which is in `harvest_sources`.
        reader: What reads it (`reader`).
        anew: Whether nothing is believed, so that everything is read.
    """

    def __init__(self, engine: Engine, source: str, reader: str, *, anew: bool = False) -> None:
        self._engine, self._source, self._reader = engine, source, reader
        self._unwritten: list[Known] = []
        super().__init__({} if anew else {entry.item: entry for entry in self._read()})

    def _read(self) -> list[Known]:
        row = HarvestItemRow
        query = select(row).where(row.source == self._source, row.reader == self._reader, _STILL_THERE)
        with translated_errors(), Session(self._engine) as session:
            return [
                Known(
                    item=entry.item,
                    sha256=entry.sha256,
                    etag=entry.etag,
                    modified=entry.modified,
                    following=tuple((rel, href) for rel, href in entry.following),
                    record_ids=tuple(entry.record_ids),
                )
                for entry in session.scalars(query)
            ]

    def keep(self, entry: Known) -> None:
        """Remember an item; written in batches."""
        if self.items.get(entry.item) == entry:
            return
        super().keep(entry)
        self._unwritten.append(entry)
        if len(self._unwritten) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is to be remembered."""
        latest = {entry.item: entry for entry in self._unwritten}
        if not latest:
            return
        rows = [
            {
                "source": self._source,
                "item": entry.item,
                "reader": self._reader,
                "sha256": entry.sha256,
                "etag": entry.etag,
                "modified": entry.modified,
                "following": [list(pair) for pair in entry.following],
                "record_ids": list(entry.record_ids),
            }
            for entry in latest.values()
        ]
        statement = upsert(HarvestItemRow).values(rows)
        changed = {name: statement.excluded[name] for name in rows[0]} | {"checked": func.now()}
        with translated_errors(), Session(self._engine) as session, session.begin():
            session.execute(statement.on_conflict_do_update(index_elements=["source", "item"], set_=changed))
        self._unwritten.clear()

    def forget_others(self, seen: set[str]) -> None:
        """Forget the items that are not among these."""
        super().forget_others(seen)
        row = HarvestItemRow
        with translated_errors(), Session(self._engine) as session, session.begin():
            there = session.scalars(select(row.item).where(row.source == self._source)).all()
            gone = [item for item in there if item not in seen]
            session.execute(delete(row).where(row.source == self._source, row.item.in_(gone)))


def reader(format_name: str) -> str:
    """What reads a source: this version, and the format that is asked for."""
    return f"{metadata.version('graticule')}:{format_name}"


def digest(data: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
