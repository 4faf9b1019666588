"""Documents for crawlers: robots.txt, and the sitemap of every record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from records.search import search
from records.writing import dump
from services.web.context import ContextDep
from services.web.middleware.head import is_head
from services.web.parameters import KNOWN
from services.web.part import PartsDep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context

router = APIRouter(tags=["Records"])

PAGE: Final = 50_000
"""URLs of a sitemap (sitemaps.org, protocol 0.9)."""
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


@router.get("/robots.txt", include_in_schema=False)
def robots(context: ContextDep, parts: PartsDep) -> Response:
    """The rules for crawlers, and the address of the sitemap."""
    base = context.settings.base_url
    prefix = urlsplit(base).path
    rules = [f"Disallow: {prefix}{path}" for part in parts for path in part.uncrawled]
    text = "\n".join(["User-agent: *", *rules, "", f"Sitemap: {base}/sitemap.xml", ""])
    return Response(text, media_type="text/plain")


@router.get("/sitemap.xml", include_in_schema=False, dependencies=[KNOWN])
def sitemap(context: ContextDep) -> Response:
    """The index of the sitemaps, each of the records behind an id."""
    base = context.settings.base_url
    ends = search.page_ends(context.catalogue.repository.engine, size=PAGE)
    urls = (f"{base}/sitemap-records.xml" + (f"?after={quote(end, safe='')}" if end else "") for end in ends)
    entries = "".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>\n" for url in urls)
    document = f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{entries}</sitemapindex>\n'
    return Response(document, media_type="application/xml")


@router.get("/sitemap-records.xml", include_in_schema=False, dependencies=[KNOWN])
def record_sitemap(
    request: Request, context: ContextDep, after: Annotated[str, Query(max_length=200)] = ""
) -> StreamingResponse:
    """The pages of at most `PAGE` records behind an id, in the order of ids."""
    urls = () if is_head(request) else _urls(context, after.replace("\x00", ""))
    return StreamingResponse(urls, media_type="application/xml")


def _urls(context: Context, after: str) -> Iterator[str]:
    yield f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n'
    engine, base = context.catalogue.repository.engine, context.settings.base_url
    for url, changed in dump.addresses(engine, base_url=base, after=after, most=PAGE):
        yield f"<url><loc>{escape(url)}</loc><lastmod>{changed}</lastmod></url>\n"
    yield "</urlset>\n"
