"""What points and statistics are read from: the granule that a request means, or the parts of its time as one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request, Response
from rasterio._err import CPLE_BaseError
from rasterio.warp import transform

from cog.reading.composite import Sheet, lattice
from cog.tiles.read import RasterSource
from config.errors import TooLarge
from config.grids import CRS84
from records.datasets.granule_selection import Footprint
from services.access.guards import require_readable
from services.access.principal import PrincipalDep
from services.selection.choice import CollectionId, GranuleQueryDep
from services.selection.series import path_of
from services.web.context import ContextDep
from services.web.documents.extents import moment_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.grids import Grid
    from records.datasets.models import Granule, Variable
    from services.web.context import Context

MAX_PARTS = 1000
"""Most parts of one time that are read as one."""


@dataclass(frozen=True, kw_only=True)
class NumberSource(RasterSource):
    """A raster, and what its numbers are: the variable's id and unit, and the labels of time and level."""

    variable: str
    unit: str | None
    time: str | None
    level: str | None


def number_source(
    request: Request,
    response: Response,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    query: GranuleQueryDep,
) -> NumberSource:
    """The path dependency of titiler. Where a time has several parts, those that hold the point, else all as one.

    Raises NotFound, AccessRestricted, InvalidParameter, TooLarge, or InvalidInput where parts are of unlike cells.
    """
    dataset, _ = require_readable(context, principal, collectionId)
    variable = dataset.variable(query.variable)
    granules = context.catalogue.sheets(
        dataset,
        variable,
        when=query.when(),
        nearest=query.nearest,
        level=query.level,
        part=query.part,
        meeting=lambda: _place(request, variable.grid),
        limit=MAX_PARTS + 1,
    ).granules
    if len(granules) > MAX_PARTS:
        raise TooLarge(f"this time has more than {MAX_PARTS} parts; choose one with part")
    first = granules[0]
    response.headers.update(moment_header([first.time] if first.time else []))
    return _source(context, variable, granules)


def _source(context: Context, variable: Variable, granules: Sequence[Granule]) -> NumberSource:
    first = granules[0]
    return NumberSource(
        path=path_of(context, variable, granules),
        grid=lattice([Sheet(path="", grid=granule.grid) for granule in granules]),
        nodata=variable.nodata,
        scale=variable.scale,
        offset=variable.offset,
        kind=variable.kind,
        version=first.asset.sha256 if len(granules) == 1 else "",
        variable=variable.id,
        unit=variable.unit,
        time=first.time,
        level=first.level,
    )


def _place(request: Request, grid: Grid) -> Footprint | None:
    """The point in the path of a request, in the CRS of a grid; None where there is none, or that CRS cannot tell."""
    try:
        x, y = (float(request.path_params[name]) for name in ("lon", "lat"))
    except (KeyError, ValueError):
        return None  # a number that is none is refused by the route
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    source = request.query_params.get("coord_crs") or CRS84
    if source != CRS84 or not grid.is_geographic:
        try:
            (x,), (y,) = transform("EPSG:4326" if source == CRS84 else source, _crs(grid), [x], [y])
        except (CPLE_BaseError, ValueError):  # of `[[]]` rasterio says no CRSError
            return None  # titiler says what is wrong with it
    if grid.is_geographic:
        west = grid.bounds[0]
        x = west + (x - west) % 360.0
    return Footprint(crs=grid.crs, bounds=(x, y, x, y)) if math.isfinite(x) and math.isfinite(y) else None


def _crs(grid: Grid) -> str:
    return "EPSG:4326" if grid.is_geographic else grid.crs
