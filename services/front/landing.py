"""The landing page: the links from which a client finds everything else (OGC 19-072, 7.2)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from config.vocabulary import GEOJSON, HTML, OPENAPI_30, REL
from services.access.decision import decide
from services.access.principal import PrincipalDep
from services.front.collections import records_url
from services.portal.answer import AnswerDep
from services.web.context import Context, ContextDep
from services.web.documents.pictures import thumbnail
from services.web.links import catalogue_services, link, representations

router = APIRouter(tags=["Capabilities"])

_SHOWN = 6
"""Datasets on the page."""


@router.get("/", operation_id="getLandingPage", summary="The landing page")
def landing(context: ContextDep, principal: PrincipalDep, answer: AnswerDep) -> Response:
    """Title, description and links of the service."""
    document = landing_document(context)
    if not answer.is_page:
        return answer(document, "landing.html")
    datasets, total = context.catalogue.repository.datasets(limit=_SHOWN)
    settings = context.settings
    readable = [d for d in datasets if decide(principal, d, "read", settings).allowed]
    pictures = {d.id: thumbnail(d, settings.base_url) for d in readable}
    return answer(document, "landing.html", datasets=datasets, total=total, pictures=pictures)


def landing_document(context: Context) -> dict[str, Any]:
    """The landing page as JSON."""
    base = context.settings.base_url
    server = context.settings.server
    links = [
        *representations(f"{base}/", title=server.title),
        link("service-desc", f"{base}/api", OPENAPI_30, title="OpenAPI 3.0 document"),
        link("service-doc", f"{base}/api?f=html", HTML, title="Every operation, for people"),
        link("conformance", f"{base}/conformance", title="Conformance classes"),
        link("data", f"{base}/collections", title="Collections"),
        link("related", f"{base}/stac", title="STAC catalogue"),
        link(REL + "processes", f"{base}/processes", title="Processes"),
        link(REL + "job-list", f"{base}/jobs", title="Jobs"),
        link(REL + "tiling-schemes", f"{base}/tileMatrixSets", title="Tile matrix sets"),
        # a searchable catalogue is entered at its items (OGC 20-004r1, autodiscovery)
        link(REL + "ogc-catalog", records_url(base), GEOJSON, title="Metadata catalogue"),
        *catalogue_services(base),
    ]
    return {"title": server.title, "description": server.description, "links": links}
