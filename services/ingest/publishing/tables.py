"""Publishing tables as a record without data: finished files go into the store, and one commit makes them visible."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from config.errors import RecordNotFound
from records.documents.editable import EditedDocument
from records.documents.kept_files import kept_href
from records.writing.record_store import RecordStore
from records.writing.transactions import Transactions
from services.ingest.store.locking import ingest_lock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from records.database.engine import SessionChange

FOLDER: Final = "tables"
"""The folder of a record's tables in the store: `{record}/tables/{stem}-{12 of sha256}.{ending}`."""
_DIGITS: Final = 12


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """A file of a table.

    Attributes:
        stem: What its name begins with.
        ending: `csv`, `parquet` or `nc`.
        media_type: Of its content.
        title: By language tag.
        body: Its content.
    """

    stem: str
    ending: str
    media_type: str
    title: Mapping[str, str]
    body: bytes

    @property
    def sha256(self) -> str:
        """Checksum of the content, hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def name(self) -> str:
        """Its name, which holds its checksum."""
        return f"{self.stem}-{self.sha256[:_DIGITS]}.{self.ending}"


def publish_tables(
    engine: Engine, store: Path, document: Mapping[str, Any], files: Sequence[TableFile], *, along: SessionChange
) -> None:
    """Publish a record with links to its tables, in one commit.

    Args:
        engine: Of the catalogue.
        store: The store.
        document: The record in stored form, with its id.
        files: The tables.
        along: Changes something else in the same transaction.

    Raises:
        Conflict: There is another record of that id.
    """
    record_id = str(document["id"])
    links = [
        {
            "href": kept_href(record_id, file.name),
            "rel": "enclosure",
            "type": file.media_type,
            "title": dict(file.title),
            "length": len(file.body),
        }
        for file in files
    ]
    whole = {**document, "links": [*document.get("links", []), *links]}
    with ingest_lock(engine, record_id, waiting=lambda: None):
        for file in files:
            _settle(store / record_id / FOLDER, file)
        Transactions(engine).create(EditedDocument(document=whole), who="process", along=along)


def table_path(store: Path, record_id: str, name: str) -> Path:
    """Where a table of a record lies."""
    return store / record_id / FOLDER / name


def linked_tables(engine: Engine, record_id: str) -> set[str]:
    """The names of the tables that the record of an id links to."""
    try:
        links = RecordStore(engine).document(record_id).get("links", [])
    except RecordNotFound:
        return set()
    start = kept_href(record_id, "")
    return {str(link["href"])[len(start) :] for link in links if str(link.get("href", "")).startswith(start)}


def _settle(folder: Path, file: TableFile) -> None:
    """Write a file under its final name, on disk before a commit refers to it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".attempt-") as scratch:
        begun = Path(scratch) / file.name
        with begun.open("wb") as written:
            written.write(file.body)
            written.flush()
            os.fsync(written.fileno())
        begun.replace(folder / file.name)
    for place in (folder, folder.parent, folder.parent.parent):
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
