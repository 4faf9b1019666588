"""The parts of one time as one raster: cells of the same lattice, the first part that has data in a cell wins."""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from cog.grids.gridmath import is_upright
from cog.reading.composite import lattice, offset
from config.errors import EnvironmentFault, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.reading.composite import Sheet
    from config.grids import Grid

log = logging.getLogger(__name__)

MOST_OPEN = 64
"""Most rasters that are open at a time."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """Rows [top, bottom) and columns [left, right) of a grid."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.bottom - self.top

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self.right - self.left

    @property
    def cells(self) -> int:
        """Number of cells; 0 if it is empty."""
        return max(0, self.rows) * max(0, self.columns)

    def meet(self, other: Box) -> Box:
        """The cells of both; `cells` is 0 where they do not meet."""
        return Box(
            top=max(self.top, other.top),
            bottom=min(self.bottom, other.bottom),
            left=max(self.left, other.left),
            right=min(self.right, other.right),
        )

    def around(self, other: Box) -> Box:
        """The least box around both."""
        return Box(
            top=min(self.top, other.top),
            bottom=max(self.bottom, other.bottom),
            left=min(self.left, other.left),
            right=max(self.right, other.right),
        )

    def shifted(self, down: int, right: int) -> Box:
        """The box so many rows and columns on."""
        return Box(top=self.top + down, bottom=self.bottom + down, left=self.left + right, right=self.right + right)


@dataclass(frozen=True, kw_only=True)
class Mosaic:
    """Rasters on one lattice, in the order in which they win.

    Attributes:
        grid: The lattice around all of them.
        parts: Each with the cells of the lattice that it takes.
    """

    grid: Grid
    parts: tuple[tuple[Sheet, Box], ...]

    @classmethod
    def of(cls, parts: Sequence[Sheet]) -> Self:
        """The mosaic of parts; raises InvalidInput where their cells do not lie on one upright lattice."""
        for part in parts:
            _require_upright(part.grid)
        grid = lattice(parts)
        return cls(grid=grid, parts=tuple((part, _place(grid, part.grid)) for part in parts))

    def read(self, files: Files, box: Box, codec: Codec) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Stored values and validity of the cells of a box inside the lattice, as (row, column)."""
        values: NDArray[Any] | None = None
        valid = np.zeros((box.rows, box.columns), dtype=bool)
        for part, place in self.parts:
            met = box.meet(place)
            if not met.cells:
                continue
            found = files.read(part.path, met.shifted(-place.top, -place.left))
            if met == box and values is None:
                values, valid = found, codec.valid(found)
                continue
            values = np.zeros(valid.shape, dtype=found.dtype) if values is None else values
            where = met.shifted(-box.top, -box.left)
            rows, columns = slice(where.top, where.bottom), slice(where.left, where.right)
            new = codec.valid(found) & ~valid[rows, columns]
            values[rows, columns][new] = found[new]
            valid[rows, columns] |= new
        return np.zeros(valid.shape) if values is None else values, valid


def _require_upright(grid: Grid) -> None:
    if not is_upright(grid) or grid.transform[0] < 0 or grid.transform[4] > 0:
        raise InvalidInput("the grid is rotated against its axes: zones of such cells cannot be told")


def _place(whole: Grid, grid: Grid) -> Box:
    """The cells that a grid takes on a lattice."""
    left, top = offset(whole, grid)
    return Box(top=top, bottom=top + grid.height, left=left, right=left + grid.width)


class Files:
    """Open rasters, the least recently read one closed when there are too many. A context."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, rasterio.DatasetReader] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as stack:
            for dataset in self._open.values():
                stack.callback(dataset.close)
            self._open.clear()

    def read(self, path: str, box: Box) -> NDArray[Any]:
        """The stored values of the first band as (row, column); raises EnvironmentFault."""
        try:
            window = RasterWindow(box.left, box.top, box.columns, box.rows)
            values: NDArray[Any] = self._dataset(path).read(1, window=window, masked=False)
        except RasterioError as error:
            log.exception("cannot read %s", path)
            raise EnvironmentFault(
                "a file of the store cannot be read; the operator finds its name in the log"
            ) from error
        return values

    def _dataset(self, path: str) -> rasterio.DatasetReader:
        found = self._open.get(path)
        if found is None:
            found = self._open[path] = rasterio.open(path)
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(path)
        return found
