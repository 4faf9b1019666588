"""The documents of OGC API Tiles: tileset lists, tilesets and tile matrix sets (OGC 20-057; OGC 17-083r4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response

from config.vocabulary import CRS84_URI, JSON, REL
from records.datasets.models import Dataset, Variable, text_in
from services.access.visit import Visit, VisitDep
from services.apis.tiles.titles import TITLES
from services.drawing import formats
from services.drawing.styles import style_of
from services.drawing.tiles import matrices
from services.drawing.tiles.matrices import MatrixSet
from services.drawing.tiles.matrix_sets import MatrixSets
from services.parameters.granules import GranuleRequestDep, StyleId
from services.parameters.matrix_sets import MatrixSetDep, MatrixSetId, MatrixSetsDep
from services.selection.selection import SelectionRequest
from services.web.context import Context, ContextDep
from services.web.documents.answers import AnswerDep
from services.web.links import representations
from services.web.negotiation import Language
from services.web.parameters import KNOWN

router = APIRouter(tags=["Tiles"], dependencies=[KNOWN])

_C = "/collections/{collectionId}"


@router.get("/tileMatrixSets", operation_id="getTileMatrixSetsList")
def matrix_sets(context: ContextDep, sets: MatrixSetsDep, answer: AnswerDep) -> Response:
    """The tile matrix sets in which tiles are served."""
    base = f"{context.settings.base_url}/tileMatrixSets"
    entries = [
        {
            "id": entry.id,
            "title": entry.title,
            "uri": matrix_set_uri(context, entry),
            "crs": entry.crs_member,
            "links": representations(f"{base}/{entry.id}", title=entry.id),
        }
        for entry in sets
    ]
    return answer({"links": representations(base), "tileMatrixSets": entries})


@router.get("/tileMatrixSets/{tileMatrixSetId}", operation_id="getTileMatrixSet")
def matrix_set(context: ContextDep, sets: MatrixSetsDep, tileMatrixSetId: MatrixSetId, answer: AnswerDep) -> Response:
    """A tile matrix set."""
    body = matrices.document(sets[tileMatrixSetId])
    here = f"{context.settings.base_url}/tileMatrixSets/{tileMatrixSetId}"
    return answer(body | {"links": representations(here)})


def matrix_set_uri(context: Context, matrix_set: MatrixSet) -> str:
    """The name of a set in OGC's register, else its address here."""
    return matrix_set.uri or f"{context.settings.base_url}/tileMatrixSets/{matrix_set.id}"


@router.get(_C + "/map/tiles", operation_id=".collection.map.getTileSetsList")
def tilesets(visit: VisitDep, sets: MatrixSetsDep, granule: GranuleRequestDep, answer: AnswerDep) -> Response:
    """The tilesets of a collection."""
    return answer(_listing(visit, sets, granule, style=None, language=answer.language))


@router.get(_C + "/styles/{styleId}/map/tiles", operation_id=".collection.style.map.getTileSetsList")
def styled_tilesets(
    visit: VisitDep, styleId: StyleId, sets: MatrixSetsDep, granule: GranuleRequestDep, answer: AnswerDep
) -> Response:
    """The tilesets of a collection in a named style."""
    return answer(_listing(visit, sets, granule, style=styleId, language=answer.language))


@router.get(_C + "/map/tiles/{tileMatrixSetId}", operation_id=".collection.map.getTileSet")
def tileset(visit: VisitDep, entry: MatrixSetDep, granule: GranuleRequestDep, answer: AnswerDep) -> Response:
    """A tileset of a collection."""
    return answer(_whole(visit, entry, granule, style=None, language=answer.language))


@router.get(_C + "/styles/{styleId}/map/tiles/{tileMatrixSetId}", operation_id=".collection.style.map.getTileSet")
def styled_tileset(
    visit: VisitDep, styleId: StyleId, entry: MatrixSetDep, granule: GranuleRequestDep, answer: AnswerDep
) -> Response:
    """A tileset of a collection in a named style."""
    return answer(_whole(visit, entry, granule, style=styleId, language=answer.language))


def carried(granule: SelectionRequest) -> dict[str, str]:
    """The parameters of a request that its links must carry to mean the same granules."""
    when = None if granule.when is None else granule.when.text
    values = {"variable": granule.variable, "datetime": when, "level": granule.level}
    values |= {"member": granule.member, "part": granule.part}
    parameters = {name: value for name, value in values.items() if value}
    return parameters | ({"nearest": "true"} if granule.nearest else {})


def _listing(
    visit: Visit,
    sets: MatrixSets,
    granule: SelectionRequest,
    *,
    style: str | None,
    language: Language,
) -> dict[str, Any]:
    dataset, _ = visit.readable()
    links = representations(_home(visit.context, dataset, style), query=carried(granule))
    entries = [
        _tileset(visit.context, dataset, entry, granule, style=style, language=language)
        for entry in sets
        if matrices.is_met(dataset.bbox, entry)
    ]
    return {"links": links, "tilesets": entries}


def _whole(
    visit: Visit,
    entry: MatrixSet,
    granule: SelectionRequest,
    *,
    style: str | None,
    language: Language,
) -> dict[str, Any]:
    dataset, _ = visit.readable()
    variable = dataset.variable(granule.variable)
    last = matrices.native_matrix(variable.grid, entry)
    first = min(entry.matrices)
    west, south, east, north = matrices.clipped(dataset.bbox, entry)
    return _tileset(visit.context, dataset, entry, granule, style=style, language=language) | {
        "tileMatrixSetLimits": matrices.limits_document(dataset.bbox, entry, last=last),
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84_URI},
        "centerPoint": {
            "coordinates": [(west + east) / 2, (south + north) / 2],
            "crs": CRS84_URI,
            "tileMatrix": str(min(last, first + 2)),
        },
        "layers": [_layer(variable, language)],
    }


def _layer(variable: Variable, language: Language) -> dict[str, Any]:
    return {"id": variable.id, "dataType": "map", "title": text_in(variable.title, language) or variable.id}


def _tileset(
    context: Context,
    dataset: Dataset,
    entry: MatrixSet,
    granule: SelectionRequest,
    *,
    style: str | None,
    language: Language,
) -> dict[str, Any]:
    variable = dataset.variable(granule.variable)
    style_of(variable, style)
    extra = carried(granule)
    here = f"{_home(context, dataset, style)}/{entry.id}"
    scheme = f"{context.settings.base_url}/tileMatrixSets/{entry.id}"
    links = [
        *representations(here, title=entry.id, query=extra),
        {"rel": REL + "tiling-scheme", "href": scheme, "type": JSON},
        *item_links(here, extra),
    ]
    if not entry.is_variable:
        href = f"{here}/tilejson.json{suffix(extra)}"
        links.append({"rel": "describedby", "href": href, "type": JSON, "title": "TileJSON"})
    return {
        "title": f"{text_in(variable.title, language) or variable.id}, {entry.id}",
        "dataType": "map",
        "crs": entry.crs_member,
        "tileMatrixSetId": entry.id,
        "tileMatrixSetURI": matrix_set_uri(context, entry),
        "links": links,
    } | ({"attribution": dataset.attribution} if dataset.attribution else {})


def item_links(here: str, extra: dict[str, str]) -> list[dict[str, Any]]:
    """Templates of the tiles below an address, in each format."""
    return [_item(here, extra, name) for name in formats.ITEM_FORMATS]


def _item(here: str, extra: dict[str, str], name: str) -> dict[str, Any]:
    href = f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{suffix(extra | {'f': name})}"
    return {
        "rel": "item",
        "href": href,
        "type": formats.MEDIA_TYPES[formats.named(name)],
        "title": TITLES.phrase("tiles_as", format=name),
        "templated": True,
    }


def _home(context: Context, dataset: Dataset, style: str | None) -> str:
    styled = f"/styles/{quote(style, safe='')}" if style else ""
    return f"{context.settings.base_url}/collections/{dataset.id}{styled}/map/tiles"


def suffix(parameters: dict[str, str]) -> str:
    """The query of an address; empty without parameters."""
    return "?" + urlencode(parameters) if parameters else ""
