"""The form of the search page: what its fields mean as parameters, and its page where they cannot be used."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import QueryParams

from config.times import in_rfc3339

if TYPE_CHECKING:
    from starlette.responses import Response

    from config.errors import InvalidInput
    from services.web.documents.answers import Answer

FIRST_DATE: Final = "from"
LAST_DATE: Final = "to"
_NOTHING: Final[dict[str, Any]] = {"type": "FeatureCollection", "features": [], "numberMatched": 0, "links": []}


def form_parameters(query: QueryParams) -> QueryParams:
    """The parameters that a form's fields mean: without those left empty, its dates as one `datetime` of RFC 3339.

    Raises InvalidParameter.
    """
    fields = [(name, value) for name, value in query.multi_items() if value]
    dates = {name: value for name, value in fields if name in (FIRST_DATE, LAST_DATE)}
    if not dates:
        return QueryParams([(name, in_rfc3339(value) if name == "datetime" else value) for name, value in fields])
    others = [(name, value) for name, value in fields if name not in (FIRST_DATE, LAST_DATE, "datetime")]
    interval = f"{dates.get(FIRST_DATE, '..')}/{dates.get(LAST_DATE, '..')}"
    return QueryParams([*others, ("datetime", in_rfc3339(interval))])


def refused_page(answer: Answer, problem: InvalidInput) -> Response:
    """The search page with the form as it was filled, what is wrong with it, and no records."""
    response = answer(_NOTHING, "records", loosened="", spelling="", pictures={}, problem=problem)
    response.status_code = HTTPStatus.BAD_REQUEST
    return response
