"""Statistics of a raster's cells in polygons: exactextract's coverage fractions over blocks of cells.

A zone is a polygon in the grid's CRS. On a geographic grid its longitudes may go on beyond 180, or lie whole turns
away: each cell is met by the zone at every turn, so neither the antimeridian nor a column that straddles it cuts
anything. A block is read once for all zones that meet it, and what is in memory does not grow with the size of a
zone: one `Tally` is kept for each zone and time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely
from shapely import affinity

from cog.grids.ellipsoid import cell_areas
from cog.grids.lattice import CellBox
from cog.statistics.weighted import Tally
from cog.zones.coverage_fractions import Covered, coverage_areas, coverage_fractions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapely.geometry.base import BaseGeometry

    from cog.cells.codec import Codec
    from cog.reading.mosaic import Mosaic
    from cog.reading.sheets import Sheet
    from config.grids import Grid

BLOCK = 2048
"""Rows and columns of a block: a multiple of a COG's blocks, and 4 Mi cells."""

_TURN = 360.0
_BATCH = 500
"""Most zones whose coverage fractions are in memory at a time, beside `_BATCH_CELLS`."""
_BATCH_CELLS = BLOCK * BLOCK


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A polygon on a grid.

    Attributes:
        pieces: The polygon, once for each turn at which it meets the grid; empty where it does not.
        boxes: The cells around each piece.
    """

    pieces: tuple[BaseGeometry, ...]
    boxes: tuple[CellBox, ...]

    @classmethod
    def of(cls, geometry: BaseGeometry | None, grid: Grid) -> Self:
        """The zone of a polygon in the coordinates of an upright, north-up grid; None is the empty one."""
        pieces, boxes = [], []
        for turn in _turns(geometry, grid):
            assert geometry is not None
            piece = affinity.translate(geometry, xoff=turn * _TURN) if turn else geometry
            box = _box(piece.bounds, grid)
            if box.cells:
                pieces.append(piece)
                boxes.append(box)
        return cls(pieces=tuple(pieces), boxes=tuple(boxes))

    @property
    def cells(self) -> int:
        """The cells of the boxes around it: at least as many as it covers."""
        return sum(box.cells for box in self.boxes)

    def blocks(self) -> Iterator[tuple[int, int]]:
        """(row, column) of the blocks that its boxes meet."""
        places: set[tuple[int, int]] = set()
        for box in self.boxes:
            rows = range(box.top // BLOCK, (box.bottom - 1) // BLOCK + 1)
            columns = range(box.left // BLOCK, (box.right - 1) // BLOCK + 1)
            places.update((row, column) for row in rows for column in columns)
        yield from places


@dataclass(frozen=True, kw_only=True)
class _Local:
    """The part of one block that one zone covers: cells of `box`, by flat index, or all of them alike."""

    zone: int
    covered: Covered | None


def _turns(geometry: BaseGeometry | None, grid: Grid) -> Iterator[int]:
    if geometry is None or geometry.is_empty:
        return
    if not grid.is_geographic:
        yield 0
        return
    west, _, east, _ = geometry.bounds
    left, _, right, _ = grid.bounds
    yield from range(math.ceil((left - east) / _TURN), math.floor((right - west) / _TURN) + 1)


def _box(bounds: tuple[float, float, float, float], grid: Grid) -> CellBox:
    """The cells that a box in the grid's coordinates meets."""
    a, _, c, _, e, f = grid.transform
    west, south, east, north = bounds
    whole = CellBox(top=0, bottom=grid.height, left=0, right=grid.width)
    far = 1e15
    box = CellBox(
        top=math.floor(max(-far, (north - f) / e)),
        bottom=math.ceil(min(far, (south - f) / e)),
        left=math.floor(max(-far, (west - c) / a)),
        right=math.ceil(min(far, (east - c) / a)),
    )
    return box.meet(whole)


def tallies(
    zones: Sequence[Zone],
    mosaics: Sequence[Mosaic[Sheet]],
    codec: Codec,
    *,
    area: bool,
    distinct: bool,
    advance: Callable[[int], None],
) -> list[list[Tally]]:
    """The tallies of zones at times, as [zone][time].

    Args:
        zones: Zones on the lattice of the mosaics.
        mosaics: The raster of each time; all on one lattice.
        codec: The meaning of their stored values.
        area: Weight cells by their area on the ellipsoid, in square metres, and not alike; geographic grids only.
        distinct: Keep the distinct values.
        advance: Called after each block with the number of cells of zones' boxes, times times, that it took.
    """
    results = [[Tally(codec, distinct=distinct) for _ in mosaics] for _ in zones]
    grid = mosaics[0].grid
    by_block: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number, zone in enumerate(zones):
        for place in zone.blocks():
            by_block[place].append(number)
        for piece in zone.pieces:
            shapely.prepare(piece)
    for row, column in sorted(by_block):
        block = CellBox(top=row * BLOCK, bottom=(row + 1) * BLOCK, left=column * BLOCK, right=(column + 1) * BLOCK)
        for box, numbers in _batches(zones, by_block[row, column], block):
            local = _local(zones, numbers, box, grid, area=area)
            _add(results, local, mosaics, codec, box, area=area)
            advance(sum(_met(zones[number], box) for number in numbers) * len(mosaics))
    return results


def _met(zone: Zone, box: CellBox) -> int:
    return sum(box.meet(own).cells for own in zone.boxes)


def _batches(zones: Sequence[Zone], numbers: Sequence[int], block: CellBox) -> Iterator[tuple[CellBox, list[int]]]:
    """Groups of the zones of a block, each with the cells around them."""
    batch: list[int] = []
    around, cells = block, 0
    for number in numbers:
        boxes = [met for own in zones[number].boxes if (met := block.meet(own)).cells]
        own = boxes[0]
        for met in boxes[1:]:
            own = own.around(met)
        if batch and (len(batch) >= _BATCH or cells + own.cells > _BATCH_CELLS):
            yield around, batch
            batch, cells = [], 0
        around = around.around(own) if batch else own
        batch.append(number)
        cells += own.cells
    if batch:
        yield around, batch


def _local(zones: Sequence[Zone], numbers: Sequence[int], box: CellBox, grid: Grid, *, area: bool) -> list[_Local]:
    """The cells of a box that each zone covers; zones that cover none are left out."""
    cells = _cells(grid, box)
    frame = shapely.box(*cells.bounds)
    local: list[_Local] = []
    pending: list[tuple[int, BaseGeometry]] = []
    for number in numbers:
        near = [p for p, own in zip(zones[number].pieces, zones[number].boxes, strict=True) if box.meet(own).cells]
        if len(near) == 1 and near[0].covers(frame):
            local.append(_Local(zone=number, covered=None))
        else:
            pending += [(number, piece) for piece in near if piece.intersects(frame)]
    measure = coverage_areas if area else coverage_fractions
    fractions = measure([piece for _, piece in pending], cells) if pending else []
    by_zone: defaultdict[int, list[Covered]] = defaultdict(list)
    for (number, _), covered in zip(pending, fractions, strict=True):
        if covered[0].size:
            by_zone[number].append(covered)
    return local + [_Local(zone=number, covered=_union(pieces)) for number, pieces in by_zone.items()]


def _cells(grid: Grid, box: CellBox) -> Grid:
    a, _, c, _, e, f = grid.transform
    transform = (a, 0.0, c + a * box.left, 0.0, e, f + e * box.top)
    return replace(grid, transform=transform, width=box.columns, height=box.rows)


def _union(pieces: list[Covered]) -> Covered:
    """The cells that the pieces of one zone cover together: a column that straddles the antimeridian is met by two."""
    if len(pieces) == 1:
        return pieces[0]
    cells, inverse = np.unique(np.concatenate([cells for cells, _ in pieces]), return_inverse=True)
    fractions = np.bincount(inverse, weights=np.concatenate([fractions for _, fractions in pieces]))
    return cells, fractions


def _add(
    results: list[list[Tally]],
    local: list[_Local],
    mosaics: Sequence[Mosaic[Sheet]],
    codec: Codec,
    box: CellBox,
    *,
    area: bool,
) -> None:
    """Add the cells of a box to the tallies of the zones that cover some of them, at each time."""
    if not local:
        return
    rows = cell_areas(_cells(mosaics[0].grid, box)) if area else np.ones(box.rows)
    weights = [np.repeat(rows, box.columns) if each.covered is None else each.covered[1] for each in local]
    for time, mosaic in enumerate(mosaics):
        values, valid = mosaic.cells(box, codec)
        values, valid = values.ravel(), valid.ravel()
        for each, weight in zip(local, weights, strict=True):
            if each.covered is None:
                results[each.zone][time].add(values, weight, valid)
            else:
                cells = each.covered[0]
                results[each.zone][time].add(values[cells], weight, valid[cells])
