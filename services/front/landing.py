"""The landing page: the links from which a client finds everything else (OGC 19-072, 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from config.vocabulary import HTML, OPENAPI_30, REL
from records.search.concepts import concept_titles
from records.search.facets import FacetQuery
from records.search.holdings import holdings, newest
from records.search.parameters import RecordQuery
from records.search.search import search
from services.access.decision import decide
from services.access.principal import PrincipalDep
from services.web.context import Context, ContextDep
from services.web.documents.answers import AnswerDep
from services.web.documents.pictures import thumbnail
from services.web.documents.titles import TITLES
from services.web.links import link, representations
from services.web.parameters import KNOWN
from services.web.part import PartsDep, catalogue_links

if TYPE_CHECKING:
    from services.web.part import Parts

router = APIRouter(tags=["Capabilities"], dependencies=[KNOWN])

_SHOWN = 6
"""Datasets on the page."""
_THEMES = 16
"""Themes on the page."""


@router.get("/", operation_id="getLandingPage", summary="The landing page")
def landing(context: ContextDep, parts: PartsDep, principal: PrincipalDep, answer: AnswerDep) -> Response:
    """Title, description and links of the service."""
    document = landing_document(context, parts)
    if not answer.is_page:
        return answer(document)
    engine, settings = context.catalogue.repository.engine, context.settings
    datasets = newest(engine, limit=_SHOWN)
    readable = [d for d in datasets if decide(principal, d, "read", settings).allowed]
    pictures = {d.id: thumbnail(d, settings.base_url) for d in readable}
    catalogue = search(engine, RecordQuery(limit=0, facets=(FacetQuery(name="theme", buckets=_THEMES),)))
    themes = catalogue.facets[0].buckets
    titles = concept_titles(engine, (code for code, _ in themes), answer.language)
    return answer(
        document,
        "landing",
        datasets=datasets,
        pictures=pictures,
        holdings=holdings(engine),
        records=catalogue.matched,
        themes=[(code, titles.get(code, code), count) for code, count in themes],
    )


def landing_document(context: Context, parts: Parts) -> dict[str, Any]:
    """Return the landing page as JSON."""
    base = context.settings.base_url
    server = context.settings.server
    links = [
        *representations(f"{base}/", title=server.title),
        link("service-desc", f"{base}/api", OPENAPI_30, title=TITLES.phrase("openapi")),
        link("service-doc", f"{base}/api?f=html", HTML, title=TITLES.phrase("openapi_page")),
        link("help", f"{base}/help?f=html", HTML, title=TITLES.phrase("guides")),
        link("conformance", f"{base}/conformance", title=TITLES.phrase("conformance_classes")),
        link(f"{REL}conformance", f"{base}/conformance", title=TITLES.phrase("conformance_classes")),
        link("data", f"{base}/collections", title=TITLES.phrase("collections")),
        *(entry for part in parts for entry in part.landing_links(base)),
        *catalogue_links(parts, base),
    ]
    return {"title": server.title, "description": server.description, "links": links}
