"""Exact statistics of the cells of a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from cog.grids.enclosing import Interval
from cog.grids.subset import Subset
from cog.grids.window import window_of_box
from cog.reading.subset import strips
from cog.statistics.exact import RegionStatistics, region_statistics
from config.errors import TooLarge
from config.grids import CRS84
from config.times import parse_datetime
from records.datasets.models import text_in
from services.access.visit import VisitDep
from services.apis.values.documents import number
from services.apis.values.parameters import Names, variables_of
from services.selection.axes import DIRECTION, parse_box
from services.selection.limits import require_raster_parts
from services.selection.moments import TimeSlice, codec_of, grid_of, path_of
from services.selection.opening.values import bounded_moments
from services.selection.selection import SelectionRequest, resolve_all
from services.web.context import Context
from services.web.crs import Reference, parse_crs
from services.web.dependencies import inline
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN, json_only

if TYPE_CHECKING:
    from records.datasets.models import Variable

router = APIRouter(tags=["Values"], dependencies=[KNOWN, inline(json_only)], route_class=ComputationRoute)

_Level = Query(max_length=200)
_PERCENTILES = (2, 25, 50, 75, 98)


@router.get("/collections/{collectionId}/statistics", operation_id=".collection.getStatistics")
def statistics(
    visit: VisitDep,
    bbox: Annotated[str | None, Query(max_length=500, description="Absent: all of the data.")] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=300, description="Absent: CRS84.")] = None,
    datetime: Annotated[
        str | None, Query(max_length=200, description="A time, or an interval for each of its times.")
    ] = None,
    nearest: Annotated[bool, Query(description="Take the nearest time if none is equal.")] = False,
    properties: Names = None,
    level: Annotated[str | None, _Level] = None,
    member: Annotated[str | None, _Level] = None,
    part: Annotated[str | None, _Level] = None,
) -> dict[str, Any]:
    """Count, minimum, maximum, mean, standard deviation and sum of every cell that the box meets, in physical units.

    Of up to 4,000,000 values also the median and other percentiles. Each cell counts alike, whatever its area. Classes
    are counted by their code, and have nothing else.
    """
    dataset, _ = visit.readable()
    granules = SelectionRequest(
        when=None if datetime is None else parse_datetime(datetime),
        nearest=nearest,
        level=level,
        member=member,
        part=part,
    )
    entries: list[dict[str, Any]] = []
    room = limit = visit.context.settings.limit.coverage_cells
    for selection in resolve_all(dataset, granules, variables_of(dataset, properties, None)):
        variable = selection.variable
        moments = bounded_moments(visit.context, selection, variable.band_count)
        regions = [_region(visit.context, dataset.id, moment, bbox, bbox_crs) for moment in moments]
        room -= sum(region.width * region.height for region in regions) * variable.band_count
        if room < 0:
            raise TooLarge(
                f"the statistics would be of more than {limit} cells; ask for a smaller bbox, fewer times or fewer "
                "variables"
            )
        for moment, region in zip(moments, regions, strict=True):
            entries += _entries(visit.context, variable, moment, region)
    return {"collection": dataset.id, "bbox": bbox, "statistics": entries}


def _region(context: Context, dataset_id: str, moment: TimeSlice, bbox: str | None, bbox_crs: str | None) -> Subset:
    grid = grid_of(moment)
    native = Reference.of(grid, f"{context.settings.base_url}/collections/{dataset_id}")
    reference = parse_crs(bbox_crs or CRS84, name="bbox-crs", native=native)
    axes = {} if bbox is None else {DIRECTION[name]: i for name, i in parse_box(bbox, reference).items()}
    anywhere = Interval()
    window = window_of_box(grid, crs=reference.crs, x=axes.get("x", anywhere), y=axes.get("y", anywhere))
    return Subset(grid=grid, window=window, width=window.width, height=window.height)


def _entries(context: Context, variable: Variable, moment: TimeSlice, region: Subset) -> list[dict[str, Any]]:
    """Compute the statistics of each band at one time."""
    (parts,) = moment.parts.values()
    require_raster_parts(parts, region.window.grid(region.grid))
    are_classes = variable.kind == "categorical"
    cells = strips(path_of(context, variable, parts), region, method="nearest")
    bands = region_statistics(cells, codec_of(variable), are_classes=are_classes)
    return [
        {
            "variable": variable.id,
            "title": text_in(variable.title) or variable.id,
            "unit": variable.unit,
            "time": moment.first.time,
            "level": moment.first.level,
            **({"member": moment.first.member} if variable.members else {}),
            **({"band": band} if len(bands) > 1 else {}),
            **_members(band_statistics, are_classes=are_classes),
        }
        for band, band_statistics in enumerate(bands, start=1)
    ]


def _members(region: RegionStatistics, *, are_classes: bool) -> dict[str, Any]:
    """Describe a band: classes by their counts and shares alone, since their codes are no quantities."""
    members: dict[str, Any] = {"cells": region.cells, "count": region.count}
    if not are_classes:
        moments = region.moments
        quantities = {
            "minimum": moments.minimum,
            "maximum": moments.maximum,
            "mean": moments.mean,
            "stddev": moments.stddev,
            "sum": region.total,
        }
        members |= {name: number(value) if region.count else None for name, value in quantities.items()}
    percentiles = None if are_classes else region.percentiles(_PERCENTILES)
    if percentiles is not None:
        members["median"] = percentiles[2]
        members["percentiles"] = dict(zip(map(str, _PERCENTILES), percentiles, strict=True))
    if region.classes:
        members["classes"] = [
            {"value": code, "count": count, "fraction": count / region.count}
            for code, count in sorted(region.classes.items())
        ]
    return members
