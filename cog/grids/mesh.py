"""Cells of a grid under the pixels of an image in any CRS: exact at the knots of a mesh, straight between them.

The mesh is refined until what lies between four knots is within a small part of a cell of its exact place; GDAL's
approximate transformer, with which it warps unless it is told otherwise, allows an eighth of a cell in each line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from cog.grids import gridmath
from cog.grids.enclosing import transformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from config.grids import Grid

    type Knots = NDArray[np.float64]
    """Columns or rows of a grid, in cells from its first corner, at the knots (row, column) of a mesh."""

_SPACINGS: Final = (32, 16, 8, 4)
"""Pixels between knots, at most, that are tried."""
_MOST_OFF: Final = 0.02
"""Cells, or pixels where these are larger, by which every second knot may be off the straight line between its
neighbours: a quarter of it is then what pixels between two knots are off."""
_GAIN: Final = 4.0
"""By this a mesh of half the spacing is better, where places change smoothly."""
_SLACK: Final = 8.0
_TURN: Final = 360.0
_SINGLE: Final = 8192
"""Cells along an edge of a window up to which single precision places a pixel within a thousandth of a cell."""


@dataclass(frozen=True, kw_only=True)
class MeshCells:
    """The cells under an image, in a window of a level of a grid.

    Attributes:
        columns: First column of the window, and their number; it goes on beyond the last column of a global grid.
        rows: First row, and their number.
        size: (columns, rows) of the level.
        flat: For each pixel (row, column) the number of its cell in the window, row by row.
        outside: Whether a pixel lies off the grid; None if none does.
    """

    columns: tuple[int, int]
    rows: tuple[int, int]
    size: tuple[int, int]
    flat: NDArray[np.int32]
    outside: NDArray[np.bool_] | None

    def runs(self) -> list[tuple[int, int]]:
        """The one or two (first, stop) runs of columns to read, in order; two across the seam of a global grid."""
        first, count = self.columns
        stop, width = first + count, self.size[0]
        return [(first, stop)] if stop <= width else [(first, width), (0, stop - width)]


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Exact places of some pixels of an image in a grid, evenly spread, with those at its four corners.

    Attributes:
        columns: In cells of full resolution; those of a geographic grid go on beyond a turn.
        rows: The same.
        grid: The grid.
        shape: (rows, columns) of the image.
    """

    columns: Knots
    rows: Knots
    grid: Grid
    shape: tuple[int, int]

    @classmethod
    def of(cls, grid: Grid, *, bounds: gridmath.Bounds, crs: str, shape: tuple[int, int]) -> Self | None:
        """The coarsest mesh that is good enough; None where none is, or some knots have no place in the grid's CRS."""
        for spacing in _SPACINGS:
            mesh = cls._spaced(grid, bounds, crs, shape, spacing)
            if mesh is None:
                return None
            excess = mesh.excess
            if excess <= 1:
                return mesh
            if excess > _SLACK * _GAIN ** math.log2(spacing / _SPACINGS[-1]):
                return None
        return None

    @classmethod
    def _spaced(
        cls, grid: Grid, bounds: gridmath.Bounds, crs: str, shape: tuple[int, int], spacing: int
    ) -> Self | None:
        west, south, east, north = bounds
        x, y = np.meshgrid(_knots(west, east, shape[1], spacing), _knots(north, south, shape[0], spacing))
        across, down = transformed(x.ravel(), y.ravel(), source=crs, target=grid.crs)
        if not (np.isfinite(across).all() and np.isfinite(down).all()):
            return None
        across, down = across.reshape(x.shape), down.reshape(x.shape)
        if grid.is_geographic and np.ptp(across) > _TURN / 2:
            across = np.unwrap(np.unwrap(across, period=_TURN, axis=1), period=_TURN, axis=0)
        columns = (across - grid.transform[2]) / grid.transform[0]
        rows = (down - grid.transform[5]) / grid.transform[4]
        return cls(columns=columns, rows=rows, grid=grid, shape=shape)

    @property
    def excess(self) -> float:
        """How many times farther than allowed a second knot is off the straight line between its neighbours."""
        allowed = _MOST_OFF * max(1.0, self.cells_per_pixel)
        return max(_bend(knots) for knots in (self.columns, self.columns.T, self.rows, self.rows.T)) / allowed

    @cached_property
    def cells_per_pixel(self) -> float:
        """Cells of full resolution along the edge of a pixel: the median over the image."""
        down, across = (max(1, edge - 1) / (count - 1) for edge, count in zip(self.shape, self.rows.shape, strict=True))
        steps = [np.diff(knots, axis=axis) for axis in (0, 1) for knots in (self.columns, self.rows)]
        return float(max(np.median(np.hypot(*steps[:2])) / down, np.median(np.hypot(*steps[2:])) / across))

    def level(self, overviews: Sequence[tuple[int, int]]) -> int | None:
        """The overview that GDAL would read at this scale; `overviews` are (width, height); None: full resolution."""
        ratio, size = self.cells_per_pixel, (self.grid.width, self.grid.height)
        if ratio <= 1:
            return None
        return gridmath.best_level(size, overviews, (max(1, round(size[0] / ratio)), max(1, round(size[1] / ratio))))

    def cells(self, size: tuple[int, int]) -> MeshCells | None:
        """The cells of a level of `size` (columns, rows) under all pixels.

        None where an image meets a geographic grid at two turns. An image off the grid has a window of no columns.
        """
        columns, rows = self.columns * (size[0] / self.grid.width), self.rows * (size[1] / self.grid.height)
        shifted = self._at_one_turn(columns, size[0])
        if shifted is None:
            return None
        width = np.inf if self.grid.is_geographic and self.grid.is_global else size[0]
        across, down = _Axis.of(shifted, width), _Axis.of(rows, size[1])
        if not (across.count and down.count):
            nothing = np.zeros(self.shape, "int32")
            return MeshCells(columns=(0, 0), rows=(0, 0), size=size, flat=nothing, outside=np.ones(self.shape, bool))
        column, off_columns = across.filled(self.shape)
        flat, off_rows = down.filled(self.shape)
        flat *= np.int32(across.count)
        flat += column
        outside = off_columns if off_rows is None else off_rows if off_columns is None else off_columns | off_rows
        window = (across.first, across.count), (down.first, down.count)
        return MeshCells(columns=window[0], rows=window[1], size=size, flat=flat, outside=outside)

    def _at_one_turn(self, columns: Knots, size: int) -> Knots | None:
        """Columns of a geographic grid at the turn at which the image meets it; None where there are several."""
        if not self.grid.is_geographic:
            return columns
        turn = _TURN / abs(self.grid.transform[0]) * size / self.grid.width
        first, last = float(columns.min()), float(columns.max())
        if self.grid.is_global:
            return None if last - first >= turn else columns - math.floor(first / turn) * turn
        turns = [n for n in range(-3, 4) if first + n * turn < size and last + n * turn > 0]
        return None if len(turns) > 1 else columns + (turns[0] if turns else 0) * turn


@dataclass(frozen=True, kw_only=True)
class _Axis:
    """Columns or rows of an image's pixels: its knots, and the first and the number of the cells that are met."""

    knots: Knots
    size: float
    first: int
    count: int

    @classmethod
    def of(cls, knots: Knots, size: float) -> Self:
        low, high = float(knots.min()), float(knots.max())
        first = max(0, math.floor(low))
        stop = int(min(size, math.floor(high + gridmath.EPSILON) + 1))
        return cls(knots=knots, size=size, first=first, count=max(0, stop - first))

    def filled(self, shape: tuple[int, int]) -> tuple[NDArray[np.int32], NDArray[np.bool_] | None]:
        """For each pixel its cell, counted from the first one, and whether it lies off the grid."""
        places = _between(self.knots - (self.first - gridmath.EPSILON), shape, single=self.count <= _SINGLE)
        low, high = float(self.knots.min()), float(self.knots.max())
        outside = None
        if low < 0 or high >= self.size:
            outside = (places < -self.first) | (places >= self.size - self.first)
        cells = places.astype("int32")
        np.clip(cells, 0, self.count - 1, out=cells)
        return cells, outside


def _between(knots: Knots, shape: tuple[int, int], *, single: bool) -> NDArray[np.floating]:
    """Values at all pixels, straight between knots: first along columns, then along rows."""
    knots = knots.astype("float32" if single else "float64")
    at, share = _shares(shape[1], knots.shape[1], knots.dtype)
    lines = knots[:, at] + (knots[:, at + 1] - knots[:, at]) * share
    at, share = _shares(shape[0], knots.shape[0], knots.dtype)
    values = np.diff(lines, axis=0).take(at, axis=0)
    values *= share[:, np.newaxis]
    values += lines.take(at, axis=0)
    return values


def _shares(pixels: int, knots: int, dtype: np.dtype) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """For each pixel the knot before it, and its share of the way to the next."""
    position = np.arange(pixels) * ((knots - 1) / max(1, pixels - 1))
    at = np.minimum(position.astype("intp"), knots - 2)
    return at, (position - at).astype(dtype)


def _knots(low: float, high: float, pixels: int, spacing: int) -> NDArray[np.float64]:
    """Coordinates of an odd number of knots from the centre of the first pixel to that of the last."""
    half = (high - low) / pixels / 2
    return np.linspace(low + half, high - half, 2 * max(2, math.ceil((pixels - 1) / spacing / 2)) + 1)


def _bend(knots: Knots) -> float:
    """How far the second, fourth, sixth knot of any line is off the middle between its neighbours."""
    return float(np.abs(knots[:, 1::2] - (knots[:, :-1:2] + knots[:, 2::2]) / 2).max())
