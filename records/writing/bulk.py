"""Loading many records at once: documents to rows of all tables by COPY, in processes, the indexes built after.

The counterpart of a dump of the whole catalogue: a file of stored documents (`records.documents.documents`), one JSON
object a line. `created` and `updated` of a document's properties become those of its record.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson
import psycopg
import shapely
from psycopg import sql
from psycopg.errors import UniqueViolation
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from config.errors import InvalidRecord
from records.database.engine import driver_url, libpq_url, translated_errors
from records.database.orm import AFTERWARDS, RecordRow
from records.documents.documents import plain_columns
from records.search.labels import KIND_BITS
from records.writing.reindex import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine, Index

MAX_LINE_BYTES: Final = 4_000_000
MAX_REFUSALS: Final = 100
"""Refused lines that are kept with their reason; the others are counted."""
_CHUNK_BYTES: Final = 8_000_000
_MEMORY: Final = "256MB"
"""What an index is made with, so that it is written in few passes."""
_SMALL_BYTES: Final = 2 * 1024**3
_SMALL_MEMORY: Final = "32MB"
"""The same of a catalogue of less than so many bytes: what stays in a processor's cache is sorted a third sooner."""
_COLUMNS: Final = (
    *("id", "type", "title", "document", "keywords", "external_ids", "geometry", "time_start", "time_end"),
    *("tokens", "rank", "sample", "facets", "created", "updated"),
)


@dataclass
class Loaded:
    """What became of the lines of a file.

    Attributes:
        written: Records that were added or replaced.
        refused: Lines that are no record, or the record of a published dataset.
        reasons: (id or line, reason) of the first of them.
    """

    written: int = 0
    refused: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Loaded) -> None:
        """Take in the outcome of a part."""
        self.written += other.written
        self.refused += other.refused
        self.reasons = [*self.reasons, *other.reasons][:MAX_REFUSALS]

    def refuse(self, what: str, reason: str) -> None:
        """Note a line that was left out."""
        self.refused += 1
        if len(self.reasons) < MAX_REFUSALS:
            self.reasons.append((what, reason))


class RunCalls(Protocol):
    """Runs calls of a module's function with picklable arguments, here or in other processes."""

    def __call__[T](self, function: Callable[..., T], argument_lists: Iterable[tuple[Any, ...]], /) -> Iterator[T]:
        """Yield the result of each call, in any order; raises what a call raises."""
        ...


def run_here[T](function: Callable[..., T], argument_lists: Iterable[tuple[Any, ...]], /) -> Iterator[T]:
    """Run calls one after the other in this process."""
    return starmap(function, argument_lists)


def load(url: str, path: Path, *, run: RunCalls = run_here, listener: Callable[[Loaded], None] | None = None) -> Loaded:
    """Load a file of documents; records of the same id are replaced, those of published datasets are not.

    While a file that is larger than the catalogue is loaded, there are no indexes: searches wait for seconds.

    Args:
        url: Of the database.
        path: Of the file, one JSON object a line.
        run: Runs the calls that make rows.
        listener: Called with the outcome so far, after each part.
    """
    engine = create_engine(driver_url(url), poolclass=NullPool)
    outcome = Loaded()
    try:
        with translated_errors():
            size, rebuilt = _size(engine), path.stat().st_size
            is_fresh = size == 0
            dropped = drop_indexes(engine) if rebuilt > size else []
            try:
                calls = [(url, str(path), start, end, is_fresh) for start, end in _spans(path)]
                for part in run(_load_part, calls):
                    outcome.add(part)
                    if listener is not None:
                        listener(outcome)
            finally:
                make_indexes(url, dropped)
            tidy(engine)
    finally:
        engine.dispose()
    return outcome


def drop_indexes(engine: Engine) -> list[Index]:
    """Drop the indexes that records are searched by; returns them."""
    indexes = sorted(RecordRow.__table__.indexes, key=lambda index: str(index.name))  # type: ignore[attr-defined]
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection, checkfirst=True)
    return indexes


def make_indexes(url: str, indexes: Iterable[Index] | None = None) -> None:
    """Create those indexes of the records that are missing, two at a time, the largest first."""
    every = RecordRow.__table__.indexes if indexes is None else indexes  # type: ignore[attr-defined]
    engine = create_engine(driver_url(url), poolclass=NullPool)
    memory = _SMALL_MEMORY if _size(engine) < _SMALL_BYTES else _MEMORY
    engine.dispose()
    ordered = sorted(every, key=lambda index: (str(index.name) != "ix_records_tokens", str(index.name)))
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(_make_index, url, index, memory) for index in ordered]:
            done.result()


def _make_index(url: str, index: Index, memory: str) -> None:
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("set local statement_timeout = 0"))
        connection.execute(text(f"set local maintenance_work_mem = '{memory}'"))
        index.create(connection, checkfirst=True)
        if AFTERWARDS in index.info:
            connection.execute(text(index.info[AFTERWARDS]))
    engine.dispose()


def _size(engine: Engine) -> int:
    """Bytes of the records that are there, 0 if there is none."""
    with engine.connect() as connection:
        if connection.scalar(text("select not exists (select from records)")):
            return 0
        return int(connection.scalar(text("select pg_total_relation_size('records')")) or 0)


def _spans(path: Path) -> Iterator[tuple[int, int]]:
    """(first byte, byte after) of parts of a file that end with a line."""
    size, start = path.stat().st_size, 0
    with path.open("rb") as file:
        while start < size:
            file.seek(min(start + _CHUNK_BYTES, size))
            file.readline()
            yield start, file.tell()
            start = file.tell()


def _load_part(url: str, path: str, start: int, end: int, is_fresh: bool) -> Loaded:
    outcome = Loaded()
    with open(path, "rb") as file:  # noqa: PTH123 - a process's argument
        file.seek(start)
        lines = file.read(end - start).splitlines()
    columns = list({values["id"]: values for values in _read(lines, outcome)}.values())  # the last of one id counts
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        _write(connection, columns, outcome, is_fresh=is_fresh)
    return outcome


def _write(connection: psycopg.Connection, columns: list[dict[str, Any]], outcome: Loaded, *, is_fresh: bool) -> None:
    connection.execute("set timezone = 'UTC'; set synchronous_commit = off; set statement_timeout = 0")
    codes = _codes(connection, {term for values in columns for term in values["terms"]})
    rows = sorted((_row(values, codes) for values in columns), key=lambda row: (row[10], row[0]))
    if is_fresh:
        try:
            with connection.transaction():
                _copy(connection, "records", rows)
                outcome.written += len(rows)
                return
        except UniqueViolation:  # an id that stands in another part of the file too
            pass
    _merge(connection, rows, outcome)


def _codes(connection: psycopg.Connection, terms: set[str]) -> dict[str, bytes]:
    """The code of each term as `records.search.facets` holds it.

    New terms enter the table, in order, so that processes do not deadlock.
    """
    arrays = [int(term[0]) for term in sorted(terms)], [term[1:] for term in sorted(terms)]
    values = "unnest(%s::smallint[], %s::text[]) as n (kind, value)"
    connection.execute(
        f"insert into record_terms (kind, value) select n.kind, n.value from {values} "  # noqa: S608 - a constant
        "where not exists (select from record_terms t where t.kind = n.kind and t.value = n.value) "
        "order by 1, 2 on conflict do nothing",
        arrays,
    )
    rows = connection.execute(
        f"select t.id, t.kind, t.value from record_terms t join {values} using (kind, value)",  # noqa: S608
        arrays,
    )
    return {f"{kind}{value}": (id_ << KIND_BITS | kind).to_bytes(4) for id_, kind, value in rows}


def _read(lines: list[bytes], outcome: Loaded) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.strip():
            continue
        try:
            yield plain_columns(_document(line))
        except InvalidRecord as error:
            outcome.refuse(line[:60].decode(errors="replace"), error.detail)


def _document(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidRecord(f"a line of {len(line)} bytes; at most {MAX_LINE_BYTES} are read")
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidRecord(f"no JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidRecord("no JSON object")
    return document


def _row(values: dict[str, Any], codes: dict[str, bytes]) -> tuple[Any, ...]:
    """The values of `_COLUMNS`."""
    document, place = values["document"], values["geometry"]
    now = datetime.now(UTC)
    own = {
        "document": orjson.dumps(document).decode(),
        "geometry": shapely.to_wkb(shapely.set_srid(place, 4326), hex=True, include_srid=True) if place else None,
        "facets": b"".join(codes[term] for term in values["terms"]),
        **{name: _moment(document["properties"].get(name)) or now for name in ("created", "updated")},
    }
    return tuple(own[name] if name in own else values[name] for name in _COLUMNS)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _copy(connection: psycopg.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _merge(connection: psycopg.Connection, rows: list[tuple[Any, ...]], outcome: Loaded) -> None:
    """Write rows of which some may be there."""
    names = ", ".join(_COLUMNS)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("id", "created"))
    with connection.transaction():
        connection.execute("create temporary table if not exists loading (like records including defaults)")
        connection.execute("truncate loading")
        _copy(connection, "loading", rows)
        existing = connection.execute(
            "select l.id, r.dataset_id from loading l join records r using (id) where r.dataset_id is not null"
        ).fetchall()
        for record_id, dataset_id in existing:
            outcome.refuse(record_id, f"it describes the published dataset {dataset_id}; ingest or harvest it")
        connection.execute(
            f"insert into records ({names}) select {names} from loading order by id "  # noqa: S608 - constants
            f"on conflict (id) do update set {renewed} where records.dataset_id is null"
        )
        outcome.written += len(rows) - len(existing)
