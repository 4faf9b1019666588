"""Contours of gridded values: lines at levels, or the areas between two levels (contourpy, marching squares).

Vertices lie where the values, taken linear between the centres of neighbouring cells, reach a level. Where one of the
four corners of a square has no data there is no contour in its half.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import contourpy
import numpy as np
import shapely

from cog.features.placing import within_one_turn
from config.errors import InvalidInput, InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from config.grids import Grid

Kind = Literal["lines", "areas"]
MOST_LEVELS: Final = 200
_TURN: Final = 360.0


@dataclass(frozen=True, kw_only=True)
class Contours:
    """Contours of one time.

    Attributes:
        shapes: MultiLineStrings, or MultiPolygons whose shells run counterclockwise.
        low: The level of each line, or the lower level of each area.
        high: The level again, or the upper level of each area.
    """

    shapes: NDArray[Any]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def levels_by(interval: float, base: float, values: NDArray[np.floating], *, around: bool) -> list[float]:
    """The levels base + n * interval within the values; `around`: with one below and one above, for areas.

    Raises InvalidInput where there are no values, and InvalidParameter for more than `MOST_LEVELS`.
    """
    if not np.isfinite(values).any():
        return []
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    first, last = np.ceil((low - base) / interval), np.floor((high - base) / interval)
    if around:
        first, last = np.floor((low - base) / interval), np.floor((high - base) / interval) + 1
    if last - first + 1 > MOST_LEVELS:
        raise InvalidParameter(
            "interval", interval, f"it makes {last - first + 1:.0f} levels between {low:g} and {high:g}; the limit is "
            f"{MOST_LEVELS}"
        )  # fmt: skip
    return [base + float(number) * interval for number in np.arange(first, last + 1)]


def contours_of(values: NDArray[np.float64], grid: Grid, levels: Sequence[float], kind: Kind) -> Contours:
    """The contours of (row, column) values, NaN for no data, in the coordinates of their grid.

    On a globe the last column and the first are neighbours; what crosses the antimeridian is cut there.
    """
    if min(values.shape) < 2:
        raise InvalidInput("contours need two rows and two columns of cells at least; ask for a larger bbox")
    a, _, c, _, e, f = grid.transform
    x, y = c + a * (np.arange(grid.width) + 0.5), f + e * (np.arange(grid.height) + 0.5)
    if grid.is_geographic and abs(grid.width * abs(a) - _TURN) < abs(a) * 1e-3:
        values = np.concatenate([values, values[:, :1]], axis=1)
        x = np.append(x, x[-1] + a)
    generator = contourpy.contour_generator(
        x, y, np.ma.masked_invalid(values), line_type=contourpy.LineType.Separate,
        fill_type=contourpy.FillType.OuterOffset, corner_mask=True,
    )  # fmt: skip
    made = _lines(generator, levels) if kind == "lines" else _areas(generator, levels)
    shapes = np.array([shape for shape, _, _ in made], dtype=object)
    low, high = (np.array([each[place] for each in made], dtype="float64") for place in (1, 2))
    if grid.is_geographic and len(shapes):
        shapes = within_one_turn(shapes, np.arange(len(shapes)), "contours")
    return Contours(shapes=shapes, low=low, high=high)


def _lines(generator: Any, levels: Sequence[float]) -> list[tuple[Any, float, float]]:
    made = []
    for level in levels:
        lines = [line for line in generator.lines(level) if len(line) > 1]
        if lines:
            made.append((shapely.multilinestrings([shapely.linestrings(line) for line in lines]), level, level))
    return made


def _areas(generator: Any, levels: Sequence[float]) -> list[tuple[Any, float, float]]:
    made = []
    for low, high in pairwise(levels):
        points, offsets = generator.filled(low, high)
        polygons = [_polygon(ring, ends) for ring, ends in zip(points, offsets, strict=True)]
        if polygons:
            area = shapely.multipolygons(polygons)
            made.append((area if shapely.is_valid(area) else shapely.make_valid(area), low, high))
    return [(shapely.orient_polygons(area), low, high) for area, low, high in made]


def _polygon(points: NDArray[np.float64], offsets: NDArray[np.unsignedinteger]) -> Any:
    rings = [points[first:end] for first, end in pairwise(offsets)]
    return shapely.polygons(rings[0], holes=rings[1:] or None)
