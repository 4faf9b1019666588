"""A style in the languages of other programs: QML, SLD 1.0 and MapLibre (version 8)."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from records.datasets.models import Dataset, Style, Variable, text_in
from services.access.guards import require_describable, require_readable
from services.access.principal import PrincipalDep
from services.apis.styles.titles import TITLES
from services.drawing.style_documents.qml import qml
from services.drawing.style_documents.sld import sld
from services.drawing.styles import style_of
from services.drawing.tiles import matrices
from services.drawing.tiles.matrix_sets import web_mercator_quad
from services.parameters.granules import StyleId
from services.web import attribution
from services.web.context import ContextDep
from services.web.identifiers import CollectionId
from services.web.links import Link, link
from services.web.negotiation import Language
from services.web.parameters import KNOWN, LanguageDep

router = APIRouter(tags=["Styles"], dependencies=[KNOWN])

SLD: Final = "application/vnd.ogc.sld+xml"
QML: Final = "application/vnd.qgis.style+xml"
MAPLIBRE: Final = "application/vnd.mapbox.style+json"
_STYLE: Final = "/collections/{collectionId}/styles/{styleId}"
_TILE: Final = 256
_VariableQuery = Annotated[str | None, Query(max_length=200, description="A variable; absent: the first.")]


@router.get(_STYLE + "/qml", operation_id=".collection.style.getQml", response_class=Response)
def get_qml(
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    styleId: StyleId,
    language: LanguageDep,
    variable: _VariableQuery = None,
) -> Response:
    """The style for the files of the variable in QGIS: Properties, Style, Load style."""
    subject = require_describable(context, principal, collectionId).variable(variable)
    content = qml(subject, style_of(subject, styleId), language)
    return Response(content, media_type=QML, headers=_attached(f"{subject.id}-{styleId}.qml", language))


@router.get(_STYLE + "/sld", operation_id=".collection.style.getSld", response_class=Response)
def get_sld(
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    styleId: StyleId,
    language: LanguageDep,
    variable: _VariableQuery = None,
) -> Response:
    """The style as SLD 1.0.0 (OGC 02-070)."""
    dataset = require_describable(context, principal, collectionId)
    subject = dataset.variable(variable)
    content = sld(f"{dataset.id}.{subject.id}", subject, style_of(subject, styleId), language)
    return Response(content, media_type=SLD, headers=_attached(f"{subject.id}-{styleId}.sld", language))


@router.get(_STYLE + "/maplibre", operation_id=".collection.style.getMapLibre", response_class=Response)
def get_maplibre(
    context: ContextDep,
    principal: PrincipalDep,
    collectionId: CollectionId,
    styleId: StyleId,
    language: LanguageDep,
    variable: _VariableQuery = None,
) -> Response:
    """A MapLibre style (version 8) that shows the tiles of the variable in this style."""
    dataset, decision = require_readable(context, principal, collectionId)
    subject = dataset.variable(variable)
    document = _maplibre(context.settings.base_url, dataset, subject, style_of(subject, styleId), language)
    caching = {} if decision.cacheable else {"Cache-Control": "private, no-store"}
    headers = {"Vary": "Accept-Language", "Content-Language": language, **caching}
    return Response(orjson.dumps(document), media_type=MAPLIBRE, headers=headers)


def style_file_links(base_url: str, dataset: Dataset, variable: Variable, style: Style) -> list[Link]:
    """Links to a style in each language that needs no data."""
    here = f"{base_url}/collections/{dataset.id}/styles/{quote(style.id, safe='')}"
    own = f"?variable={variable.id}"
    return [
        link("stylesheet", f"{here}/qml{own}", QML, title=TITLES.phrase("qml")),
        link("stylesheet", f"{here}/sld{own}", SLD, title=TITLES.phrase("sld")),
    ]


def _maplibre(base_url: str, dataset: Dataset, variable: Variable, style: Style, language: Language) -> dict[str, Any]:
    west, south, east, north = matrices.clipped(dataset.bbox, web_mercator_quad())
    name = f"{dataset.id}.{variable.id}"
    tiles = f"{base_url}/xyz/{dataset.id}/{variable.id}/{quote(style.id, safe='')}/latest/{{z}}/{{x}}/{{y}}.png"
    return {
        "version": 8,
        "name": f"{text_in(dataset.title, language) or dataset.id}: {text_in(style.title, language) or style.id}",
        "center": [(west + east) / 2, (south + north) / 2],
        "sources": {
            name: {
                "type": "raster",
                "tiles": [tiles],
                "tileSize": _TILE,
                "bounds": [west, south, east, north],
                "maxzoom": matrices.native_matrix(variable.grid, web_mercator_quad()),
                "attribution": escape(attribution.line(dataset), quote=False),
            }
        },
        "layers": [{"id": name, "type": "raster", "source": name, "paint": {"raster-resampling": "nearest"}}],
    }


def _attached(name: str, language: Language) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Vary": "Accept-Language",
        "Content-Language": language,
        "Cache-Control": "public, max-age=60",
    }
