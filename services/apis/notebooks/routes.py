"""The route of the notebook of a collection."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Response

from config.errors import NotFound
from services.access.visit import VisitDep
from services.apis.notebooks.cells import JUPYTER
from services.apis.notebooks.contents import dataset_notebook
from services.web.documents.answers import Answer
from services.web.parameters import KNOWN

router = APIRouter(tags=["Collections"], dependencies=[KNOWN])


@router.get(
    "/collections/{collectionId}/notebook",
    operation_id=".collection.getNotebook",
    summary="A Jupyter notebook for a collection",
    response_class=Response,
    responses={200: {"description": "The notebook.", "content": {JUPYTER: {"schema": {"type": "object"}}}}},
)
def get_notebook(
    visit: VisitDep, lang: Annotated[Literal["en", "zh"] | None, Query(description="Language of the texts.")] = None
) -> Response:
    """A notebook that opens the dataset, draws it, reads a series and names whom to credit."""
    dataset, decision = visit.readable()
    if not dataset.variables:
        raise NotFound(f"{dataset.id} has no variable, so that there is nothing to open")
    language = lang or Answer.to(visit.request).language
    body = orjson.dumps(dataset_notebook(dataset, visit.base_url, language), option=orjson.OPT_INDENT_2)
    headers = {
        "Content-Disposition": f'attachment; filename="{dataset.id}.ipynb"',
        "Content-Language": language,
        "Cache-Control": "no-cache" if decision.cacheable else "private, no-store",
    }
    return Response(body, media_type=JUPYTER, headers=headers)
