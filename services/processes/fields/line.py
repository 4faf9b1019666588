"""Values of a field along a line, and lines as clients write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.grids.lattice import CellBox
from cog.reading.aligned import AlignedCells, align
from cog.reading.points import locate
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cog.science.sections import Section
    from services.processes.fields.field import ProcessField
    from services.selection.opening.blocks import BlockSource

DEGREE_M: Final = 111_000.0
"""Metres of a degree of latitude, to choose the length of pieces by."""
_MOST_READ: Final = 16_000_000
_QUARTER: Final = 0.25


def step_of(grid: Any) -> float:
    """A quarter of a cell of a grid, in metres: the usual length of a piece of a line."""
    a, e = abs(grid.transform[0]), abs(grid.transform[4])
    return float(_QUARTER * min(a, e) * (DEGREE_M if grid.is_geographic else 1.0))


def vertices_of(line: Mapping[str, Any]) -> list[list[float]]:
    """(longitude, latitude) of the vertices of an input `section`; raises InvalidInput."""
    coordinates = line.get("coordinates")
    if line.get("type") != "LineString" or not isinstance(coordinates, list) or len(coordinates) < 2:
        raise InvalidInput("section: a GeoJSON LineString with two or more positions is needed")
    for position in coordinates:
        numbers = (
            isinstance(position, list) and len(position) >= 2 and all(type(v) in (int, float) for v in position[:2])
        )
        if not numbers or not (-720 <= position[0] <= 720 and -90 <= position[1] <= 90):
            raise InvalidInput(f"section: {str(position)[:60]} is no position of longitude and latitude")
    return [[float(each) for each in position[:2]] for position in coordinates]


def sample_line(
    field: ProcessField, source: BlockSource, section: Section, *, is_bilinear: bool = False
) -> NDArray[np.float64]:
    """Values of a field at the middle of each piece of a line, in the unit of the field; raises TooLarge.

    Args:
        field: The field, not a number.
        source: Its cells at a time and level.
        section: The pieces.
        is_bilinear: Whether values are between the centres of cells; else those of the cells that hold the points.
    """
    cells = AlignedCells(
        mosaic=source.mosaic, codec=source.codec,
        alignment=align(source.grid, source.grid, kernel=None, name=field.name),
        factor=field.conversion.factor, offset=field.conversion.offset,
    )  # fmt: skip
    located = locate(source.grid, section.lon, section.lat, crs=CRS84)
    rows, columns = located.rows, np.unwrap(located.columns.astype("float64"), period=_turn(source.grid))
    box = CellBox(
        top=int(rows.min()) - 1, bottom=int(rows.max()) + 2,
        left=int(columns.min()) - 1, right=int(columns.max()) + 2,
    )  # fmt: skip
    if box.cells > _MOST_READ:
        raise TooLarge(f"the section spans {box.cells} cells of {field.name}; cut it into shorter ones")
    values = cells.read(box)
    row, column = rows - box.top, columns.astype("int64") - box.left
    if not is_bilinear:
        return np.where(located.inside, values[row, column], np.nan)
    return np.where(located.inside, _bilinear(values, source.grid, section, row, column, rows, columns), np.nan)


def _turn(grid: Any) -> float:
    return 360.0 / abs(grid.transform[0]) if grid.is_global else 1e12


def _bilinear(
    values: NDArray[Any], grid: Any, section: Section, row: Any, column: Any, rows: Any, columns: Any
) -> NDArray[np.float64]:
    """Between the centres of four cells; those without data are left out."""
    a, _, c, _, e, f = grid.transform
    turn = _turn(grid)
    across = ((section.lon - c) / a - columns + turn / 2) % turn - turn / 2 - 0.5
    down = (section.lat - f) / e - rows - 0.5
    total, weight = np.zeros(row.shape), np.zeros(row.shape)
    for at_row, share_row in ((0, 1 - np.abs(down)), (np.sign(down).astype(int), np.abs(down))):
        for at_column, share in ((0, 1 - np.abs(across)), (np.sign(across).astype(int), np.abs(across))):
            sampled = values[row + at_row, column + at_column]
            there = np.isfinite(sampled)
            total += np.where(there, sampled * share * share_row, 0)
            weight += np.where(there, share * share_row, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)
