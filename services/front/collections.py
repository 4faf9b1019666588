"""The list of collections, and each of them (OGC 20-024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from config.boxes import parse_bbox
from config.times import parse_datetime
from services.access.guards import require_describable
from services.access.principal import Principal, PrincipalDep
from services.apis.records import schemas
from services.front.collection_document import collection_document
from services.portal.answer import AnswerDep
from services.portal.dataset_page import Wanted, contacts, credit, dataset_page
from services.portal.outline import outline
from services.web.context import Context, ContextDep
from services.web.dependencies import quick
from services.web.links import Span, page_links, representations

if TYPE_CHECKING:
    from services.web.negotiation import Language

router = APIRouter(tags=["Collections"])

RECORDS = "records"
_PAGE_SIZE = 20
"""Collections on a page for people; programs get as many as the limit allows, since some clients read one page only."""


def records_url(base: str) -> str:
    """Where the catalogue's records are searched."""
    return f"{base}/collections/{RECORDS}/items"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What a request for the list asks: its page, and the filters as they were written."""

    limit: int
    offset: int
    q: str | None
    bbox: str | None
    datetime: str | None

    @property
    def filters(self) -> dict[str, str]:
        """The filters that were given."""
        given = {"q": self.q, "bbox": self.bbox, "datetime": self.datetime}
        return {name: value for name, value in given.items() if value}

    def query(self, offset: int) -> dict[str, str]:
        """The query of the page that starts at `offset`."""
        return self.filters | {"limit": str(self.limit)} | ({"offset": str(offset)} if offset else {})


def _asking(
    context: ContextDep,
    answer: AnswerDep,
    limit: Annotated[int | None, Query(ge=1, description="Most collections of the answer.")] = None,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Collections before the first of the answer.")] = 0,
    q: Annotated[str | None, Query(max_length=200, description="A part of the id or of the title.")] = None,
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north that the data meets.")] = None,
    datetime: Annotated[
        str | None, Query(max_length=100, description="A time or interval that the data meets.")
    ] = None,
) -> Asking:
    most = context.settings.limit.items
    default = min(_PAGE_SIZE, most) if answer.is_page else most
    return Asking(limit=min(limit or default, most), offset=offset, q=(q or "").strip(), bbox=bbox, datetime=datetime)


@router.get("/collections", operation_id="getCollections", summary="The collections")
def collections(
    context: ContextDep, principal: PrincipalDep, answer: AnswerDep, asking: Annotated[Asking, quick(_asking)]
) -> Response:
    """The datasets by id, after the catalogue of their records."""
    document = collections_document(context, principal, asking, answer.asked.language)
    return answer(document, "collections.html", asking=asking)


def collections_document(context: Context, principal: Principal, asking: Asking, language: Language) -> dict[str, Any]:
    """A page of the list. The catalogue of records is its first entry if its name matches `q`."""
    with_records = _matches_records(asking.q)
    first = 1 if with_records else 0
    shows_records = with_records and asking.offset == 0
    datasets, total = context.catalogue.repository.datasets(
        limit=asking.limit - (1 if shows_records else 0),
        offset=max(0, asking.offset - first),
        q=asking.q,
        bbox=parse_bbox(asking.bbox) if asking.bbox else None,
        when=parse_datetime(asking.datetime) if asking.datetime else None,
    )
    base = context.settings.base_url
    entries = [schemas.collection_document(context, language)] if shows_records else []
    entries += [collection_document(context, principal, dataset, language) for dataset in datasets]
    matched = total + first
    span = Span(offset=asking.offset, limit=asking.limit, shown=len(entries), matched=matched)
    return {
        "links": [
            *representations(f"{base}/collections", title="Collections", query=asking.query(asking.offset)),
            *page_links(f"{base}/collections", asking.query(0), span),
        ],
        "numberMatched": matched,
        "numberReturned": len(entries),
        "collections": entries,
    }


def _matches_records(q: str | None) -> bool:
    return not q or any(q.casefold() in text.casefold() for text in (RECORDS, *schemas.TITLE.values()))


@router.get(f"/collections/{RECORDS}", operation_id="getRecordsCollection", summary="The catalogue of records")
def records(request: Request, context: ContextDep, answer: AnswerDep) -> Response:
    """The collection whose items are the metadata records of all datasets.

    Its default media type is that of a catalogue (OGC 20-004r1, /req/record-collection/default-mediatype); who asks
    for application/json gets that, since GDAL accepts no other.
    """
    document = schemas.collection_document(context, answer.asked.language)
    media_type = schemas.collection_media_type(request.headers.get("accept", ""), request.query_params.get("f"))
    return answer(document, "document.html", media_type=media_type, outline=outline(document))


def _wanted(
    variable: Annotated[str | None, Query(max_length=127, include_in_schema=False)] = None,
    style: Annotated[str | None, Query(max_length=63, include_in_schema=False)] = None,
    datetime: Annotated[str | None, Query(max_length=100, include_in_schema=False)] = None,
    level: Annotated[str | None, Query(max_length=100, include_in_schema=False)] = None,
) -> Wanted:
    """What the page of a collection shows; the document does not depend on it."""
    return Wanted(variable=variable, style=style, datetime=datetime, level=level)


@router.get("/collections/{collectionId}", operation_id="getCollection", summary="One collection")
def collection(
    context: ContextDep,
    principal: PrincipalDep,
    answer: AnswerDep,
    collection_id: Annotated[str, Path(alias="collectionId", max_length=127, description="Id of the collection.")],
    wanted: Annotated[Wanted, quick(_wanted)],
) -> Response:
    """Extent, variables, access and links of a dataset."""
    dataset = require_describable(context, principal, collection_id)
    document = collection_document(context, principal, dataset, answer.asked.language)
    if not answer.is_page:
        return answer(document, "collection.html")
    shown = dataset_page(context, principal, dataset, wanted, language=answer.asked.language)
    parties = () if document["graticule:access"]["served"] else contacts(context, dataset, answer.asked.language)
    return answer(document, "collection.html", shown=shown, credit=credit(dataset), contacts=parties)
