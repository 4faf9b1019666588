"""Reads a window of a COG: stored values, bit for bit, or fewer cells through its overviews."""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from config.errors import EnvironmentFault
from config.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.window import Window

log = logging.getLogger(__name__)

STRIP_ROWS = 256
"""Rows read at a time: the height of a COG block, and of a block of what is written."""

Method = Literal["nearest", "average"]
_METHODS: dict[Method, Resampling] = {"nearest": Resampling.nearest, "average": Resampling.average}


@dataclass(frozen=True, kw_only=True)
class Subset:
    """A window of a grid and the cells in which it is answered.

    Attributes:
        grid: The grid of the COGs.
        window: The whole cells that are read.
        width: Columns of the answer; the window's own unless scaled.
        height: Rows of the answer.
    """

    grid: Grid
    window: Window
    width: int
    height: int

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

    Without scaling these are the stored values bit for bit. With scaling each cell is the nearest stored value or the
    average of the valid ones, read from the coarsest overview that is fine enough. Raises EnvironmentFault.
    """
    with _opened(path) as source:
        # GDAL rounds the edges of a read to cells of the overview: a scaled strip is read with a row more on each side
        margin = 1 if subset.is_scaled else 0
        for row in range(0, subset.height, STRIP_ROWS):
            first, stop = max(row - margin, 0), min(row + STRIP_ROWS + margin, subset.height)
            values = _strip(source, subset, row=first, rows=stop - first, method=method)
            yield row, values[:, row - first : row - first + STRIP_ROWS]


@contextmanager
def _opened(path: str) -> Iterator[rasterio.DatasetReader]:
    try:
        with rasterio.open(path) as source:
            yield source
    except RasterioError as error:
        log.exception("cannot read %s", path)
        raise EnvironmentFault("a file of the store cannot be read; the operator finds its name in the log") from error


def _strip(source: rasterio.DatasetReader, subset: Subset, *, row: int, rows: int, method: Method) -> NDArray[Any]:
    window = subset.window
    high = window.height / subset.height
    top, tall = window.row + row * high, rows * high
    spans, joint = _spans(subset)
    values = np.empty((source.count, rows, subset.width), dtype=source.dtypes[0])
    for span in spans:
        part = RasterWindow(span.left, top, span.right - span.left, tall)
        values[:, :, span.start : span.stop] = _read(source, part, (rows, span.stop - span.start), method)
    if joint:
        column, pieces = joint
        parts = [_read(source, RasterWindow(p.left, top, p.right - p.left, tall), (rows, 1), method) for p in pieces]
        values[:, :, column] = _joined(parts, pieces, nodata=source.nodata, method=method)[:, :, 0]
    return values


def _read(source: rasterio.DatasetReader, window: RasterWindow, shape: tuple[int, int], method: Method) -> NDArray[Any]:
    read: NDArray[Any] = source.read(
        window=window, out_shape=(source.count, *shape), resampling=_METHODS[method], masked=False
    )
    return read


def _spans(subset: Subset) -> tuple[list[_Span], tuple[int, tuple[_Span, _Span]] | None]:
    """Runs of answer columns on either side of the grid's last column, and the one column that lies across it."""
    width, window = subset.grid.width, subset.window
    wide = window.width / subset.width
    left = float(window.column)
    if window.column + window.width <= width:
        return [_Span(start=0, stop=subset.width, left=left, right=left + window.width)], None
    before = (width - window.column) / wide  # answer columns up to the seam
    last, next_ = math.floor(before + 1e-9), math.ceil(before - 1e-9)
    spans = [_Span(start=0, stop=last, left=left, right=min(left + last * wide, float(width)))] if last else []
    if next_ < subset.width:
        begin = max(left + next_ * wide - width, 0.0)
        spans.append(_Span(start=next_, stop=subset.width, left=begin, right=left + window.width - width))
    if last == next_:
        return spans, None
    east = _Span(start=last, stop=next_, left=left + last * wide, right=float(width))
    west = _Span(start=last, stop=next_, left=0.0, right=left + next_ * wide - width)
    return spans, (last, (east, west))


def _joined(
    parts: list[NDArray[Any]], spans: tuple[_Span, _Span], *, nodata: float | None, method: Method
) -> NDArray[Any]:
    """One cell from its two halves: the wider one, or the mean weighted by width of those that hold data."""
    first, second = parts
    widths = [span.right - span.left for span in spans]
    if method == "nearest":
        return first if widths[0] >= widths[1] else second
    valid = [_valid(part, nodata) for part in parts]
    weights = [np.where(v, w, 0.0) for v, w in zip(valid, widths, strict=True)]
    total = weights[0] + weights[1]
    terms = [np.where(v, p.astype("float64"), 0.0) * w for v, p, w in zip(valid, parts, weights, strict=True)]
    mean = (terms[0] + terms[1]) / np.where(total, total, 1.0)
    rounded = mean if np.issubdtype(first.dtype, np.floating) else np.rint(mean)
    return np.where(total > 0, rounded, first).astype(first.dtype)


def _valid(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_]:
    valid = ~np.isnan(values) if np.issubdtype(values.dtype, np.floating) else np.ones(values.shape, dtype=bool)
    return valid if nodata is None else valid & (values != nodata)
