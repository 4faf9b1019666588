"""Whether a part of the store is what it says: its files, and every value against the COGs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.convert.blocks import BLOCK
from cog.grids.lattice import CellBox
from cog.series.cogs import read_boxes
from cog.series.layout import file_name
from cog.series.shards import ShardReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.series.parts import PartFile

_ROWS = 32
_AT_ONCE = 256


def file_fault(part: PartFile, sha256: str) -> str | None:
    """What is wrong with the files of a part, None if nothing is: all there, with their checksums."""
    digest = hashlib.sha256()
    rows, columns = part.layout.chunks
    for key in part.layout.file_keys():
        name = file_name(key)
        path = Path(part.path) / name
        try:
            with path.open("rb") as file:
                digest.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
            with ShardReader(str(path), rows * columns) as shard:
                shard.check()
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
        except ValueError as error:
            return f"{name} is broken: {error}"
    try:
        document = (Path(part.path) / "zarr.json").read_bytes()
    except OSError as error:
        return f"zarr.json cannot be read: {error.strerror}"
    digest.update(b"zarr.json " + hashlib.sha256(document).hexdigest().encode())
    return None if digest.hexdigest() == sha256 else f"has the SHA-256 {digest.hexdigest()}, not {sha256}"


def value_fault(
    part: PartFile, paths: Sequence[str], codec: Codec, *, steps: NDArray[np.integer[Any]] | None = None
) -> str | None:
    """Where a part differs from the COGs of its times, None if it does not; reads all of both.

    Args:
        part: The part.
        paths: COGs in order.
        codec: The meaning of their values.
        steps: The times of the part that they are of; None: all.
    """
    layout = part.layout
    grid = CellBox(top=0, bottom=layout.height, left=0, right=layout.width)
    times = np.arange(layout.steps) if steps is None else steps
    for top in range(0, layout.height, _ROWS):
        for left in range(0, layout.width, BLOCK):
            box = CellBox(top=top, bottom=top + _ROWS, left=left, right=left + BLOCK).meet(grid)
            mine = part.box(box, slice(None))[times]
            for first in range(0, len(times), _AT_ONCE):
                theirs = read_boxes(paths[first : first + _AT_ONCE], box, codec)
                some = mine[first : first + _AT_ONCE]
                valid = codec.valid(theirs)
                differs = (codec.valid(some) != valid) | ((some != theirs) & valid)
                if differs.any():
                    step, row, column = (int(n) for n in np.argwhere(differs)[0])
                    where = f"row {box.top + row}, column {box.left + column}, time {int(times[first + step])}"
                    return f"differs from the COG at {where}"
    return None
