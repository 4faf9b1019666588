"""Engines, and the translation of driver errors into ours."""

from __future__ import annotations

import select
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import orjson
import psycopg
from psycopg.errors import QueryCanceled
from sqlalchemy import create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from config.errors import DatabaseUnavailable, InvalidInput, Overloaded
from records.database.statement_cache import StatementCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from config.settings import DatabaseSettings

    type SessionChange = Callable[[Session], object]


def nothing_along(_session: Session) -> None:
    """A `SessionChange`, what is changed along with something in one transaction, that changes nothing."""


def driver_url(url: str) -> str:
    """A `postgresql://` or `postgres://` URL with the driver this project uses named in it."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def libpq_url(url: str) -> str:
    """A URL that libpq and psycopg read, whatever driver SQLAlchemy would have used."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql://{rest}" if separator and scheme.split("+")[0] in ("postgresql", "postgres") else url


def make_engine(url: str, settings: DatabaseSettings) -> Engine:
    """An engine with bounded waiting. Statements of requests end after `statement_timeout_s` seconds."""
    timeout_ms = int(settings.statement_timeout_s * 1000)
    engine = create_engine(
        driver_url(url),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.timeout_s,
        json_deserializer=orjson.loads,
        execution_options={"compiled_cache": StatementCache()},
        connect_args={
            "connect_timeout": max(1, int(settings.timeout_s)),
            "options": f"-c statement_timeout={timeout_ms} -c timezone=UTC -c jit=off",
            "application_name": "graticule",
        },
    )
    event.listen(engine, "checkout", _require_open)
    return engine


def _require_open(connection: psycopg.Connection, *_: object) -> None:
    """Have all connections made anew if the server closed this one while it lay unused.

    Until then a server says nothing on it, so that whatever can be read tells of its end; nothing is asked, which would
    cost a search a tenth of its time.
    """
    if not connection.closed:
        unread = select.poll()
        unread.register(connection.fileno(), select.POLLIN)
        if not unread.poll(0):
            return
    raise InvalidatePoolError("the server closed the connection")


@contextmanager
def direct_connection(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """A connection of an engine's pool as the driver has it, each statement a transaction of its own.

    For one short prepared statement: what SQLAlchemy does around it would cost several times as much. Raises what
    `translated_errors` raises.
    """
    with translated_errors():
        pooled = engine.raw_connection()
    connection = cast("psycopg.Connection[Any]", pooled.driver_connection)
    try:
        connection.autocommit = True
        yield connection
        connection.autocommit = False
    except psycopg.Error as error:
        pooled.invalidate(error)  # its state is not looked into: errors are rare here
        raise _translated(error) from error
    finally:
        pooled.close()


def _translated(error: psycopg.Error) -> Exception:
    """An error of the driver as ours; itself if it is a bug."""
    if isinstance(error, QueryCanceled):
        return Overloaded("the database took too long; ask for less, or again in some seconds")
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return DatabaseUnavailable(f"the database does not answer: {error}")
    if isinstance(error, psycopg.DataError):
        return InvalidInput(f"a value of the request cannot be looked up: {error}")
    return error


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn a lost or refusing server into DatabaseUnavailable and a value no column can hold into InvalidInput.

    Such a value (a NUL character, a number out of range) comes from outside. Other driver errors are bugs and pass.
    Overloaded: no connection was free in time, or a statement took longer than it may.
    """
    try:
        yield
    except PoolTimeout as error:
        raise Overloaded("all connections to the database are busy; ask again in some seconds") from error
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise Overloaded("the database took too long; ask for less, or again in some seconds") from error
        raise DatabaseUnavailable(f"the database does not answer: {error.orig}") from error
    except InterfaceError as error:
        raise DatabaseUnavailable(f"the database does not answer: {error.orig}") from error
    except DataError as error:
        raise InvalidInput(f"a value of the request cannot be looked up: {error.orig}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable(f"the database connection was lost: {error.orig}") from error
        raise
