"""One user's share of the embedded server: it runs from the first user's coming to the last one's going."""

from __future__ import annotations

import logging
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import Conflict, DatabaseUnavailable
from records.database.postgis import cluster, locks, places, server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import DatabaseSettings
    from records.database.postgis.places import Places

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Status:
    """The state of a data directory's embedded server."""

    state: Path
    """Folder of the cluster, its password, its configuration and its locks."""

    sockets: Path
    """Folder of the Unix socket."""

    log: Path
    """The server's log."""

    account: str
    """User the server runs as."""

    major: int | None
    """Major version of PostgreSQL that made the cluster; None: not made yet."""

    running: bool
    kept: bool
    """Whether the server outlives its users."""

    users: tuple[int, ...]
    """Process ids of the commands that use it, where the system tells them."""


@contextmanager
def running(data_dir: Path, settings: DatabaseSettings, *, durable: bool = True) -> Iterator[str]:
    """The libpq URL of the embedded server of a data directory, which runs at least until the end of the block.

    The server is started, or attached to if another command started it, and stopped by the last to leave. A server
    that a killed command left behind is taken over. `durable=False` trades safety for speed: for tests alone.
    Raises DatabaseUnavailable, or DatabaseUnsuitable for a cluster of another major version.
    """
    home = places.prepare(data_dir)
    users = locks.open_lock(home, "users.lock")
    try:
        with locks.turn(home):
            _share(home, users)
            url = server.ensure(home, settings, durable=durable)
        yield url
    finally:
        try:
            _leave(home, users, settings)
        finally:
            os.close(users)


def ensure(data_dir: Path, settings: DatabaseSettings) -> str:
    """Start the server again if it died under a process that holds `running`; returns its URL, which never changes."""
    home = places.prepare(data_dir)
    with locks.turn(home):
        return server.ensure(home, settings)


def server_pid(data_dir: Path) -> int | None:
    """The process id of the embedded server of a data directory, or None if it does not run."""
    home = places.existing(data_dir)
    return server.pid(home) if home is not None and home.exists else None


def keep(data_dir: Path, settings: DatabaseSettings) -> str:
    """Start the server and let it run without users until `release`; returns its URL."""
    home = places.prepare(data_dir)
    with locks.turn(home):
        url = server.ensure(home, settings)
        home.kept.touch(mode=0o600)
        return url


def release(data_dir: Path, settings: DatabaseSettings, *, wait_s: float = 0.0) -> bool:
    """Stop the server once nobody uses it; whether it ran.

    Raises Conflict, naming the users, if it is still used after `wait_s` seconds; it then stops with its last user.
    """
    home = places.existing(data_dir)
    if home is None or not home.exists:
        return False
    users = locks.open_lock(home, "users.lock")
    deadline = time.monotonic() + wait_s
    try:
        home.kept.unlink(missing_ok=True)
        while True:
            with locks.turn(home):
                if locks.acquire(users, shared=False):
                    ran = server.is_running(home)
                    server.stop(home, settings)
                    return ran
            if time.monotonic() >= deadline:
                raise Conflict(_in_use(home, wait_s))
            time.sleep(0.1)
    finally:
        os.close(users)


def status(data_dir: Path) -> Status | None:
    """The state of the embedded server of a data directory, or None if it has none. Starts and makes nothing."""
    home = places.existing(data_dir)
    if home is None:
        return None
    exists = home.exists
    return Status(
        state=home.state,
        sockets=home.sockets,
        log=home.log,
        account=home.account.name,
        major=cluster.major_of(home),
        running=exists and server.is_running(home),
        kept=home.kept.exists(),
        users=tuple(locks.holders(home, "users.lock")),
    )


def url_of(data_dir: Path) -> str | None:
    """The URL of the embedded server of a data directory, running or not, or None if it has none."""
    home = places.existing(data_dir)
    return server.url(home) if home is not None and home.exists else None


def discard(data_dir: Path, settings: DatabaseSettings) -> None:
    """Stop the server and remove the cluster with all it holds; raises Conflict while it is used."""
    home = places.existing(data_dir)
    if home is None:
        return
    release(data_dir, settings)
    shutil.rmtree(home.state)
    if home.sockets.exists():
        shutil.rmtree(home.sockets)
    (home.data_dir / places.POINTER).unlink(missing_ok=True)


def _share(home: Places, users: int) -> None:
    if not locks.acquire(users, shared=True, timeout=60):
        raise DatabaseUnavailable(f"another command keeps the database in {home.state} to itself; try again")


def _leave(home: Places, users: int, settings: DatabaseSettings) -> None:
    """Stop the server if nobody else uses it; a server that will not stop is left to the next command."""
    try:
        with locks.turn(home):
            if not home.kept.exists() and locks.acquire(users, shared=False):
                server.stop(home, settings)
    except DatabaseUnavailable as error:
        log.warning("%s", error)


def _in_use(home: Places, waited_s: float) -> str:
    pids = locks.holders(home, "users.lock")
    who = f"process {', '.join(map(str, pids))}" if pids else "another command"
    waited = f" after {waited_s:g} s" if waited_s else ""
    return f"the database in {home.state} is still used by {who}{waited}; it stops when the last of them ends"
