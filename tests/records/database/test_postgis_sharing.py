"""The embedded server from its first user to its last, and after each kind of sudden death."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from config.errors import Conflict, DatabaseUnavailable, DatabaseUnsuitable
from config.settings import DatabaseSettings
from records.database import postgis
from records.database.engine import make_engine
from records.database.postgis import account, places
from tests.support.lease import lease

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from records.database.postgis.places import Places

pytestmark = pytest.mark.served

SETTINGS = DatabaseSettings()


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data directory that does not exist yet."""
    folder = tmp_path / "data"
    yield folder
    postgis.discard(folder, SETTINGS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A cluster that was made and used, and is stopped."""
    folder = tmp_path_factory.mktemp("made")
    with using(folder):
        pass
    yield places.prepare(folder)
    postgis.discard(folder, SETTINGS)


@pytest.fixture
def used_dir(data_dir: Path, made: Places) -> Path:
    """A data directory with a cluster that is stopped: a copy, for making one takes seconds."""
    home = places.prepare(data_dir)
    for path in (made.cluster, made.password):
        subprocess.run(["cp", "-a", path, home.state], check=True)
    return data_dir


def using(data_dir: Path) -> AbstractContextManager[str]:
    return postgis.running(data_dir, SETTINGS, durable=False)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as link:
        row = link.execute(query.encode()).fetchone()
    return row[0] if row and len(row) == 1 else row


def write(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(statement.encode())


def status(data_dir: Path) -> postgis.Status:
    found = postgis.status(data_dir)
    assert found is not None
    return found


def postmaster(data_dir: Path) -> int:
    return int((status(data_dir).state / "cluster/postmaster.pid").read_text().split()[0])


def test_server_runs_for_its_user_and_stops_after(data_dir: Path) -> None:
    with using(data_dir) as url:
        assert status(data_dir).running
        assert ask(url, "select current_database()") == "graticule"
    assert not status(data_dir).running
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_server_is_private_and_speaks_utf8(data_dir: Path) -> None:
    with using(data_dir) as url:
        assert ask(url, "show listen_addresses") == ""
        assert ask(url, "show server_encoding") == "UTF8"
        assert ask(url, "select lower('ÉΩ')") == "éω"
        write(url, "create extension postgis")
        assert ask(url, "select st_astext(st_point(1, 2))") == "POINT(1 2)"
        rules = "select string_agg(type || ' ' || auth_method, ',') from pg_hba_file_rules"
        assert ask(url, rules) == "local scram-sha-256"
        found = status(data_dir)
        assert found.sockets.stat().st_mode & 0o777 == 0o700
        assert (found.state / "password").stat().st_mode & 0o777 == 0o600


def test_wrong_password_is_refused(used_dir: Path) -> None:
    with using(used_dir) as url:
        password = url.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(password, "wrong"))


def test_sqlalchemy_and_its_rendered_url_connect(used_dir: Path) -> None:
    with using(used_dir) as url:
        engine = make_engine(url, SETTINGS)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("select 1").scalar() == 1
        rendered = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        engine.dispose()
        assert ask(rendered, "select 1") == 1


def test_data_outlives_the_server(used_dir: Path) -> None:
    with using(used_dir) as url:
        write(url, "create table kept as select 7 as n")
    with using(used_dir) as url:
        assert ask(url, "select n from kept") == 7


def test_server_stays_until_the_last_of_two_commands_leaves(used_dir: Path) -> None:
    with lease(used_dir) as other:
        url = other.said()
        with using(used_dir) as mine:
            assert mine == url
            assert status(used_dir).users == (other.process.pid,)
        assert status(used_dir).running
        assert ask(url, "select 1") == 1
    assert not status(used_dir).running


def test_commands_that_come_at_once_share_one_server(data_dir: Path) -> None:
    with lease(data_dir) as first, lease(data_dir) as second, lease(data_dir) as third:
        urls = {first.said(), second.said(), third.said()}
        assert len(urls) == 1
        assert ask(urls.pop(), "select 1") == 1
    assert not status(data_dir).running


def test_server_of_a_killed_command_is_taken_over(used_dir: Path) -> None:
    with lease(used_dir) as other:
        url = other.said()
        before = postmaster(used_dir)
        other.kill()
    assert status(used_dir).running
    assert status(used_dir).users == ()
    with using(used_dir) as mine:
        assert mine == url
        assert postmaster(used_dir) == before
    assert not status(used_dir).running


def test_killed_server_recovers_what_was_committed(used_dir: Path) -> None:
    with postgis.running(used_dir, SETTINGS) as url:
        write(url, "create table kept as select 7 as n")
        os.kill(postmaster(used_dir), signal.SIGKILL)
    with using(used_dir) as url:
        assert ask(url, "select n from kept") == 7


def test_killed_server_comes_back_under_its_users(used_dir: Path) -> None:
    with using(used_dir) as url:
        os.kill(postmaster(used_dir), signal.SIGKILL)
        assert postgis.ensure(used_dir, SETTINGS) == url
        assert ask(url, "select 1") == 1
    assert not status(used_dir).running


def test_stale_process_id_of_a_living_stranger_is_no_obstacle(used_dir: Path) -> None:
    with using(used_dir):
        owner = places.prepare(used_dir).account
        saved = (status(used_dir).state / "cluster/postmaster.pid").read_bytes().split(b"\n")
    dropped = {} if owner.is_me else {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    with subprocess.Popen(["sleep", "60"], cwd="/", **dropped) as stranger:
        stale = status(used_dir).state / "cluster/postmaster.pid"
        stale.write_bytes(b"\n".join([str(stranger.pid).encode(), *saved[1:]]))
        os.chown(stale, owner.uid, owner.gid)
        with using(used_dir) as url:
            assert ask(url, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_making_that_was_killed_halfway_is_begun_again(data_dir: Path) -> None:
    found = places.prepare(data_dir)
    (found.state / "cluster.new").mkdir()
    (found.state / "cluster.new/PG_VERSION").write_text("15\n")
    with using(data_dir) as url:
        assert ask(url, "select 1") == 1


def test_kept_server_outlives_its_users_until_released(used_dir: Path) -> None:
    with using(used_dir):
        url = postgis.keep(used_dir, SETTINGS)
    assert ask(url, "select 1") == 1
    assert postgis.release(used_dir, SETTINGS)
    assert not status(used_dir).running
    assert not postgis.release(used_dir, SETTINGS)


def test_release_is_refused_while_a_command_uses_the_server(used_dir: Path) -> None:
    with lease(used_dir) as other:
        url = other.said()
        with pytest.raises(Conflict, match=f"process {other.process.pid}"):
            postgis.release(used_dir, SETTINGS)
        assert ask(url, "select 1") == 1


def test_release_waits_for_users_to_leave(used_dir: Path) -> None:
    with lease(used_dir) as other:
        other.said()
        began = time.monotonic()
        with pytest.raises(Conflict, match=r"after 0\.3 s"):
            postgis.release(used_dir, SETTINGS, wait_s=0.3)
        assert time.monotonic() - began >= 0.3


def test_cluster_of_another_major_version_is_refused_by_name(used_dir: Path) -> None:
    with using(used_dir):
        pass
    (status(used_dir).state / "cluster/PG_VERSION").write_text("13\n")
    with pytest.raises(DatabaseUnsuitable, match=r"made by PostgreSQL 13.*postgresql-13-postgis-3"), using(used_dir):
        pass


def test_failure_to_start_shows_the_end_of_the_servers_log(used_dir: Path) -> None:
    with using(used_dir):
        pass
    (status(used_dir).state / "local.conf").write_text("shared_buffers = 'nonsense'\n")
    with pytest.raises(DatabaseUnavailable, match=r'server\.log says(.|\n)*"shared_buffers"'), using(used_dir):
        pass


def test_settings_of_the_operator_are_used(used_dir: Path) -> None:
    with using(used_dir):
        pass
    conf = status(used_dir).state / "local.conf"
    conf.write_text("work_mem = '33MB'\n")
    conf.chmod(0o644)
    with using(used_dir) as url:
        assert ask(url, "show work_mem") == "33MB"


def test_programs_of_the_server_see_no_setting_of_ours(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRATICULE_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("PGDATA", "/elsewhere")
    seen = account.me().run(["env"], folder=data_dir.parent, timeout=10).stdout
    assert "secret" not in seen
    assert "PGDATA" not in seen
    assert "LC_ALL=C" in seen
