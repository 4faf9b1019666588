"""A selection as the source of a picture: the granules of one time, and the rasters that it is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cog.reading.mosaic import Mosaic
from cog.tiles.source import RasterSource
from services.selection.limits import RASTER_PARTS, TILE_PARTS, require_tile_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.datasets.granule_selection import Footprint, Sheets
    from records.datasets.models import Granule, Variable
    from records.datasets.publication import MosaicOverview
    from services.selection.selection import Selection
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class PictureSource:
    """The granules and rasters of a picture of one time.

    Attributes:
        selection: The selection that the granules belong to.
        granules: One, or the parts of one time that the picture meets, by name.
        raster: What is drawn.
        depends_on_place: Whether a picture of another place may show other granules of the same selection.
        overview: The overview across all sheets that it is drawn from, if it is.
    """

    selection: Selection
    granules: tuple[Granule, ...]
    raster: RasterSource | Mosaic[RasterSource]
    depends_on_place: bool
    overview: MosaicOverview | None = None

    @property
    def variable(self) -> Variable:
        """The variable that is drawn."""
        return self.selection.variable

    @property
    def checksums(self) -> tuple[str, ...]:
        """Checksums of the assets that are drawn."""
        return tuple(granule.asset.sha256 for granule in self.granules)


def picture_source(
    context: Context,
    selection: Selection,
    *,
    meeting: Callable[[], Footprint | None] | None = None,
    coarse: Callable[[MosaicOverview], bool] | None = None,
) -> PictureSource:
    """Find the source of a picture: where one time has several parts, those that meet a place, or the first of them.

    Args:
        context: Has the catalogue and the store.
        selection: Means one time, of one layer.
        meeting: Computes the place, None where its CRS cannot tell; called if there may be several parts. Without it
            one part stands for all.
        coarse: Whether an overview across the sheets is as fine as the picture; of more parts than `limits.TILE_PARTS`
            it counts in any case. None: never.

    Raises GranuleNotFound, and TooLarge for more parts than `limits.RASTER_PARTS` without an overview across them.
    """

    def select(limit: int, is_coarse: Callable[[MosaicOverview], bool] | None) -> Sheets:
        return context.catalogue.sheets(
            selection.dataset,
            selection.variable,
            when=selection.when,
            nearest=selection.nearest,
            layer=selection.layers[0] if selection.layers else None,
            part=selection.part,
            meeting=meeting,
            limit=limit,
            is_coarse=is_coarse,
        )

    sheets = select(1 if meeting is None else TILE_PARTS + 1, coarse)
    if len(sheets.granules) > TILE_PARTS:
        sheets = select(RASTER_PARTS + 1, None if coarse is None else lambda _: True)
        require_tile_parts(len(sheets.granules), selection.dataset.id)
    rasters = tuple(raster_source(context, selection.variable, granule) for granule in sheets.granules)
    if sheets.overview is not None:
        rasters = (replace(rasters[0], nodata=sheets.overview.nodata),)
    return PictureSource(
        selection=selection,
        granules=sheets.granules,
        raster=rasters[0] if len(rasters) == 1 else Mosaic(rasters),
        depends_on_place=sheets.depends_on_footprint,
        overview=sheets.overview,
    )


def raster_source(context: Context, variable: Variable, granule: Granule) -> RasterSource:
    """Describe a granule to readers."""
    return RasterSource(
        path=context.asset_path(granule.asset),
        grid=granule.grid,
        nodata=variable.nodata,
        scale=variable.scale,
        offset=variable.offset,
        kind=variable.kind,
        version=granule.asset.sha256,
    )
