"""Files of the store that do not hold what the catalogue says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cog.reading.integrity import change_of, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from records.datasets.models import Asset

DAMAGED: Final = ".damaged"
"""Folder of the store to which damaged files are moved; nothing reads them there, and the operator may remove them."""


def content_fault(path: Path, asset: Asset, *, digest: Callable[[Path], str] = sha256_of) -> str | None:
    """What is wrong with the content of an asset's file; None if nothing is. `digest` reads it."""
    if not path.is_file():
        return "leads to a file that is gone" if path.is_symlink() else "is missing from the store"
    change = change_of(str(path))
    if change is not None:
        return change
    try:
        actual = digest(path)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if actual == asset.sha256 else f"has the SHA-256 {actual}, not {asset.sha256}"


def set_aside(store: Path, asset: Asset) -> str | None:
    """Move the file of an asset away if it is damaged; returns its fault, None if it is right.

    It is read once more for that, so that neither a slip of the memory nor a file that was put there meanwhile counts.
    The link to a file that lies elsewhere stays where that one is away or has another size or time: it is not served
    then, and is again when its disk is back.
    """
    path = store / asset.href
    before = _inode(path)
    fault = content_fault(path, asset)
    if path.is_symlink() and change_of(str(path)) is not None:
        return fault
    if fault is not None and before is not None and _inode(path) == before:
        target = store / DAMAGED / asset.href
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)  # of one that lies elsewhere, the link
    return fault


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = os.lstat(path)  # a link to a file that lies elsewhere is what moves
    except OSError:
        return None
    return status.st_dev, status.st_ino
