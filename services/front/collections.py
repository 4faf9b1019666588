"""The list of collections, and each of them (OGC 20-024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from config.boxes import parse_bbox
from config.errors import CollectionNotFound, RecordNotFound, RecordWithoutData
from config.times import parse_datetime
from records.documents.presentation import RECORDS_PATH
from records.search.search import get
from services.access.principal import Principal, PrincipalDep
from services.access.visit import VisitDep
from services.front.collection_document import collection_document
from services.portal.pages.dataset_page import PageSelection
from services.web.context import Context, ContextDep
from services.web.dependencies import inline
from services.web.documents.answers import AnswerDep
from services.web.documents.pictures import thumbnail
from services.web.documents.titles import TITLES
from services.web.links import PageSpan, page_links, representations
from services.web.parameters import KNOWN
from services.web.part import PartsDep, catalogue_links

if TYPE_CHECKING:
    from services.web.negotiation import Language
    from services.web.part import Parts

router = APIRouter(tags=["Collections"], dependencies=[KNOWN])

_PAGE_SIZE = 20
"""Collections on a page for people; programs get as many as the limit allows, since some clients read one page only."""


@dataclass(frozen=True, kw_only=True)
class CollectionsQuery:
    """A page of the list, and the filters of the request as they were written."""

    limit: int
    offset: int
    q: str | None
    bbox: str | None
    datetime: str | None

    @property
    def filters(self) -> dict[str, str]:
        """The filters that were given."""
        filters = {"q": self.q, "bbox": self.bbox, "datetime": self.datetime}
        return {name: value for name, value in filters.items() if value}

    def query(self, offset: int) -> dict[str, str]:
        """The query of the page that starts at `offset`."""
        return self.filters | {"limit": str(self.limit)} | ({"offset": str(offset)} if offset else {})


def _listing(
    context: ContextDep,
    answer: AnswerDep,
    limit: Annotated[int | None, Query(ge=1, description="Most collections of the answer.")] = None,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Collections before the first of the answer.")] = 0,
    q: Annotated[str | None, Query(max_length=200, description="A part of the id or of the title.")] = None,
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north that the data meets.")] = None,
    datetime: Annotated[
        str | None, Query(max_length=100, description="A time or interval that the data meets.")
    ] = None,
) -> CollectionsQuery:
    most = context.settings.limit.items
    default = min(_PAGE_SIZE, most) if answer.is_page else most
    return CollectionsQuery(
        limit=min(limit or default, most), offset=offset, q=(q or "").strip(), bbox=bbox, datetime=datetime
    )


@router.get("/collections", operation_id="getCollections", summary="The collections")
def collections(
    context: ContextDep,
    parts: PartsDep,
    principal: PrincipalDep,
    answer: AnswerDep,
    listing: Annotated[CollectionsQuery, inline(_listing)],
) -> Response:
    """The datasets by id, after the catalogue of their records."""
    document = collections_document(context, parts, principal, listing, answer.language)
    return answer(
        document, "collections", listing=listing, pictures=_pictures(context, document) if answer.is_page else {}
    )


def _pictures(context: Context, document: dict[str, Any]) -> dict[str, str]:
    """The paths of small pictures of the datasets of a page whose data the client may read, by id."""
    readable = [e["id"] for e in document["collections"] if e.get("graticule:access", {}).get("served")]
    datasets = (context.catalogue.dataset(dataset_id) for dataset_id in readable)
    found = ((dataset.id, thumbnail(dataset, context.settings.base_url)) for dataset in datasets)
    return {dataset_id: picture for dataset_id, picture in found if picture}


def collections_document(
    context: Context, parts: Parts, principal: Principal, listing: CollectionsQuery, language: Language
) -> dict[str, Any]:
    """Return a page of the list. Catalogues whose id or title matches `q` are its first entries."""
    base = context.settings.base_url
    catalogues = [part.catalogue for part in parts if part.catalogue is not None and part.catalogue.matches(listing.q)]
    on_page = catalogues[listing.offset : listing.offset + listing.limit]
    datasets, total = context.catalogue.repository.datasets(
        limit=listing.limit - len(on_page),
        offset=max(0, listing.offset - len(catalogues)),
        q=listing.q,
        bbox=parse_bbox(listing.bbox) if listing.bbox else None,
        when=parse_datetime(listing.datetime) if listing.datetime else None,
    )
    services = catalogue_links(parts, base)
    entries = [catalogue.document(context, services, language) for catalogue in on_page]
    entries += [collection_document(context, parts, principal, dataset, language) for dataset in datasets]
    matched = total + len(catalogues)
    span = PageSpan(offset=listing.offset, limit=listing.limit, shown=len(entries), matched=matched)
    here = f"{base}/collections"
    return {
        "links": [
            *representations(here, title=TITLES.phrase("collections"), query=listing.query(listing.offset)),
            *page_links(here, listing.query(0), span),
        ],
        "numberMatched": matched,
        "numberReturned": len(entries),
        "collections": entries,
    }


def _selection(
    variable: Annotated[str | None, Query(max_length=127, include_in_schema=False)] = None,
    style: Annotated[str | None, Query(max_length=63, include_in_schema=False)] = None,
    datetime: Annotated[str | None, Query(max_length=100, include_in_schema=False)] = None,
    level: Annotated[str | None, Query(max_length=100, include_in_schema=False)] = None,
    member: Annotated[str | None, Query(max_length=100, include_in_schema=False)] = None,
    embed: Annotated[bool, Query(include_in_schema=False)] = False,
) -> PageSelection:
    """Return what the page of a collection shows; the document does not depend on it."""
    return PageSelection(variable=variable, style=style, datetime=datetime, level=level, member=member, embed=embed)


@router.get("/collections/{collectionId}", operation_id="getCollection", summary="One collection")
def collection(
    visit: VisitDep, parts: PartsDep, answer: AnswerDep, selection: Annotated[PageSelection, inline(_selection)]
) -> Response:
    """Extent, variables, access and links of a dataset."""
    try:
        dataset = visit.describable()
    except CollectionNotFound as error:
        raise _naming_record(error, visit.context, visit.collection_id) from None
    document = collection_document(visit.context, parts, visit.principal, dataset, answer.language)
    page = "embed" if selection.embed else "collection"
    return answer(document, page, context=visit.context, dataset=dataset, selection=selection)


def _naming_record(error: CollectionNotFound, context: Context, collection_id: str) -> CollectionNotFound:
    """The error of a collection that is not there; it names the record of that id, if there is one."""
    try:
        get(context.catalogue.repository.engine, collection_id)
    except RecordNotFound:
        return error
    place = f"{RECORDS_PATH}/items/{quote(collection_id, safe='')}"
    return RecordWithoutData(f"there is no collection {collection_id!r}; its data is not served here, see {place}")
