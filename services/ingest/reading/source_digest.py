"""A source file by its content: read through once, known by a key, and watched while it is converted.

Files are read through in the worker processes: several at a time, and one that never ends (a mount that hangs) is
refused as any other on which nothing moves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cog.convert import profiles
from cog.convert.profiles import ProfileName
from cog.sources.regular import require_regular
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from records.datasets.models import Granule
from services.compute.children.call import ALONE, Slot
from services.ingest.store.damage import content_fault

_CHUNK = 1 << 20
"""Bytes that are read at a time."""
Stamp = tuple[int, int, int, int]
"""Size, time of the last change in nanoseconds, and device and inode number of a file."""


@dataclass(frozen=True, kw_only=True)
class SourceContent:
    """A source file by its content, the key under which its granules are known, and its stamp when it was read."""

    path: Path
    sha256: str
    size: int
    key: str
    stamp: Stamp


@dataclass(frozen=True, kw_only=True)
class FileDigest:
    """The content of a file, independent of its use; see `SourceContent`."""

    sha256: str
    size: int
    stamp: Stamp


def digest(path: Path, *, slot: Slot = ALONE) -> FileDigest:
    """Read a file through once; raises SourceRefused."""
    require_regular(path)
    checksum, size, buffer = hashlib.sha256(), 0, memoryview(bytearray(_CHUNK))
    try:
        with path.open("rb", buffering=0) as file:
            before = _stamp(os.fstat(file.fileno()))
            while count := file.readinto(buffer):
                checksum.update(buffer[:count])
                size += count
                slot.pulse(size / max(size, before[0]))
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    return FileDigest(sha256=checksum.hexdigest(), size=size, stamp=before)


def content(
    path: Path, read: FileDigest, declaration: DatasetDeclaration, *, dataset_id: str, profile: ProfileName
) -> SourceContent:
    """A file that was read through; its key is a hash of content, declaration and profile.

    Of the declaration counts what cells and their places are made by: a new title, style or record makes no new key.
    """
    key = _key(read.sha256, path.name, declaration, dataset_id=dataset_id, profile=profile)
    return SourceContent(path=path, sha256=read.sha256, size=read.size, key=key, stamp=read.stamp)


def _key(sha256: str, name: str, declaration: DatasetDeclaration, *, dataset_id: str, profile: str) -> str:
    parts = [sha256, meaning_of(declaration), dataset_id, profile, profiles.VERSION]
    if declaration.names_tell:
        parts.append(name)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def rekeyed(
    granules: Iterable[Granule], dataset_id: str, *, before: DatasetDeclaration, after: DatasetDeclaration
) -> dict[str, str]:
    """The new key of each source under another declaration of the same meaning, by its old key.

    Without it a file would count as changed once its dataset's variables are listed in the declaration.
    """
    if meaning_of(before) == meaning_of(after):
        return {}
    keys: dict[str, str] = {}
    for granule in granules:
        source, old = granule.provenance.get("source", {}), granule.provenance.get("key")
        profile = granule.provenance.get("parameters", {}).get("profile", "")
        name = Path(source.get("path", "")).name
        content = (source.get("sha256", ""), name)
        if old == _key(*content, before, dataset_id=dataset_id, profile=profile):
            keys[old] = _key(*content, after, dataset_id=dataset_id, profile=profile)
    return keys


def meaning_of(declaration: DatasetDeclaration) -> dict[str, Any]:
    """The part of a declaration that decides on the cells of a dataset and their places."""
    described = {"title", "standard_name", "classes", "styles"}
    meaning = declaration.model_dump(
        mode="json",
        exclude={
            "id": True,
            "sources": True,
            "record": True,
            "access": True,
            "strict": True,
            "variables": {"__all__": described},
        },
        exclude_defaults=True,
    )
    return meaning | {"categorical": [bool(variable.classes) for variable in declaration.variables]}


def require_untouched(source: SourceContent) -> None:
    """Raise SourceRefused where a file is no longer the one that was read: what was converted may be a mixture."""
    try:
        now = _stamp(source.path.stat())
    except OSError as error:
        cause = f"it went away while it was read: {error.strerror}"
        raise SourceRefused(source.path, cause, "ingest it again when it stays where it is") from error
    if now != source.stamp:
        raise SourceRefused(source.path, "it changed while it was read", "ingest it again when nothing writes to it")


def _stamp(status: os.stat_result) -> Stamp:
    return (status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def by_key(granules: Sequence[Granule]) -> dict[str, list[Granule]]:
    """Granules by the key of the source that they are from."""
    groups: dict[str, list[Granule]] = {}
    for granule in granules:
        groups.setdefault(str(granule.provenance.get("key")), []).append(granule)
    return groups


def is_unchanged(mine: Sequence[Granule], store: Path) -> bool:
    """Whether the granules under a source's key are all that it gave, and the store has their assets, undamaged."""
    expected = mine[0].provenance.get("granules") if mine else None
    return len(mine) == expected and not any(content_fault(store / g.asset.href, g.asset) for g in mine)
