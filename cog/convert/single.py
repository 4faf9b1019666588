"""Granules of one block, of which a series has thousands: written in one piece, and checked mostly without GDAL.

GDAL takes longer to open such a file than all the rest takes. Files of one kind have the same directory but for plain
texts of one length, such as their times, and the size of their block. The first of a kind is checked as every other
COG, by GDAL and rio-cogeo (`cog.convert.validate`). Each further one is read again and must have the same head, and its
block must give every cell back. The bytes are those that `cog.convert.write.CogWriter` writes.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from cog.convert import tiff
from cog.convert.blocks import BLOCK, Compressor, predicted
from cog.convert.profiles import Profile
from cog.convert.skeleton import METADATA, are_plain, meaning, skeleton
from cog.convert.validate import CellDigest, require_valid
from cog.series.decoding import block_rows
from cog.series.directory import Directory, read_directory
from cog.sources.models import SourceVariable
from config.errors import SourceRefused

_KINDS = 64
_REMEDY = "this is a fault of the conversion; report it with the file"


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What files of one kind share: a checked head, and where in it they differ.

    Attributes:
        head: The bytes before the block and its leader.
        texts: Where GDAL's metadata begins in it; None where there is none.
        size: Where the size of the block stands in it.
        directory: Its directory, by which a block is decoded.
    """

    head: bytes
    texts: int | None
    size: int
    directory: Directory

    def with_block(self, texts: bytes, size: int) -> bytes:
        """The head of a file with these texts and a block of that size."""
        head = bytearray(self.head)
        if self.texts is not None:
            head[self.texts : self.texts + len(texts)] = texts
        struct.pack_into("<I", head, self.size, size)
        return bytes(head)


_kinds: LRUCache[tuple[object, ...], _Kind] = LRUCache(_KINDS)
_compressors: LRUCache[str, Compressor] = LRUCache(8)


def is_single(variable: SourceVariable) -> bool:
    """Whether a granule of a variable is one block without overviews."""
    return (
        variable.band_count == 1 and variable.kind != "rgb" and max(variable.grid.width, variable.grid.height) <= BLOCK
    )


def write_single(
    cells: NDArray[Any],
    variable: SourceVariable,
    *,
    target: Path,
    profile: Profile,
    tags: dict[str, str],
    source: object,
) -> tuple[str, int]:
    """Write the (row, column) cells of one granule and check the file; returns its SHA-256 and size in bytes.

    The file is not yet on disk for certain when this returns. Not thread-safe. Raises SourceRefused, naming the source.
    """
    predictor, block = _packed(cells, profile)
    tags_of_file = skeleton(variable, profile.creation_options(predictor), tags)
    texts = next((tag.value for tag in tags_of_file if tag.code == METADATA), b"")
    key = (meaning(variable), profile.name, predictor, len(texts), tuple(tags))
    kind = _kinds.get(key) if are_plain(tags) else None
    if kind is None:
        head = _written(target, tags_of_file, variable, block)
        digest = CellDigest()
        digest.add(cells[np.newaxis])
        require_valid(target, variable.grid, digest=digest.value(), source=source)
        kind = _kinds[key] = _kind_of(target, head)
    else:
        head = kind.with_block(texts, len(block))
        target.write_bytes(head + tiff.framed(block))
    return _checked(target, kind, head, cells, source)


def _packed(cells: NDArray[Any], profile: Profile) -> tuple[int, bytes]:
    """The predictor that makes the block smallest (`profiles.best_predictor`), and the block."""
    if profile.name not in _compressors:
        _compressors[profile.name] = profile.compressor()
    compress = _compressors[profile.name]
    blocks = {it: compress(predicted(cells, predictor=it).data) for it in profile.predictors(cells.dtype)}
    predictor = min(blocks, key=lambda it: (len(blocks[it]), it))
    return predictor, blocks[predictor]


def _written(target: Path, tags: list[tiff.Tag], variable: SourceVariable, block: bytes) -> bytes:
    """Write a file as any other COG is written; returns the bytes before its block and the leader."""
    level = tiff.Level(width=variable.grid.width, height=variable.grid.height, bands=1, data=io.BytesIO())
    level.add(block)
    with target.open("wb") as file:
        tiff.write(file, tags, [level])
    return target.read_bytes()[: -level.total]


def _kind_of(path: Path, head: bytes) -> _Kind:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        directory = read_directory(descriptor)
    finally:
        os.close(descriptor)
    try:
        texts: int | None = tiff.value_place(head, METADATA)
    except KeyError:
        texts = None
    return _Kind(head=head, texts=texts, size=tiff.value_place(head, tiff.SIZES), directory=directory)


def _checked(path: Path, kind: _Kind, head: bytes, cells: NDArray[Any], source: object) -> tuple[str, int]:
    """Read a file again; raises SourceRefused unless it has that head, and every cell."""
    content = path.read_bytes()
    begin = len(head) + tiff.LEADER
    if content[: len(head)] != head or begin != int(kind.directory.offsets[0, 0, 0]):
        raise SourceRefused(source, "its COG is not valid: its directory is not the one that was written", _REMEDY)
    try:
        rows = block_rows(content[begin : -tiff.TRAILER], kind.directory, first=0, stop=len(cells))
    except ValueError as error:
        raise SourceRefused(source, f"its COG cannot be read: {error}", _REMEDY) from error
    if rows[:, : cells.shape[1]].tobytes() != cells.tobytes():
        raise SourceRefused(source, "cells of its COG differ from the source's", _REMEDY)
    return hashlib.sha256(content).hexdigest(), len(content)
