"""A PostgreSQL server for a test run: databases cloned from a migrated template, and one that is emptied."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from records.database import postgis, schema
from records.database.engine import driver_url
from records.database.postgis import places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import DatabaseSettings

ADMIN_URL = "GRATICULE_TEST_DATABASE_URL"
"""Environment variable: a superuser's URL of a server to test on, instead of a private cluster."""

_TABLES = """
select relname, pg_relation_size(oid) > 262144 or relpages > 0 from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not in ('schema_version', 'spatial_ref_sys')
"""
"""The tables of the catalogue, and whether each has grown or was analysed."""

_SEQUENCES = "select setval(format('public.%I', sequencename)::regclass, start_value, false) from pg_sequences"

_SCHEMA = """
select table_name, column_name, data_type, column_default from information_schema.columns
where table_schema = 'public' order by 1, 2
"""

_OTHER_CLIENTS = """
select pg_terminate_backend(pid, 10000) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
and application_name <> %s
"""

_ENGINE = "the shared engine"
"""Application name of the connections that tests leave behind in order."""

_LOCAL_CONF = """\
shared_preload_libraries = 'postgis-3'
hba_file = '{hba}'
autovacuum = off
"""
"""Loading PostGIS and checking a password would take half of the time of a connection, and a test opens several."""


@contextmanager
def private_cluster(data_dir: Path, settings: DatabaseSettings) -> Iterator[str]:
    """A superuser's URL of a cluster that connects quickly and trusts whoever reaches its socket, then discarded."""
    state = places.prepare(data_dir).state
    for name, text_ in (("test_hba.conf", "local all all trust\n"), ("local.conf", _LOCAL_CONF)):
        (state / name).write_text(text_.format(hba=state / "test_hba.conf"))
        (state / name).chmod(0o644)
    try:
        with postgis.running(data_dir, settings, durable=False) as url:
            yield url
    finally:
        postgis.discard(data_dir, settings)


class Server:
    """A server on which the tests may create databases."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = make_url(driver_url(admin_url))
        self._template = f"graticule_template_{uuid.uuid4().hex[:8]}"
        self._strategy = ""

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return self.admin_url.set(database=database, drivername="postgresql").render_as_string(hide_password=False)

    def make_template(self) -> None:
        """Create the migrated template."""
        self._execute(f"create database {self._template}")
        engine = create_engine(driver_url(self.url(self._template)), poolclass=NullPool)
        schema.migrate(engine)
        with engine.connect() as connection:
            version = connection.dialect.server_version_info or (0,)
        engine.dispose()
        if version[0] >= 15:  # copies the files, as older ones always do, at half the cost of logging every page
            self._strategy = "strategy file_copy"

    def drop_template(self) -> None:
        """Remove the template."""
        self._execute(f"drop database if exists {self._template} with (force)")

    @contextmanager
    def database(self, like: str = "") -> Iterator[str]:
        """The URL of a fresh, migrated database, or of a copy of one that nobody uses; it is dropped at the end."""
        name = f"graticule_test_{uuid.uuid4().hex[:12]}"
        template = make_url(like).database if like else self._template
        self._execute(f"create database {name} template {template} {self._strategy}")
        try:
            yield self.url(name)
        finally:
            self._execute(f"drop database if exists {name} with (force)")

    def drop(self, url: str) -> None:
        """Remove a database while it is in use."""
        self._execute(f"drop database {make_url(url).database} with (force)")

    def _execute(self, statement: str) -> None:
        engine = create_engine(self.admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


class ReusableDatabase:
    """A migrated database that is emptied for each test, at a fiftieth of the cost of a clone.

    A test that changes the schema or drops the database needs a clone of its own.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._link = psycopg.connect(url, autocommit=True)
        self._link.execute("set session_replication_role = replica")  # neither triggers nor foreign keys
        self._schema = self._link.execute(_SCHEMA).fetchall()
        self.engine = create_engine(driver_url(url), connect_args={"application_name": _ENGINE})
        self._revision = schema.head()

    def empty(self) -> None:
        """End the connections of earlier tests, remove all rows, and let the sequences begin again."""
        is_in_use = self.engine.pool.checkedout() > 0  # a test that failed holds one, maybe within a transaction
        if is_in_use:
            self.engine.dispose()
        self._link.execute(_OTHER_CLIENTS, ["" if is_in_use else _ENGINE])
        with self._link.transaction():
            for table, was_analysed in self._link.execute(_TABLES).fetchall():
                # truncating makes new files; deleting a few rows is a hundred times faster
                remove = "truncate {} cascade" if was_analysed else "delete from {}"
                self._link.execute(sql.SQL(remove).format(sql.Identifier(table)))
            self._link.execute(_SEQUENCES)
            self._link.execute("update schema_version set version_num = %s", [self._revision])

    def close(self) -> None:
        """Close the connection; raises AssertionError if a test changed the schema."""
        self.engine.dispose()
        schema_now = self._link.execute(_SCHEMA).fetchall()
        self._link.close()
        assert schema_now == self._schema, "a test changed the schema; let it use cloned_database_url"


def external_url() -> str | None:
    """The URL of the server that the environment names, if any."""
    return os.environ.get(ADMIN_URL) or None
