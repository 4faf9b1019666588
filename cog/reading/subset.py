"""Reads a window of a COG: stored values, bit for bit, or in other cells as their nearest or their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from cog.reading.means import means
from cog.reading.nearest import nearest
from cog.reading.opener import open_raster
from cog.reading.strips import STRIP_ROWS, read_columns
from config.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.grids.subset import Subset

MOST_TIMES = 5
"""Multiple of `most_read` cells that are read where no overview is fine enough; beyond it the request is refused."""
FINER = 4
"""Factor by which an overview must be finer than the answer on each axis to stand for the cells."""

Method = Literal["nearest", "average"]
"""Resampling to other cells on the grid itself; `cog.reading.warp` has more."""


def strips(path: str, subset: Subset, *, method: Method) -> Iterator[tuple[int, NDArray[Any]]]:
    """The answer from top to bottom: (first row, stored values as (band, row, column)) of at most STRIP_ROWS rows.

    Without scaling these are the stored values bit for bit. With scaling each cell is the stored value at its centre,
    or the mean of the valid ones weighted by the covered area of each, with no data only where it covers none.
    Raises EnvironmentFault, and TooLarge where too many cells would be read.
    """
    if not subset.is_scaled:
        yield from _stored(path, subset)
        return
    level = overview_level(
        path,
        cells=(subset.window.width, subset.window.height),
        answer=(subset.width, subset.height),
        most_read=subset.most_read,
    )
    yield from (means if method == "average" else nearest)(path, subset, level=level)


def _stored(path: str, subset: Subset) -> Iterator[tuple[int, NDArray[Any]]]:
    window = subset.window
    with open_raster(path) as raster:
        for row in range(0, window.height, STRIP_ROWS):
            rows = min(STRIP_ROWS, window.height - row)
            first, stop = window.column, window.column + window.width
            yield row, read_columns(raster.full, top=window.row + row, rows=rows, first=first, stop=stop)


def overview_level(
    path: str, *, cells: tuple[int, int], answer: tuple[int, int], most_read: int, finer: float = FINER
) -> int | None:
    """The overview to read for `cells` (width, height) in an answer of that size: the coarsest `finer` times finer.

    None, which is full resolution, for at most `most_read` cells, and where no overview is fine enough. Raises TooLarge
    where those would be more than MOST_TIMES `most_read`.
    """
    count = cells[0] * cells[1]
    if count <= most_read:
        return None
    with open_raster(path) as raster:
        factors: list[int] = raster.full.overviews(1)
    coarsest = min(cells[0] / answer[0], cells[1] / answer[1]) / finer
    fine_enough = [level for level, factor in enumerate(factors) if factor <= coarsest]
    if not fine_enough and count > MOST_TIMES * most_read:
        raise TooLarge(
            f"{count} stored cells would be read, with no overview {finer:g} times finer than the answer; at most "
            f"{MOST_TIMES * most_read} are: ask for a smaller box, or for like factors on both axes"
        )
    return fine_enough[-1] if fine_enough else None
