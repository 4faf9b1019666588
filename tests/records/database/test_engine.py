"""Connections that lie unused between two requests."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from config.errors import Overloaded
from config.settings import DatabaseSettings
from records.database.engine import make_engine, translated_errors

_PID = text("select pg_backend_pid()")
_PATIENCE_S = 20


def test_connection_is_kept_until_the_server_closes_it(database_url: str) -> None:
    engine, other = make_engine(database_url, DatabaseSettings()), make_engine(database_url, DatabaseSettings())
    try:
        with engine.connect() as connection:
            first = connection.scalar(_PID)
        with engine.connect() as connection:
            assert connection.scalar(_PID) == first
        with other.connect() as connection:
            connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": first})
            running = text("select count(*) from pg_stat_activity where pid = :pid")
            end = time.monotonic() + _PATIENCE_S
            while connection.scalar(running, {"pid": first}) and time.monotonic() < end:
                connection.execute(text("select pg_sleep(0.01), pg_stat_clear_snapshot()"))
        with engine.connect() as connection:
            assert connection.scalar(_PID) != first
    finally:
        engine.dispose()
        other.dispose()


def test_busy_connections_are_an_overload(database_url: str) -> None:
    engine = make_engine(database_url, DatabaseSettings(pool_size=1, timeout_s=0.05))
    try:
        with engine.connect(), pytest.raises(Overloaded, match="busy"), translated_errors(), engine.connect():
            pass
    finally:
        engine.dispose()


def test_statement_that_takes_too_long_is_an_overload(database_url: str) -> None:
    engine = make_engine(database_url, DatabaseSettings(statement_timeout_s=0.05))
    try:
        with pytest.raises(Overloaded, match="too long"), translated_errors(), engine.connect() as connection:
            connection.execute(text("select pg_sleep(5)"))
    finally:
        engine.dispose()
