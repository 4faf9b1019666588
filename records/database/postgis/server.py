"""Starting the server of a cluster, waiting for it, stopping it. Each function needs the turn (`locks.turn`)."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

from config.errors import DatabaseUnavailable
from records.database.postgis import cluster, locks

if TYPE_CHECKING:
    from config.settings import DatabaseSettings
    from records.database.postgis.binaries import Installation
    from records.database.postgis.places import Places

_START_WAIT_S = 120.0
_STOP_WAIT_S = 60.0
_LOG_LIMIT = 10 * 1024 * 1024


def url(places: Places, database: str = cluster.DATABASE) -> str:
    """The libpq URL of a database of the cluster, with its password."""
    try:
        password = places.password.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DatabaseUnavailable(f"the password of the cluster {places.cluster} cannot be read: {error}") from error
    host = quote(str(places.sockets), safe="/")
    return f"postgresql://{cluster.USER}:{quote(password, safe='')}@/{database}?host={host}&port=5432"


def ensure(places: Places, settings: DatabaseSettings, *, durable: bool = True) -> str:
    """Make what is missing, start the server unless it runs, and return the URL of the catalogue's database."""
    installation = cluster.installation_for(places, settings)
    cluster.make(places, installation, durable=durable)
    _bring_up(places, installation, durable=durable)
    _make_database(places)
    return url(places)


def stop(places: Places, settings: DatabaseSettings) -> None:
    """Stop the server if it runs; raises DatabaseUnavailable if it does not go."""
    if locks.free(places, "server.lock"):
        return
    installation = cluster.installation_for(places, settings)
    for mode in ("fast", "immediate"):
        command = [installation.program("pg_ctl"), "stop", "-D", places.cluster.name, "-m", mode, "-W"]
        places.account.run(command, folder=places.state, timeout=_STOP_WAIT_S)
        if _gone(places, _STOP_WAIT_S):
            return
    raise DatabaseUnavailable(f"the database in {places.state} does not stop; see {places.log}")


def is_running(places: Places) -> bool:
    """Whether any process of the server lives."""
    return not locks.free(places, "server.lock")


def pid(places: Places) -> int | None:
    """The process id of the server as its file states it, or None if no process of the server lives."""
    try:
        first = (places.cluster / "postmaster.pid").read_text(encoding="ascii").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if first.isdecimal() and is_running(places) else None


def _gone(places: Places, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not locks.free(places, "server.lock"):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def _start(places: Places, installation: Installation, *, durable: bool) -> None:
    configuration = cluster.configure(places, durable=durable)
    if places.log.exists() and places.log.stat().st_size > _LOG_LIMIT:
        places.log.rename(places.log.with_suffix(".log.1"))
    lease = locks.open_lock(places, "server.lock")
    try:
        if not locks.acquire(lease, shared=True, timeout=10):  # someone may be looking at it this instant
            raise DatabaseUnavailable(f"{places.state / 'server.lock'} is held by another program; end it")
        command = [
            *(installation.program("pg_ctl"), "start", "-D", places.cluster.name, "-W", "-s"),
            *("-l", str(places.log.relative_to(places.state)), "-o", f"-c config_file={configuration.name}"),
        ]
        done = places.account.run(command, folder=places.state, timeout=_START_WAIT_S, keep_fds=(lease,))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseUnavailable(f"the database in {places.state} could not be started: {error}") from error
    finally:
        os.close(lease)
    if done.returncode != 0:
        raise DatabaseUnavailable(f"the database in {places.state} could not be started: {_log_tail(places)}")


def _bring_up(places: Places, installation: Installation, *, durable: bool) -> None:
    """Start the server unless it runs, and wait until it answers; raises if it dies or does not answer in time."""
    deadline = time.monotonic() + _START_WAIT_S
    started = False
    while not _answers(places):
        if locks.free(places, "server.lock"):
            if started:
                raise DatabaseUnavailable(f"the database in {places.state} did not start: {_log_tail(places)}")
            _clear_stale(places)
            _start(places, installation, durable=durable)
            started = True
        elif time.monotonic() >= deadline:
            raise DatabaseUnavailable(
                f"the database in {places.state} does not answer after {_START_WAIT_S:.0f} s: {_log_tail(places)}"
            )
        time.sleep(0.02)


def _answers(places: Places) -> bool:
    """Whether the server takes connections; raises when it refuses the password."""
    if not (places.sockets / ".s.PGSQL.5432").exists():
        return False
    try:
        psycopg.connect(url(places, "postgres"), connect_timeout=5, application_name="graticule start").close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise DatabaseUnavailable(
                f"the database in {places.state} refuses the password in {places.password}; restore that file"
            ) from error
        return False
    return True


def _clear_stale(places: Places) -> None:
    """Remove what a killed server left. No process of it lives, so a process id in these files is somebody else's."""
    socket = places.sockets / ".s.PGSQL.5432"
    for path in (places.cluster / "postmaster.pid", socket, socket.with_name(socket.name + ".lock")):
        path.unlink(missing_ok=True)


def _make_database(places: Places) -> None:
    with psycopg.connect(url(places, "postgres"), autocommit=True, connect_timeout=10) as link:
        exists = link.execute("select 1 from pg_database where datname = %s", (cluster.DATABASE,)).fetchone()
        if exists is None:
            link.execute(f"create database {cluster.DATABASE}")


def _log_tail(places: Places) -> str:
    try:
        with places.log.open("rb") as log:
            log.seek(max(0, places.log.stat().st_size - 8192))
            text = log.read().decode("utf-8", errors="replace")
    except OSError as error:
        return f"and its log cannot be read: {error}"
    return f"the end of {places.log} says\n{cluster.tail_of(text)}"
