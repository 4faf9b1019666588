"""Tiles: OGC API Tiles under the collection and its styles, and query-free `/xyz` paths for desktops."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from config.errors import InvalidParameter
from config.times import TimeRange, parse_datetime, path_to_label
from config.vocabulary import GEOTIFF, JPEG, NPY, PNG, WEBP
from services.access.guards import require_readable
from services.access.principal import Principal, PrincipalDep
from services.drawing import formats
from services.drawing.freshness import Freshness
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles.image import draw_tile
from services.drawing.tiles.matrices import CRS_URI, WEB_MERCATOR_QUAD, Address, address, footprint_of
from services.drawing.tiles.plans import TilePlans, plan_of, split_path
from services.parameters.conditions import not_modified
from services.parameters.drawing import RenderingDep
from services.parameters.granules import GranuleRequestDep, MomentRequestDep, StyleQuery
from services.selection.pictures import PictureSource, picture_source
from services.selection.selection import SelectionRequest, resolve
from services.web.context import Context, ContextDep
from services.web.identifiers import CollectionId
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from titiler.core.resources.enums import ImageType

    from records.datasets.models import Style
    from services.drawing.tiles.tile_cache import TileCache

DEFAULT = "default"
LATEST = "latest"
_IMAGES: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "The tile.", "content": {media: {} for media in (PNG, WEBP, JPEG, NPY, GEOTIFF)}}
    },
}
_COLLECTION = "/collections/{collectionId}"
_STYLED = _COLLECTION + "/styles/{styleId}"
_TILE = "/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_XYZ = "/xyz/{collectionId}/{variable}"
_PLACE = "/{z}/{x}/{y}.{format}"

Formats = Annotated[
    list[str] | None,
    Query(max_length=4, description="png, webp, jpg, npy or tif, or a media type; absent: by Accept, else png."),
]
Number = Annotated[str, Path(description="A whole number.", max_length=40)]
Word = Annotated[str, Path(max_length=200)]

router = APIRouter(tags=["Tiles"], dependencies=[KNOWN])


@router.get(
    _COLLECTION + _TILE,
    operation_id=".collection.map.getTile",
    **_IMAGES,
)
def ogc_tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    tileMatrixSetId: Word,
    tileMatrix: Number,
    tileRow: Number,
    tileCol: Number,
    granule: GranuleRequestDep,
    rendering: RenderingDep,
    style: StyleQuery = None,
    f: Formats = None,
) -> Response:
    """A map tile (OGC 20-057, 8): rows count down, columns east, both from the north-west corner."""
    where = address(tileMatrixSetId, matrix=tileMatrix, row=tileRow, column=tileCol)
    image = formats.image_type(f, request.headers.get("accept", ""))
    return _answer(request, context, principal, collectionId, granule, style, where, rendering, image)


@router.get(_STYLED + _TILE, operation_id=".collection.style.map.getTile", **_IMAGES)
def styled_tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    styleId: Word,
    tileMatrixSetId: Word,
    tileMatrix: Number,
    tileRow: Number,
    tileCol: Number,
    granule: GranuleRequestDep,
    rendering: RenderingDep,
    f: Formats = None,
) -> Response:
    """A map tile in a named style."""
    return ogc_tile(
        request,
        context,
        principal,
        collectionId,
        tileMatrixSetId,
        tileMatrix,
        tileRow,
        tileCol,
        granule,
        rendering,
        styleId,
        f,
    )


@router.get(_XYZ + _PLACE, operation_id="getXyzTile", **_IMAGES)
def xyz_tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    variable: Word,
    z: Number,
    x: Number,
    y: Number,
    format: Word,  # noqa: A002 - titiler's name
    granule: MomentRequestDep,
    rendering: RenderingDep,
    style: StyleQuery = None,
) -> Response:
    """A Web Mercator tile: without a query, of the latest time in the default style."""
    granule = replace(granule, variable=variable)
    return _xyz(request, context, principal, collectionId, granule, style, (z, x, y, format), rendering)


@router.get(_XYZ + "/{style}/{time}" + _PLACE, operation_id="getXyzTileAtTime", **_IMAGES)
def xyz_dated_tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    variable: Word,
    style: Word,
    time: Word,
    z: Number,
    x: Number,
    y: Number,
    format: Word,  # noqa: A002
    rendering: RenderingDep,
) -> Response:
    """A Web Mercator tile of a style and a time; `default` and `latest` are words."""
    granule = SelectionRequest(variable=variable, when=path_time(time))
    return _xyz(request, context, principal, collectionId, granule, style, (z, x, y, format), rendering)


@router.get(
    _XYZ + "/{style}/{time}/{level}" + _PLACE,
    operation_id="getXyzTileAtLevel",
    **_IMAGES,
)
def xyz_level_tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    variable: Word,
    style: Word,
    time: Word,
    level: Word,
    z: Number,
    x: Number,
    y: Number,
    format: Word,  # noqa: A002
    rendering: RenderingDep,
) -> Response:
    """A Web Mercator tile of a style, a time and a level."""
    granule = SelectionRequest(variable=variable, when=path_time(time), level=level)
    return _xyz(request, context, principal, collectionId, granule, style, (z, x, y, format), rendering)


def _xyz(
    request: Request,
    context: Context,
    principal: Principal,
    collection_id: str,
    granule: SelectionRequest,
    style_id: str | None,
    place: tuple[str, str, str, str],
    rendering: Rendering,
) -> Response:
    """Answer a Web Mercator tile at (matrix, column, row, format), as they stand in its path."""
    z, x, y, name = place
    where = address(WEB_MERCATOR_QUAD, matrix=z, row=y, column=x)
    return _answer(request, context, principal, collection_id, granule, style_id, where, rendering, formats.named(name))


def _answer(
    request: Request,
    context: Context,
    principal: Principal,
    collection_id: str,
    granule: SelectionRequest,
    style_id: str | None,
    where: Address,
    rendering: Rendering,
    image: ImageType,
) -> Response:
    """Answer the tile, or 304 if the client has it."""
    dataset, decision = require_readable(context, principal, collection_id)
    selection = resolve(dataset, granule)
    style = style_of(selection.variable, style_id)
    picture = picture_source(context, selection, meeting=lambda: footprint_of(where, selection.variable.grid))
    _check_bands(picture, rendering)
    fresh = Freshness.of(picture, request.query_params.multi_items(), formats.MEDIA_TYPES[image])
    headers = fresh.headers(request.url.path, decision)
    unchanged = not_modified(request, headers)
    if unchanged is not None:
        return unchanged
    cache: TileCache = request.app.state.tile_cache
    cached = cache.get(headers)
    if cached is not None:
        return Response(cached.content, headers=headers | cached.headers)
    answer = _draw_by_plan(request, picture, style, where, rendering, image, fresh)
    answer = answer or _draw(picture, style, where, rendering, image)
    answer.headers["Content-Crs"] = f"<{CRS_URI[where.matrix_set]}>"
    answer.headers.update(headers | cache.keep(headers, bytes(answer.body), dict(answer.headers)))
    return answer


def _draw(picture: PictureSource, style: Style, where: Address, rendering: Rendering, image: ImageType) -> Response:
    """Draw the tile by rio-tiler's way of reading."""
    tile = draw_tile(picture.raster, where, rendering, rendering.coloring(picture.variable, style, image), image)
    headers = {} if tile.bounds is None else {"Content-Bbox": ",".join(map(str, tile.bounds))}
    return Response(tile.content, media_type=tile.media_type, headers=headers)


def _draw_by_plan(
    request: Request,
    picture: PictureSource,
    style: Style,
    where: Address,
    rendering: Rendering,
    image: ImageType,
    fresh: Freshness,
) -> Response | None:
    """Draw the tile by a plan; None where only titiler's way can draw it.

    The plan is kept for the next tile of its kind, unless that tile may show other granules.
    """
    plans: TilePlans = request.app.state.tile_plans
    plan = plan_of(picture, style, rendering, image, where.matrix_set, fresh) if plans.is_on else None
    if plan is None:
        return None
    content = plan.draw(where)
    split = None if picture.depends_on_place else split_path(request.scope, request.scope["path"])
    if split is not None:
        plans.learn(split[0], plan)
    if content is None:
        return None
    return Response(content, media_type=formats.MEDIA_TYPES[image], headers=plan.headers(where))


def path_time(text: str) -> TimeRange | None:
    """Parse a time of a path, None for `latest`; raises InvalidParameter."""
    return None if text == LATEST else parse_datetime(path_to_label(text))


def _check_bands(picture: PictureSource, rendering: Rendering) -> None:
    for band in rendering.bands or ():
        if not 1 <= band <= picture.variable.band_count:
            raise InvalidParameter("bidx", band, f"the variable has bands 1 to {picture.variable.band_count}")
