"""One ingest of a dataset at a time, over all processes and machines that share the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from records.database.engine import translated_errors


@contextmanager
def ingest_lock(engine: Engine, dataset_id: str, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the dataset's advisory lock; `waiting` is called first if another ingest has it."""
    parameters = {"id": "ingest:" + dataset_id}
    with translated_errors():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with translated_errors():
            connection.execute(text("set statement_timeout = 0"))  # the other ingest may take hours
            got = connection.scalar(text("select pg_try_advisory_lock(hashtextextended(:id, 1))"), parameters)
            if not got:
                waiting()
                connection.execute(text("select pg_advisory_lock(hashtextextended(:id, 1))"), parameters)
        yield
    finally:
        # ending the session frees the lock also when the server has gone; a pooled connection would keep it
        connection.invalidate()
        connection.close()
