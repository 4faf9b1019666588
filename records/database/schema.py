"""The schema's revision: migrate to it, and refuse to work on another."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from config.errors import SchemaBehind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_LOCK = 0x6772_6174
"""Advisory lock key: two migrations at once run one after the other."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def head() -> str:
    """The revision this version of Graticule works with."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise SchemaBehind("this installation has no migrations; reinstall graticule")
    return revision


def current(engine: Engine) -> str | None:
    """The revision of a database, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table": "schema_version"}).get_current_revision()


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring a database to `head()`; returns the revisions before and after."""
    before = current(engine)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), "head")
    return before, head()


def require_head(engine: Engine) -> None:
    """Raise SchemaBehind, saying what to run, unless the database is at `head()`."""
    revision = current(engine)
    if revision != head():
        state = f"at revision {revision}" if revision else "empty"
        raise SchemaBehind(f"the database schema is {state}, this version needs {head()}; run `graticule db migrate`")
