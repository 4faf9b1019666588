"""Folders that other users of the machine may not enter, and files that are on disk for certain."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder, unless it is there, that its owner may use, its group may read, and others may not enter."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o750)
    except FileExistsError:
        if not folder.is_dir():
            raise


def is_open_to_all(folder: Path) -> bool:
    """Whether every user of the machine may enter a folder, if it exists."""
    return folder.is_dir() and bool(folder.stat().st_mode & stat.S_IXOTH)


def sync_file(path: Path) -> None:
    """Have the bytes of a file on disk when this returns."""
    with path.open("rb", buffering=0) as file:
        os.fsync(file.fileno())
