"""The styles of a collection's variables, and their legends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from config.vocabulary import JSON, REL
from records.models import Dataset, Style, Variable
from services.context import Context, ContextDep
from services.policy import catalogued
from services.raster.choice import CollectionId, style_of
from services.raster.legend import legend_of, to_json, to_svg
from services.raster.tilesets import StyleId

router = APIRouter(tags=["Styles"])

SVG = "image/svg+xml"
_C = "/collections/{collectionId}/styles"
VariableQuery = Annotated[str | None, Query(max_length=200, description="A variable; absent: the first.")]


@router.get(_C, operation_id=".collection.getStyles")
def styles(context: ContextDep, collectionId: CollectionId, variable: VariableQuery = None) -> dict[str, Any]:  # noqa: N803
    """The styles of one variable, or of the first one."""
    dataset = catalogued(context, collectionId)
    chosen = dataset.variable(variable)
    base = f"{context.settings.base_url}/collections/{dataset.id}/styles"
    return {
        "default": style_of(chosen, None).id,
        "variable": chosen.id,
        "styles": [_entry(context, dataset, chosen, style) for style in chosen.styles],
        "links": [{"rel": "self", "href": base + _suffix({"variable": variable}), "type": JSON}],
    }


@router.get(
    _C + "/{styleId}/legend",
    operation_id=".collection.style.getLegend",
    response_class=Response,
    responses={200: {"description": "The legend.", "content": {JSON: {}, SVG: {}}}},
)
def legend(  # noqa: PLR0913, PLR0917 - the path and its parameters
    request: Request,
    context: ContextDep,
    collectionId: CollectionId,  # noqa: N803
    styleId: StyleId,  # noqa: N803
    variable: VariableQuery = None,
    f: Annotated[Literal["json", "svg"] | None, Query(description="Absent: by Accept, else JSON.")] = None,
    lang: Annotated[str, Query(max_length=10, description="Language of the drawing's words.")] = "en",
) -> Response:
    """What a style's colours mean: stops or classes with their colours, names and unit, or a drawing of them."""
    chosen = catalogued(context, collectionId).variable(variable)
    found = legend_of(chosen, style_of(chosen, styleId))
    headers = {"Vary": "Accept"}
    if f == "svg" or (
        f is None and SVG in request.headers.get("accept", "") and "json" not in request.headers["accept"]
    ):
        return Response(to_svg(found, language=lang), media_type=SVG, headers=headers)
    return JSONResponse(to_json(found), headers=headers)


def _entry(context: Context, dataset: Dataset, variable: Variable, style: Style) -> dict[str, Any]:
    base = f"{context.settings.base_url}/collections/{dataset.id}/styles/{style.id}"
    chosen = {"variable": variable.id}
    tiles = f"{base}/map/tiles{_suffix(chosen)}"
    return {
        "id": style.id,
        "title": style.title,
        "colormap": style.colormap,
        "range": list(style.range) if style.range else None,
        "links": [
            {"rel": REL + "legend", "href": f"{base}/legend{_suffix(chosen | {'f': 'json'})}", "type": JSON},
            {"rel": REL + "legend", "href": f"{base}/legend{_suffix(chosen | {'f': 'svg'})}", "type": SVG},
            {"rel": REL + "tilesets-map", "href": tiles, "type": JSON},
        ],
    }


def _suffix(parameters: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return "?" + urlencode(given) if given else ""
