"""The files that open a dataset in a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from config.vocabulary import JSON, XML
from records.datasets.models import Dataset, text_in
from services.access.decision import Decision
from services.access.visit import VisitDep
from services.apis.clients.catalogues import arcgis, terria
from services.apis.clients.qgis import connections, layer_definition
from services.drawing.styles import style_of
from services.web.context import Context, get_context
from services.web.negotiation import Language
from services.web.parameters import KNOWN, LanguageDep

if TYPE_CHECKING:
    from services.ows.layer_catalogue import LayerCatalogue
    from services.ows.time_axis import LayerTimes

router = APIRouter(tags=["Desktops"], dependencies=[KNOWN])

QLR: Final = "application/x-qgis-layer-definition"
_HERE: Final = "/collections/{collectionId}/open"


@router.get(_HERE + "/qgis.qlr", operation_id=".collection.getQgisLayers", response_class=Response)
def qgis_layers(
    visit: VisitDep,
    language: LanguageDep,
    style: Annotated[str | None, Query(max_length=200, description="A style of the first variable.")] = None,
) -> Response:
    """A layer definition of QGIS: every variable by WMS, with its style, times and attribution."""
    dataset, decision = visit.readable()
    if style is not None:
        style_of(dataset.variable(), style)
    content = layer_definition(dataset, _axes(visit.request, dataset), visit.base_url, language, style=style)
    return _file(content, QLR, f"{dataset.id}.qlr", decision, language)


@router.get(_HERE + "/qgis-wms.xml", operation_id=".collection.getQgisWms", response_class=Response)
def qgis_wms(visit: VisitDep, language: LanguageDep) -> Response:
    """Connections of QGIS to the WMS and the WMTS of the collection."""
    dataset, decision = visit.readable()
    title = text_in(dataset.title, language) or dataset.id
    content = connections(dataset, visit.base_url, "wms", title)
    return _file(content, XML, f"{dataset.id}-wms.xml", decision, language)


@router.get(_HERE + "/qgis-xyz.xml", operation_id=".collection.getQgisXyz", response_class=Response)
def qgis_xyz(visit: VisitDep, language: LanguageDep) -> Response:
    """Connections of QGIS to the XYZ tiles of the collection."""
    dataset, decision = visit.readable()
    title = text_in(dataset.title, language) or dataset.id
    content = connections(dataset, visit.base_url, "xyz", title)
    return _file(content, XML, f"{dataset.id}-xyz.xml", decision, language)


@router.get(_HERE + "/terria.json", operation_id=".collection.getTerriaCatalogue", response_class=Response)
def terria_catalogue(visit: VisitDep, language: LanguageDep) -> Response:
    """A catalogue file of TerriaJS 8."""
    dataset, decision = visit.readable()
    document = terria(dataset, _axes(visit.request, dataset), visit.base_url, language)
    return _file(orjson.dumps(document), JSON, "", decision, language)


@router.get(_HERE + "/arcgis.json", operation_id=".collection.getArcGisMap", response_class=Response)
def arcgis_map(visit: VisitDep, language: LanguageDep) -> Response:
    """A web map of ArcGIS."""
    dataset, decision = visit.readable()
    document = arcgis(dataset, visit.base_url, language)
    return _file(orjson.dumps(document), JSON, "", decision, language)


def _axes(request: Request, dataset: Dataset) -> dict[str, LayerTimes | None]:
    layers = cast("LayerCatalogue", request.app.state.layers)
    context: Context = get_context(request)
    return layers.axes(context, [dataset])[dataset.id]


def _file(content: bytes, media_type: str, name: str, decision: Decision, language: Language) -> Response:
    headers: dict[str, Any] = {
        "Vary": "Accept-Language",
        "Content-Language": language,
        "Cache-Control": "public, max-age=60" if decision.cacheable else "private, no-store",
    }
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers=headers)
