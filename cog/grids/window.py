"""Windows: the cells of a grid that a box selects.

A box selects the whole cells whose area it intersects. A box edge within `TOLERANCE` of a cell edge counts as lying on
it, so that a box written with the rounded coordinates of cell edges takes exactly those cells and no neighbour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cog.grids.enclosing import Interval, enclosing
from config.errors import InvalidInput, OutsideExtent
from config.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLERANCE = 1e-5
"""Distance, in cells, below which a box edge and a cell edge are one: far above float64 and printed-degree noise."""

MAX_LONGITUDE = 720.0
"""Largest longitude, either way, that a box may name."""

_FAR = 1e12
_TURN = 360.0


@dataclass(frozen=True, kw_only=True)
class Window:
    """A rectangle of whole cells of a grid.

    Attributes:
        column: First column, 0 <= column < grid.width.
        row: First row.
        width: Number of columns. On a global grid `column + width` may pass `grid.width`: columns go on modulo.
        height: Number of rows.
    """

    column: int
    row: int
    width: int
    height: int

    def grid(self, grid: Grid) -> Grid:
        """The cells of the window as a grid; its longitudes go on beyond 180 where the window passes the seam."""
        a, b, c, d, e, f = grid.transform
        transform = (a, b, c + a * self.column, d, e, f + e * self.row)
        return replace(grid, transform=transform, width=self.width, height=self.height)


def whole(grid: Grid) -> Window:
    """Every cell of a grid."""
    return Window(column=0, row=0, width=grid.width, height=grid.height)


def window_of(grid: Grid, *, x: Interval, y: Interval) -> Window:
    """The cells that a box in the grid's own CRS intersects; raises OutsideExtent, or InvalidInput if rotated.

    On a geographic grid `x` is longitude, read modulo 360, and `x.low > x.high` crosses the antimeridian. An open end
    is where the data end; the other end is the longitude of the data that it names at any turn, and is read as it
    stands where the data have none.
    """
    a, b, c, d, e, f = grid.transform
    if b or d:
        raise InvalidInput("the grid is rotated against its axes: ask for the whole of it, without bbox and subset")
    row, bottom = _clipped(y, origin=f, step=e, count=grid.height, name="y", grid=grid)
    closed = x.low is not None and x.high is not None
    if grid.is_geographic and closed:
        column, width = _round_the_globe(x, grid) if grid.is_global else _longitudes(x, grid)
    else:
        along = _turned(x, grid) if grid.is_geographic else x
        column, right = _clipped(along, origin=c, step=a, count=grid.width, name="x", grid=grid)
        width = right - column
    return Window(column=column, row=row, width=width, height=bottom - row)


def window_of_box(grid: Grid, *, crs: str, x: Interval, y: Interval) -> Window:
    """The cells that a box in any CRS intersects; x is east or longitude, y is north or latitude.

    In another CRS than the grid's: the cells of the smallest rectangle of the grid around the box. Raises OutsideExtent
    or InvalidInput.
    """
    if crs == grid.crs:
        return window_of(grid, x=x, y=y)
    if x.is_whole and y.is_whole:
        return whole(grid)
    around = enclosing(grid, crs=crs, x=x, y=y)
    if around is None:
        raise OutsideExtent(f"the box has no place in the CRS of the data; {extent_text(grid)}")
    return window_of(grid, x=Interval(low=around[0], high=around[2]), y=Interval(low=around[1], high=around[3]))


def extent_text(grid: Grid) -> str:
    """The grid's extent in words, for messages."""
    west, south, east, north = (f"{v:.10g}" for v in grid.bounds)
    if grid.is_geographic:
        return f"the data reach from {west} to {east} degrees east and from {south} to {north} degrees north"
    return f"the data reach from {west} to {east} in x and from {south} to {north} in y, in the CRS of the grid"


def _cells(low: float, high: float, *, origin: float, step: float) -> tuple[int, int]:
    """[first, stop) of the cells that meet [low, high], not clipped; at least one."""
    ends = sorted(max(-_FAR, min(_FAR, (value - origin) / step)) for value in (low, high))
    first, stop = math.floor(ends[0] + TOLERANCE), math.ceil(ends[1] - TOLERANCE)
    return first, max(stop, first + 1)


def _ends(interval: Interval, *, origin: float, step: float, count: int) -> tuple[float, float]:
    """Both ends of an interval, the open ones at the edges of the grid."""
    edges = sorted((origin, origin + step * count))
    low = edges[0] if interval.low is None else interval.low
    high = edges[1] if interval.high is None else interval.high
    return low, high


def _clipped(interval: Interval, *, origin: float, step: float, count: int, name: str, grid: Grid) -> tuple[int, int]:
    low, high = _ends(interval, origin=origin, step=step, count=count)
    if low > high:  # an open end on the wrong side of the data
        raise OutsideExtent(f"{name} from {low:.10g} lies outside the data; {extent_text(grid)}")
    first, stop = _met(low, high, origin=origin, step=step, count=count)
    if first >= stop:
        raise OutsideExtent(f"{name} from {low:.10g} to {high:.10g} lies outside the data; {extent_text(grid)}")
    return first, stop


def _met(low: float, high: float, *, origin: float, step: float, count: int) -> tuple[int, int]:
    """[first, stop) of the cells of an axis that meet [low, high]; `first >= stop` where none does."""
    first, stop = _cells(low, high, origin=origin, step=step)
    if low == high and first == count and (low - origin) / step - count <= TOLERANCE:
        return count - 1, count  # a point on the outer edge belongs to the last cell
    return max(first, 0), min(stop, count)


def _turned(interval: Interval, grid: Grid) -> Interval:
    """Longitudes with an open end, whole turns added so that the other end lies on the data, if it does at any turn."""
    a, _, c, _, _, _ = grid.transform
    left, right = sorted((c, c + a * grid.width))
    near = abs(a) * TOLERANCE
    if interval.low is not None:
        _require_near(interval.low, interval.low)
        if not left - near <= interval.low < right - near:
            longitude = interval.low + _TURN * math.ceil((left - near - interval.low) / _TURN)
            return replace(interval, low=longitude) if longitude < right - near else interval
    if interval.high is not None:
        _require_near(interval.high, interval.high)
        if not left + near < interval.high <= right + near:
            longitude = interval.high - _TURN * math.ceil((interval.high - right - near) / _TURN)
            return replace(interval, high=longitude) if longitude > left + near else interval
    return interval


def _require_near(west: float, east: float) -> None:
    if max(abs(west), abs(east)) > MAX_LONGITUDE:  # each turn is looked at
        raise InvalidInput(f"longitudes {west:.10g} to {east:.10g} are outside -{MAX_LONGITUDE:g} to {MAX_LONGITUDE:g}")


def _degrees(interval: Interval, grid: Grid) -> tuple[float, float]:
    """Both longitudes, the eastern one not below the western one."""
    a, _, c, _, _, _ = grid.transform
    west, east = _ends(interval, origin=c, step=a, count=grid.width)
    _require_near(west, east)
    return west, east if west <= east else east + _TURN * math.ceil((west - east) / _TURN)


def _round_the_globe(interval: Interval, grid: Grid) -> tuple[int, int]:
    """(first column, number of columns) on a grid that goes once round the globe."""
    a, _, c, _, _, _ = grid.transform
    west, east = _degrees(interval, grid)
    first, stop = _cells(west, east, origin=c, step=a)
    return first % grid.width, min(stop - first, grid.width)


def _longitudes(interval: Interval, grid: Grid) -> tuple[int, int]:
    """(first column, number of columns) on a geographic grid of less than the globe, at any multiple of 360."""
    west, east = _degrees(interval, grid)
    pieces = sorted(_pieces(west, east, grid))
    if not pieces:
        message = f"longitudes from {west:.10g} to {east:.10g} lie outside the data"
        raise OutsideExtent(f"{message}; {extent_text(grid)}")
    first, stop = pieces[0]
    for begin, end in pieces[1:]:
        if begin > stop:
            raise InvalidInput(
                f"longitudes from {west:.10g} to {east:.10g} meet the data twice, with a gap between; ask for each "
                f"side of the gap by itself; {extent_text(grid)}"
            )
        stop = max(stop, end)
    return first, stop - first


def _pieces(west: float, east: float, grid: Grid) -> Iterator[tuple[int, int]]:
    a, _, c, _, _, _ = grid.transform
    left, _, right, _ = grid.bounds
    for turn in range(math.floor((left - east) / _TURN), math.ceil((right - west) / _TURN) + 1):
        first, stop = _met(west + turn * _TURN, east + turn * _TURN, origin=c, step=a, count=grid.width)
        if first < stop:
            yield first, stop
