"""The parts of a request for zonal statistics: some polygons at some times, bounded in time and memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from config.errors import TooLarge
from services.processes.zonal.rows import Measures, ZonalPart, zones_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.grids import Grid
    from services.processes.zonal.zonal_request import ZonalRequest
    from services.selection.opening.blocks import BlockSource

MOST_ROWS = 200_000
_PART_CELLS = 400_000_000
"""Cells of a part, times times: some seconds of work."""
_PART_DISTINCT_CELLS = 24_000_000
"""The same where each cell may have a value of its own, which is kept."""
_MOST_PARTS = 1000
_SMALL = 2
"""Bytes of an integer that has few distinct values."""


@dataclass(frozen=True, kw_only=True)
class ZonalPlan:
    """A request and its parts.

    Attributes:
        request: The request.
        times: The label of each time; None for a dataset without times.
        level: The level; None for a variable without levels.
        member: The member; None for a variable without members.
        grids: The different grids of the times.
        parts: The parts.
    """

    request: ZonalRequest
    times: tuple[str | None, ...]
    level: str | None
    member: str | None
    grids: tuple[Grid, ...]
    parts: tuple[ZonalPart, ...]


def plan_request(request: ZonalRequest, sources: Sequence[BlockSource], *, most_cells: int) -> ZonalPlan:
    """Cut a request into parts; raises TooLarge beyond `most_cells` cells times times, or for too many rows."""
    features, count = request.features, len(sources)
    if len(features) * count > MOST_ROWS:
        raise TooLarge(f"{len(features)} polygons at {count} times are more than {MOST_ROWS} rows")
    grids = [source.grid for source in sources]
    crs, repair = request.crs, bool(request.inputs.get("repair"))
    sizes = {
        grid: [zone.cells for zone in zones_of(features, grid, crs=crs, repair=repair)] for grid in dict.fromkeys(grids)
    }
    total = sum(sum(sizes[grid]) for grid in grids)
    if total > most_cells:
        raise TooLarge(
            f"the polygons span {total} cells, times times; the limit is {most_cells}: ask for fewer or smaller "
            "polygons, or for fewer times"
        )
    measures = Measures(statistics=request.statistics, quantiles=request.quantiles, by_area=request.by_area)
    dtype = np.dtype(request.variable.dtype)
    has_few_values = dtype.kind in "iu" and dtype.itemsize <= _SMALL
    usual = _PART_DISTINCT_CELLS if measures.distinct and not has_few_values else _PART_CELLS
    budget = max(usual, total // _MOST_PARTS)
    largest = [max(cells) for cells in zip(*sizes.values(), strict=True)]
    bare = [replace(feature, properties={}, geometry=None) for feature in features]
    parts = [
        ZonalPart(
            features=tuple(bare[group.start : group.stop]),
            sources=tuple(sources[steps.start : steps.stop]),
            first_step=steps.start,
            measures=measures,
            cells=sum(largest[group.start : group.stop]) * len(steps),
            crs=crs,
            repair=repair,
        )
        for group in _groups(largest, budget)
        for steps in _steps(sum(largest[group.start : group.stop]), count, budget)
    ]
    return ZonalPlan(
        request=request,
        times=tuple(source.time for source in sources),
        level=sources[0].level,
        member=sources[0].member,
        grids=tuple(sizes),
        parts=tuple(parts),
    )


def _groups(sizes: list[int], budget: int) -> list[range]:
    """Successive polygons whose cells stay within the budget; one that does not stands alone."""
    groups, start, cells = [], 0, 0
    for number, size in enumerate(sizes):
        if number > start and cells + size > budget:
            groups.append(range(start, number))
            start, cells = number, 0
        cells += size
    return [*groups, range(start, len(sizes))]


def _steps(cells: int, count: int, budget: int) -> list[range]:
    """Successive times, in groups of like size, at which that number of cells stays within the budget."""
    each = min(count, max(1, budget // max(1, cells)))
    each = math.ceil(count / math.ceil(count / each))
    return [range(first, min(first + each, count)) for first in range(0, count, each)]
