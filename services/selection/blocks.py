"""A selection as blocks of cells: what kernels read, here or spread over Dask.

A `BlockSource` is one time and level of a selection. It is a plain value: it can be pickled, holds no open file and no
connection, and reads the same cells wherever the store is mounted at the same path.

    sources = block_sources(context, [resolve(dataset, request)], most_times=1000)
    for source in sources:
        for block in source.blocks():
            kernel(block.physical())
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cog.reading.composite import Sheet
from cog.reading.sheets import Box, Files, Mosaic
from cog.statistics.tally import Packing
from config.errors import TooLarge
from services.selection.moments import iterate_moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from config.grids import Grid
    from services.selection.moments import TimeSlice
    from services.selection.selection import Selection
    from services.web.context import Context

BLOCK_EDGE: Final = 2048
"""Rows and columns of a block: a multiple of the blocks of a COG, and 4 Mi cells."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """The cells of a box.

    Attributes:
        box: Its place on the grid of the source.
        stored: Stored values as (row, column); anything where not valid.
        valid: Where there are data, in the same shape.
        packing: What the stored values mean.
    """

    box: Box
    stored: NDArray[np.generic]
    valid: NDArray[np.bool_]
    packing: Packing

    def physical(self) -> NDArray[np.float64]:
        """Physical values as (row, column), NaN where there are no data."""
        return np.where(self.valid, self.packing.physical(self.stored), np.nan)


@dataclass(frozen=True, kw_only=True)
class BlockSource:
    """The cells of one variable at one time and level, read box by box.

    Attributes:
        time: Label of the time; None for a dataset without times.
        key: Order key of the time (`config.times`).
        level: Label of the level; None for a variable without levels.
        mosaic: The parts of the time, on their common lattice.
        packing: What the stored values mean.
        dtype: numpy name of the stored values.
        bands: Number of bands.
    """

    time: str | None
    key: int | None
    level: str | None
    mosaic: Mosaic
    packing: Packing
    dtype: str
    bands: int

    @property
    def grid(self) -> Grid:
        """The smallest grid that holds the cells of all parts; boxes count its rows and columns."""
        return self.mosaic.grid

    @property
    def whole(self) -> Box:
        """All cells of the grid."""
        return Box(top=0, bottom=self.grid.height, left=0, right=self.grid.width)

    def boxes(self, within: Box | None = None, *, edge: int = BLOCK_EDGE) -> Iterator[Box]:
        """Cut cells into boxes along multiples of `edge`, row by row; all cells unless `within` names some."""
        area = self.whole if within is None else self.whole.meet(within)
        for top in range(area.top // edge * edge, area.bottom, edge):
            for left in range(area.left // edge * edge, area.right, edge):
                yield area.meet(Box(top=top, bottom=top + edge, left=left, right=left + edge))

    def read(self, files: Files, box: Box) -> Block:
        """Read the first band of a box inside the grid, keeping its files open; raises EnvironmentFault."""
        stored, valid = self.mosaic.read(files, box, self.packing)
        return Block(box=box, stored=stored, valid=valid, packing=self.packing)

    def blocks(self, boxes: Iterable[Box] | None = None) -> Iterator[Block]:
        """Read boxes one after the other, all of the grid unless some are named; raises EnvironmentFault."""
        with Files() as files:
            for box in self.boxes() if boxes is None else boxes:
                yield self.read(files, box)


def iterate_block_sources(context: Context, selection: Selection) -> Iterator[BlockSource]:
    """Iterate over the times of a selection, in order, and at each time over its levels.

    Any number of times: the catalogue is read page by page. Raises GranuleNotFound, and InvalidInput where the parts of
    a time do not lie on one upright lattice.
    """
    for moment in iterate_moments(context.catalogue, selection):
        yield from _sources_of(context, selection, moment)


def block_sources(context: Context, selections: Sequence[Selection], *, most_times: int) -> list[BlockSource]:
    """The times of several selections of one variable in order, each time once, and at each time its levels.

    Args:
        context: Has the catalogue and the store.
        selections: Differ in nothing but their times.
        most_times: The limit; raises TooLarge, naming it, if there are more times.

    Raises:
        GranuleNotFound: if a selection means no time.
        InvalidInput: if the parts of a time do not lie on one upright lattice.
        TooLarge: if there are more than `most_times` times.
    """
    moments: dict[int | None, TimeSlice] = {}
    for selection in selections:
        for moment in iterate_moments(context.catalogue, selection):
            moments[moment.key] = moment
            if len(moments) > most_times:
                raise TooLarge(f"more than {most_times} times are selected; ask for {most_times} at most at a time")
    ordered = sorted(moments.items(), key=lambda item: -1 if item[0] is None else item[0])
    return [source for _, moment in ordered for source in _sources_of(context, selections[0], moment)]


def _sources_of(context: Context, selection: Selection, moment: TimeSlice) -> Iterator[BlockSource]:
    variable = selection.variable
    for level, granules in moment.parts.items():
        parts = [Sheet(path=context.asset_path(granule.asset), grid=granule.grid) for granule in granules]
        yield BlockSource(
            time=moment.first.time,
            key=moment.key,
            level=level,
            mosaic=Mosaic.of(parts),
            packing=Packing(nodata=variable.nodata, scale=variable.scale, offset=variable.offset),
            dtype=variable.dtype,
            bands=variable.band_count,
        )
