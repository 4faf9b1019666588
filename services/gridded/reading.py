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
from cog.reading.sheets import Sheet
from cog.series.cogs import Cells
from cog.series.summary import AreaSummary
from services.selection.opening.series import open_series
from services.selection.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cog.series.summary import StatisticName
    from services.gridded.arrays import ArrayDataset, ArrayField
    from services.selection.opening.step_readers import StepReader
    from services.web.context import Context

PIECE_CELLS: Final = 1 << 20
"""Values of a piece, at most."""
_WINDOW_CELLS: Final = 1 << 22
"""Cells that are read at once."""

type Slab = Sequence[range]


def whole(shape: Sequence[int]) -> tuple[range, ...]:
    """The hyperslab of a whole array."""
    return tuple(range(size) for size in shape)


def count(slab: Slab) -> int:
    """Number of values of a hyperslab."""
    return math.prod(len(steps) for steps in slab)


def blocks(slab: Slab, most: int) -> Iterator[tuple[range, ...]]:
    """Cut a hyperslab into hyperslabs of at most `most` values that follow each other in C order."""
    return (part for _, part in placed_blocks(slab, most))


def placed_blocks(slab: Slab, most: int) -> Iterator[tuple[tuple[slice, ...], tuple[range, ...]]]:
    """Cut a hyperslab as `blocks` does: (the place of each in the array of the whole, the hyperslab)."""
    sizes = [len(steps) for steps in slab]
    if not all(sizes):
        return
    if not slab:
        yield (), ()
        return
    cut = next(n for n in range(len(sizes)) if math.prod(sizes[n + 1 :]) <= most)
    length = max(1, most // math.prod(sizes[cut + 1 :]))
    for places in product(*(range(size) for size in sizes[:cut])):
        for first in range(0, sizes[cut], length):
            where = (
                *(slice(n, n + 1) for n in places),
                slice(first, min(first + length, sizes[cut])),
                *(slice(0, size) for size in sizes[cut + 1 :]),
            )
            yield where, tuple(steps[part] for steps, part in zip(slab, where, strict=True))


def pieces(context: Context, arrays: ArrayDataset, field: ArrayField, slab: Slab) -> Iterator[NDArray[Any]]:
    """Read the values of a hyperslab in C order, as arrays of one dimension in the type that the field serves.

    Cells without data hold `field.codec.fill`.

    Raises:
        EnvironmentFault: if a file cannot be read.
        InvalidInput: if the parts of a time do not lie on the grid of the variable.
    """
    for part in blocks(slab, PIECE_CELLS):
        yield _block(context, arrays, field, part).ravel()


def read(context: Context, arrays: ArrayDataset, field: ArrayField, slab: Slab) -> NDArray[Any]:
    """Read a hyperslab as one array of as many dimensions: the caller bounds its size. Raises as `pieces`."""
    parts = list(pieces(context, arrays, field, slab))
    flat = np.concatenate(parts) if parts else np.empty(0, field.dtype)
    return flat.reshape([len(steps) for steps in slab])


def read_cells(
    context: Context,
    arrays: ArrayDataset,
    field: ArrayField,
    times: range,
    layer: int,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> NDArray[Any]:
    """Read the first band of cells one by one, as (time, cell) in the type that the field serves. Raises as `pieces`.

    Args:
        context: Has the store.
        arrays: The dataset.
        field: The variable.
        times: Places on its time axis.
        layer: Place among its layers; 0 without levels and members.
        rows: Row of each cell, inside the grid.
        columns: Column of each.
    """
    label = field.layers[layer]
    values = np.full((len(times), len(rows)), field.codec.fill, field.dtype)
    if field.is_series(label):
        places = field.places(label, times)
        there = _rising(np.flatnonzero(places[:, 1] > places[:, 0]), times)
        if len(there):
            cells = Cells(rows=np.asarray(rows, "int64"), columns=np.asarray(columns, "int64"))
            stored = _reader(context, arrays, field, label).points(places[there, 0], cells, band=1)
            values[there] = np.where(field.stored.valid(stored), stored, values[there])
        return values
    for number, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        slab = field.slab(times, layer, range(row, row + 1), range(column, column + 1))
        values[:, number] = read(context, arrays, field, slab).ravel()
    return values


def read_statistics(
    context: Context,
    arrays: ArrayDataset,
    field: ArrayField,
    times: range,
    layer: int,
    boxes: Sequence[tuple[CellBox, NDArray[np.float64]]],
    names: Sequence[StatisticName],
) -> dict[StatisticName, NDArray[np.float64]] | None:
    """Read weighted statistics of the physical values of cells at each time, NaN (count 0) where none has data.

    Each part of a series is read once, whatever the number of times. None if the layer is no series of one band.
    Raises as `pieces`.

    Args:
        context: Has the store.
        arrays: The dataset.
        field: The variable.
        times: Places on its time axis.
        layer: Place among its layers; 0 without levels and members.
        boxes: Boxes of cells inside the grid, with the weight (row, column) of each cell; 0 leaves it out.
        names: Names of the statistics.
    """
    label = field.layers[layer]
    if field.variable.band_count > 1 or not field.is_series(label):
        return None
    places = field.places(label, times)
    there = _rising(np.flatnonzero(places[:, 1] > places[:, 0]), times)
    summary = AreaSummary(len(times), names)
    if len(there):
        reader = _reader(context, arrays, field, label)
        for box, share in boxes:
            summary.merge(reader.summary(places[there, 0], box, share, names, band=1), there)
    return {name: summary.result(name, field.stored) for name in names}


def _rising(places: NDArray[np.int64], times: range) -> NDArray[np.int64]:
    """Places on a range of times in the order of the times, in which readers of series want them."""
    return places if times.step > 0 else places[::-1]


def _reader(context: Context, arrays: ArrayDataset, field: ArrayField, layer: str | None) -> StepReader:
    """The reader of a layer that is a series; positions are those of the index of the layer."""
    selection = Selection(
        dataset=arrays.dataset, variable=field.variable, times="all", layers=() if layer is None else (layer,)
    )
    return open_series(context, selection).reader


def physical(field: ArrayField, served: NDArray[Any]) -> NDArray[np.float64]:
    """Physical values of served ones, NaN where there are no data."""
    values, valid = field.codec.decode(served)
    return np.where(valid, values.astype("float64"), np.nan)


def _block(context: Context, arrays: ArrayDataset, field: ArrayField, slab: Slab) -> NDArray[Any]:
    """A small hyperslab as (time, member, level, band, row, column)."""
    ranges = dict(zip((dimension.role for dimension in field.dimensions), slab, strict=True))
    times, members, levels, bands = (ranges.get(role, range(1)) for role in ("time", "member", "level", "band"))
    rows, columns = slab[-2:]
    shape = (len(times), len(members), len(levels), len(bands), len(rows), len(columns))
    values = np.full(shape, field.codec.fill, field.dtype)
    of_member = 1 if field.levels is None else len(field.levels.labels)
    for (k, member), (n, level), (m, band) in product(*map(enumerate, (members, levels, bands))):
        label = field.layers[member * of_member + level]
        read_planes = _series_planes if field.is_series(label) else _mosaic_planes
        read_planes(context, arrays, field, label, slab=(times, rows, columns), band=band + 1, out=values[:, k, n, m])
    return values


def _series_planes(
    context: Context,
    arrays: ArrayDataset,
    field: ArrayField,
    layer: str | None,
    *,
    slab: tuple[range, range, range],
    band: int,
    out: NDArray[Any],
) -> None:
    """Read the cells of a layer that is a series into (time, row, column); times that it lacks stay as they are."""
    times, rows, columns = slab
    places = field.places(layer, times)
    there = _rising(np.flatnonzero(places[:, 1] > places[:, 0]), times)
    if not len(there):
        return
    reader = _reader(context, arrays, field, layer)
    for group in _groups(rows, columns):
        box = _box(group, columns)
        first = rows.index(group[0])
        length = max(1, _WINDOW_CELLS // box.cells)
        for begin in range(0, len(there), length):
            some = there[begin : begin + length]
            stored = reader.boxes(places[some, 0], box, band=band)
            cells = stored[:, _picked(group, box.top), _picked(columns, box.left)]
            values = np.where(field.stored.valid(cells), cells, out[some, first : first + len(group)])
            out[some, first : first + len(group)] = values


def _mosaic_planes(
    context: Context,
    arrays: ArrayDataset,
    field: ArrayField,
    layer: str | None,
    *,
    slab: tuple[range, range, range],
    band: int,
    out: NDArray[Any],
) -> None:
    """Read the cells of a layer whose times have several parts or other cells into (time, row, column)."""
    del arrays
    times, rows, columns = slab
    index = field.indexes[layer]
    for n, (begin, end) in enumerate(field.places(layer, times).tolist()):
        sheets = [
            Sheet(
                path=str(context.store / index.hrefs[place]),
                grid=index.grids[index.grid_numbers[place]],
                version=index.checksums[place],
            )
            for place in range(begin, end)
        ]
        if not sheets:
            continue
        mosaic = Mosaic.of(sheets)
        place = place_on(field.grid, mosaic.grid)
        for group in _groups(rows, columns):
            box = _box(group, columns)
            shared = box.meet(place)
            if not shared.cells:
                continue
            cells = np.full((box.rows, box.columns), field.codec.fill, field.dtype)
            stored, valid = mosaic.cells(shared.within(place), field.stored, band=band)
            where = shared.within(box).slices
            cells[where] = np.where(valid, stored, cells[where])
            first = rows.index(group[0])
            out[n, first : first + len(group)] = cells[_picked(group, box.top), _picked(columns, box.left)]


def _groups(rows: range, columns: range) -> Iterator[range]:
    """Rows in groups whose window is not too large; one row at least."""
    span = abs(columns[-1] - columns[0]) + 1
    most = max(1, _WINDOW_CELLS // span)
    length = max(1, (most - 1) // abs(rows.step) + 1)
    for first in range(0, len(rows), length):
        yield rows[first : first + length]


def _box(rows: range, columns: range) -> CellBox:
    (top, bottom), (left, right) = _ends(rows), _ends(columns)
    return CellBox(top=top, bottom=bottom, left=left, right=right)


def _ends(steps: range) -> tuple[int, int]:
    return min(steps[0], steps[-1]), max(steps[0], steps[-1]) + 1


def _picked(steps: range, first: int) -> slice:
    """The places of a range in an array that begins at `first`."""
    stop = steps[-1] - first + (1 if steps.step > 0 else -1)
    return slice(steps[0] - first, None if stop < 0 else stop, steps.step)
