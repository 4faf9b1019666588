"""The conformance classes that are kept, gathered from each part."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from services.apis import coverages as coverage
from services.apis import tiles as raster
from services.apis.processes import processes
from services.apis.records import records
from services.portal.answer import AnswerDep
from services.web.context import ContextDep
from services.web.links import representations

COMMON: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
)
"""Of the landing page and the collections. Not `html`: that would promise a page for every single resource."""

PARTS: Final[tuple[tuple[str, ...], ...]] = (
    COMMON,
    coverage.CONFORMANCE,
    raster.CONFORMANCE,
    records.CONFORMANCE,
    processes.CONFORMANCE,
)

router = APIRouter(tags=["Capabilities"])


def classes() -> list[str]:
    """Every class, once, in the order of the parts."""
    return list(dict.fromkeys(uri for part in PARTS for uri in part))


@router.get("/conformance", operation_id="getConformance", summary="The standards this service keeps to")
def conformance(context: ContextDep, answer: AnswerDep) -> Response:
    """Every conformance class that the service keeps."""
    links = representations(f"{context.settings.base_url}/conformance", title="Conformance")
    return answer({"links": links, "conformsTo": classes()}, "conformance.html", groups=_by_standard())


def _by_standard() -> dict[str, list[str]]:
    """The short names of the classes by standard, for the page: `ogcapi-common-1 1.0` -> core, json."""
    groups: dict[str, list[str]] = {}
    for uri in classes():
        standard, _, name = uri.partition("/conf/")
        words = standard.rstrip("/").split("/")[3:]
        groups.setdefault(" ".join(w for w in words if w != "spec"), []).append(name or uri)
    return groups
