"""The sheets of one time as one raster: in each cell the first sheet that has data there counts.

A mosaic has three views. Blocks of cells are read by `Mosaic.cells`; GDAL opens `Mosaic.raster`, of which windows,
points and warps are read; pictures are drawn by `cog.tiles.mosaic_reader`, which needs no common lattice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from rasterio.windows import Window as RasterWindow

from cog.grids.gridmath import is_upright
from cog.grids.lattice import CellBox, lattice, place_on
from cog.reading.opener import open_raster
from cog.reading.sheets import Sheet, virtual_mosaic
from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from config.grids import Grid


@dataclass(frozen=True)
class Mosaic[S: Sheet]:
    """The sheets of one variable at one time, in the order in which they count; at least one."""

    sheets: tuple[S, ...]

    @classmethod
    def of(cls, sheets: Sequence[S]) -> Self:
        """The mosaic of sheets whose cells can be read; raises InvalidInput unless they lie on one upright lattice."""
        for sheet in sheets:
            _require_upright(sheet.grid)
        mosaic = cls(tuple(sheets))
        lattice([sheet.grid for sheet in sheets])
        return mosaic

    @cached_property
    def grid(self) -> Grid:
        """The lattice around all sheets; raises InvalidInput, naming `part=`, where their cells do not lie on one."""
        return lattice([sheet.grid for sheet in self.sheets])

    @cached_property
    def _places(self) -> tuple[CellBox, ...]:
        """The cells of the lattice that each sheet takes."""
        return tuple(place_on(self.grid, sheet.grid) for sheet in self.sheets)

    def raster(self, codec: Codec) -> str:
        """The path, or the text of a virtual raster, that GDAL opens as one raster; raises InvalidInput as `grid`."""
        if len(self.sheets) == 1:
            return self.sheets[0].path
        return virtual_mosaic(self.grid, list(zip(self.sheets, self._places, strict=True)), codec)

    def cells(self, box: CellBox, codec: Codec, *, band: int = 1) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Stored values of a band, and True where there is data, in a box inside the lattice: (row, column).

        Sheets with a version stay open for the thread's next block. Raises EnvironmentFault.
        """
        values: NDArray[Any] | None = None
        valid = np.zeros((box.rows, box.columns), dtype=bool)
        for sheet, place in zip(self.sheets, self._places, strict=True):
            shared = box.meet(place)
            if not shared.cells:
                continue
            stored = _read(sheet, shared.within(place), band)
            if shared == box and values is None:
                values, valid = stored, codec.valid(stored)
                continue
            values = np.zeros(valid.shape, dtype=stored.dtype) if values is None else values
            where = shared.within(box).slices
            new = codec.valid(stored) & ~valid[where]
            values[where][new] = stored[new]
            valid[where] |= new
        return np.zeros(valid.shape) if values is None else values, valid


def _require_upright(grid: Grid) -> None:
    if not is_upright(grid) or grid.transform[0] < 0 or grid.transform[4] > 0:
        raise InvalidInput("the grid is rotated against its axes: cells in zones cannot be determined")


def _read(sheet: Sheet, box: CellBox, band: int) -> NDArray[Any]:
    """Stored values of a band as (row, column)."""
    window = RasterWindow(box.left, box.top, box.columns, box.rows)
    with open_raster(sheet.path, sheet.version) as raster:
        values: NDArray[Any] = raster.full.read(band, window=window, masked=False)
    return values
