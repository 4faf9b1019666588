"""Links: absolute, from `server.url` alone, never from the Host header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from config.vocabulary import HTML, JSON, REL, REL_HTTPS
from services.web.documents.titles import TITLES

Link = dict[str, Any]
"""A link object: href, rel, type, title (OGC 19-072, 7.2; RFC 8288)."""


def link(rel: str, href: str, type_: str = JSON, *, title: str = "", templated: bool = False) -> Link:
    """A link object."""
    members: Link = {"rel": rel, "type": type_, "href": href}
    if title:
        members["title"] = title
    if templated:
        members["templated"] = True
    return members


def ogc_links(relation: str, href: str, type_: str = JSON, *, title: str = "") -> list[Link]:
    """Links of an OGC relation that standards write with `http` and with `https`, one of each: clients compare text."""
    return [link(prefix + relation, href, type_, title=title) for prefix in (REL, REL_HTTPS)]


def representations(url: str, *, title: str = "", query: dict[str, str] | None = None) -> list[Link]:
    """The `self` (JSON) and `alternate` (HTML) links of a document, each with the query that it answers."""
    parameters = query or {}
    here = f"{url}?{urlencode(parameters)}" if parameters else url
    page = f"{url}?{urlencode({**parameters, 'f': 'html'})}"
    return [link("self", here, JSON, title=title), link("alternate", page, HTML, title=title)]


@dataclass(frozen=True, kw_only=True)
class PageSpan:
    """The place of a page in a list: it begins at `offset` and shows `shown` of `matched` entries, `limit` at most."""

    offset: int
    limit: int
    shown: int
    matched: int


def page_links(url: str, query: dict[str, str], span: PageSpan, *, type_: str = JSON) -> list[Link]:
    """The `next` and `prev` links of a page, with the query that all pages have in common."""

    def at(rel: str, start: int, title: str) -> Link:
        parameters = query | ({"offset": str(start)} if start else {})
        return link(rel, f"{url}?{urlencode(parameters)}" if parameters else url, type_, title=title)

    links = []
    if span.shown and span.offset + span.shown < span.matched:
        links.append(at("next", span.offset + span.shown, TITLES.phrase("next_page")))
    if span.offset > 0:
        links.append(at("prev", max(0, span.offset - span.limit), TITLES.phrase("previous_page")))
    return links
