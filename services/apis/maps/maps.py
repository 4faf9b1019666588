"""OGC API Maps 1.0 (20-058): a collection drawn for any box, in any CRS and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Query, Request
from rio_tiler.models import ImageData
from starlette.responses import Response
from titiler.core.dependencies import DatasetParams
from titiler.core.resources.enums import ImageType

from cog.reading.strips import valid_cells
from cog.reading.warp import Kernel, Warp, fillable, warped
from cog.writers.physical import physical
from config.errors import InvalidInput
from config.vocabulary import JPEG, PNG, WEBP
from services.access.guards import require_readable
from services.access.principal import PrincipalDep
from services.drawing.backgrounds import BackgroundDep, laid
from services.drawing.faults import translated
from services.drawing.freshness import Freshness, not_modified
from services.drawing.rendering import ColorMap, LayerParams, Rendering, RenderParams, draw, own_colormap
from services.selection.axes import Axes, limited, parse_subset
from services.selection.choice import (
    Choice,
    CollectionId,
    GranuleQueryDep,
    StyleId,
    StyleQuery,
    raster_source,
    style_of,
)
from services.selection.layers import field_of
from services.selection.levels import level_label, levels_of_axes
from services.selection.resampling import parse_kernel
from services.selection.series import Moment, Source, grid_of, one_moment, path_of, stored_cells
from services.selection.viewports import Asked, Viewport, viewport, window_on
from services.web.context import Context, ContextDep
from services.web.crs import Reference, bounds_text
from services.web.dependencies import quick
from services.web.documents.extents import moment_header
from services.web.negotiation import chosen, quality
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from records.datasets.models import Variable

router = APIRouter(tags=["Maps"], dependencies=[KNOWN])

MEDIA_TYPES: Final = {ImageType.png: PNG, ImageType.jpeg: JPEG, ImageType.webp: WEBP}
_NAMES: Final = {"png": ImageType.png, "jpeg": ImageType.jpeg, "jpg": ImageType.jpeg, "webp": ImageType.webp} | {
    media: image for image, media in MEDIA_TYPES.items()
}
_READ: Final = 16_000_000
"""Stored cells that any map may read; a larger one reads about one a pixel."""
_Text = Query(max_length=500)
_IMAGES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The map.", "content": {media: {} for media in MEDIA_TYPES.values()}}
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the map lies, and the axes beside space that `subset` names."""

    asked: Asked
    axes: Axes


def placed(
    bbox: Annotated[str | None, Query(max_length=500, description="west,south,east,north as bbox-crs says.")] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=300, description="Absent: CRS84.")] = None,
    subset: Annotated[list[str] | None, Query(description="Lat(a:b),Lon(c:d), E and N, time, level.")] = None,
    subset_crs: Annotated[str | None, Query(alias="subset-crs", max_length=300, description="Absent: CRS84.")] = None,
    center: Annotated[
        str | None, Query(max_length=200, description="The middle of the map, as center-crs says.")
    ] = None,
    center_crs: Annotated[str | None, Query(alias="center-crs", max_length=300, description="Absent: CRS84.")] = None,
    crs: Annotated[str | None, Query(max_length=300, description="CRS of the map; absent: that of the data.")] = None,
    width: Annotated[int | None, Query(gt=0, description="Columns of pixels.")] = None,
    height: Annotated[int | None, Query(gt=0, description="Rows of pixels.")] = None,
    scale_denominator: Annotated[
        float | None, Query(alias="scale-denominator", description="Scale, in pixels of 0.28 mm.", gt=0)
    ] = None,
) -> Place:
    """The viewport of a request as written; raises InvalidParameter."""
    axes = limited(parse_subset([text[:2000] for text in subset or ()]), box=bbox, moment=None)
    crss = {"crs": crs, "bbox-crs": bbox_crs, "subset-crs": subset_crs, "center-crs": center_crs}
    asked = Asked(
        box=bbox,
        spatial=axes.spatial,
        center=center,
        crss={name: text for name, text in crss.items() if text is not None},
        width=width,
        height=height,
        scale_denominator=scale_denominator,
    )
    return Place(asked=asked, axes=axes)


def drawn(
    layer: Annotated[LayerParams, quick(LayerParams)],
    render: Annotated[RenderParams, quick(RenderParams)],
    colormap: Annotated[ColorMap | None, quick(own_colormap)],
) -> Rendering:
    """Titiler's rendering parameters that a map takes; raises InvalidParameter."""
    return Rendering(layer=layer, dataset=DatasetParams(), render=render, colormap=colormap, tilesize=None)


PlaceDep = Annotated[Place, quick(placed)]
DrawnDep = Annotated[Rendering, quick(drawn)]
Formats = Annotated[list[str] | None, Query(description="png, jpeg or webp; absent: by Accept, else png.")]
Resampling = Annotated[str | None, Query(max_length=40, description="nearest, bilinear, cubic, average or mode.")]


@router.get(
    "/collections/{collectionId}/map",
    operation_id=".collection.getMap",
    response_class=Response,
    responses=_IMAGES,
)
def collection_map(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    place: PlaceDep,
    granule: GranuleQueryDep,
    rendering: DrawnDep,
    below: BackgroundDep,
    style: StyleQuery = None,
    resampling: Resampling = None,
    f: Formats = None,
) -> Response:
    """The collection drawn, one variable at one time, in the CRS of the data unless `crs` names another."""
    dataset, decision = require_readable(context, principal, collectionId)
    variable = dataset.variable(granule.variable)
    axes = limited(place.axes, box=None, moment=granule.datetime)
    source = Source(dataset=dataset, variable=variable, levels=_level(variable, axes, granule.level), part=granule.part)
    moment = one_moment(context.catalogue, source, axes.when, nearest=granule.nearest)
    data = grid_of(moment)
    native = Reference.of(data, f"{context.settings.base_url}/collections/{dataset.id}")
    view = viewport(data, place.asked, native)
    image = _format(f, request.headers.get("accept", ""))
    choice = Choice(
        dataset=dataset,
        decision=decision,
        variable=variable,
        style=style_of(variable, style),
        granules=tuple(sheet for sheets in moment.sheets.values() for sheet in sheets),
        source=raster_source(context, variable, moment.first),
        part=granule.part,
        depends_on_tile=False,
        is_latest=axes.when is None,
    )
    freshness = Freshness.of(choice, request, MEDIA_TYPES[image])
    fresh = freshness.headers(request.url.path, decision) | _headers(view, moment)
    known = not_modified(request, fresh)
    if known is not None:
        return known
    values = _values(context, variable, moment, view, kernel=parse_kernel(resampling) or "nearest")
    with translated():
        picture = _picture(values, choice, rendering)
    return Response(laid(picture, below, image), media_type=MEDIA_TYPES[image], headers=fresh)


@router.get(
    "/collections/{collectionId}/styles/{styleId}/map",
    operation_id=".collection.style.getMap",
    response_class=Response,
    responses=_IMAGES,
)
def styled_map(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    styleId: StyleId,
    place: PlaceDep,
    granule: GranuleQueryDep,
    rendering: DrawnDep,
    below: BackgroundDep,
    resampling: Resampling = None,
    f: Formats = None,
) -> Response:
    """The collection drawn in a named style."""
    return collection_map(
        request, context, principal, collectionId, place, granule, rendering, below, styleId, resampling, f
    )


def _format(f: list[str] | None, accept: str) -> ImageType:
    named = chosen("f", [value.replace("image/jpg", JPEG) for value in f or ()], _NAMES)
    if named is not None:
        return named
    best = max(MEDIA_TYPES, key=lambda image: quality(accept, MEDIA_TYPES[image]))  # the first of equals
    return best if quality(accept, MEDIA_TYPES[best]) > 0 else ImageType.png


def _level(variable: Variable, axes: Axes, level: str | None) -> tuple[str, ...]:
    if axes.others:
        if level is not None:
            raise InvalidInput("level and subset both choose a level; give one of them")
        found = levels_of_axes(variable, axes.others)
        if len(found) > 1:
            raise InvalidInput(f"a map shows one level, and subset selects {len(found)}")
        return found
    label = level_label(variable, level)
    return () if label is None else (label,)


def _headers(view: Viewport, moment: Moment) -> dict[str, str]:
    return {
        "Content-Crs": f"<{view.reference.uri}>",
        "Content-Bbox": bounds_text(view.grid, view.reference),
    } | moment_header([moment.first.time] if moment.first.time else [])


def _values(
    context: Context, variable: Variable, moment: Moment, view: Viewport, *, kernel: Kernel
) -> np.ma.MaskedArray:
    """Physical values of the pixels as (band, row, column), codes of classes; masked where there are no data."""
    data, stored = grid_of(moment), stored_cells(variable)
    cells = fillable(stored)
    window = window_on(data, view)
    shape = (cells.bands, view.grid.height, view.grid.width)
    if window is None:
        return np.ma.MaskedArray(np.zeros(shape, cells.dtype), mask=True)
    pixels = view.grid.width * view.grid.height
    region = Warp(grid=data, window=window, output=view.grid, most_read=max(_READ, pixels), finer=1)
    (sheets,) = moment.sheets.values()
    strips = warped(path_of(context, variable, sheets), region, stored, kernel=kernel)
    values: NDArray[np.generic] = np.concatenate([values for _, values in strips], axis=1)
    valid = valid_cells(values, cells.nodata)
    if variable.kind != "continuous":
        return np.ma.MaskedArray(values, mask=~valid)
    return np.ma.MaskedArray(physical(values, field_of(variable, cells=cells, method=kernel)), mask=~valid)


def _picture(values: np.ma.MaskedArray, choice: Choice, rendering: Rendering) -> bytes:
    """The values in colours, as PNG with transparency."""
    bands = rendering.layer.indexes
    if bands and not all(1 <= band <= len(values) for band in bands):
        raise InvalidInput(f"the variable has bands 1 to {len(values)}")
    names = [f"b{n + 1}" for n in range(len(values))]
    image = ImageData(values, band_names=names)
    if rendering.layer.expression:
        image = image.apply_expression(rendering.layer.expression)
    elif bands:
        image = ImageData(values[[band - 1 for band in bands]], band_names=[f"b{band}" for band in bands])
    render, colors = rendering.colored(choice.variable, choice.style, ImageType.png)
    return draw(
        image,
        ImageType.png,
        colors,
        rescale=render.ranges,
        color_formula=render.color_formula,
        logarithmic=render.logarithmic,
    )[0]
