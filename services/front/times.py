"""`/collections/{collectionId}/times`: the time of a variable that is nearest to one, and those beside it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from config.errors import GranuleNotFound
from config.times import label_to_path, parse_datetime
from records.datasets.moments import moment
from services.access.guards import require_describable
from services.access.principal import PrincipalDep
from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.documents.titles import TITLES
from services.web.identifiers import CollectionId
from services.web.links import link
from services.web.parameters import KNOWN

router = APIRouter(tags=["Collections"], dependencies=[KNOWN])


@router.get("/collections/{collectionId}/times", operation_id=".collection.getTimes", summary="The nearest time")
def times(
    context: ContextDep,
    principal: PrincipalDep,
    answer: AnswerDep,
    collectionId: CollectionId,
    variable: Annotated[str | None, Query(max_length=127, description="A variable; absent: the first.")] = None,
    datetime: Annotated[
        str | None, Query(max_length=200, description="A time or interval; absent: the latest time is answered.")
    ] = None,
) -> Response:
    """The time that lies in `datetime`, else the nearest to it, with the ones before and after it."""
    dataset = require_describable(context, principal, collectionId)
    of_variable = dataset.variable(variable)
    when = parse_datetime(datetime) if datetime else None
    nearest = moment(context.catalogue.repository.engine, dataset.id, of_variable.id, when)
    if nearest is None or dataset.time is None:
        raise GranuleNotFound(f"{dataset.id}/{of_variable.id} has no times")
    here = f"{context.settings.base_url}/collections/{dataset.id}"
    labels = {"time": nearest.time, "earlier": nearest.earlier, "later": nearest.later}
    document = {
        "variable": of_variable.id,
        "calendar": dataset.time.calendar,
        **{name: label for name, label in labels.items() if label is not None},
        "path": label_to_path(nearest.time),
        "first": dataset.time.first,
        "last": dataset.time.last,
        "count": dataset.time.count,
        "links": [link("self", f"{here}/times"), link("collection", here, title=TITLES.phrase("collection"))],
    }
    return answer(document)
