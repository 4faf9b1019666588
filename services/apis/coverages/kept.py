"""Encoded coverages on disk, for clients that read an answer piece by piece (RFC 9110, 14).

GDAL's /vsicurl/ and the NetCDF library ask for the length of an answer and then for ranges of its bytes, each with a
request of its own. What they read must be one encoding, so it is written once and kept: in one folder for all workers,
under a name made of the request, the version of the dataset and the checksum of the bytes, within a number of bytes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

_RESTING_S: Final = 60.0
"""Seconds after its last use for which a file stays, whatever the bound: somebody may be sending it."""
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """An encoded answer in a file, and its entity tag, which is that of its bytes."""

    path: Path
    etag: str


class KeptCoverages:
    """The encoded answers in a folder. Thread-safe; processes may share the folder.

    Args:
        folder: Where they are; made when the first comes.
        capacity: Most bytes of all of them together; of files that were used a moment ago there may be more.
    """

    def __init__(self, folder: Path, capacity: int) -> None:
        self._folder = folder
        self._capacity = capacity
        self._lock = threading.Lock()

    def find(self, identity: tuple[str, ...]) -> KeptFile | None:
        """The encoding of a request, None if none is kept."""
        key = _key(identity)
        paths = sorted(self._folder.glob(f"{key}-*")) if self._folder.is_dir() else []
        for path in paths:
            try:
                os.utime(path)
            except FileNotFoundError:
                continue
            return KeptFile(path=path, etag=f'"{path.name.rpartition("-")[2]}"')
        return None

    def keep(self, identity: tuple[str, ...], write: Callable[[], IO[bytes]]) -> KeptFile | IO[bytes]:
        """The encoding of a request, written if it is not there; what is larger than all may be is handed back open.

        Args:
            identity: All that the bytes depend on.
            write: Encodes the answer.
        """
        with self._lock:  # of several readers that begin at once, one encodes
            found = self.find(identity)
            if found is not None:
                return found
            file = write()
            size = file.seek(0, 2)
            file.seek(0)
            if size > self._capacity:
                return file
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(size)
            return self._placed(_key(identity), file)

    def _placed(self, key: str, file: IO[bytes]) -> KeptFile:
        digest = hashlib.sha256()
        temporary = self._folder / f".{uuid4().hex}"
        with file, temporary.open("xb") as copy:
            while piece := file.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
        name = digest.hexdigest()[:32]
        path = self._folder / f"{key}-{name}"
        temporary.replace(path)
        return KeptFile(path=path, etag=f'"{name}"')

    def _make_room(self, size: int) -> None:
        """Remove the files that were used longest ago until there is room, and what a killed process left behind."""
        entries = []
        for entry in os.scandir(self._folder):
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue
            entries.append((status.st_mtime, status.st_size, self._folder / entry.name))
        total, now = sum(entry[1] for entry in entries), time.time()
        for used, bytes_, path in sorted(entries):
            is_rest = path.name.startswith(".") and now - used > 3600
            if not is_rest and (total + size <= self._capacity or now - used < _RESTING_S):
                continue
            try:
                path.unlink()
                total -= bytes_
            except FileNotFoundError:
                continue
        free = shutil.disk_usage(self._folder).free
        if free < 2 * size:
            log.warning("%s has %d bytes left, and a coverage of %d is kept there", self._folder, free, size)


def _key(identity: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(identity).encode()).hexdigest()[:32]
