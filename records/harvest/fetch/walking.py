"""A source at a URL: one content, the pages that follow it, and the children of a STAC catalogue."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from config.errors import SourceRefused
from records.harvest.fetch.bounds import Bounds
from records.harvest.fetch.fetching import fetch_changed
from records.harvest.fetch.items import SourceItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.fetch.fetching import Limits
    from records.harvest.memory import Memory

MAX_DEPTH: Final = 20
"""Catalogues within one another."""
_MAX_WAITING: Final = 200_000
"""Addresses that wait to be fetched."""
_NEXT, _CHILD = "next", "child"


def walk(url: str, limits: Limits, memory: Memory) -> Iterator[SourceItem]:
    """The content at a URL and what it leads to on the same host, each once, breadth first.

    `next` pages belong to the source: one that cannot be had raises SourceRefused, and so does the first address. A
    child of a STAC catalogue is an item of its own: one that cannot be had is refused, and the others go on. What has
    not changed since it was remembered (ETag, Last-Modified) is not sent again.
    """
    bounds, hosts = Bounds(url, limits), {urlsplit(url)[:2]}
    waiting = deque([(_NEXT, url, 0)])
    seen = {urldefrag(url).url}
    while waiting:
        rel, here, depth = waiting.popleft()
        bounds.before_page()
        item = _item(here, rel, limits, memory, hosts)
        bounds.page_holds([here] if item.content is None else _keys(item.content))
        yield item
        for name, href in item.following:
            below = depth + (name == _CHILD)
            if href not in seen and below <= MAX_DEPTH:
                seen.add(href)
                waiting.append((name, href, below))
        if len(waiting) > _MAX_WAITING:
            raise SourceRefused(url, f"it leads to more than {_MAX_WAITING} addresses", "harvest it in parts")


def _item(here: str, rel: str, limits: Limits, memory: Memory, hosts: set[tuple[str, str]]) -> SourceItem:
    previous = memory.known(here)
    etag, modified = (previous.etag, previous.modified) if previous else (None, None)
    try:
        _require_host(here, hosts)
        fetched = fetch_changed(here, limits, etag=etag, modified=modified)
        if fetched.content is None:
            assert previous is not None  # only what is remembered is asked for so
            return SourceItem(name=here, state="same", following=previous.following)
        hosts.add(urlsplit(fetched.content.name)[:2])
        following = tuple(_following(fetched.content))
    except SourceRefused as error:
        if rel != _CHILD:
            raise
        return SourceItem(name=here, refusal=error.detail)
    return SourceItem(
        name=here,
        content=fetched.content,
        structure=is_catalogue(fetched.content),
        etag=fetched.etag,
        modified=fetched.modified,
        following=following,
    )


def _require_host(here: str, hosts: set[tuple[str, str]]) -> None:
    if urlsplit(here)[:2] not in hosts:
        cause = "it is on another host than the page that leads to it"
        raise SourceRefused(here, cause, "harvest it by itself")


def _keys(content: Content) -> Iterator[str]:
    """What tells the records of a page apart; of another content its address, of which each is fetched once."""
    value = content.json if content.looks_like_json else None
    pages = [value.get(name) for name in ("features", "collections", "data")] if isinstance(value, dict) else []
    entries = next((page for page in pages if isinstance(page, list)), None)
    if entries is None:
        yield content.name
    for entry in entries or ():
        if isinstance(entry, dict):
            yield str(entry.get("id"))


def _following(content: Content) -> Iterator[tuple[str, str]]:
    """(relation, URL) of what a content of JSON leads to.

    Of a STAC API the list of collections, of a STAC catalogue its children and items, of a STAC collection the
    collections below it, of any page the next one.
    """
    value = content.json if content.looks_like_json else None
    if not isinstance(value, dict):
        return
    links = value.get("links")
    links = [k for k in links if isinstance(k, dict)] if isinstance(links, list) else []
    children: tuple[str, ...] = ()
    if is_catalogue(content):
        is_service = isinstance(value.get("conformsTo"), list) and any(k.get("rel") == "data" for k in links)
        children = ("data",) if is_service else (_CHILD, "item")
    elif value.get("type") == "Collection" and "stac_version" in value:
        children = (_CHILD,)
    for link in links:
        if link.get("rel") == _NEXT and link.get("method", "GET") == "GET":
            yield _NEXT, _absolute(content.name, link)
        elif link.get("rel") in children:
            yield _CHILD, _absolute(content.name, link)


def is_catalogue(content: Content) -> bool:
    """Whether a content is a STAC catalogue, which leads to records and is none."""
    value: Any = content.json if content.looks_like_json else None
    return isinstance(value, dict) and value.get("type") == "Catalog" and "stac_version" in value


def _absolute(page: str, link: dict[str, Any]) -> str:
    href = str(link.get("href") or "")
    try:
        return urldefrag(urljoin(page, href)).url
    except ValueError as error:
        raise SourceRefused(page, f"it leads to what is no URL: {href[:200]}", "tell its operator") from error
