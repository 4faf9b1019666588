"""The grid of a computation: that of one of its fields, cut to a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cog.grids.enclosing import Interval
from cog.grids.lattice import CellBox
from cog.grids.window import window_of_box
from cog.reading.aligned import AlignedCells, align
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import CRS84

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cog.reading.separable import Kernel
    from config.grids import Grid
    from services.processes.fields.field import ProcessField
    from services.processes.fields.steps import FieldStep

_CRS84_NAMES: Final = (
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "OGC:CRS84",
)
_EDGE: Final = 256
"""Rows and columns of a box: the blocks of a COG, and small enough for the processor's cache."""


def kernel_of(inputs: Mapping[str, Any]) -> Kernel | None:
    """The resampling that the input `resample` names; None where unlike grids are to be refused."""
    kernel: Kernel | None = inputs.get("resample", "none")
    return None if kernel == "none" else kernel  # type: ignore[comparison-overlap]


def region_of(grid: Grid, box: Mapping[str, Any] | None) -> Grid:
    """The cells of a grid that meet an input `bbox`; raises InvalidParameter, InvalidInput or OutsideExtent."""
    if grid.transform[1] or grid.transform[3]:
        raise InvalidInput("the grid is rotated against its axes; computations are on upright grids")
    if box is None:
        return grid
    if box.get("crs", CRS84) not in _CRS84_NAMES:
        raise InvalidParameter("bbox.crs", box["crs"], f"boxes are in {_CRS84_NAMES[0]}: west, south, east, north")
    corners = box["bbox"]
    west, south, east, north = corners if len(corners) == 4 else (*corners[:2], *corners[3:5])
    if south > north:
        raise InvalidParameter("bbox", corners, "give west, south, east, north; south is above north here")
    x, y = Interval(low=float(west), high=float(east)), Interval(low=float(south), high=float(north))
    return window_of_box(grid, crs=CRS84, x=x, y=y).grid(grid)


def aligned_cells(
    step: FieldStep, fields: Sequence[ProcessField], target: Grid, *, kernel: Kernel | None
) -> dict[str, AlignedCells]:
    """The cells of each field of a step, in its unit, on the target grid; raises InvalidInput naming an unlike grid."""
    cells = {}
    for field in fields:
        if field.selection is None:
            continue
        source = step.cells[field.name]
        cells[field.name] = AlignedCells(
            mosaic=source.mosaic,
            codec=source.codec,
            alignment=align(source.grid, target, kernel=kernel, name=field.name),
            factor=field.conversion.factor,
            offset=field.conversion.offset,
        )
    return cells


def boxes_of(grid: Grid, *, edge: int = _EDGE) -> Iterator[CellBox]:
    """Boxes that cover a grid, row by row."""
    for top in range(0, grid.height, edge):
        for left in range(0, grid.width, edge):
            yield CellBox(top=top, bottom=min(top + edge, grid.height), left=left, right=min(left + edge, grid.width))


def require_cells(grid: Grid, times: int, *, fields: int, most: int) -> int:
    """The number of cells that a computation reads; raises TooLarge, saying it, beyond a limit."""
    cells = grid.width * grid.height * times * max(1, fields)
    if cells > most:
        raise TooLarge(
            f"about {cells} cells would be computed ({grid.width} x {grid.height} cells, {times} times, {fields} "
            f"fields), the limit is {most}: ask for fewer times or a smaller bbox"
        )
    return cells
