"""What records are searched by, made anew from their documents: after a migration, or when rules of text change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from sqlalchemy import text

from config.errors import InvalidRecord
from records.database.engine import translated_errors
from records.documents.documents import plain_columns
from records.search.labels import KIND_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_BATCH = 200
_PAGE = text("select id, document from records where id > :after order by id limit :many for update")
_WRITE = text(
    "update records set tokens = cast(:tokens as tsvector), rank = :rank, sample = :sample, "
    "keywords = :keywords, external_ids = :external_ids, facets = record_facets(cast(:terms as text[])) where id = :id"
)
_FACETS = text("select facets from records")
_USES = text(
    "update record_terms t set uses = n.uses from unnest(cast(:ids as integer[]), cast(:uses as integer[])) "
    "as n (id, uses) where t.id = n.id and t.uses <> n.uses"
)
_ROWS = 10_000
_COLUMNS = ("id", "tokens", "rank", "sample", "keywords", "external_ids", "terms")


def refill(connection: Connection) -> int:
    """Write what each record is searched by, within the transaction of a connection; how many there are."""
    return sum(_batches(connection))


def reindex(engine: Engine) -> Iterator[int]:
    """The same, a commit for each batch; yields how many records each held. Records that are written meanwhile keep."""
    after = ""
    with translated_errors():
        while True:
            with engine.begin() as connection:
                connection.execute(text("set local statement_timeout = 0"))
                many, after = _batch(connection, after)
            if not many:
                break
            yield many
        tidy(engine)


def tidy(engine: Engine) -> None:
    """Bring what the database knows of the records up to date, after many were written."""
    with engine.begin() as connection:
        connection.execute(text("set local statement_timeout = 0"))
        count_terms(connection)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("set statement_timeout = 0"))
        connection.execute(text("vacuum analyze records"))
        connection.execute(text("vacuum analyze record_terms"))
        connection.execute(text("reset statement_timeout"))


def count_terms(connection: Connection) -> None:
    """Note of each term how many records have it; what is written meanwhile is not counted."""
    totals = np.zeros(1, np.int64)
    rows = connection.execute(_FACETS, execution_options={"stream_results": True, "yield_per": _ROWS})
    for part in rows.partitions():
        codes = np.frombuffer(b"".join(row.facets for row in part), ">u4").astype(np.int64) >> KIND_BITS
        counts = np.bincount(codes, minlength=len(totals))
        counts[: len(totals)] += totals
        totals = counts
    ids = np.flatnonzero(totals)
    for start in range(0, len(ids), _ROWS):
        some = ids[start : start + _ROWS]
        connection.execute(_USES, {"ids": some.tolist(), "uses": totals[some].tolist()})


def _batches(connection: Connection) -> Iterator[int]:
    after = ""
    while True:
        many, after = _batch(connection, after)
        if not many:
            return
        yield many


def _batch(connection: Connection, after: str) -> tuple[int, str]:
    """Write the records behind an id; how many they were, and the id of the last."""
    rows = connection.execute(_PAGE, {"after": after, "many": _BATCH}).all()
    values: list[dict[str, Any]] = []
    for row in rows:
        document = orjson.loads(row.document) if isinstance(row.document, str | bytes) else row.document
        try:
            columns = plain_columns(document)
        except InvalidRecord:  # stored before a limit was set: its words are found as before
            continue
        values.append({name: columns[name] for name in _COLUMNS})
    if values:
        connection.execute(_WRITE, values)
    return len(rows), rows[-1].id if rows else after
