"""What records are searched by, made anew from their documents: after a migration, or when rules of text change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import text

from config.errors import InvalidRecord
from records.documents import plain_columns
from records.engine import translated_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_BATCH = 200
_PAGE = text("select id, document from records where id > :after order by id limit :many for update")
_WRITE = text(
    "update records set tokens = cast(:tokens as tsvector), rank = :rank, sample = :sample, "
    "keywords = :keywords, external_ids = :external_ids, facets = record_facets(cast(:terms as text[])) where id = :id"
)
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
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("set statement_timeout = 0"))
            connection.execute(text("vacuum analyze records"))
            connection.execute(text("reset statement_timeout"))


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
