"""The conformance classes of the service: those of every part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.documents.titles import TITLES
from services.web.links import representations
from services.web.parameters import KNOWN
from services.web.part import PartsDep

if TYPE_CHECKING:
    from services.web.part import Parts

COMMON: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "https://www.opengis.net/spec/ogcapi-common-2/1.0/conf/uad-collections",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/uad-collections",
)
"""Classes of the landing page and the collections. Not `html`: that promises a page for every single resource."""

router = APIRouter(tags=["Capabilities"], dependencies=[KNOWN])


def classes(parts: Parts) -> list[str]:
    """Return every class once: the common ones, then those of the parts in their order."""
    return list(dict.fromkeys((*COMMON, *(uri for part in parts for uri in part.conformance))))


@router.get("/conformance", operation_id="getConformance", summary="The standards this service keeps to")
def conformance(context: ContextDep, parts: PartsDep, answer: AnswerDep) -> Response:
    """Every conformance class that the service keeps."""
    links = representations(f"{context.settings.base_url}/conformance", title=TITLES.phrase("conformance"))
    return answer({"links": links, "conformsTo": classes(parts)}, "conformance")
