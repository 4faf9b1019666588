"""What crawlers and mirrors ask for: robots.txt, the sitemap of every record, and the whole catalogue as NDJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from records.documents.presentation import RECORDS_PATH
from records.search import search
from records.writing import dump
from services.access.decision import decide
from services.access.principal import PrincipalDep
from services.web.context import ContextDep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context

router = APIRouter(tags=["Records"])

PAGE: Final = 50_000
"""URLs of a sitemap (sitemaps.org, protocol 0.9)."""
NDJSON: Final = "application/x-ndjson"
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CLOSED: Final = ("/xyz/", "/jobs", "/assets/", "/collections/*/map", "/collections/*/coverage", "/collections/*/tiles")
"""Paths below which there are more pictures and numbers than a crawler should fetch."""


@router.get("/robots.txt", include_in_schema=False)
def robots(context: ContextDep) -> Response:
    """What crawlers may fetch, and where the sitemap is."""
    base = context.settings.base_url
    prefix = urlsplit(base).path
    rules = [f"Disallow: {prefix}{path}" for path in _CLOSED]
    text = "\n".join(["User-agent: *", *rules, "", f"Sitemap: {base}/sitemap.xml", ""])
    return Response(text, media_type="text/plain")


@router.get("/sitemap.xml", include_in_schema=False)
def sitemap(context: ContextDep) -> Response:
    """The index of the sitemaps, each of the records behind an id."""
    base = context.settings.base_url
    ends = search.page_ends(context.catalogue.repository.engine, size=PAGE)
    found = (f"{base}/sitemap-records.xml" + (f"?after={quote(end, safe='')}" if end else "") for end in ends)
    entries = "".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>\n" for url in found)
    document = f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{entries}</sitemapindex>\n'
    return Response(document, media_type="application/xml")


@router.get("/sitemap-records.xml", include_in_schema=False)
def record_sitemap(
    request: Request, context: ContextDep, after: Annotated[str, Query(max_length=200)] = ""
) -> StreamingResponse:
    """The pages of at most `PAGE` records behind an id, in the order of ids."""
    return StreamingResponse(_body(request, _urls(context, after.replace("\x00", ""))), media_type="application/xml")


def _body[T](request: Request, parts: Iterator[T]) -> Iterator[T]:
    """The parts of an answer; for HEAD none, since all of them would be made for nothing."""
    return iter(()) if "graticule.head" in (request.scope.get("extensions") or {}) else parts


def _urls(context: Context, after: str) -> Iterator[str]:
    yield f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n'
    engine, base = context.catalogue.repository.engine, context.settings.base_url
    for url, changed in dump.addresses(engine, base_url=base, after=after, most=PAGE):
        yield f"<url><loc>{escape(url)}</loc><lastmod>{changed}</lastmod></url>\n"
    yield "</urlset>\n"


_DUMP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A record a line, in all its languages, in the order of ids.",
        "content": {NDJSON: {"schema": {"type": "string"}}},
    }
}


@router.get(
    f"{RECORDS_PATH}/dump",
    operation_id="dumpRecords",
    summary="Every public record, as lines of JSON",
    responses=_DUMP,
    response_class=StreamingResponse,
)
def dump_records(request: Request, context: ContextDep, principal: PrincipalDep) -> StreamingResponse:
    """The whole catalogue as NDJSON, made while it is sent."""
    settings = context.settings
    found = dump.lines(
        context.catalogue.repository.engine,
        base_url=settings.base_url,
        is_readable=lambda dataset: decide(principal, dataset, "read", settings).allowed,
    )
    headers = {"Content-Disposition": 'attachment; filename="records.ndjson"'}
    return StreamingResponse(_body(request, found), media_type=NDJSON, headers=headers)
