"""The schema's revision: migrate to it, and refuse to work on another."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, select, table, text

from config.errors import SchemaBehind

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LOCK = 0x6772_6174
"""Advisory lock key: two migrations at once run one after the other."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "schema_version"
_REVISION = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


@cache
def head() -> str:
    """The revision this version of Graticule works with: the one migration that no other follows."""
    files = sorted((_MIGRATIONS / "versions").glob("*.py"))
    revisions = [match.groups() for file in files for match in _REVISION.finditer(file.read_text(encoding="utf-8"))]
    newest = {name for key, name in revisions if key == "revision"} - {
        name for key, name in revisions if key != "revision"
    }
    if len(newest) != 1:
        raise SchemaBehind(f"this installation has {len(newest)} newest migrations, not one; reinstall graticule")
    return newest.pop()


def current(engine: Engine) -> str | None:
    """The revision of a database, or None for an empty one."""
    with engine.connect() as connection:
        if connection.scalar(text("select to_regclass(:name)"), {"name": _VERSION_TABLE}) is None:
            return None
        revision: str | None = connection.scalar(select(column("version_num")).select_from(table(_VERSION_TABLE)))
        return revision


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring a database to `head()`; returns the revisions before and after.

    Alembic is imported here alone: it takes 0.2 s of CPU and 7 MB, and no process but this one needs it.
    """
    before = current(engine)
    config = import_module("alembic.config").Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        import_module("alembic.command").upgrade(config, "head")
    return before, head()


def require_head(engine: Engine) -> None:
    """Raise SchemaBehind, saying what to run, unless the database is at `head()`."""
    revision = current(engine)
    if revision != head():
        state = f"at revision {revision}" if revision else "empty"
        raise SchemaBehind(f"the database schema is {state}, this version needs {head()}; run `graticule db migrate`")
