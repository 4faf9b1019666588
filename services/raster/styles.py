"""The styles of a collection's variables, and their legends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from config.vocabulary import JSON, PNG, REL
from records.models import Dataset, Style, Variable, text_in
from services.context import Context, ContextDep
from services.negotiation import VARY, Language, asked_language, chosen, quality
from services.policy import catalogued
from services.raster.choice import CollectionId, style_of
from services.raster.legend import legend_of, to_json, to_svg
from services.raster.parameters import KNOWN, LanguageDep
from services.raster.tilesets import StyleId

router = APIRouter(tags=["Styles"], dependencies=[KNOWN])

SVG = "image/svg+xml"
_FORMATS: Final = {"json": JSON, "svg": SVG, JSON: JSON, SVG: SVG}
_C = "/collections/{collectionId}/styles"
VariableQuery = Annotated[str | None, Query(max_length=200, description="A variable; absent: the first.")]


@router.get(_C, operation_id=".collection.getStyles")
def styles(
    context: ContextDep,
    collectionId: CollectionId,  # noqa: N803
    language: LanguageDep,
    variable: VariableQuery = None,
) -> dict[str, Any]:
    """The styles of one variable, or of the first one."""
    dataset = catalogued(context, collectionId)
    shown = dataset.variable(variable)
    base = f"{context.settings.base_url}/collections/{dataset.id}/styles"
    return {
        "default": style_of(shown, None).id,
        "variable": shown.id,
        "styles": [_entry(context, dataset, shown, style, language=language) for style in shown.styles],
        "links": [{"rel": "self", "href": base + _suffix({"variable": variable}), "type": JSON}],
    }


@router.get(
    _C + "/{styleId}/legend",
    operation_id=".collection.style.getLegend",
    response_class=Response,
    responses={200: {"description": "The legend.", "content": {JSON: {}, SVG: {}}}},
)
def legend(
    request: Request,
    context: ContextDep,
    collectionId: CollectionId,  # noqa: N803
    styleId: StyleId,  # noqa: N803
    variable: VariableQuery = None,
    _f: Annotated[
        str | None, Query(alias="f", description="Format: json or svg. Absent: by Accept, else JSON.")
    ] = None,
    _lang: Annotated[
        str | None, Query(alias="lang", description="Language: en or zh. Absent: by Accept-Language.")
    ] = None,
) -> Response:
    """What a style's colours mean: stops or classes with their colours, names and unit, or a drawing of them."""
    query, accept = request.query_params, request.headers.get("accept", "")
    language = asked_language(query.getlist("lang"), request.headers.get("accept-language", ""))
    wanted = SVG if quality(accept, SVG) > quality(accept, JSON) else JSON
    media_type = chosen("f", query.getlist("f"), _FORMATS) or wanted
    shown = catalogued(context, collectionId).variable(variable)
    found = legend_of(shown, style_of(shown, styleId))
    headers = {"Vary": VARY, "Content-Language": language}
    if media_type == SVG:
        return Response(to_svg(found, language=language), media_type=SVG, headers=headers)
    return JSONResponse(to_json(found, language=language), headers=headers)


def _entry(
    context: Context, dataset: Dataset, variable: Variable, style: Style, *, language: Language
) -> dict[str, Any]:
    base = f"{context.settings.base_url}/collections/{dataset.id}/styles/{style.id}"
    own = {"variable": variable.id}
    tiles = f"{base}/map/tiles{_suffix(own)}"
    return {
        "id": style.id,
        "title": text_in(style.title, language) or style.id,
        "colormap": style.colormap,
        "range": list(style.range) if style.range else None,
        "links": [
            {"rel": REL + "legend", "href": f"{base}/legend{_suffix(own | {'f': 'json'})}", "type": JSON},
            {"rel": REL + "legend", "href": f"{base}/legend{_suffix(own | {'f': 'svg'})}", "type": SVG},
            {"rel": REL + "tilesets-map", "href": tiles, "type": JSON},
            {"rel": REL + "map", "href": f"{base}/map{_suffix(own | {'f': 'png'})}", "type": PNG},
        ],
    }


def _suffix(parameters: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return "?" + urlencode(given) if given else ""
