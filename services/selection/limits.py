"""The limits on what one request may select: one for each kind of opening.

What costs is opening files. A message that refuses a selection names its size, the limit and how to ask for less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.grids import Grid
    from records.datasets.models import Granule

TILE_PARTS: Final = 64
"""Parts of which one tile is drawn, one after the other, some 2 ms each; of more the overview across them, if any."""
RASTER_PARTS: Final = 1000
"""Most parts of one time that are read as one raster, for a map, coverage or statistics: some 2 ms of CPU each."""
VALUE_TIMES: Final = 1000
"""Most times of one answer with values or statistics: each opens a file."""
VALUES: Final = 100_000
"""Most values of one answer at points, where each time is a raster of its own."""
SERIES_VALUES: Final = 1_000_000
"""Most values of one answer at points of a series, whose times share their cells: some 10 MB of JSON."""
PAGE_TIMES: Final = 500
"""Times that are read from the catalogue at once where a selection may hold any number of them."""


def require_tile_parts(count: int, dataset_id: str) -> None:
    """Raise TooLarge if a tile meets more parts than RASTER_PARTS; `count` may stop at the first one beyond."""
    if count > RASTER_PARTS:
        raise TooLarge(
            f"the tile meets {RASTER_PARTS + 1} parts or more, the limit is {RASTER_PARTS}: zoom in, choose one by "
            f"part=, or ask the operator for `graticule mosaics build {dataset_id}`"
        )


def require_raster_parts(parts: Sequence[Granule], region: Grid | None = None) -> None:
    """Raise TooLarge if a region, None: everything, meets more parts of one time than RASTER_PARTS."""
    if len(parts) <= RASTER_PARTS:
        return
    count = len(parts) if region is None else sum(_meet(part.grid, region) for part in parts)
    if count > RASTER_PARTS:
        raise TooLarge(
            f"{count} parts of one time or more would be read, the limit is {RASTER_PARTS}: ask for a smaller region, "
            f"or choose one by part=, such as part={parts[0].part}"
        )


def _meet(part: Grid, region: Grid) -> bool:
    """Whether two grids of one CRS share an area, longitudes at any turn."""
    west, south, east, north = part.bounds
    left, bottom, right, top = region.bounds
    turns = (-360.0, 0.0, 360.0) if part.is_geographic else (0.0,)
    return bottom < north and top > south and any(left < east + turn and right > west + turn for turn in turns)


def require_values(times: Sequence[str | None], values: int) -> None:
    """Raise TooLarge for more times than VALUE_TIMES, or more values in all than VALUES.

    Args:
        times: Labels of the times, in order; one beyond the limit is enough.
        values: Number of values of one time.
    """
    if len(times) > VALUE_TIMES or len(times) * values > VALUES:
        last = times[min(len(times), VALUE_TIMES) // 2]
        raise TooLarge(
            f"{len(times)} times or more of {values} values are above {VALUE_TIMES} times or {VALUES} values; ask "
            f"for fewer points or a shorter interval, such as datetime={times[0]}/{last}"
        )


def require_series_values(labels: Sequence[str], values: int) -> None:
    """Raise TooLarge for more values in all than SERIES_VALUES.

    Args:
        labels: Labels of the times, in order; none of data without times.
        values: Number of values of one time.
    """
    count = max(1, len(labels))
    if count * values > SERIES_VALUES:
        shorter = f", such as datetime={labels[0]}/{labels[SERIES_VALUES // values - 1]}" if labels else ""
        raise TooLarge(
            f"{count} times of {values} values are {count * values}, the limit is {SERIES_VALUES}; ask for fewer "
            f"points or a shorter interval{shorter}"
        )
