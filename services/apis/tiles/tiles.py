"""Tiles: OGC API Tiles under the collection and its styles, and query-free `/xyz` paths for desktops."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from config.layers import level_of, member_of
from config.times import TimeRange, parse_datetime, path_to_label
from config.vocabulary import GEOTIFF, JPEG, NPY, PNG, WEBP
from services.access.visit import Visit, VisitDep
from services.drawing import formats
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles.answers import TileRequest, answer_tile
from services.drawing.tiles.matrices import Address, address
from services.drawing.tiles.matrix_sets import WEB_MERCATOR_QUAD
from services.parameters.drawing import RenderingDep
from services.parameters.granules import GranuleRequestDep, MomentRequestDep, StyleQuery
from services.parameters.matrix_sets import matrix_sets_of
from services.selection.selection import SelectionRequest, resolve
from services.web.negotiation import accept_of
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from titiler.core.resources.enums import ImageType

DEFAULT = "default"
LATEST = "latest"
IMAGES: dict[str, Any] = {
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
Extension = Annotated[str, Path(alias="format", max_length=200)]
MatrixSetQuery = Annotated[
    str | None, Query(max_length=80, description="A tile matrix set; absent: WebMercatorQuad, as map libraries expect.")
]

router = APIRouter(tags=["Tiles"], dependencies=[KNOWN])


@router.get(
    _COLLECTION + _TILE,
    operation_id=".collection.map.getTile",
    **IMAGES,
)
def ogc_tile(
    visit: VisitDep,
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
    where = address(matrix_sets_of(visit.request)[tileMatrixSetId], matrix=tileMatrix, row=tileRow, column=tileCol)
    image = formats.image_type(f, accept_of(visit.request.headers))
    return _answer(visit, granule, style, where, rendering, image)


@router.get(_STYLED + _TILE, operation_id=".collection.style.map.getTile", **IMAGES)
def styled_tile(
    visit: VisitDep,
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
        visit,
        tileMatrixSetId,
        tileMatrix,
        tileRow,
        tileCol,
        granule,
        rendering,
        styleId,
        f,
    )


@router.get(_XYZ + _PLACE, operation_id="getXyzTile", **IMAGES)
def xyz_tile(
    visit: VisitDep,
    variable: Word,
    z: Number,
    x: Number,
    y: Number,
    extension: Extension,
    granule: MomentRequestDep,
    rendering: RenderingDep,
    style: StyleQuery = None,
    tileMatrixSetId: MatrixSetQuery = None,
) -> Response:
    """A tile, of Web Mercator unless another set is named: without a query, of the latest time in the default style."""
    granule = replace(granule, variable=variable)
    return _xyz(visit, granule, style, (z, x, y, extension), rendering, tileMatrixSetId)


@router.get(_XYZ + "/{style}/{time}" + _PLACE, operation_id="getXyzTileAtTime", **IMAGES)
def xyz_dated_tile(
    visit: VisitDep,
    variable: Word,
    style: Word,
    time: Word,
    z: Number,
    x: Number,
    y: Number,
    extension: Extension,
    rendering: RenderingDep,
    tileMatrixSetId: MatrixSetQuery = None,
) -> Response:
    """A tile of a style and a time; `default` and `latest` are words."""
    granule = SelectionRequest(variable=variable, when=path_time(time))
    return _xyz(visit, granule, style, (z, x, y, extension), rendering, tileMatrixSetId)


@router.get(
    _XYZ + "/{style}/{time}/{level}" + _PLACE,
    operation_id="getXyzTileAtLevel",
    **IMAGES,
)
def xyz_level_tile(
    visit: VisitDep,
    variable: Word,
    style: Word,
    time: Word,
    level: Word,
    z: Number,
    x: Number,
    y: Number,
    extension: Extension,
    rendering: RenderingDep,
    tileMatrixSetId: MatrixSetQuery = None,
) -> Response:
    """A tile of a style, a time and a level, perhaps with `@` and a member; `@3` alone is a member."""
    granule = SelectionRequest(variable=variable, when=path_time(time), level=level_of(level), member=member_of(level))
    return _xyz(visit, granule, style, (z, x, y, extension), rendering, tileMatrixSetId)


def _xyz(
    visit: Visit,
    granule: SelectionRequest,
    style_id: str | None,
    place: tuple[str, str, str, str],
    rendering: Rendering,
    matrix_set_id: str | None,
) -> Response:
    """Answer the tile at (matrix, column, row, format), as they stand in its path."""
    z, x, y, name = place
    where = address(matrix_sets_of(visit.request)[matrix_set_id or WEB_MERCATOR_QUAD], matrix=z, row=y, column=x)
    return _answer(visit, granule, style_id, where, rendering, formats.named(name))


def _answer(
    visit: Visit,
    granule: SelectionRequest,
    style_id: str | None,
    where: Address,
    rendering: Rendering,
    image: ImageType,
) -> Response:
    """Answer the tile, or 304 if the client has it."""
    dataset, decision = visit.readable()
    selection = resolve(dataset, granule)
    tile = TileRequest(
        selection=selection,
        style=style_of(selection.variable, style_id),
        where=where,
        rendering=rendering,
        image=image,
    )
    return answer_tile(visit.request, visit.context, decision, tile)


def path_time(text: str) -> TimeRange | None:
    """Parse a time of a path, None for `latest`; raises InvalidParameter."""
    return None if text == LATEST else parse_datetime(path_to_label(text))
