"""A selection as one raster to take numbers from: the granule of its time, or the parts of the time as one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rasterio._err import CPLE_BaseError
from rasterio.warp import transform

from cog.grids.lattice import lattice
from cog.tiles.source import RasterSource
from config.grids import CRS84
from records.datasets.granule_selection import Footprint
from services.selection.limits import RASTER_PARTS, require_raster_parts
from services.selection.moments import path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.grids import Grid
    from services.selection.selection import Selection
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class NumberSource(RasterSource):
    """A raster, and what its numbers are.

    Attributes:
        variable: Id of the variable.
        unit: Its unit.
        time: Label of the time.
        level: Label of the level.
        member: Label of the member.
        checksums: Checksums of the assets that are read.
    """

    variable: str
    unit: str | None
    time: str | None
    level: str | None
    member: str | None
    checksums: tuple[str, ...]


def number_source(
    context: Context, selection: Selection, *, meeting: Callable[[], Footprint | None] | None = None
) -> NumberSource:
    """Find the raster of a selection of one time: its parts that meet a place, or all of them as one.

    Raises GranuleNotFound, TooLarge for more parts than `limits.RASTER_PARTS`, or InvalidInput where parts are of
    unlike cells.
    """
    variable = selection.variable
    granules = context.catalogue.sheets(
        selection.dataset,
        variable,
        when=selection.when,
        nearest=selection.nearest,
        layer=selection.layers[0] if selection.layers else None,
        part=selection.part,
        meeting=meeting,
        limit=RASTER_PARTS + 1,
    ).granules
    require_raster_parts(granules)
    first = granules[0]
    return NumberSource(
        path=path_of(context, variable, granules),
        grid=lattice([granule.grid for granule in granules]),
        nodata=variable.nodata,
        scale=variable.scale,
        offset=variable.offset,
        kind=variable.kind,
        version=first.asset.sha256 if len(granules) == 1 else "",
        variable=variable.id,
        unit=variable.unit,
        time=first.time,
        level=first.level,
        member=first.member,
        checksums=tuple(granule.asset.sha256 for granule in granules),
    )


def point_footprint(x: float, y: float, crs: str | None, grid: Grid) -> Footprint | None:
    """Locate a point in the CRS of a grid, as a box without area.

    Args:
        x: Coordinate to the east.
        y: Coordinate to the north.
        crs: CRS of the coordinates as rasterio reads it; None: CRS84.
        grid: The grid.

    Returns:
        None where the CRS of the grid has no such point.
    """
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    source = crs or CRS84
    if source != CRS84 or not grid.is_geographic:
        try:
            (x,), (y,) = transform("EPSG:4326" if source == CRS84 else source, _rasterio_crs(grid), [x], [y])
        except (CPLE_BaseError, ValueError):  # of `[[]]` rasterio raises no CRSError
            return None
    if grid.is_geographic:
        west = grid.bounds[0]
        x = west + (x - west) % 360.0
    return Footprint(crs=grid.crs, bounds=(x, y, x, y)) if math.isfinite(x) and math.isfinite(y) else None


def _rasterio_crs(grid: Grid) -> str:
    return "EPSG:4326" if grid.is_geographic else grid.crs
