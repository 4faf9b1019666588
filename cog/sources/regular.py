"""Whether a path can be read as a file at all: a pipe never ends, and a device has no size."""

from __future__ import annotations

import stat
from pathlib import Path

from config.errors import SourceRefused


def require_regular(path: Path) -> None:
    """Raise SourceRefused unless a path is a regular file, or a link to one; it is not opened."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    if not stat.S_ISREG(mode):
        what = next((name for test, name in _KINDS if test(mode)), "no regular file")
        raise SourceRefused(path, f"is {what}, not a file", "name a file; to read a pipe, write it to a file first")


_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
