"""Rasters read onto one grid, so that their cells can be computed with each other.

A raster whose cells lie on the lattice of the target grid is read as it stands; cells that it does not have are no
data, and the columns of a globe go on modulo. Any other raster is resampled, and only where that is asked for:

* `nearest`: the cell that holds the centre of the target's.
* `bilinear`: between the centres of four cells; where some of them have no data, between the others.
* `area`: the mean of the cells that the target's covers, weighted by the covered area (on geographic grids on the
  ellipsoid); cells without data do not count.

Within one CRS the weights are exact (`cog.reading.separable`). Across CRSs GDAL resamples, its `average` for `area`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from affine import Affine
from rasterio import CRS
from rasterio.enums import Resampling
from rasterio.warp import reproject, transform_bounds

from cog.grids.lattice import CellBox
from cog.reading.separable import ROUNDING, Kernel, resampled
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.cells.codec import Codec
    from cog.reading.mosaic import Mosaic
    from cog.reading.sheets import Sheet
    from config.grids import Grid

_TOLERANCE: Final = 1e-3
"""Distance, in cells, at which cells still count as the same."""
_TURN: Final = 360.0
_MOST_READ: Final = 16_000_000
"""Most source cells that are in memory for one box; a larger box is read in quarters."""
_MARGINS: Final = {"nearest": 0, "area": 0, "bilinear": 1}
"""Cells beyond the edge of a box that count in it, within one CRS."""
_WARP_MARGIN: Final = 2
_GDAL: Final = {"nearest": Resampling.nearest, "bilinear": Resampling.bilinear, "area": Resampling.average}


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """The place of one grid's cells on another.

    Attributes:
        source: The grid that is read.
        target: The grid that is read onto.
        kernel: The resampling; None where the cells are the same, `top` and `left` then say where they lie.
        top: Row of the source in which row 0 of the target lies.
        left: Column of the source in which column 0 of the target lies.
    """

    source: Grid
    target: Grid
    kernel: Kernel | None
    top: int = 0
    left: int = 0


def align(source: Grid, target: Grid, *, kernel: Kernel | None, name: str) -> Alignment:
    """Lay a grid on another; raises InvalidInput naming it where they differ and no kernel is given.

    Args:
        source: The grid to read.
        target: The grid to read onto.
        kernel: The resampling where cells differ; None: refuse.
        name: What is read, for the message.
    """
    place = _same_cells(source, target)
    if place is not None:
        return Alignment(source=source, target=target, kernel=None, top=place[0], left=place[1])
    if kernel is None:
        raise InvalidInput(
            f"{name}: its grid ({_words(source)}) is not the grid of the computation ({_words(target)}); give resample "
            "as nearest, bilinear or area, or choose inputs on one grid"
        )
    for grid in (source, target):
        if grid.transform[1] or grid.transform[3] or grid.transform[0] < 0 or grid.transform[4] > 0:
            raise InvalidInput(f"{name}: a grid that is rotated or not north up cannot be resampled")
    return Alignment(source=source, target=target, kernel=kernel)


def _words(grid: Grid) -> str:
    a, _, c, _, e, f = grid.transform
    crs = grid.crs if len(grid.crs) < 40 else "another CRS"
    return f"{grid.width} x {grid.height} cells of {a:.8g} x {-e:.8g} from ({c:.8g}, {f:.8g}) in {crs}"


def _same_cells(source: Grid, target: Grid) -> tuple[int, int] | None:
    """(row, column) of the source at which the target begins, or None if their cells differ."""
    a, b, c, d, e, f = source.transform
    reach = max(source.width, source.height, target.width, target.height)
    near = _TOLERANCE / reach
    alike = math.isclose(a, target.transform[0], rel_tol=near) and math.isclose(e, target.transform[4], rel_tol=near)
    if source.crs != target.crs or not alike or b or d or target.transform[1] or target.transform[3]:
        return None
    column, row = (target.transform[2] - c) / a, (target.transform[5] - f) / e
    if abs(row - round(row)) > _TOLERANCE or abs(column - round(column)) > _TOLERANCE:
        return None
    left = round(column)
    if source.is_geographic:
        turn = _TURN / abs(a)
        if abs(turn - round(turn)) < _TOLERANCE:
            left = _turned(left, target.width, source.width, round(turn))
    return round(row), left


def _turned(left: int, width: int, count: int, turn: int) -> int:
    """A first column moved by whole turns to where most columns meet `count` ones."""
    turns = (left + number * turn for number in (-2, -1, 0, 1, 2))
    return max(turns, key=lambda each: min(each + width, count) - max(each, 0))


@dataclass(frozen=True, kw_only=True)
class AlignedCells:
    """A raster read onto a grid, in physical units. A plain value: it can be pickled and holds no open file.

    Attributes:
        mosaic: The raster.
        codec: The meaning of its stored values.
        alignment: The place of its cells.
        factor: Applied to physical values, before `offset`: a change of units.
    """

    mosaic: Mosaic[Sheet]
    codec: Codec
    alignment: Alignment
    factor: float = 1.0
    offset: float = 0.0

    def read(self, box: CellBox) -> NDArray[np.float64]:
        """Values of a box of the target grid as (row, column), NaN where there are no data.

        Raises EnvironmentFault, or TooLarge where one cell covers more than 16 million.
        """
        values = self._read(box)
        if (self.factor, self.offset) != (1.0, 0.0):
            values = values * self.factor + self.offset
        return values

    def _read(self, box: CellBox) -> NDArray[np.float64]:
        alignment = self.alignment
        if alignment.kernel is None:
            moved = CellBox(
                top=box.top + alignment.top,
                bottom=box.bottom + alignment.top,
                left=box.left + alignment.left,
                right=box.right + alignment.left,
            )
            return self._window(moved).astype("float64", copy=False)
        around = _around(alignment, box)
        if around.cells > _MOST_READ:
            return self._quartered(box)
        cells = self._window(around)
        place = replace(
            alignment.source,
            transform=_moved(alignment.source, around),
            width=around.columns,
            height=around.rows,
        )
        target = replace(alignment.target, transform=_moved(alignment.target, box), width=box.columns, height=box.rows)
        if place.crs == target.crs:
            return resampled(cells, place, target, alignment.kernel)
        return _warped(cells.astype("float64", copy=False), place, target, alignment.kernel)

    def _quartered(self, box: CellBox) -> NDArray[np.float64]:
        if box.cells == 1:
            raise TooLarge("one cell of the grid covers more than 16 million cells of an input; take a finer grid")
        row, column = (box.top + box.bottom + 1) // 2, (box.left + box.right + 1) // 2
        values = np.full((box.rows, box.columns), np.nan)
        for rows in ((box.top, row), (row, box.bottom)):
            for columns in ((box.left, column), (column, box.right)):
                part = CellBox(top=rows[0], bottom=rows[1], left=columns[0], right=columns[1])
                if part.cells:
                    values[part.within(box).slices] = self._read(part)
        return values

    def _window(self, box: CellBox) -> NDArray[np.floating]:
        """Physical values of a box of the source grid, which may reach beyond it; a globe goes on modulo.

        Single precision where that is how they are stored.
        """
        grid = self.mosaic.grid
        whole = CellBox(top=0, bottom=grid.height, left=0, right=grid.width)
        if box.meet(whole) == box:
            return self._physical(box)
        values = np.full((box.rows, box.columns), np.nan)
        turn = round(_TURN / abs(grid.transform[0])) if grid.is_geographic else 0
        first = -(-(box.left - grid.width + 1) // turn) if turn else 0
        last = (box.right - 1) // turn if turn else 0
        for number in range(first, last + 1):
            moved = CellBox(
                top=box.top, bottom=box.bottom, left=box.left - number * turn, right=box.right - number * turn
            )
            shared = moved.meet(whole)
            if not shared.cells:
                continue
            physical = self._physical(shared)
            where = shared.within(moved).slices
            values[where] = np.where(np.isnan(physical), values[where], physical)
        return values

    def _physical(self, box: CellBox) -> NDArray[np.floating]:
        """Physical values of a box within the source grid, NaN where there are no data."""
        stored, valid = self.mosaic.cells(box, self.codec)
        physical = self.codec.physical(stored)
        physical = physical.astype("float32" if physical.dtype == "float32" else "float64", copy=False)
        np.copyto(physical, np.nan, where=~valid)
        return physical


def _moved(grid: Grid, box: CellBox) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = grid.transform
    return (a, b, c + a * box.left, d, e, f + e * box.top)


def _around(alignment: Alignment, box: CellBox) -> CellBox:
    """The source cells that a box of the target needs, with a margin; columns of a globe may lie beyond it."""
    target = replace(alignment.target, transform=_moved(alignment.target, box), width=box.columns, height=box.rows)
    bounds = target.bounds
    source = alignment.source
    margin = _MARGINS.get(alignment.kernel or "", _WARP_MARGIN)
    if source.crs != alignment.target.crs:
        bounds, margin = _projected(target, source), _WARP_MARGIN
    a, _, c, _, e, f = source.transform
    west, south, east, north = bounds
    around = CellBox(
        top=math.floor((north - f) / e + ROUNDING) - margin,
        bottom=math.ceil((south - f) / e - ROUNDING) + margin,
        left=math.floor((west - c) / a + ROUNDING) - margin,
        right=math.ceil((east - c) / a - ROUNDING) + margin,
    )
    rows = around.meet(CellBox(top=-margin, bottom=source.height + margin, left=around.left, right=around.right))
    if rows.rows <= 0:
        return replace(around, top=0, bottom=1)
    return rows


def _projected(target: Grid, source: Grid) -> tuple[float, float, float, float]:
    west, south, east, north = transform_bounds(_crs(target.crs), _crs(source.crs), *target.bounds, densify_pts=33)
    if not all(math.isfinite(value) for value in (west, south, east, north)):
        return source.bounds
    if west > east:  # across the antimeridian
        east += _TURN
    return west, south, east, north


def _crs(crs: str) -> CRS:
    return CRS.from_user_input("EPSG:4326" if crs == CRS84 else crs)


def _warped(cells: NDArray[np.float64], place: Grid, target: Grid, kernel: Kernel) -> NDArray[np.float64]:
    values = np.full((target.height, target.width), np.nan)
    reproject(
        cells,
        values,
        src_transform=Affine(*place.transform),
        src_crs=_crs(place.crs),
        src_nodata=np.nan,
        dst_transform=Affine(*target.transform),
        dst_crs=_crs(target.crs),
        dst_nodata=np.nan,
        resampling=_GDAL[kernel],
        tolerance=0,
    )
    return values
