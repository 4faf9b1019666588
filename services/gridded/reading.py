"""Reads hyperslabs of fields: piece by piece in the order of the array, so that memory does not grow with the answer.

A hyperslab is a `range` for each dimension; ranges have any stride and may fall.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.grids.lattice import CellBox, place_on
from cog.reading.mosaic import Mosaic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cog.reading.sheets import Sheet
    from services.gridded.arrays import Field

WINDOW_CELLS: Final = 1 << 22
"""Cells that are read at once."""
PIECE_CELLS: Final = 1 << 16
"""Cells that a piece has at least, unless it is the last one."""

type Slab = Sequence[range]


def whole(shape: Sequence[int]) -> tuple[range, ...]:
    """The hyperslab of a whole array."""
    return tuple(range(size) for size in shape)


def count(slab: Slab) -> int:
    """Number of values of a hyperslab."""
    return math.prod(len(steps) for steps in slab)


def pieces(field: Field, slab: Slab) -> Iterator[NDArray[Any]]:
    """Read the values of a hyperslab in C order, as arrays of one dimension in the type that the field serves.

    Cells without data hold `field.codec.fill`.

    Raises:
        EnvironmentFault: if a file cannot be read.
        InvalidInput: if the parts of a time do not lie on the grid of the variable.
    """
    waiting: list[NDArray[Any]] = []
    cells = 0
    for values in _planes(field, slab):
        waiting.append(values.ravel())
        cells += values.size
        if cells >= PIECE_CELLS:
            yield waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
            waiting, cells = [], 0
    if waiting:
        yield np.concatenate(waiting)


def read(field: Field, slab: Slab) -> NDArray[Any]:
    """Read a hyperslab as one array with the dimensions of the field; raises as `pieces`."""
    shape = tuple(len(steps) for steps in slab)
    found = list(pieces(field, slab))
    flat = np.concatenate(found) if found else np.empty(0, field.dtype)
    return flat.reshape(shape)


def physical(field: Field, stored: NDArray[Any]) -> NDArray[np.float64]:
    """Physical values of served ones, NaN where there are no data."""
    values, valid = field.codec.decode(stored)
    return np.where(valid, values.astype("float64"), np.nan)


def _planes(field: Field, slab: Slab) -> Iterator[NDArray[Any]]:
    rows, columns = slab[-2:]
    ranges = dict(zip((dimension.role for dimension in field.dimensions), slab, strict=True))
    keys, labels = field.keys, field.level_labels
    leading = product(ranges.get("time", range(1)), ranges.get("level", range(1)), ranges.get("band", range(1)))
    if not len(rows) or not len(columns):
        return
    for time, level, band in leading:
        sheets = field.frames.get((keys[time], labels[level]), ())
        for group in _groups(rows, columns):
            yield _window(field, sheets, group, columns, band=band + 1)


def _groups(rows: range, columns: range) -> Iterator[range]:
    """Rows in groups whose window is not too large; one row at least."""
    span = abs(columns[-1] - columns[0]) + 1
    most = max(1, WINDOW_CELLS // span)
    length = max(1, (most - 1) // abs(rows.step) + 1)
    for first in range(0, len(rows), length):
        yield rows[first : first + length]


def _window(field: Field, sheets: tuple[Sheet, ...], rows: range, columns: range, *, band: int) -> NDArray[Any]:
    """The cells of rows and columns of one plane, in the type that the field serves."""
    (top, bottom), (left, right) = _ends(rows), _ends(columns)
    box = CellBox(top=top, bottom=bottom, left=left, right=right)
    cells = np.full((box.rows, box.columns), field.codec.fill, dtype=field.dtype)
    if sheets:
        mosaic = Mosaic.of(sheets)
        place = place_on(field.grid, mosaic.grid)
        shared = box.meet(place)
        if shared.cells:
            values, valid = mosaic.cells(shared.within(place), field.stored, band=band)
            where = shared.within(box).slices
            cells[where] = np.where(valid, values, cells[where])
    return cells[_picked(rows, top), _picked(columns, left)]


def _ends(steps: range) -> tuple[int, int]:
    return min(steps[0], steps[-1]), max(steps[0], steps[-1]) + 1


def _picked(steps: range, first: int) -> slice:
    """The places of a range in an array that begins at `first`."""
    stop = steps[-1] - first + (1 if steps.step > 0 else -1)
    return slice(steps[0] - first, None if stop < 0 else stop, steps.step)
