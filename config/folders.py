"""Folders that other users of the machine may not enter."""

from __future__ import annotations

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
