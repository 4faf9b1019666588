"""Whether a PostgreSQL server that an operator names can hold the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from config.errors import DatabaseUnavailable, DatabaseUnsuitable
from records.database.engine import libpq_url

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from config.settings import DatabaseSettings

OLDEST_VERSION = 140_000
"""server_version_num of PostgreSQL 14."""

OLDEST_POSTGIS = 3

_CREATE = (
    "create database {name} template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8', "
    "and point GRATICULE_DATABASE_URL at it"
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What of a server and its database decides."""

    version: int
    """server_version_num, such as 150007."""

    database: str
    encoding: str
    ctype: str
    """The database's LC_CTYPE, for the message."""

    folds_case: bool
    """Whether letters outside ASCII have a lower case, in text and in the words of full-text search."""

    standby: bool
    """Whether the server only repeats another one and takes no writes."""

    postgis: str | None
    """Version of PostGIS in the database, or None if it is not installed there."""

    postgis_available: str | None
    """Version of PostGIS the server could install."""

    may_install: bool
    """Whether the URL's role may create extensions."""


def require_suitable(url: str, settings: DatabaseSettings) -> Facts:
    """The facts of a suitable server.

    Raises DatabaseUnavailable if it does not answer, and DatabaseUnsuitable naming each fault and its remedy.
    """
    try:
        with psycopg.connect(
            libpq_url(url),
            connect_timeout=max(1, int(settings.timeout_s)),
            application_name="graticule check",
            client_encoding="utf8",  # that of a SQL_ASCII database would give bytes for text
        ) as link:
            facts = read_facts(link)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"the server of GRATICULE_DATABASE_URL does not answer: {str(error).strip()}; "
            "correct the URL or start the server"
        ) from error
    except psycopg.ProgrammingError as error:
        raise DatabaseUnsuitable(f"GRATICULE_DATABASE_URL: {str(error).strip()}") from error
    problems = faults(facts)
    if problems:
        raise DatabaseUnsuitable(
            "the server of GRATICULE_DATABASE_URL cannot hold the catalogue: " + "; ".join(problems)
        )
    return facts


def read_facts(link: Connection[TupleRow]) -> Facts:
    """Ask a server."""
    version, database, encoding, ctype, standby = _row(
        link,
        "select current_setting('server_version_num')::int, current_database(), current_setting('server_encoding'),"
        " (select datctype from pg_database where datname = current_database()), pg_is_in_recovery()",
    )
    (may_install,) = _row(
        link,
        "select rolsuper or (has_database_privilege(current_database(), 'create') and exists (select from"
        " pg_available_extension_versions where name = 'postgis' and trusted)) from pg_roles"
        " where rolname = current_user",
    )
    postgis, available = _row(
        link,
        "select (select extversion from pg_extension where extname = 'postgis'),"
        " (select default_version from pg_available_extensions where name = 'postgis')",
    )
    return Facts(
        version=version,
        database=database,
        encoding=encoding,
        ctype=ctype,
        folds_case=encoding == "UTF8" and _folds_case(link),
        standby=standby,
        postgis=postgis,
        postgis_available=available,
        may_install=may_install,
    )


def faults(facts: Facts) -> list[str]:
    """Each reason against a server, with what it has, what is needed and the remedy."""
    create = _CREATE.format(name=facts.database)
    problems = []
    if facts.version < OLDEST_VERSION:
        problems.append(f"PostgreSQL {facts.version // 10_000} is older than 14; upgrade it")
    if facts.standby:
        problems.append("it is a standby and takes no writes; name the primary server")
    if facts.encoding != "UTF8":
        problems.append(f"the encoding of database {facts.database} is {facts.encoding}, UTF8 is needed; {create}")
    elif not facts.folds_case:
        problems.append(
            f"LC_CTYPE of database {facts.database} is {facts.ctype}, in which letters outside ASCII have no lower "
            f"case, so that searches miss them; {create}"
        )
    return problems + _postgis_faults(facts)


def _postgis_faults(facts: Facts) -> list[str]:
    version = facts.postgis or facts.postgis_available
    if version is None:
        major = facts.version // 10_000
        return [f"the server lacks PostGIS; install it there, such as `apt-get install postgresql-{major}-postgis-3`"]
    if int(version.partition(".")[0]) < OLDEST_POSTGIS:
        return [f"PostGIS {version} is older than {OLDEST_POSTGIS}; upgrade it"]
    if facts.postgis is None and not facts.may_install:
        remedy = "as a superuser, run there `create extension postgis`, which this role may not"
        return [f"PostGIS {version} is not installed in database {facts.database}; {remedy}"]
    return []


def _folds_case(link: Connection[TupleRow]) -> bool:
    (folds,) = _row(link, "select lower('ÉΩ') = 'éω' and to_tsvector('simple', 'ÉΩ') = '''éω'':1'::tsvector")
    return bool(folds)


def _row(link: Connection[TupleRow], query: str) -> TupleRow:
    row = link.execute(query.encode()).fetchone()
    assert row is not None
    return row
