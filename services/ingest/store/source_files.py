"""The original files of a dataset, kept in the store where its declaration wants that, each content once."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config.errors import SourceRefused
from records.datasets.assets.source_media import SOURCE_FOLDER, media_type_of
from records.datasets.models import Asset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.ingest.reading.source_digest import SourceContent

_CHUNK: Final = 1 << 20
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._+-]+", re.ASCII)
_SUFFIXES: Final = re.compile(r"\.[A-Za-z0-9]{1,8}(\.(gz|bz2|xz|zip))?\Z", re.ASCII)


def kept_sources(store: Path, dataset_id: str, sources: Iterable[SourceContent], *, folder: Path) -> dict[str, Asset]:
    """Copy files into the store, and return the asset of each by its key; those that are there already stay.

    Args:
        store: The store.
        dataset_id: Whose files they are.
        sources: The files as they were read; each may occur several times.
        folder: A temporary folder of the store.

    Raises SourceRefused for a file that has another content by now.
    """
    return {source.key: _kept(store, dataset_id, source, folder) for source in {s.key: s for s in sources}.values()}


def source_name(name: str, sha256: str) -> str:
    """The name under which a file is kept: its own, with the first 12 digits of its SHA-256 before its suffix."""
    match = _SUFFIXES.search(name)
    suffix = match[0] if match and match.start() else ""
    stem = _UNSAFE.sub("_", name[: len(name) - len(suffix)])[:120] or "source"
    return f"{stem}-{sha256[:12]}{suffix}"


def _kept(store: Path, dataset_id: str, source: SourceContent, folder: Path) -> Asset:
    href = f"{dataset_id}/{SOURCE_FOLDER}/{source_name(source.path.name, source.sha256)}"
    final = store / href
    if not (final.is_file() and final.stat().st_size == source.size):
        copy = folder / f"source-{source.sha256}"
        if _copied(source.path, copy) != source.sha256:
            copy.unlink()
            raise SourceRefused(
                source.path, "it changed while it was read", "ingest it again when nothing writes to it"
            )
        final.parent.mkdir(parents=True, exist_ok=True)
        copy.replace(final)
    return Asset(href=href, sha256=source.sha256, size=source.size, media_type=media_type_of(final.name))


def _copied(path: Path, target: Path) -> str:
    """Copy a file; returns the SHA-256 of what was copied."""
    checksum, buffer = hashlib.sha256(), memoryview(bytearray(_CHUNK))
    try:
        source = path.open("rb", buffering=0)
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    with source, target.open("wb") as copy:
        while count := source.readinto(buffer):
            checksum.update(buffer[:count])
            copy.write(buffer[:count])
    return checksum.hexdigest()
