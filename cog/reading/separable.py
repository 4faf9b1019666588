"""Resampling within one CRS: the weights of rows and of columns are independent of each other, and exact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from scipy import sparse

from cog.grids.ellipsoid import cell_areas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.grids import Grid

Kernel = Literal["nearest", "bilinear", "area"]

ROUNDING: Final = 1e-9
"""Share of a cell by which an edge may be missed."""
_CACHED: Final = 262_144
"""Source cells that are resampled at once."""


def resampled(cells: NDArray[np.floating], place: Grid, target: Grid, kernel: Kernel) -> NDArray[np.float64]:
    """Cells of a grid on another one of the same CRS, NaN where the kernel meets none with data.

    Rows come first: they lie one after the other in memory, and a few of them at once fit into the processor's cache.

    Args:
        cells: (row, column), NaN where there are no data.
        place: Their grid.
        target: The grid of the result.
        kernel: `cog.reading.aligned` describes them.
    """
    strips, columns = _separate_weights(place, target, kernel)
    totals, weights = np.zeros((target.height, place.width)), np.zeros((target.height, place.width))
    for strip in strips:
        part = cells[strip.first : strip.last]
        valid = np.isfinite(part)
        weights[strip.top : strip.bottom] = strip.weights @ valid.astype("float64")
        totals[strip.top : strip.bottom] = strip.weights @ np.where(valid, part, 0.0).astype("float64", copy=False)
    weight, total = (columns @ weights.T).T, (columns @ totals.T).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


@dataclass(frozen=True, kw_only=True)
class _RowStrip:
    """Rows [top, bottom) of a target, which are made of rows [first, last) of a source by a sparse matrix."""

    top: int
    bottom: int
    first: int
    last: int
    weights: Any


@lru_cache(maxsize=16)
def _separate_weights(place: Grid, target: Grid, kernel: Kernel) -> tuple[tuple[_RowStrip, ...], Any]:
    """The weights of rows, for a few of the target at once, and of columns, (target, source); kept for others."""
    a, _, c, _, e, f = place.transform
    columns = _weights(kernel, origin=(target.transform[2] - c) / a, step=target.transform[0] / a,
                       count=target.width, size=place.width)  # fmt: skip
    rows = _weights(kernel, origin=(target.transform[5] - f) / e, step=target.transform[4] / e,
                    count=target.height, size=place.height)  # fmt: skip
    if kernel == "area" and place.is_geographic:
        rows = (rows @ sparse.diags(cell_areas(place))).tocsr()
    few = max(1, round(_CACHED * target.height / (place.width * place.height)))
    strips = []
    for top in range(0, target.height, few):
        bottom = min(top + few, target.height)
        start, stop = rows.indptr[top], rows.indptr[bottom]
        indices = rows.indices[start:stop]
        first, last = (int(indices.min()), int(indices.max()) + 1) if stop > start else (0, 0)
        members = (rows.data[start:stop], indices - first, rows.indptr[top : bottom + 1] - start)
        weights = sparse.csr_array(members, shape=(bottom - top, last - first))
        strips.append(_RowStrip(top=top, bottom=bottom, first=first, last=last, weights=weights))
    return tuple(strips), columns


def _weights(kernel: Kernel, *, origin: float, step: float, count: int, size: int) -> Any:
    """A sparse (target, source) matrix of weights along an axis: target cell i covers [origin + i step, ... + step)."""
    edges = origin + step * np.arange(count + 1)
    if kernel == "area":
        return _covered(edges, size)
    centres = (edges[:-1] + edges[1:]) / 2
    if kernel == "nearest":
        index = np.floor(centres + ROUNDING).astype("int64")
        return _matrix([index], [np.ones(count)], count, size)
    below = np.floor(centres - 0.5).astype("int64")
    share = centres - 0.5 - below
    return _matrix([below, below + 1], [1 - share, share], count, size)


def _covered(edges: NDArray[Any], size: int) -> Any:
    first = np.floor(edges[:-1] + ROUNDING).astype("int64")
    most = int(np.max(np.ceil(edges[1:] - ROUNDING).astype("int64") - first))
    indexes = [first + number for number in range(max(1, most))]
    shares = [np.clip(np.minimum(edges[1:], i + 1) - np.maximum(edges[:-1], i), 0, None) for i in indexes]
    return _matrix(indexes, shares, len(edges) - 1, size)


def _matrix(indexes: list[NDArray[np.int64]], weights: list[NDArray[np.float64]], count: int, size: int) -> Any:
    rows = np.tile(np.arange(count), len(indexes))
    columns, values = np.concatenate(indexes), np.concatenate(weights)
    inside = (columns >= 0) & (columns < size) & (values > 1e-12)
    shape = (count, size)
    return sparse.csr_array((values[inside], (rows[inside], columns[inside])), shape=shape)
