"""Who uses a server, and whether any of its processes lives: three lock files beside the cluster.

* `turn.lock` is held alone, and briefly, by whoever starts or stops the server.
* `users.lock` is held shared by each command that uses the server; whoever gets it alone is the last.
* `server.lock` is held shared by the server itself: its processes inherit the open file, so the kernel lets go of it
  exactly when the last of them is gone, however it went. Process ids, which are used again, are never trusted.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.database.postgis.places import Places

_TURN_WAIT_S = 180.0


def open_lock(places: Places, name: str) -> int:
    """The descriptor of a lock file, which is made if missing; not inherited by programs unless passed on."""
    path = places.state / name
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.fstat(descriptor).st_uid != places.account.uid and places.state.stat().st_uid == places.account.uid:
        os.fchown(descriptor, places.account.uid, places.account.gid)
    return descriptor


@contextmanager
def turn(places: Places) -> Iterator[None]:
    """The right to start or stop the server; raises DatabaseUnavailable when others keep it for minutes."""
    descriptor = open_lock(places, "turn.lock")
    try:
        if not acquire(descriptor, shared=False, timeout=_TURN_WAIT_S):
            raise DatabaseUnavailable(
                f"another command has been starting or stopping the database in {places.state} "
                f"for {_TURN_WAIT_S:.0f} s; see {places.log}"
            )
        yield
    finally:
        os.close(descriptor)


def acquire(descriptor: int, *, shared: bool, timeout: float = 0.0) -> bool:
    """Take a lock, waiting at most `timeout` seconds; whether it was got."""
    mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, mode)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def free(places: Places, name: str) -> bool:
    """Whether nobody holds a lock."""
    descriptor = open_lock(places, name)
    try:
        return acquire(descriptor, shared=False)
    finally:
        os.close(descriptor)


def holders(places: Places, name: str) -> list[int]:
    """Process ids of those who hold a lock, other than this process, as far as the system tells (Linux)."""
    path, locks = places.state / name, Path("/proc/locks")
    if not locks.is_file() or not path.exists():
        return []
    inode = str(path.stat().st_ino)
    fields = (line.split() for line in locks.read_text(encoding="utf-8").splitlines())
    pids = {int(f[4]) for f in fields if "FLOCK" in f and f[5].rsplit(":", 1)[-1] == inode and "->" not in f}
    return sorted(pids - {os.getpid()})
