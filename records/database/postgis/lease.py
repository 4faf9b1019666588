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
    found = places.prepare(data_dir)
    users = locks.open_lock(found, "users.lock")
    try:
        with locks.turn(found):
            _share(found, users)
            url = server.ensure(found, settings, durable=durable)
        yield url
    finally:
        try:
            _leave(found, users, settings)
        finally:
            os.close(users)


def ensure(data_dir: Path, settings: DatabaseSettings) -> str:
    """Start the server again if it died under a process that holds `running`; returns its URL, which never changes."""
    found = places.prepare(data_dir)
    with locks.turn(found):
        return server.ensure(found, settings)


def keep(data_dir: Path, settings: DatabaseSettings) -> str:
    """Start the server and let it run without users until `release`; returns its URL."""
    found = places.prepare(data_dir)
    with locks.turn(found):
        url = server.ensure(found, settings)
        found.kept.touch(mode=0o600)
        return url


def release(data_dir: Path, settings: DatabaseSettings, *, wait_s: float = 0.0) -> bool:
    """Stop the server once nobody uses it; whether it ran.

    Raises Conflict, naming the users, if it is still used after `wait_s` seconds; it then stops with its last user.
    """
    found = places.existing(data_dir)
    if found is None or not found.exists:
        return False
    users = locks.open_lock(found, "users.lock")
    deadline = time.monotonic() + wait_s
    try:
        found.kept.unlink(missing_ok=True)
        while True:
            with locks.turn(found):
                if locks.acquire(users, shared=False):
                    ran = server.is_running(found)
                    server.stop(found, settings)
                    return ran
            if time.monotonic() >= deadline:
                raise Conflict(_in_use(found, wait_s))
            time.sleep(0.1)
    finally:
        os.close(users)


def status(data_dir: Path) -> Status | None:
    """The state of the embedded server of a data directory, or None if it has none. Starts and makes nothing."""
    found = places.existing(data_dir)
    if found is None:
        return None
    made = found.exists
    return Status(
        state=found.state,
        sockets=found.sockets,
        log=found.log,
        account=found.account.name,
        major=cluster.major_of(found),
        running=made and server.is_running(found),
        kept=found.kept.exists(),
        users=tuple(locks.holders(found, "users.lock")),
    )


def url_of(data_dir: Path) -> str | None:
    """The URL of the embedded server of a data directory, running or not, or None if it has none."""
    found = places.existing(data_dir)
    return server.url(found) if found is not None and found.exists else None


def discard(data_dir: Path, settings: DatabaseSettings) -> None:
    """Stop the server and remove the cluster with all it holds; raises Conflict while it is used."""
    found = places.existing(data_dir)
    if found is None:
        return
    release(data_dir, settings)
    shutil.rmtree(found.state)
    if found.sockets.exists():
        shutil.rmtree(found.sockets)
    (found.data_dir / places.POINTER).unlink(missing_ok=True)


def _share(found: Places, users: int) -> None:
    if not locks.acquire(users, shared=True, timeout=60):
        raise DatabaseUnavailable(f"another command keeps the database in {found.state} to itself; try again")


def _leave(found: Places, users: int, settings: DatabaseSettings) -> None:
    """Stop the server if nobody else uses it; a server that will not stop is left to the next command."""
    try:
        with locks.turn(found):
            if not found.kept.exists() and locks.acquire(users, shared=False):
                server.stop(found, settings)
    except DatabaseUnavailable as error:
        log.warning("%s", error)


def _in_use(found: Places, waited_s: float) -> str:
    pids = locks.holders(found, "users.lock")
    who = f"process {', '.join(map(str, pids))}" if pids else "another command"
    waited = f" after {waited_s:g} s" if waited_s else ""
    return f"the database in {found.state} is still used by {who}{waited}; it stops when the last of them ends"
