"""Where contents come from: a file, the files of a folder, or a URL and the pages that follow it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from config.errors import GraticuleError, SourceRefused
from records.harvest.fetching import fetch, is_url
from records.harvest.reading import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.content import Content
    from records.harvest.fetching import Limits
    from records.harvest.protocols import Service

SUFFIXES: Final = frozenset({".json", ".jsonld", ".geojson", ".xml", ".tinydb", ".html", ".htm", ".iso", ".stac"})
"""Files of a folder that are looked into."""
MAX_PAGES: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Item:
    """One content of a source, or why it could not be had."""

    name: str
    content: Content | None = None
    refusal: str = ""


def identity(source: str) -> str:
    """What a source is remembered by: the absolute path, or the URL without its fragment."""
    return urldefrag(source).url if is_url(source) else os.path.realpath(source)


def is_folder(source: str) -> bool:
    """Whether a source is a folder, of whose files some may be no metadata."""
    return not is_url(source) and os.path.isdir(source)  # noqa: PTH112 - Path.is_dir raises where one may not look


def items(source: str, limits: Limits, service: Service | None = None) -> Iterator[Item]:
    """The contents of a source in a stable order; raises SourceRefused if it cannot be read at all.

    With a service, the source is its address and is asked page by page.
    """
    if service is not None:
        if not is_url(source):
            raise SourceRefused(source, f"it is no address of a service ({service.name})", "give an http or https URL")
        yield from (Item(name=content.name, content=content) for content in service.pages(source, limits))
    elif is_url(source):
        yield from _pages(source, limits)
    elif is_folder(source):
        yield from _files(Path(source))
    else:
        yield _file(Path(source), source)


def _file(path: Path, name: str) -> Item:
    try:
        return Item(name=name, content=read_file(path))
    except GraticuleError as error:
        return Item(name=name, refusal=error.detail)


def _files(folder: Path) -> Iterator[Item]:
    def unreadable(error: OSError) -> None:
        raise SourceRefused(error.filename or folder, f"cannot be read: {error.strerror}", "check its permissions")

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                yield _file(path, path.relative_to(folder).as_posix())


def _pages(url: str, limits: Limits) -> Iterator[Item]:
    """The content at a URL and those that its `next` links lead to, on the same host."""
    seen: set[str] = set()
    following: str | None = url
    while following is not None and following not in seen:
        if len(seen) == MAX_PAGES:
            raise SourceRefused(url, f"it has more than {MAX_PAGES} pages", "harvest it in parts")
        seen.add(following)
        content = fetch(following, limits)
        yield Item(name=following, content=content)
        following = _next(content, url)


def _next(content: Content, url: str) -> str | None:
    """Where the next page is, if the content is a page of JSON that names it."""
    value = content.json if content.looks_like_json else None
    links = value.get("links") if isinstance(value, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next" and link.get("method", "GET") == "GET":
            return _beside(content.name, str(link.get("href") or ""), url)
    return None


def _beside(page: str, href: str, url: str) -> str:
    """An href of a page as a URL of the same host; raises SourceRefused for another."""
    try:
        following = urldefrag(urljoin(page, href)).url
        same = urlsplit(following)[:2] == urlsplit(page)[:2]
    except ValueError:
        following, same = href, False
    if not same:
        raise SourceRefused(url, f"its next page is of another host: {href[:200]}", "harvest that by itself")
    return following
