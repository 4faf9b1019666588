"""Reads a window of a COG: stored values, bit for bit, or in other cells as their nearest or their mean."""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from config.errors import EnvironmentFault, TooLarge
from config.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.window import Window

log = logging.getLogger(__name__)

STRIP_ROWS = 256
"""Rows read at a time: the height of a COG block, and of a block of what is written."""

MOST_TIMES = 5
"""How many times `most_read` cells are read where no overview is fine enough; beyond it the request is refused."""
MOST_READ = 200_000_000
"""Most cells of a window that are all read for its means; of a larger one an overview is read."""

FINER = 4
"""How many times finer than the answer an overview is, at least, on each axis, where means are taken from one."""

_CHUNK_CELLS = 4_000_000
"""Most cells of all bands in memory at a time while means are taken, but for one row."""

_EDGE = 1e-9
"""Distance, in cells, below which an edge of the answer and an edge between cells are one: float64 noise."""

Method = Literal["nearest", "average"]


@dataclass(frozen=True, kw_only=True)
class Subset:
    """A window of a grid and the cells in which it is answered.

    Attributes:
        grid: The grid of the COGs.
        window: The whole cells that are read.
        width: Columns of the answer; the window's own unless scaled.
        height: Rows of the answer.
        most_read: Cells of the window, in each band, up to which means are taken of all of them.
    """

    grid: Grid
    window: Window
    width: int
    height: int
    most_read: int = MOST_READ

    @property
    def is_scaled(self) -> bool:
        """Whether the answer has other cells than the COGs."""
        return (self.width, self.height) != (self.window.width, self.window.height)

    @property
    def output(self) -> Grid:
        """The grid of the answer: the window's extent in `width` x `height` cells."""
        cells = self.window.grid(self.grid)
        if not self.is_scaled:
            return cells
        a, b, c, d, e, f = cells.transform
        wide, high = self.window.width / self.width, self.window.height / self.height
        return replace(
            cells, transform=(a * wide, b * high, c, d * wide, e * high, f), width=self.width, height=self.height
        )


@dataclass(frozen=True, kw_only=True)
class _Span:
    """Columns [start, stop) of the answer, read from the source columns [left, right), fractions allowed."""

    start: int
    stop: int
    left: float
    right: float


def strips(path: str, subset: Subset, *, method: Method) -> Iterator[tuple[int, NDArray[Any]]]:
    """The answer from top to bottom: (first row, stored values as (band, row, column)) of at most STRIP_ROWS rows.

    Without scaling these are the stored values bit for bit. With scaling each cell is the nearest stored value, or the
    mean of the valid ones weighted by the area of theirs that it covers; it has no data only where it covers none.
    Raises EnvironmentFault.
    """
    if subset.is_scaled and method == "average":
        yield from _means(path, subset)
        return
    with _opened(path) as source:
        # GDAL rounds the edges of a read to cells of the overview: a scaled strip is read with a row more on each side
        margin = 1 if subset.is_scaled else 0
        for row in range(0, subset.height, STRIP_ROWS):
            first, stop = max(row - margin, 0), min(row + STRIP_ROWS + margin, subset.height)
            values = _strip(source, subset, row=first, rows=stop - first)
            yield row, values[:, row - first : row - first + STRIP_ROWS]


@contextmanager
def _opened(path: str, **options: int) -> Iterator[rasterio.DatasetReader]:
    try:
        with rasterio.open(path, **options) as source:
            yield source
    except RasterioError as error:
        log.exception("cannot read %s", path)
        raise EnvironmentFault("a file of the store cannot be read; the operator finds its name in the log") from error


def _strip(source: rasterio.DatasetReader, subset: Subset, *, row: int, rows: int) -> NDArray[Any]:
    window = subset.window
    high = window.height / subset.height
    top, tall = window.row + row * high, rows * high
    spans, joint = _spans(subset)
    values = np.empty((source.count, rows, subset.width), dtype=source.dtypes[0])
    for span in [*spans, *joint]:
        part = RasterWindow(span.left, top, span.right - span.left, tall)
        values[:, :, span.start : span.stop] = _read(source, part, (rows, span.stop - span.start))
    return values


def _read(source: rasterio.DatasetReader, window: RasterWindow, shape: tuple[int, int]) -> NDArray[Any]:
    read: NDArray[Any] = source.read(
        window=window, out_shape=(source.count, *shape), resampling=Resampling.nearest, masked=False
    )
    return read


def _spans(subset: Subset) -> tuple[list[_Span], list[_Span]]:
    """Runs of answer columns on either side of the grid's last column, and the wider half of a column across it."""
    width, window = subset.grid.width, subset.window
    wide = window.width / subset.width
    left = float(window.column)
    if window.column + window.width <= width:
        return [_Span(start=0, stop=subset.width, left=left, right=left + window.width)], []
    before = (width - window.column) / wide  # answer columns up to the seam
    last, next_ = math.floor(before + 1e-9), math.ceil(before - 1e-9)
    spans = [_Span(start=0, stop=last, left=left, right=min(left + last * wide, float(width)))] if last else []
    if next_ < subset.width:
        begin = max(left + next_ * wide - width, 0.0)
        spans.append(_Span(start=next_, stop=subset.width, left=begin, right=left + window.width - width))
    if last == next_:
        return spans, []
    east = _Span(start=last, stop=next_, left=left + last * wide, right=float(width))
    west = _Span(start=last, stop=next_, left=0.0, right=left + next_ * wide - width)
    return spans, [east if east.right - east.left >= west.right - west.left else west]


def _means(path: str, subset: Subset) -> Iterator[tuple[int, NDArray[Any]]]:
    """The answer as means: (first row, values) of at most STRIP_ROWS rows."""
    level = _level(path, subset)
    with _opened(path, **({} if level is None else {"overview_level": level})) as source:
        window = subset.window
        across, down = source.width / subset.grid.width, source.height / subset.grid.height
        columns = _Parts.of(window.column * across, window.width * across, subset.width)
        rows = _Parts.of(window.row * down, window.height * down, subset.height)
        cells = _Cells(source=source, first=int(columns.first[0]), stop=int(columns.last[-1]) + 1)
        for row in range(0, subset.height, STRIP_ROWS):
            stop = min(row + STRIP_ROWS, subset.height)
            lines = [_line(cells, rows, columns, row=index) for index in range(row, stop)]
            yield row, np.stack(lines, axis=1)


def _level(path: str, subset: Subset) -> int | None:
    """The overview that means are taken from: the coarsest that is FINER than asked; None: full resolution."""
    window = subset.window
    if window.width * window.height <= subset.most_read:
        return None
    with _opened(path) as source:
        factors: list[int] = source.overviews(1)
    coarsest = min(window.width / subset.width, window.height / subset.height) / FINER
    fine_enough = [level for level, factor in enumerate(factors) if factor <= coarsest]
    if not fine_enough and window.width * window.height > MOST_TIMES * subset.most_read:
        raise TooLarge(
            f"means over {window.width * window.height} cells, with no overview {FINER} times finer than asked, are "
            f"more than {MOST_TIMES * subset.most_read}; ask for a smaller box, or for like factors on both axes"
        )
    return fine_enough[-1] if fine_enough else None


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """Which cells of an axis each cell of the answer covers: `first` to `last`, both in part, and all between them.

    Attributes:
        first: First cell covered, by cell of the answer.
        last: Last cell covered.
        begin: How much of the first cell is covered, 0..1.
        end: How much of the last one, 0 where it is also the first.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]

    @classmethod
    def of(cls, start: float, length: float, count: int) -> Self:
        """`count` equal cells over `length` cells from `start`."""
        edges = start + np.arange(count + 1) * length / count
        whole = np.rint(edges)
        edges = np.where(np.abs(edges - whole) < _EDGE, whole, edges)
        low, high = edges[:-1], edges[1:]
        first, last = np.floor(low).astype("int64"), np.ceil(high).astype("int64") - 1
        begin = np.minimum(first + 1, high) - low
        return cls(first=first, last=last, begin=begin, end=np.where(last > first, high - last, 0.0))

    def weights(self, index: int) -> NDArray[np.float64]:
        """The weights of the cells `first` to `last` of one cell of the answer."""
        found = np.ones(int(self.last[index] - self.first[index]) + 1)
        if found.size > 1:
            found[-1] = self.end[index]
        found[0] = self.begin[index]
        return found

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted sums along the last axis, which begins at the first cell of all."""
        first, last = self.first - self.first[0], self.last - self.first[0]
        found: NDArray[np.float64] = self.begin * values[..., first]
        found += np.where(self.end > 0, self.end * values[..., last], 0.0)
        bounds = np.stack([first + 1, last], axis=1).ravel()
        padded = np.concatenate([values, np.zeros((*values.shape[:-1], 2))], axis=-1)
        inner = np.add.reduceat(padded, bounds, axis=-1)[..., ::2]  # the odd ones are what lies between
        return found + np.where(last - first > 1, inner, 0.0)


class _Cells:
    """Rows of a raster between two columns, which go on modulo, as (values, validity), a chunk kept in memory."""

    def __init__(self, *, source: rasterio.DatasetReader, first: int, stop: int) -> None:
        self.source = source
        self._first, self._stop = first, stop
        self._rows = max(1, min(STRIP_ROWS, _CHUNK_CELLS // (source.count * (stop - first))))
        self._chunk = -1
        self._held: tuple[NDArray[np.float64], NDArray[np.bool_]] | None = None

    def pieces(self, first: int, stop: int) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.bool_]]]:
        """The rows [first, stop) in pieces: first row, values with 0 for no data, validity, as (band, row, column)."""
        row = first
        while row < stop:
            values, valid = self._load(row // self._rows)
            begin = row % self._rows
            end = min(begin + stop - row, self._rows)
            yield row, values[:, begin:end], valid[:, begin:end]
            row += end - begin

    def _load(self, chunk: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if self._held is None or chunk != self._chunk:
            self._held = None  # not both chunks at a time
            top = chunk * self._rows
            rows = min(self._rows, self.source.height - top)
            stored = np.concatenate([self._read(top, rows, *span) for span in self._columns()], axis=2)
            valid = _valid(stored, self.source.nodata)
            self._held, self._chunk = (np.where(valid, stored, 0).astype("float64"), valid), chunk
        return self._held

    def _read(self, top: int, rows: int, left: int, columns: int) -> NDArray[Any]:
        read: NDArray[Any] = self.source.read(window=RasterWindow(left, top, columns, rows), masked=False)
        return read

    def _columns(self) -> Iterator[tuple[int, int]]:
        """Runs of columns as (first, count)."""
        column = self._first
        while column < self._stop:
            begin = column % self.source.width
            count = min(self.source.width - begin, self._stop - column)
            yield begin, count
            column += count


def _line(cells: _Cells, rows: _Parts, columns: _Parts, *, row: int) -> NDArray[Any]:
    """One row of means as (band, column), in the type of the raster."""
    weights, top = rows.weights(row), int(rows.first[row])
    totals: NDArray[np.float64] | float = 0.0
    areas: NDArray[np.float64] | float = 0.0
    with np.errstate(invalid="ignore", over="ignore"):  # infinite cells, and sums of the largest float64
        for first, values, valid in cells.pieces(top, int(rows.last[row]) + 1):
            part = weights[first - top : first - top + values.shape[1]]
            totals = totals + _weighted(values, part)
            areas = areas + _weighted(valid, part)
        total, area = columns.sums(np.asarray(totals)), columns.sums(np.asarray(areas))
        mean = total / np.where(area > 0, area, 1.0)
    return _stored(mean, area > 0, dtype=np.dtype(cells.source.dtypes[0]), nodata=cells.source.nodata)


def _weighted(values: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over rows of (band, row, column); only the first and the last weight may differ from 1."""
    found: NDArray[np.float64] = values[:, 0] * weights[0]
    if weights.size > 1:
        found += values[:, -1] * weights[-1]
    if weights.size > 2:  # noqa: PLR2004 - rows between the two
        found += values[:, 1:-1].sum(axis=1, dtype="float64")
    return found


def _stored(
    mean: NDArray[np.float64], valid: NDArray[np.bool_], *, dtype: np.dtype[Any], nodata: float | None
) -> NDArray[Any]:
    """Means in the type of the raster: integers to the nearest, no data where none is valid and nowhere else."""
    found = (np.rint(mean) if dtype.kind in "iu" else mean).astype(dtype)
    if nodata is not None:
        above = found + 1 if dtype.kind in "iu" else np.nextafter(found, np.inf, dtype=dtype)
        below = found - 1 if dtype.kind in "iu" else np.nextafter(found, -np.inf, dtype=dtype)
        # a mean that is the no-data value by chance takes the next one; its cells lie on both sides of it
        found = np.where(valid & (found == nodata), np.where(mean < nodata, below, above), found)
    if not valid.all():  # then the type holds the no-data value
        found[~valid] = np.nan if nodata is None else nodata
    return found


def _valid(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_]:
    valid = ~np.isnan(values) if np.issubdtype(values.dtype, np.floating) else np.ones(values.shape, dtype=bool)
    return valid if nodata is None else valid & (values != nodata)
