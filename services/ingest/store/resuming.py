"""Large COGs that are finished before their ingest is: one that is interrupted, also by SIGKILL, goes on after them.

They wait beside the folder in which an ingest works, in `.tmp/{dataset}/finished`, each with a file of what is known of
it, which is written last. Only a COG whose bytes have the checksum in it is taken. They go when the ingest has
published, and with `graticule store gc`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from cog.convert.models import Converted
from cog.statistics.packing import unpack

FOLDER = "finished"
LEAST_BYTES = 64 * 1024 * 1024
"""Cells of a granule from which on its COG is kept."""


def finished_path(target: Path, facts: tuple[Any, ...], *, cell_bytes: int) -> Path | None:
    """Where a COG of so many bytes of cells waits, by all that its own bytes depend on; None for small ones."""
    if cell_bytes < LEAST_BYTES:
        return None
    name = hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
    return target.parent.parent / FOLDER / f"{name}.tif"


def keep(converted: Converted, path: Path) -> Converted:
    """Put a COG where it waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    converted.path.replace(path)
    note = {
        "sha256": converted.sha256,
        "size": converted.size,
        "statistics": base64.b64encode(converted.summary).decode(),
    }
    begun = path.with_suffix(".begun")
    begun.write_text(json.dumps(note))
    begun.replace(_note(path))
    return replace(converted, path=path)


def finished(path: Path) -> Converted | None:
    """The COG that waits there, if it is whole."""
    try:
        note = json.loads(_note(path).read_bytes())
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        summary = base64.b64decode(note["statistics"])
        if checksum != note["sha256"] or unpack(summary) is None:
            return None
        return Converted(path=path, sha256=checksum, size=note["size"], summary=summary)
    except (FileNotFoundError, ValueError, KeyError):
        return None


def is_waiting(path: Path | None) -> bool:
    """Whether a COG seems to wait there."""
    return path is not None and _note(path).exists() and path.exists()


def forget_others(folder: Path, wanted: Collection[Path]) -> None:
    """Remove what waits in a folder and is not wanted any more."""
    names = {path.stem for path in wanted}
    for path in sorted(folder.glob("*")):
        if path.stem not in names:
            path.unlink(missing_ok=True)


def _note(path: Path) -> Path:
    return path.with_suffix(".json")
