"""Where the embedded server's cluster may stand, and who may use it."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from config.errors import DatabaseUnavailable
from config.settings import DatabaseSettings
from records.database import postgis
from records.database.postgis import binaries, places
from tests.support.lease import lease

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = DatabaseSettings()
ORDINARY = "nobody"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an ordinary user owns, where there is one."""
    path = Path(tempfile.mkdtemp(prefix="graticule-test-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam(ORDINARY)
        os.chown(path, user.pw_uid, user.pw_gid)
    yield path
    shutil.rmtree(path)


def test_cluster_starts_under_a_long_path_with_odd_characters(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long name's " * 10).strip() / '数据,集 "q" $(x)' / ("d" * 100)
    assert len(str(data_dir)) > 220
    with postgis.running(data_dir, SETTINGS, durable=False) as url:
        psycopg.connect(url).close()
    postgis.discard(data_dir, SETTINGS)


def test_cluster_starts_under_a_folder_that_only_its_owner_enters(tmp_path: Path) -> None:
    parent = tmp_path / "mine"
    parent.mkdir(mode=0o700)
    with postgis.running(parent / "data", SETTINGS, durable=False) as url:
        psycopg.connect(url).close()
    postgis.discard(parent / "data", SETTINGS)


def test_status_makes_nothing(tmp_path: Path) -> None:
    assert postgis.status(tmp_path / "data") is None
    assert postgis.url_of(tmp_path / "data") is None
    assert not (tmp_path / "data").exists()


def test_discard_leaves_nothing(tmp_path: Path) -> None:
    with postgis.running(tmp_path / "data", SETTINGS, durable=False):
        found = postgis.status(tmp_path / "data")
    postgis.discard(tmp_path / "data", SETTINGS)
    assert found is not None
    assert not found.state.exists()
    assert not found.sockets.exists()
    assert list((tmp_path / "data").iterdir()) == []


def test_removed_data_directory_begins_an_empty_catalogue(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    first = places.prepare(data_dir)
    if first.state.is_relative_to(data_dir):
        pytest.skip("an ordinary user's cluster is removed with its data directory")
    shutil.rmtree(data_dir)
    second = places.prepare(data_dir)
    assert first.state != second.state
    for found in (first, second):
        shutil.rmtree(found.state)
        shutil.rmtree(found.sockets)


@as_root
def test_pointer_to_a_cluster_that_is_gone_is_refused(tmp_path: Path) -> None:
    found = places.prepare(tmp_path)
    shutil.rmtree(found.state)
    shutil.rmtree(found.sockets)
    with pytest.raises(DatabaseUnavailable, match=r"is gone; restore it"):
        places.existing(tmp_path)


@pytest.mark.parametrize("content", ["../../etc", "", "\x00", "a" * 100_000], ids=["climbs", "empty", "nul", "long"])
def test_pointer_that_names_no_cluster_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / places.POINTER).write_text(content)
    with pytest.raises(DatabaseUnavailable, match="names no cluster"):
        places.existing(tmp_path)


@as_root
def test_ordinary_user_has_the_cluster_in_the_data_directory(folder: Path) -> None:
    with lease(folder / "data", ORDINARY) as command:
        assert f"host={folder}/data/postgres/run" in command.said()
        found = postgis.status(folder / "data")
        assert found is not None
        assert found.running
        assert found.account == ORDINARY
        assert (folder / "data/postgres").stat().st_mode & 0o777 == 0o700


@as_root
def test_root_may_use_the_cluster_of_an_ordinary_user(folder: Path) -> None:
    with lease(folder / "data", ORDINARY) as command:
        command.said()
    with postgis.running(folder / "data", SETTINGS, durable=False) as url:
        psycopg.connect(url).close()
    with lease(folder / "data", ORDINARY) as command:
        assert command.said() == url


@as_root
def test_ordinary_user_has_a_short_socket_folder_under_a_long_odd_path(folder: Path) -> None:
    data_dir = folder / ("long name's " * 10).strip() / '数据,集 "q" $(x) `y` \\' / ("d" * 100)
    with lease(data_dir, ORDINARY) as command:
        said = command.said()
        assert f"host=/tmp/graticule-{pwd.getpwnam(ORDINARY).pw_uid}-" in said
        psycopg.connect(said).close()
    postgis.discard(data_dir, SETTINGS)


@as_root
def test_socket_folder_that_another_user_made_is_refused(folder: Path) -> None:
    data_dir = folder / ("d" * 200)
    digest = hashlib.sha256(bytes(data_dir / "postgres")).hexdigest()[:16]
    sockets = Path(f"/tmp/graticule-{pwd.getpwnam(ORDINARY).pw_uid}-{digest}")
    sockets.mkdir(mode=0o777)
    try:
        with lease(data_dir, ORDINARY) as command:
            assert command.said().startswith(f"error: {sockets} is not a folder that only user {ORDINARY} can enter")
    finally:
        sockets.rmdir()


@as_root
def test_ordinary_user_is_told_that_the_catalogue_is_roots(folder: Path) -> None:
    with postgis.running(folder / "data", SETTINGS, durable=False):
        pass
    with lease(folder / "data", ORDINARY) as command:
        assert "was made by root" in command.said()
    postgis.discard(folder / "data", SETTINGS)


@as_root
def test_data_directory_that_may_not_be_made_is_named(folder: Path) -> None:
    folder.chmod(0o500)
    with lease(folder / "data", ORDINARY) as command:
        assert f"{folder}/data has no place" in command.said()


def test_folder_without_a_server_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"GRATICULE_DATABASE_BIN_DIR=.*no working initdb"):
        binaries.find_installation(str(tmp_path))


@pytest.mark.parametrize(
    ("version", "share", "remedy"),
    [
        ("postgres (PostgreSQL) 16.3 (Debian)", False, "PostgreSQL 16 .* lacks PostGIS; .*postgresql-16-postgis-3"),
        ("postgres (PostgreSQL) 12.1", True, "12 is older than 14; .*postgresql-postgis"),
    ],
    ids=["without PostGIS", "too old"],
)
def test_installation_that_cannot_serve_is_told_with_its_remedy(
    tmp_path: Path, version: str, share: bool, remedy: str
) -> None:
    made = tmp_path / "pg/bin"
    made.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "postgres"):
        (made / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (made / name).chmod(0o755)
    if share:
        control = tmp_path / "pg/share/extension/postgis.control"
        control.parent.mkdir(parents=True)
        control.touch()
    with pytest.raises(DatabaseUnavailable, match=remedy):
        binaries.find_installation(str(made))
