"""TileJSON 3.0 documents for MapLibre and its kin."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.dependencies.utils import get_dependant

from config.errors import InvalidParameter
from config.times import label_to_path, path_to_label
from records.datasets.models import text_in
from services.access.principal import PrincipalDep
from services.apis.tiles.tiles import DEFAULT, LATEST, Word
from services.apis.tiles.tilesets import MatrixSetId
from services.drawing import formats
from services.drawing.rendering import Rendering, RenderingDep
from services.drawing.rendering import rendering as rendering_query
from services.selection import matrices
from services.selection.choice import Choice, CollectionId, GranuleQueryDep, MomentQueryDep, StyleId, StyleQuery, choose
from services.web import attribution
from services.web.context import ContextDep
from services.web.dependencies import quick
from services.web.negotiation import Language, asked_language
from services.web.parameters import KNOWN, declared_parameters, json_only


def _language(
    request: Request,
    response: Response,
    _lang: Annotated[str | None, Query(alias="lang", description="Language of the texts: en or zh.")] = None,
) -> Language:
    language = asked_language(request.query_params.getlist("lang"), request.headers.get("accept-language", ""))
    response.headers.update({"Vary": "Accept-Language", "Content-Language": language})
    return language


TileJsonLanguage = Annotated[Language, quick(_language)]

router = APIRouter(tags=["Tiles"], dependencies=[KNOWN, quick(json_only)])

Parameters = dict[str, list[str]]
TILE_SIZE = 256
_C = "/collections/{collectionId}"
_PATH = "/map/tiles/{tileMatrixSetId}/tilejson.json"


@router.get(_C + _PATH, operation_id=".collection.map.getTileJSON")
def ogc_tilejson(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    tileMatrixSetId: MatrixSetId,
    query: GranuleQueryDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    style: StyleQuery = None,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of a collection's tiles; rendering parameters are carried to the tiles."""
    choice = choose(context, principal, collectionId, query, style=style)
    extra = _own(request) | _granule(choice) | ({"style": [style]} if style else {})
    url = _ogc_url(context, choice, tileMatrixSetId, tile_format, extra)
    return _document(choice, rendering, tileMatrixSetId, url, language=language)


@router.get(_C + "/styles/{styleId}" + _PATH, operation_id=".collection.style.map.getTileJSON")
def styled_tilejson(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    styleId: StyleId,
    tileMatrixSetId: MatrixSetId,
    query: GranuleQueryDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of a collection's tiles in a named style."""
    return ogc_tilejson(
        request,
        context,
        principal,
        collectionId,
        tileMatrixSetId,
        query,
        rendering,
        language,
        style=styleId,
        tile_format=tile_format,
    )


@router.get("/xyz/{collectionId}/{variable}/tilejson.json", operation_id="getXyzTileJSON")
def xyz_tilejson(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    variable: Word,
    query: MomentQueryDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    style: StyleQuery = None,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of the query-free tiles; style, time and level stand in the path of the tiles."""
    choice = choose(context, principal, collectionId, replace(query, variable=variable), style=style)
    formats.named(tile_format)
    path = f"/xyz/{choice.dataset.id}/{choice.variable.id}"
    extra = _own(request)
    label = choice.granule.time
    if choice.part or (label and not choice.is_latest and not _path_safe(label)):
        extra |= _granule(choice) | ({"style": [style]} if style else {})
        extra.pop("variable", None)
    elif style or query.level or not choice.is_latest:
        time = label_to_path(label) if label and not choice.is_latest else LATEST
        path += f"/{quote(style or DEFAULT, safe='')}/{time}"
        path += f"/{quote(query.level, safe='')}" if query.level else ""
    url = f"{context.settings.base_url}{path}/{{z}}/{{x}}/{{y}}.{tile_format}{_suffix(extra)}"
    return _document(choice, rendering, matrices.WEB_MERCATOR_QUAD, url, language=language)


def _document(
    choice: Choice, rendering: Rendering, matrix_set_id: str, url: str, *, language: Language
) -> dict[str, Any]:
    west, south, east, north = matrices.clipped(choice.dataset.bbox, matrix_set_id)
    last = matrices.native_matrix(choice.variable.grid, matrix_set_id)
    title = text_in(choice.dataset.title, language) or choice.dataset.id
    return {
        "tilejson": "3.0.0",
        "name": f"{title}: {text_in(choice.variable.title, language) or choice.variable.id}",
        "description": text_in(choice.dataset.description, language),
        "version": f"{choice.dataset.version}.0.0",
        "scheme": "xyz",
        "tiles": [url],
        "tileSize": rendering.tilesize or TILE_SIZE,
        "minzoom": 0,
        "maxzoom": last,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, min(last, 1)],
        **attribution.tilejson_members(choice.dataset),
    }


def _ogc_url(context: ContextDep, choice: Choice, matrix_set_id: str, tile_format: str, extra: Parameters) -> str:
    matrices.matrix_set(matrix_set_id)
    formats.named(tile_format)
    here = f"{context.settings.base_url}/collections/{choice.dataset.id}/map/tiles/{matrix_set_id}"
    return f"{here}/{{z}}/{{y}}/{{x}}{_suffix(extra | {'f': [tile_format]})}"


def _own(request: Request) -> Parameters:
    """The request's rendering parameters, as they are."""
    known = dict(declared_parameters(get_dependant(path="/", call=rendering_query)))
    given = dict.fromkeys(request.query_params)
    return {name: request.query_params.getlist(name) for name in given if name in known}


def _granule(choice: Choice) -> Parameters:
    """The parameters that select the chosen granule again, wherever else the time moves on."""
    given = {
        "variable": choice.variable.id,
        "datetime": None if choice.is_latest else choice.granule.time,
        "level": choice.granule.level,
        "part": choice.part,
    }
    return {name: [value] for name, value in given.items() if value}


def _path_safe(label: str) -> bool:
    try:
        return path_to_label(label_to_path(label)) == label
    except InvalidParameter:
        return False


def _suffix(parameters: Parameters) -> str:
    return "?" + urlencode(parameters, doseq=True) if parameters else ""
