"""`/map`: a page on which datasets are laid over one another."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from config.vocabulary import HTML
from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.documents.titles import TITLES
from services.web.links import link, representations
from services.web.parameters import KNOWN

router = APIRouter(tags=["Maps"], dependencies=[KNOWN])

_LAYERS: Final = "#layers={dataset}~{variable}~{style}~{layer}~{datetime}~{opacity}"
"""How the address of the page names a layer; several are joined by semicolons, the top one first."""


@router.get("/map", operation_id="getLayerMap", summary="A page with a map of several layers")
def layer_map(context: ContextDep, answer: AnswerDep) -> Response:
    """The page; as JSON, how its address names layers."""
    base = context.settings.base_url
    document = {
        "links": [
            *representations(f"{base}/map", title=TITLES.phrase("layer_map")),
            link("data", f"{base}/collections", title=TITLES.phrase("collections")),
            link("related", f"{base}/map{_LAYERS}", HTML, title=TITLES.phrase("layer_map"), templated=True),
        ]
    }
    return answer(document, "map")
