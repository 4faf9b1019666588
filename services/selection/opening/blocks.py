"""A selection as blocks of cells: what kernels read, here or spread over Dask.

A `BlockSource` is one time and layer of a selection. It is a plain value: it can be pickled, holds no open file and no
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

from cog.cells.codec import Codec
from cog.grids.lattice import CellBox
from cog.reading.mosaic import Mosaic
from cog.reading.sheets import Sheet
from config.errors import TooLarge
from config.layers import level_of, member_of
from services.selection.moments import codec_of, iterate_moments

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
        codec: The meaning of the stored values.
    """

    box: CellBox
    stored: NDArray[np.generic]
    valid: NDArray[np.bool_]
    codec: Codec

    def physical(self) -> NDArray[np.float64]:
        """Physical values as (row, column), NaN where there are no data."""
        return np.where(self.valid, self.codec.physical(self.stored).astype("float64"), np.nan)


@dataclass(frozen=True, kw_only=True)
class BlockSource:
    """The cells of one variable at one time and layer, read box by box.

    Attributes:
        time: Label of the time; None for a dataset without times.
        key: Order key of the time (`config.times`).
        layer: Key of the layer (`config.layers`); None for a variable without levels and members.
        mosaic: The parts of the time, on their common lattice.
        codec: The meaning of the stored values.
        calendar: CF calendar of the time.
        start_key: Order key of the start of the time's bounds; None where they are not known.
        end_key: Order key of their end (excluded).
    """

    time: str | None
    key: int | None
    layer: str | None
    mosaic: Mosaic[Sheet]
    codec: Codec
    calendar: str | None = None
    start_key: int | None = None
    end_key: int | None = None

    @property
    def level(self) -> str | None:
        """Label of the level; None for a variable without levels."""
        return level_of(self.layer)

    @property
    def member(self) -> str | None:
        """Label of the member; None for a variable without members."""
        return member_of(self.layer)

    @property
    def grid(self) -> Grid:
        """The smallest grid that holds the cells of all parts; boxes count its rows and columns."""
        return self.mosaic.grid

    @property
    def whole(self) -> CellBox:
        """All cells of the grid."""
        return CellBox(top=0, bottom=self.grid.height, left=0, right=self.grid.width)

    def boxes(self, within: CellBox | None = None, *, edge: int = BLOCK_EDGE) -> Iterator[CellBox]:
        """Cut cells into boxes along multiples of `edge`, row by row; all cells unless `within` names some."""
        area = self.whole if within is None else self.whole.meet(within)
        for top in range(area.top // edge * edge, area.bottom, edge):
            for left in range(area.left // edge * edge, area.right, edge):
                yield area.meet(CellBox(top=top, bottom=top + edge, left=left, right=left + edge))

    def read(self, box: CellBox, *, band: int = 1) -> Block:
        """Read a band of a box inside the grid; raises EnvironmentFault."""
        stored, valid = self.mosaic.cells(box, self.codec, band=band)
        return Block(box=box, stored=stored, valid=valid, codec=self.codec)

    def blocks(self, boxes: Iterable[CellBox] | None = None, *, band: int = 1) -> Iterator[Block]:
        """Read boxes one after the other, all of the grid unless some are named; raises EnvironmentFault."""
        for box in self.boxes() if boxes is None else boxes:
            yield self.read(box, band=band)


def iterate_block_sources(context: Context, selection: Selection) -> Iterator[BlockSource]:
    """Iterate over the times of a selection, in order, and at each time over its layers.

    Any number of times: the catalogue is read page by page. Raises GranuleNotFound, and InvalidInput where the parts of
    a time do not lie on one upright lattice.
    """
    for moment in iterate_moments(context.catalogue, selection):
        yield from _sources_of(context, selection, moment)


def block_sources(context: Context, selections: Sequence[Selection], *, most_times: int) -> list[BlockSource]:
    """The times of several selections of one variable in order, each time once, and at each time its layers.

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
    for layer, granules in moment.parts.items():
        parts = [
            Sheet(path=context.asset_path(granule.asset), grid=granule.grid, version=granule.asset.sha256)
            for granule in granules
        ]
        yield BlockSource(
            time=moment.first.time,
            key=moment.key,
            layer=layer,
            mosaic=Mosaic.of(parts),
            codec=codec_of(variable),
            calendar=moment.first.calendar,
            start_key=moment.first.start_key,
            end_key=moment.first.end_key,
        )
