"""One ingest of a dataset, and one build of its series, at a time: over all processes and machines of a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine, text

from records.database.engine import translated_errors


def ingest_lock(engine: Engine, dataset_id: str, *, waiting: Callable[[], None]) -> AbstractContextManager[None]:
    """Hold the dataset's advisory lock; `waiting` is called first if another ingest has it."""
    return _held(engine, "ingest:" + dataset_id, waiting)


def series_lock(engine: Engine, dataset_id: str, *, waiting: Callable[[], None]) -> AbstractContextManager[None]:
    """Hold the lock under which the parts of a dataset's series change, likewise."""
    return _held(engine, "series:" + dataset_id, waiting)


@contextmanager
def _held(engine: Engine, name: str, waiting: Callable[[], None]) -> Iterator[None]:
    parameters = {"id": name}
    with translated_errors():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with translated_errors():
            connection.execute(text("set statement_timeout = 0"))  # the other holder may take hours
            got = connection.scalar(text("select pg_try_advisory_lock(hashtextextended(:id, 1))"), parameters)
            if not got:
                waiting()
                connection.execute(text("select pg_advisory_lock(hashtextextended(:id, 1))"), parameters)
        yield
    finally:
        # ending the session frees the lock also when the server has gone; a pooled connection would keep it
        connection.invalidate()
        connection.close()
