"""The HTTP of TMS 1.0.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from config.errors import InvalidParameter
from config.times import parse_datetime, path_to_label
from config.vocabulary import JPEG, PNG, WEBP, XML
from services.access.principal import PrincipalDep
from services.apis.tms.documents import (
    LATEST,
    VERSION,
    MapName,
    TileMapService,
    bottom,
    map_document,
    services_document,
)
from services.drawing import formats
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles.answers import TileRequest, answer_tile
from services.drawing.tiles.matrices import Address, address
from services.ows.layer_catalogue import LayerCatalogue, entity_tag
from services.ows.layers import readable_layer
from services.ows.markup import encoded
from services.parameters.matrix_sets import MatrixSetsDep
from services.selection.selection import SelectionRequest, resolve
from services.web.context import ContextDep
from services.web.negotiation import VARY
from services.web.parameters import KNOWN, LanguageDep
from services.web.transfer.streams import streamed

if TYPE_CHECKING:
    from config.times import TimeRange

router = APIRouter(tags=["Web services"], dependencies=[KNOWN])

_Map = Annotated[
    str,
    Path(alias="map", max_length=500, description="layer@TileMatrixSet@style@time; all but the layer may be left out."),
]
_Number = Annotated[str, Path(max_length=40)]


@router.get("/tms", operation_id="getTmsServices", response_class=Response)
def services(context: ContextDep) -> Response:
    """The versions of the Tile Map Service."""
    return Response(services_document(context.settings), media_type=XML)


@router.get(f"/tms/{VERSION}", operation_id="getTms", response_class=Response)
def service(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    language: LanguageDep,
    theme: Annotated[str | None, Query(max_length=200, description="The maps of one theme.")] = None,
) -> Response:
    """The maps of the Tile Map Service."""
    layers = cast("LayerCatalogue", request.app.state.layers)
    contents = layers.layer_list(context, theme=theme)
    limit = context.settings.limit.map_layers
    if contents.layers > limit:
        names = ", ".join(name or "''" for name in contents.themes[:20])
        raise InvalidParameter("theme", theme, f"{contents.layers} layers, the limit is {limit}; name one of {names}")
    tag = entity_tag(contents, principal, context, "tms", language, theme or "")
    headers = {"ETag": tag, "Vary": f"{VARY}, Authorization", "Cache-Control": "no-cache", "Content-Language": language}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    writer = TileMapService(context.settings, language)
    key = ("tms", language)
    fragments = layers.fragments(context, principal, contents, key, writer.map_elements)
    pieces = writer.document(text for _, text in fragments)
    return streamed(request, encoded(pieces), XML, headers)


@router.get(f"/tms/{VERSION}/{{map}}/tilemapresource.xml", include_in_schema=False)  # where Cesium looks
@router.get(f"/tms/{VERSION}/{{map}}", operation_id="getTmsMap", response_class=Response)
def tile_map(
    context: ContextDep, principal: PrincipalDep, map_name: _Map, sets: MatrixSetsDep, language: LanguageDep
) -> Response:
    """A map: its bounding box, and where its tiles are."""
    name = MapName.parse(map_name)
    layer, decision = readable_layer(context, principal, name.layer)
    _time(name)
    body = map_document(
        context.settings, language, map_name, layer, style_of(layer.variable, name.style), sets[name.matrix_set]
    )
    caching = "no-cache" if decision.cacheable else "private, no-store"
    headers = {"Vary": "Accept-Language", "Content-Language": language, "Cache-Control": caching}
    return Response(body, media_type=XML, headers=headers)


@router.get(
    f"/tms/{VERSION}/{{map}}/{{z}}/{{x}}/{{y}}.{{format}}",
    operation_id="getTmsTile",
    response_class=Response,
    responses={200: {"description": "The tile.", "content": {media: {} for media in (PNG, WEBP, JPEG)}}},
)
def tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    map_name: _Map,
    z: _Number,
    x: _Number,
    y: _Number,
    ending: Annotated[str, Path(alias="format", max_length=20)],
    sets: MatrixSetsDep,
) -> Response:
    """A tile: columns east from the west edge, rows north from the south edge."""
    name = MapName.parse(map_name)
    entry = sets[name.matrix_set]
    bottom(entry)
    from_south = address(entry, matrix=z, row=y, column=x)
    row = entry.matrices[from_south.matrix].rows - 1 - from_south.row
    layer, decision = readable_layer(context, principal, name.layer)
    request_tile = TileRequest(
        selection=resolve(layer.dataset, SelectionRequest(variable=layer.variable.id, when=_time(name))),
        style=style_of(layer.variable, name.style),
        where=Address(matrix_set=entry, matrix=from_south.matrix, row=row, column=from_south.column),
        rendering=Rendering(),
        image=formats.named(ending),
    )
    return answer_tile(request, context, decision, request_tile)


def _time(name: MapName) -> TimeRange | None:
    return None if name.time == LATEST else parse_datetime(path_to_label(name.time))
