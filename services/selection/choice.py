"""What a tile request means: the dataset, variable, style and granule, resolved once its data may be read."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Path, Query
from rasterio._err import CPLE_BaseError
from rasterio.warp import transform_bounds

from cog.grids.gridmath import same_crs
from cog.reading.mosaic import RasterParts
from cog.tiles.read import RasterSource
from config.errors import StyleNotFound, TooLarge
from config.grids import Grid
from config.times import TimeRange, parse_datetime
from records.datasets.granule_selection import Footprint
from records.datasets.models import Dataset, Granule, Style, Variable
from services.access.decision import Decision
from services.access.guards import require_readable
from services.access.principal import Principal
from services.selection.matrices import CRS_NAME, Address, matrices
from services.web.context import Context
from services.web.dependencies import quick

MAX_PARTS = 64
"""Most parts that one tile is drawn from."""

_FALLBACK_RANGE = (0.0, 1.0)
_Short = Query(max_length=200)

CollectionId = Annotated[str, Path(description="Identifier of a collection.", max_length=200)]
StyleId = Annotated[str, Path(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One granule of one variable, or the parts of one time, and the style to show them in."""

    dataset: Dataset
    decision: Decision
    """That the principal may read the dataset, and who else may."""
    variable: Variable
    style: Style
    granules: tuple[Granule, ...]
    """One, or the parts of one time that a tile meets, by name."""
    source: RasterSource | RasterParts
    part: str | None
    """The part that the request names; None: all of them."""
    depends_on_tile: bool
    """Whether another tile of the same request may show other granules."""
    is_latest: bool
    """Whether the request left the time to the server, so that another granule may answer it tomorrow."""

    @property
    def granule(self) -> Granule:
        """The first granule."""
        return self.granules[0]


@dataclass(frozen=True, kw_only=True)
class GranuleQuery:
    """The parameters that choose a granule; None: the first variable, the latest time, any level, any part."""

    variable: str | None = None
    datetime: str | None = None
    nearest: bool = False
    level: str | None = None
    part: str | None = None

    def when(self) -> TimeRange | None:
        """The time asked for; raises InvalidParameter."""
        return parse_datetime(self.datetime) if self.datetime is not None else None


def moment_query(
    datetime: Annotated[
        str | None, Query(max_length=200, description="A time or an interval that selects one granule.")
    ] = None,
    nearest: Annotated[bool, Query(description="Take the nearest time if none is equal.")] = False,  # noqa: FBT002 - a query parameter
    level: Annotated[str | None, _Short] = None,
    part: Annotated[str | None, _Short] = None,
) -> GranuleQuery:
    """The granule parameters of a request whose variable stands in the path."""
    return GranuleQuery(datetime=datetime, nearest=nearest, level=level, part=part)


MomentQueryDep = Annotated[GranuleQuery, quick(moment_query)]


def granule_query(moment: MomentQueryDep, variable: Annotated[str | None, _Short] = None) -> GranuleQuery:
    """The granule parameters of a request's query."""
    return replace(moment, variable=variable)


GranuleQueryDep = Annotated[GranuleQuery, quick(granule_query)]
StyleQuery = Annotated[str | None, Query(max_length=200, description="A style of the variable; absent: default.")]


def choose(
    context: Context,
    principal: Principal,
    collection_id: str,
    query: GranuleQuery,
    *,
    style: str | None = None,
    where: Address | None = None,
) -> Choice:
    """Resolve a request; where one time has several parts and it names none, those that the tile `where` meets.

    Raises NotFound, AccessRestricted or InvalidParameter, and TooLarge for a tile of more than MAX_PARTS parts.
    """
    dataset, decision = require_readable(context, principal, collection_id)
    variable = dataset.variable(query.variable)
    found = style_of(variable, style)
    sheets = context.catalogue.sheets(
        dataset,
        variable,
        when=query.when(),
        nearest=query.nearest,
        level=query.level,
        part=query.part,
        meeting=None if where is None else lambda: footprint(where, variable.grid),
        limit=1 if where is None else MAX_PARTS + 1,
    )
    if len(sheets.granules) > MAX_PARTS:
        raise TooLarge(f"the tile shows more than {MAX_PARTS} parts; zoom in, or choose one with part")
    sources = tuple(raster_source(context, variable, granule) for granule in sheets.granules)
    return Choice(
        dataset=dataset,
        decision=decision,
        variable=variable,
        style=found,
        granules=sheets.granules,
        source=sources[0] if len(sources) == 1 else RasterParts(sources=sources),
        part=query.part,
        depends_on_tile=sheets.depends_on_footprint,
        is_latest=query.datetime is None,
    )


def footprint(where: Address, grid: Grid) -> Footprint | None:
    """The box that a tile covers in the CRS of a grid, None where that CRS cannot tell."""
    crs = CRS_NAME[where.matrix_set]
    bounds = matrices(where.matrix_set)[where.matrix].bounds(where.row, where.column)
    if not same_crs(crs, grid.crs):
        try:
            bounds = transform_bounds(crs, grid.crs, *bounds, densify_pts=21)
        except CPLE_BaseError:
            return None
    return Footprint(crs=grid.crs, bounds=bounds) if all(map(math.isfinite, bounds)) else None


def raster_source(context: Context, variable: Variable, granule: Granule) -> RasterSource:
    """What a reader needs to know of a granule."""
    return RasterSource(
        path=context.asset_path(granule.asset),
        grid=granule.grid,
        nodata=variable.nodata,
        scale=variable.scale,
        offset=variable.offset,
        kind=variable.kind,
        version=granule.asset.sha256,
    )


def style_of(variable: Variable, style_id: str | None) -> Style:
    """The style of that id, complete with a range where the variable needs one; raises StyleNotFound."""
    wanted = style_id or "default"
    try:
        style = variable.style(wanted)
    except StyleNotFound:
        if wanted != "default":
            raise
        style = variable.styles[0] if variable.styles else Style(id="default")
    if variable.kind == "continuous":
        ends = style.range or _usual_range(variable)
        return replace(style, colormap=style.colormap or "viridis", range=ends)
    return style


def _usual_range(variable: Variable) -> tuple[float, float]:
    found = variable.statistics
    if found is None:
        return _FALLBACK_RANGE
    low, high = found.percentile_2, found.percentile_98
    if not low < high:
        low, high = found.minimum, found.maximum
    return (low, high) if low < high else (low, low + 1.0)
