"""Zones of a query: polygons with names, the cells that they cover, and series of statistics over them.

A mean is over the area of the polygon: each cell counts by the fraction of it that is covered, exactly, times its area
on the ellipsoid (of a projected grid: times the area of its rectangle, which is the same for all cells).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.grids.ellipsoid import cell_areas
from cog.grids.lattice import CellBox
from cog.series.summary import AreaSummary
from cog.zones.coverage_fractions import coverage_fractions
from services.apis.edr.samples import NamedZone, SampledParameter, Sampling
from services.apis.edr.sampling import coverage_field, described, over_times, require_reading
from services.gridded.reading import read, read_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.series.summary import StatisticName
    from cog.zones.zones import Zone
    from config.grids import Grid
    from services.apis.edr.parameters import EdrQuery
    from services.gridded.arrays import ArrayField
    from services.web.context import Context


def zone_fractions(grid: Grid, zone: Zone) -> list[tuple[CellBox, NDArray[np.float64]]]:
    """The fraction of each cell that a zone covers, as (box, (row, column)) of each of its pieces."""
    boxes = []
    for piece, box in zip(zone.pieces, zone.boxes, strict=True):
        (covered,) = coverage_fractions([piece], _cells(grid, box))
        fractions = np.zeros(box.cells)
        fractions[covered[0]] = covered[1]
        boxes.append((box, fractions.reshape(box.rows, box.columns)))
    return boxes


def zone_weights(grid: Grid, zone: Zone) -> list[tuple[CellBox, NDArray[np.float64]]]:
    """The area of each cell that a zone covers, in square metres on a geographic grid, likewise."""
    if not grid.is_geographic:
        return zone_fractions(grid, zone)
    return [
        (box, fractions * cell_areas(_cells(grid, box))[:, np.newaxis]) for box, fractions in zone_fractions(grid, zone)
    ]


def _cells(grid: Grid, box: CellBox) -> Grid:
    a, _, c, _, e, f = grid.transform
    transform = (a, 0.0, c + a * box.left, 0.0, e, f + e * box.top)
    return replace(grid, transform=transform, width=box.columns, height=box.rows)


def over_zones(context: Context, query: EdrQuery, zones: Sequence[NamedZone]) -> Sampling:
    """Statistics of every variable over zones, at each time; or, over time, of the series of the means."""
    names: tuple[StatisticName, ...] = query.statistics or ("mean",)
    own: tuple[StatisticName, ...] = ("mean",) if query.over == "time" else names
    parameters = tuple(
        SampledParameter(
            name=field.name if own == ("mean",) else f"{field.name}_{name}",
            field=described(coverage_field(field), name),
            statistic=name,
        )
        for field in query.fields
        for name in own
    )
    weights = [zone_weights(query.first.grid, region.zone) for region in zones]
    require_reading(query, sum(region.zone.cells for region in zones))

    def read_block(times: range) -> dict[str, NDArray[np.float64]]:
        results: dict[str, NDArray[np.float64]] = {
            p.name: np.empty((len(times), len(query.levels), len(zones))) for p in parameters
        }
        for field in query.fields:
            for number, boxes in enumerate(weights):
                for place, layer in enumerate(query.layers):
                    by_name = _statistics(context, query, field, boxes, times, layer, own)
                    for name, values in by_name.items():
                        key = field.name if own == ("mean",) else f"{field.name}_{name}"
                        results[key][:, place, number] = values
        return results

    answer = Sampling(
        query=query,
        parameters=parameters,
        labels=query.labels,
        domain=tuple(zones),
        size=len(zones),
        read=read_block,
    )
    return over_times(answer) if query.over == "time" and query.statistics else answer


def _statistics(
    context: Context,
    query: EdrQuery,
    field: ArrayField,
    boxes: Sequence[tuple[CellBox, NDArray[np.float64]]],
    times: range,
    layer: int,
    names: Sequence[StatisticName],
) -> dict[StatisticName, NDArray[np.float64]]:
    """Statistics over the cells of all boxes of a zone, times by blocks that bound the memory."""
    steps = query.times[times.start : times.stop]
    whole = read_statistics(context, query.arrays, field, steps, layer, boxes, names)
    if whole is not None:
        return whole
    cells = sum(box.cells for box, _ in boxes)
    length = max(1, 4_000_000 // max(1, cells))
    pieces: list[dict[StatisticName, NDArray[np.float64]]] = []
    for first in range(0, len(steps), length):
        some = steps[first : first + length]
        summary = AreaSummary(len(some), names)
        for box, weight in boxes:
            slab = field.slab(some, layer, range(box.top, box.bottom), range(box.left, box.right))
            stored: NDArray[Any] = read(context, query.arrays, field, slab).reshape(len(some), -1)
            valid = field.codec.valid(stored)
            values = np.where(valid, stored, 0).astype("float64")
            summary.merge(AreaSummary.of_cells(values, valid, weight.ravel(), names))
        pieces.append({name: summary.result(name, field.codec) for name in names})
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in names}
