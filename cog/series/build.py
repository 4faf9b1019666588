"""Building a part straight from its COGs: file by file, a band of rows of one column of blocks at a time.

Every block is read once or twice, nothing is spilled, and the memory is bounded. The same function makes parts at an
ingest, in the background and anew. What it was stopped in goes on with the first file that is not there yet. Equal COGs
make equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.convert.blocks import BLOCK
from cog.grids.lattice import CellBox
from cog.series.cogs import read_boxes
from cog.series.layout import PartLayout, Tier, file_name
from cog.series.packing import NotExactError, kept, proposed
from cog.series.shards import ShardWriter, packed_chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.series.packing import IntegerPacking

MOST_BYTES: Final = 256 * 1024 * 1024
"""Bytes of packed cells that are held at once; with those of the COGs being read a little more."""
_AT_ONCE: Final = 64
"""COGs that are read before they are packed."""
_SAMPLES: Final = 3
_UNFINISHED: Final = ".unfinished"


@dataclass(frozen=True, kw_only=True)
class PartOrder:
    """What a part is built from.

    Attributes:
        paths: The COGs of its times in order.
        height: Rows of their grid.
        width: Columns of their grid.
        codec: The meaning of their values.
        tier: The tier of the part.
        folder: The folder that is made; what an earlier attempt left in it is used.
    """

    paths: tuple[str, ...]
    height: int
    width: int
    codec: Codec
    tier: Tier
    folder: Path


@dataclass(frozen=True, kw_only=True)
class BuiltPart:
    """A part as it was written.

    Attributes:
        layout: The array.
        sha256: Checksum of the names and checksums of its files.
        size: Bytes of all files.
    """

    layout: PartLayout
    sha256: str
    size: int


def build_part(order: PartOrder, *, pulse: Callable[[], None] = lambda: None) -> BuiltPart:
    """Build a part; when it returns, all of it is on disk.

    Args:
        order: What to build.
        pulse: Called after each band of rows.

    Raises:
        EnvironmentFault: A COG cannot be read.
        OSError: A file cannot be written.
    """
    order.folder.mkdir(parents=True, exist_ok=True)
    try:
        return _build(order, _packing(order), pulse)
    except NotExactError:  # beyond the samples there is a cell that does not fit
        for path in order.folder.rglob("*"):
            if path.is_file():
                path.unlink()
        return _build(order, kept(order.codec), pulse)


def _packing(order: PartOrder) -> IntegerPacking:
    """The packing that the first, middle and last COG propose; remembered, so that a second attempt goes on alike."""
    numbers = np.unique(np.linspace(0, len(order.paths) - 1, _SAMPLES).astype(int))
    rows = min(order.height, max(1, MOST_BYTES // (8 * order.width * _SAMPLES * 8)))
    first = (order.height - rows) // 2
    box = CellBox(top=first, bottom=first + rows, left=0, right=order.width)
    return proposed(read_boxes([order.paths[n] for n in numbers], box, order.codec), order.codec)


def _build(order: PartOrder, packing: IntegerPacking, pulse: Callable[[], None]) -> BuiltPart:
    layout = PartLayout(
        steps=len(order.paths), height=order.height, width=order.width, tier=order.tier, packing=packing
    )
    digest, size = hashlib.sha256(), 0
    for key in layout.file_keys():
        sha256, length = _file(order, layout, key, pulse)
        digest.update(f"{file_name(key)} {sha256}\n".encode())
        size += length
    document = json.dumps(layout.metadata(), indent=1, sort_keys=True).encode()
    _write_synced(order.folder / "zarr.json", document)
    digest.update(b"zarr.json " + hashlib.sha256(document).hexdigest().encode())
    for folder in (*(path for path in order.folder.rglob("*") if path.is_dir()), order.folder):
        sync_folder(folder)
    return BuiltPart(layout=layout, sha256=digest.hexdigest(), size=size + len(document))


def _file(order: PartOrder, layout: PartLayout, key: tuple[int, int], pulse: Callable[[], None]) -> tuple[str, int]:
    """Write one file, unless it is there; its SHA-256 and size."""
    path = order.folder / file_name(key)
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    rows, columns = layout.chunks
    with ShardWriter(unfinished, rows * columns) as shard:
        for band in _bands(layout, key):
            _write_band(order, layout, shard, band)
            pulse()
        written = shard.close()
    unfinished.replace(path)
    return written


def _bands(layout: PartLayout, key: tuple[int, int]) -> Iterator[CellBox]:
    """The cells of a file, in bands of rows of a column of blocks that fit into memory."""
    rows, columns = layout.shard
    edge, size = layout.tier.edge, np.dtype(layout.packing.dtype).itemsize
    high = max(edge, min(BLOCK, MOST_BYTES // (layout.tier.steps * BLOCK * size)) // edge * edge)
    grid = CellBox(top=0, bottom=layout.height, left=0, right=layout.width)
    for left in range(key[1] * columns, min((key[1] + 1) * columns, layout.width), BLOCK):
        for block in range(key[0] * rows, min((key[0] + 1) * rows, layout.height), BLOCK):
            for top in range(block, block + BLOCK, high):
                bottom = min(top + high, block + BLOCK)
                band = CellBox(top=top, bottom=bottom, left=left, right=left + BLOCK).meet(grid)
                if band.cells:
                    yield band


def _write_band(order: PartOrder, layout: PartLayout, shard: ShardWriter, band: CellBox) -> None:
    edge, packing = layout.tier.edge, layout.packing
    height, width = -(-band.rows // edge) * edge, -(-band.columns // edge) * edge
    fill = np.array(packing.fill).astype(packing.dtype)
    cells = np.full((layout.tier.steps, height, width), fill, packing.dtype)
    for first in range(0, len(order.paths), _AT_ONCE):
        read = read_boxes(order.paths[first : first + _AT_ONCE], band, order.codec)
        cells[first : first + len(read), : band.rows, : band.columns] = packing.packed(read, order.codec)
    for row in range(0, height, edge):
        for column in range(0, width, edge):
            chunk = cells[:, row : row + edge, column : column + edge]
            if not _is_filled(chunk, fill):
                _, number = layout.place((band.top + row) // edge, (band.left + column) // edge)
                shard.put(number, packed_chunk(chunk))


def _is_filled(chunk: NDArray[Any], fill: NDArray[Any]) -> bool:
    """Whether every cell is the fill value, NaN being one."""
    return bool(np.isnan(chunk).all() if fill.dtype.kind == "f" and np.isnan(fill) else (chunk == fill).all())


def _write_synced(path: Path, content: bytes) -> None:
    unfinished = path.with_name(path.name + _UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
