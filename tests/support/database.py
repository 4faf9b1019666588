"""A PostgreSQL server for a test run, and databases cloned from one migrated template."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from records.database import schema
from records.database.engine import driver_url

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN_URL = "GRATICULE_TEST_DATABASE_URL"
"""Environment variable: a superuser's URL of a server to test on, instead of a private cluster."""


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
    def database(self) -> Iterator[str]:
        """The URL of a fresh, migrated database that is dropped at the end."""
        name = f"graticule_test_{uuid.uuid4().hex[:12]}"
        self._execute(f"create database {name} template {self._template} {self._strategy}")
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


def external_url() -> str | None:
    """The URL of the server that the environment names, if any."""
    return os.environ.get(ADMIN_URL) or None
