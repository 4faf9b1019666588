"""Which servers may hold the catalogue."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from config.errors import DatabaseUnavailable, DatabaseUnsuitable
from config.settings import DatabaseSettings
from records.database.engine import driver_url, libpq_url
from records.database.suitability import Facts, faults, read_facts, require_suitable

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = DatabaseSettings(timeout_s=2)
GOOD = Facts(
    version=150_007,
    database="catalogue",
    encoding="UTF8",
    ctype="C.UTF-8",
    folds_case=True,
    standby=False,
    postgis=None,
    postgis_available="3.3.2",
    may_install=True,
)


@contextmanager
def database(admin_url: str, options: str) -> Iterator[str]:
    """A database made with some options, without PostGIS."""
    name = f"graticule_odd_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(libpq_url(admin_url), autocommit=True) as link:
        link.execute(f"create database {name} template template0 {options}".encode())
        try:
            url = make_url(driver_url(admin_url)).set(database=name, drivername="postgresql")
            yield url.render_as_string(hide_password=False)
        finally:
            link.execute(f"drop database {name} with (force)".encode())


def test_migrated_database_is_suitable(database_url: str) -> None:
    facts = require_suitable(database_url, SETTINGS)
    assert facts.postgis is not None
    assert facts.folds_case


def test_new_utf8_database_is_suitable(admin_url: str) -> None:
    with database(admin_url, "encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'") as url:
        facts = require_suitable(url, SETTINGS)
    assert (facts.postgis, facts.may_install) == (None, True)


def test_database_that_folds_no_case_is_refused_with_the_remedy(admin_url: str) -> None:
    with (
        database(admin_url, "encoding 'UTF8' lc_collate 'C' lc_ctype 'C'") as url,
        pytest.raises(DatabaseUnsuitable, match=r"LC_CTYPE .* is C, .*create database .* lc_ctype 'C\.UTF-8'"),
    ):
        require_suitable(url, SETTINGS)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_database_of_another_encoding_is_refused(admin_url: str, encoding: str) -> None:
    with (
        database(admin_url, f"encoding '{encoding}' lc_collate 'C' lc_ctype 'C'") as url,
        pytest.raises(DatabaseUnsuitable, match=f"is {encoding}, UTF8 is needed"),
    ):
        require_suitable(url, SETTINGS)


def test_role_that_may_not_install_postgis_is_told_who_may(admin_url: str) -> None:
    role = f"graticule_role_{uuid.uuid4().hex[:8]}"
    with (
        database(admin_url, "encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'") as url,
        psycopg.connect(url, autocommit=True) as link,
    ):
        link.execute(f"create role {role} login".encode())
        link.execute(f"set role {role}".encode())
        found = faults(read_facts(link))
        link.execute(b"reset role")
        link.execute(f"drop role {role}".encode())
    assert len(found) == 1
    assert "as a superuser, run there `create extension postgis`" in found[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 130_014}, "PostgreSQL 13 is older than 14"),
        ({"standby": True}, "is a standby"),
        ({"postgis_available": None}, "postgresql-15-postgis-3"),
        ({"postgis_available": "2.5.9"}, "PostGIS 2.5.9 is older than 3"),
        ({"postgis": "2.5.9"}, "PostGIS 2.5.9 is older than 3"),
    ],
    ids=["old server", "standby", "no PostGIS", "old PostGIS", "old PostGIS installed"],
)
def test_each_fault_is_told(change: dict[str, object], message: str) -> None:
    assert faults(GOOD) == []
    assert message in "; ".join(faults(replace(GOOD, **change)))


def test_server_that_does_not_answer_is_named(tmp_path: object) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"GRATICULE_DATABASE_URL does not answer"):
        require_suitable(f"postgresql://user@/graticule?host={tmp_path}", SETTINGS)


def test_malformed_url_is_refused() -> None:
    with pytest.raises(DatabaseUnsuitable, match="GRATICULE_DATABASE_URL"):
        require_suitable("postgresql://user@/graticule?nonsense=1", SETTINGS)
