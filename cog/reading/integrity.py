"""Whether a file of the store still holds what was written there.

The name of an asset ends in the first twelve digits of its SHA-256. A process compares the two before it first reads a
file, and again whenever the file is another one (inode, size, times): so neither a flipped bit nor a file put in the
place of another is served. While a file stays the same, a look at it costs one call of the system. A large file is
compared in a thread beside its first readers. What changes on the disk alone is found by the scrubber
(`services.serving.background.scrubber`), which moves the file away.

A file that stays where it lies has a link in the store. The name of the link also holds its size and the time of its
last change: one that was written to since is never read.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from config.errors import DamagedAsset

log = logging.getLogger(__name__)

type Identity = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of status, in nanoseconds."""
_LINK: Final = re.compile(r"(?:(?<=>)|\A)[^<>]+@[0-9a-f]+[.][0-9a-f]+-[0-9a-f]{12}[.]tif(?=<|\Z)")
"""Such a name as a whole path, or within the text of a virtual raster."""

AT_ONCE_BYTES: Final = 256 * 2**20
"""Larger files are read before they are compared: a gigabyte takes more than half a second."""
_REMEMBERED: Final = 200_000
"""Files that are known to be right; each takes about 100 bytes."""
_LOCKS: Final = 32
_NAME: Final = re.compile(r"[^/]+/[^/]+/[^/]+?(?:@([0-9a-f]+)[.]([0-9a-f]+))?-([0-9a-f]{12})\.tif\Z")
"""Name of an asset; in that of one that lies elsewhere also its size and the time of its last change, nanoseconds."""


class _Findings:
    """What this process has found, the least recently used forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.right: OrderedDict[int, None] = OrderedDict()
        self.damaged: dict[str, Identity] = {}
        self.under_way: set[str] = set()
        self.reading = [threading.Lock() for _ in range(_LOCKS)]
        """One of them is held while a file is read, so that two threads do not read the same one."""
        self.aside = threading.Semaphore()
        """Held by the one thread that reads a large file."""

    def keep_right(self, path: str, identity: Identity) -> None:
        with self.lock:
            self.right[hash((path, identity))] = None
            self.damaged.pop(path, None)
            while len(self.right) > _REMEMBERED:
                self.right.popitem(last=False)

    def is_right(self, path: str, identity: Identity) -> bool:
        with self.lock:
            key = hash((path, identity))
            if key not in self.right:
                return False
            self.right.move_to_end(key)
            return True


_found: Final = _Findings()


def require_intact(path: str, known: Identity | None = None) -> Identity | None:
    """The identity of a file of the store that holds what its name says; None for one whose name says nothing.

    Args:
        path: The file.
        known: Its identity as this function answered it before.

    Raises:
        DamagedAsset: The file is not there, or holds something else.
    """
    if known is not None and path not in _found.damaged and _is(path, known):
        return known
    name = _NAME.search(path)
    if name is None:
        return None
    try:
        identity = _identity(os.stat(path))
    except OSError as error:
        raise DamagedAsset(name[0], f"cannot be read: {error.strerror}") from error
    _require_unchanged(path, name, identity)
    if _found.damaged.get(path) == identity:
        raise DamagedAsset(name[0], "does not hold what was written there")
    if not _found.is_right(path, identity):
        if identity[2] > AT_ONCE_BYTES:
            _compare_aside(path, name[0], name[3], identity)
        else:
            _compare(path, name[0], name[3], identity)
    return identity


def elsewhere_name(key: str, *, size: int, mtime_ns: int, sha256: str) -> str:
    """The name of an asset that lies elsewhere: its key, size, time of the last change, and beginning of its digest."""
    return f"{key}@{size:x}.{mtime_ns:x}-{sha256[:12]}.tif"


def files_elsewhere(path: str) -> tuple[str, ...]:
    """The links to files that lie elsewhere which a path is, or which the text of a virtual raster names."""
    return tuple(dict.fromkeys(_LINK.findall(path)))


def change_of(path: str) -> str | None:
    """What has changed of a file that lies elsewhere since it was catalogued; None if nothing has."""
    name = _NAME.search(path)
    try:
        if name is not None and name[1] is not None:
            _require_unchanged(path, name, _identity(os.stat(path)))
    except DamagedAsset as error:
        return error.fault
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def _require_unchanged(path: str, name: re.Match[str], identity: Identity) -> None:
    """Raise DamagedAsset for a file that lies elsewhere and has another size or time than when it was catalogued."""
    if name[1] is None or (identity[2], identity[3]) == (int(name[1], 16), int(name[2], 16)):
        return
    if _found.damaged.get(path) != identity:
        log.error(
            "%s, which %s names, has changed since it was catalogued; ingest it again", os.path.realpath(path), path
        )
        _found.damaged[path] = identity
    raise DamagedAsset(name[0], "has changed since it was catalogued")


def require_undamaged(path: str) -> None:
    """Raise DamagedAsset for a file that this process knows to be damaged, without reading it.

    For those who read a few bytes of each of very many files: comparing all of them would take minutes.
    """
    damaged = _found.damaged.get(path)
    if damaged is not None and _is(path, damaged):
        require_intact(path)
    name = _NAME.search(path) if "@" in path else None
    if name is not None and name[1] is not None:
        try:
            _require_unchanged(path, name, _identity(os.stat(path)))
        except OSError as error:
            raise DamagedAsset(name[0], f"cannot be read: {error.strerror}") from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _identity(status: os.stat_result) -> Identity:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _is(path: str, known: Identity) -> bool:
    """Whether a file is the one that is known; false if it is not there."""
    try:
        return _identity(os.stat(path)) == known
    except OSError:
        return False


def _compare(path: str, name: str, expected: str, identity: Identity) -> None:
    """Read a file and compare it with its name; raises DamagedAsset."""
    with _found.reading[hash(path) % _LOCKS]:
        if _found.is_right(path, identity):  # another thread has just read it
            return
        try:
            digest = sha256_of(Path(path))
        except OSError as error:
            raise DamagedAsset(name, f"cannot be read: {error.strerror}") from error
        if digest.startswith(expected):
            _found.keep_right(path, identity)
            return
        if _found.damaged.get(path) != identity:
            log.error("%s is damaged: its SHA-256 is %s, not %s...", path, digest, expected)
            _found.damaged[path] = identity
    raise DamagedAsset(name, "does not hold what was written there")


def _compare_aside(path: str, name: str, expected: str, identity: Identity) -> None:
    """Have a file compared in a thread, unless one does already."""

    def run() -> None:
        try:
            with _found.aside:
                _compare(path, name, expected, identity)
        except DamagedAsset as error:
            log.warning("%s", error.detail)
        finally:
            with _found.lock:
                _found.under_way.discard(path)

    with _found.lock:
        if path in _found.under_way:
            return
        _found.under_way.add(path)
    threading.Thread(target=run, name="checksum", daemon=True).start()
