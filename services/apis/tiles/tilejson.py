"""TileJSON 3.0 documents for MapLibre and its kin."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.dependencies.utils import get_dependant

from config.errors import InvalidParameter
from config.layers import layer_key, level_of, member_of
from config.times import label_to_path, path_to_label
from records.datasets.models import text_in
from services.access.visit import Visit, VisitDep
from services.apis.tiles.tiles import DEFAULT, LATEST, MatrixSetQuery, Word, path_time
from services.drawing import formats
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles import matrices
from services.drawing.tiles.matrices import MatrixSet
from services.drawing.tiles.matrix_sets import WEB_MERCATOR_QUAD
from services.parameters.drawing import RenderingDep
from services.parameters.drawing import rendering as rendering_query
from services.parameters.granules import GranuleRequestDep, MomentRequestDep, StyleId, StyleQuery
from services.parameters.matrix_sets import MatrixSetDep, MatrixSetsDep
from services.selection.opening.pictures import PictureSource, picture_source
from services.selection.selection import SelectionRequest, resolve
from services.web import attribution
from services.web.context import Context
from services.web.dependencies import inline
from services.web.documents.pictures import layer_segment
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


TileJsonLanguage = Annotated[Language, inline(_language)]

router = APIRouter(tags=["Tiles"], dependencies=[KNOWN, inline(json_only)])

Parameters = dict[str, list[str]]
TILE_SIZE = 256
_C = "/collections/{collectionId}"
_PATH = "/map/tiles/{tileMatrixSetId}/tilejson.json"
_XYZ = "/xyz/{collectionId}/{variable}"


@router.get(_C + _PATH, operation_id=".collection.map.getTileJSON")
def ogc_tilejson(
    visit: VisitDep,
    entry: MatrixSetDep,
    granule: GranuleRequestDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    style: StyleQuery = None,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of a collection's tiles; rendering parameters are carried to the tiles."""
    picture = _picture(visit, granule, style)
    extra = _own(visit.request) | _granule(picture) | ({"style": [style]} if style else {})
    url = _ogc_url(visit.context, picture, entry, tile_format, extra)
    return _document(picture, rendering, entry, url, language=language)


@router.get(_C + "/styles/{styleId}" + _PATH, operation_id=".collection.style.map.getTileJSON")
def styled_tilejson(
    visit: VisitDep,
    styleId: StyleId,
    entry: MatrixSetDep,
    granule: GranuleRequestDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of a collection's tiles in a named style."""
    return ogc_tilejson(
        visit,
        entry,
        granule,
        rendering,
        language,
        style=styleId,
        tile_format=tile_format,
    )


@router.get(_XYZ + "/tilejson.json", operation_id="getXyzTileJSON")
def xyz_tilejson(
    visit: VisitDep,
    variable: Word,
    sets: MatrixSetsDep,
    granule: MomentRequestDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    style: StyleQuery = None,
    tileMatrixSetId: MatrixSetQuery = None,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of the query-free tiles; style, time and layer stand in the path of the tiles."""
    picture = _picture(visit, replace(granule, variable=variable), style)
    selection = picture.selection
    formats.named(tile_format)
    entry = sets[tileMatrixSetId or WEB_MERCATOR_QUAD]
    path = f"/xyz/{selection.dataset.id}/{selection.variable.id}"
    extra = _own(visit.request) | ({} if entry.id == WEB_MERCATOR_QUAD else {"tileMatrixSetId": [entry.id]})
    label = None if selection.is_latest else picture.granules[0].time
    if selection.part or (label and not _path_safe(label)):
        extra |= _granule(picture) | ({"style": [style]} if style else {})
        extra.pop("variable", None)
    elif style or granule.level or granule.member or not selection.is_latest:
        time = label_to_path(label) if label else LATEST
        path += f"/{quote(style or DEFAULT, safe='')}/{time}"
        path += layer_segment(layer_key(granule.level, granule.member))
    url = f"{visit.base_url}{path}/{{z}}/{{x}}/{{y}}.{tile_format}{_suffix(extra)}"
    return _document(picture, rendering, entry, url, language=language)


@router.get(_XYZ + "/{style}/{time}/tilejson.json", operation_id="getXyzTileJSONAtTime")
def xyz_dated_tilejson(
    visit: VisitDep,
    variable: Word,
    style: Word,
    time: Word,
    sets: MatrixSetsDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    tileMatrixSetId: MatrixSetQuery = None,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of a style and a time, whose tiles lie beside it; `default` and `latest` are words."""
    return xyz_tilejson(
        visit,
        variable,
        sets,
        SelectionRequest(when=path_time(time)),
        rendering,
        language,
        style,
        tileMatrixSetId,
        tile_format,
    )


@router.get(_XYZ + "/{style}/{time}/{level}/tilejson.json", operation_id="getXyzTileJSONAtLevel")
def xyz_level_tilejson(
    visit: VisitDep,
    variable: Word,
    style: Word,
    time: Word,
    level: Word,
    sets: MatrixSetsDep,
    rendering: RenderingDep,
    language: TileJsonLanguage,
    tileMatrixSetId: MatrixSetQuery = None,
    tile_format: str = "png",
) -> dict[str, Any]:
    """TileJSON of a style, a time and a level, perhaps with `@` and a member, whose tiles lie beside it."""
    return xyz_tilejson(
        visit,
        variable,
        sets,
        SelectionRequest(when=path_time(time), level=level_of(level), member=member_of(level)),
        rendering,
        language,
        style,
        tileMatrixSetId,
        tile_format,
    )


def _picture(visit: Visit, granule: SelectionRequest, style: str | None) -> PictureSource:
    """Resolve a request; raises StyleNotFound for a style that the variable does not have."""
    selection = resolve(visit.readable()[0], granule)
    style_of(selection.variable, style)
    return picture_source(visit.context, selection)


def _document(
    picture: PictureSource, rendering: Rendering, entry: MatrixSet, url: str, *, language: Language
) -> dict[str, Any]:
    """The document; raises InvalidParameter for a set whose rows have unlike tiles, which TileJSON cannot say."""
    if entry.is_variable:
        raise InvalidParameter("tileMatrixSetId", entry.id, "its tiles are merged about the poles; take another set")
    dataset, variable = picture.selection.dataset, picture.variable
    west, south, east, north = matrices.clipped(dataset.bbox, entry)
    first, last = min(entry.matrices), matrices.native_matrix(variable.grid, entry)
    title = text_in(dataset.title, language) or dataset.id
    return {
        "tilejson": "3.0.0",
        "name": f"{title}: {text_in(variable.title, language) or variable.id}",
        "description": text_in(dataset.description, language),
        "version": f"{dataset.version}.0.0",
        "scheme": "xyz",
        "tiles": [url],
        "tileSize": rendering.tilesize or TILE_SIZE,
        "minzoom": first,
        "maxzoom": last,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, min(last, first + 1)],
        **attribution.tilejson_members(dataset),
    }


def _ogc_url(context: Context, picture: PictureSource, entry: MatrixSet, tile_format: str, extra: Parameters) -> str:
    formats.named(tile_format)
    here = f"{context.settings.base_url}/collections/{picture.selection.dataset.id}/map/tiles/{entry.id}"
    return f"{here}/{{z}}/{{y}}/{{x}}{_suffix(extra | {'f': [tile_format]})}"


def _own(request: Request) -> Parameters:
    """The request's rendering parameters, as they are."""
    parameters = dict(declared_parameters(get_dependant(path="/", call=rendering_query)))
    names = dict.fromkeys(request.query_params)
    return {name: request.query_params.getlist(name) for name in names if name in parameters}


def _granule(picture: PictureSource) -> Parameters:
    """The parameters that select the same granule again, wherever else the time moves on."""
    selection, granule = picture.selection, picture.granules[0]
    values = {
        "variable": selection.variable.id,
        "datetime": None if selection.is_latest else granule.time,
        "level": granule.level,
        "member": granule.member,
        "part": selection.part,
    }
    return {name: [value] for name, value in values.items() if value}


def _path_safe(label: str) -> bool:
    try:
        return path_to_label(label_to_path(label)) == label
    except InvalidParameter:
        return False


def _suffix(parameters: Parameters) -> str:
    return "?" + urlencode(parameters, doseq=True) if parameters else ""
