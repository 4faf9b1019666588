"""The files of a watched folder, as one look at it shows them."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEMPORARY: Final = re.compile(
    r"[.~].*|.*(~|[.](tmp|temp|part|partial|filepart|crdownload|download|incomplete|writing|lock|swp|bak)([.-][^.]*)?)",
    re.IGNORECASE,
)
"""Names that programs give to files until they are whole: `.x.nc.Ab12` (rsync), `x.nc.part`, `x.nc.tmp`, `x.nc~`."""


@dataclass(frozen=True)
class FileState:
    """What tells whether a file has changed: size in bytes, time of the last change in nanoseconds, inode number."""

    size: int
    mtime_ns: int
    inode: int


def scan(folder: Path) -> dict[str, FileState] | None:
    """The regular files in a folder and those in it, by absolute path; None where it is not there or cannot be read.

    Files and folders with hidden or temporary names are left out; links to files are followed.
    A file that goes while the folder is read counts as gone.
    """
    try:
        return dict(_walk(os.fspath(folder)))
    except OSError:
        return None


def is_temporary(name: str) -> bool:
    """Whether a name is hidden, or one that programs give to files until they are whole."""
    return _TEMPORARY.fullmatch(name) is not None


def _walk(folder: str) -> Iterator[tuple[str, FileState]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if is_temporary(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path)
                continue
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield entry.path, FileState(status.st_size, status.st_mtime_ns, status.st_ino)
