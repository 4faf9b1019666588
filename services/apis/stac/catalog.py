"""The root of STAC, its conformance classes, its collections, and the queryables of items."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from config.boxes import parse_bbox
from config.times import parse_datetime, require_rfc3339
from config.vocabulary import GEOJSON, HTML, OPENAPI_30, REL, SCHEMA_JSON
from records.datasets.items import collections
from records.datasets.items.properties import QUERYABLES
from records.datasets.models import text_in
from records.search.text import MAX_QUERY_CHARACTERS
from services.access.principal import PrincipalDep
from services.access.visit import VisitDep
from services.apis.stac.documents import collection_documents
from services.apis.stac.words import CONFORMANCE, STAC_VERSION
from services.web.context import ContextDep
from services.web.documents.answers import Answer, AnswerDep
from services.web.documents.titles import TITLES
from services.web.links import link, representations
from services.web.parameters import KNOWN

router = APIRouter(tags=["STAC"], dependencies=[KNOWN])

MAX_CHILDREN: Final = 100
"""Most collections that the root links to; `/stac/collections` lists all."""
_PAGE: Final = 100
_WORDS: Final = "Words to find in title, description and keywords; a comma separates alternatives."
_COLLECTION: Final = "Id of the collection."


@router.get("/stac", operation_id="getStac", summary="The STAC catalogue")
def root(context: ContextDep, answer: AnswerDep) -> Response:
    """The landing page of the STAC API: a STAC catalogue of all datasets."""
    base, server = context.settings.base_url, context.settings.server
    here = f"{base}/stac"
    titles = collections.titles(context.catalogue.repository.engine, limit=MAX_CHILDREN)
    document = {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": "graticule",
        "title": server.title,
        "description": server.description or server.title,
        "conformsTo": list(CONFORMANCE),
        "links": [
            *representations(here, title=TITLES.phrase("document")),
            link("root", here, title="STAC catalogue"),
            link("data", f"{here}/collections", title="Collections"),
            {**link("search", f"{here}/search", GEOJSON, title="Search by GET"), "method": "GET"},
            {**link("search", f"{here}/search", GEOJSON, title="Search by POST"), "method": "POST"},
            link("conformance", f"{here}/conformance", title="Conformance classes"),
            link(REL + "queryables", f"{here}/queryables", SCHEMA_JSON, title="Queryables"),
            link("service-desc", f"{base}/api", OPENAPI_30, title="OpenAPI 3.0 document"),
            link("service-doc", f"{base}/api?f=html", HTML, title="Every operation, for people"),
            *(
                link("child", f"{here}/collections/{i}", title=text_in(title, answer.language) or i)
                for i, title in titles
            ),
        ],
    }
    return answer(document, "stac_catalogue")


@router.get("/stac/conformance", operation_id="getStacConformance", summary="The conformance classes of STAC")
def conformance(answer: AnswerDep) -> Response:
    """The conformance classes of the STAC API."""
    return answer({"conformsTo": list(CONFORMANCE)}, "conformance")


@router.get("/stac/collections", operation_id="getStacCollections", summary="The STAC collections")
def collection_list(
    context: ContextDep,
    principal: PrincipalDep,
    answer: AnswerDep,
    q: Annotated[str | None, Query(max_length=MAX_QUERY_CHARACTERS, description=_WORDS)] = None,
    bbox: Annotated[str | None, Query(max_length=500, description="Only collections that meet this box.")] = None,
    datetime: Annotated[str | None, Query(max_length=200, description="Only collections that meet this time.")] = None,
    limit: Annotated[int, Query(ge=1, description="Most collections of the answer.")] = _PAGE,
    token: Annotated[str | None, Query(max_length=127, description="The page, as `next` gives it.")] = None,
) -> Response:
    """The datasets that meet a box and a time, a page at a time, by id."""
    if datetime is not None:
        require_rfc3339(datetime)
    page = collections.page(
        context.catalogue.repository.engine,
        limit=min(limit, context.settings.limit.items),
        after=token,
        q=q if q and q.strip() else None,
        bbox=parse_bbox(bbox) if bbox else None,
        when=parse_datetime(datetime) if datetime else None,
    )
    here = f"{context.settings.base_url}/stac"
    parameters = {"q": q, "bbox": bbox, "datetime": datetime, "limit": str(limit), "token": token}
    criteria = {name: value for name, value in parameters.items() if value and (name, value) != ("limit", str(_PAGE))}

    def at(rel: str, query: dict[str, str]) -> dict[str, Any]:
        return link(rel, f"{here}/collections?{urlencode(query)}" if query else f"{here}/collections")

    links = [*representations(f"{here}/collections", query=criteria), link("root", here), link("parent", here)]
    if page.after is not None:
        links.append(at("next", criteria | {"token": page.after}))
    entries = collection_documents(context, principal, page.datasets, answer.language)
    document = {"collections": entries, "links": links, "numberReturned": len(entries)}
    return answer(document, "stac_catalogue")


@router.get("/stac/queryables", operation_id="getStacQueryables", summary="Properties that items can be filtered by")
def queryables(context: ContextDep, answer: AnswerDep) -> Response:
    """The properties of the items of all collections, as JSON Schema."""
    return _schema(answer, f"{context.settings.base_url}/stac/queryables")


@router.get("/stac/collections/{collectionId}", operation_id="getStacCollection", summary="One STAC collection")
def collection(visit: VisitDep, answer: AnswerDep) -> Response:
    """A dataset with its extent, providers, licence and the common members of its items' files."""
    dataset = visit.describable()
    (document,) = collection_documents(visit.context, visit.principal, [dataset], answer.language)
    return answer(document, "stac_collection")


@router.get(
    "/stac/collections/{collectionId}/queryables",
    operation_id=".collection.getStacQueryables",
    summary="Properties that the items of a collection can be filtered by",
)
def collection_queryables(visit: VisitDep, answer: AnswerDep) -> Response:
    """The properties of the items of a collection, as JSON Schema."""
    dataset = visit.describable()
    return _schema(answer, f"{visit.base_url}/stac/collections/{dataset.id}/queryables")


def _schema(answer: Answer, url: str) -> Response:
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "type": "object",
        "title": "Queryables",
        "properties": dict(QUERYABLES),
        "additionalProperties": False,
    }
    return answer(document, media_type=SCHEMA_JSON)
