"""The bytes that an ingest will write, and whether the disk has room for them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from config.errors import EnvironmentFault
from services.ingest.planning.plan import GranulePiece

_OVERVIEWS = 4 / 3
"""Cells with all their overviews, each a quarter of the one before, as a multiple of the cells."""
_BY_SOURCE = 2.0
"""A COG is seldom larger than so many times the bytes that its source spends on the same cells."""
_HEADER = 16 * 1024
_SPARE = 64 * 1024 * 1024
"""Bytes that stay free for the catalogue."""


def estimated_sizes(pieces: Sequence[GranulePiece]) -> dict[Path, int]:
    """About how many bytes the COG of each target will have: an upper estimate, for compression cannot be foreseen.

    At most all cells and overviews without compression; less where the whole source is smaller than that.
    """
    cells: dict[Path, int] = {}
    for piece in pieces:
        cells[piece.source.path] = cells.get(piece.source.path, 0) + piece.variable.step_bytes
    sizes = {}
    for piece in pieces:
        raw = piece.variable.step_bytes
        share = piece.source.size * _BY_SOURCE * raw / cells[piece.source.path]
        sizes[piece.target] = ceil(min(raw, share) * _OVERVIEWS) + _HEADER
    return sizes


def needed_bytes(pieces: Sequence[GranulePiece], workers: int) -> int:
    """Bytes that converting takes in the store: all COGs, and once more the largest, of which each worker makes one.

    Compressed blocks wait in temporary files until a COG is put together (`cog.convert.write`).
    """
    sizes = sorted(estimated_sizes(pieces).values(), reverse=True)
    return sum(sizes) + sum(sizes[:workers])


def source_bytes(pieces: Sequence[GranulePiece]) -> int:
    """Bytes of the original files of pieces, each counted once."""
    return sum({piece.source.sha256: piece.source.size for piece in pieces}.values())


def free_bytes(store: Path) -> tuple[int, Path]:
    """Free bytes of the disk of a store that may not be there yet, and the folder that was asked."""
    place = store.absolute()
    while not os.path.isdir(place) and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free, place


def require_room(store: Path, needed: int) -> None:
    """Raise EnvironmentFault, naming need, free and where, unless the disk has room."""
    free, place = free_bytes(store)
    if needed + _SPARE > free:
        cause = f"the ingest needs about {in_words(needed + _SPARE)}, and {in_words(free)} are free in {place}"
        remedy = "free some, run `graticule store gc`, or set GRATICULE_STORE to another disk"
        raise EnvironmentFault(f"{cause}; {remedy}")


def in_words(size: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
