"""Where contents come from: a file, the files of a folder, or a URL and the pages that follow it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag

from config.errors import GraticuleError, SourceRefused
from records.harvest.fetch.fetching import is_url
from records.harvest.fetch.items import Reading, SourceItem
from records.harvest.fetch.walking import walk
from records.harvest.reading import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.fetching import Limits
    from records.harvest.memory import Memory
    from records.harvest.services.protocols import Service

SUFFIXES: Final = frozenset({".json", ".jsonld", ".geojson", ".xml", ".tinydb", ".html", ".htm", ".iso", ".stac"})
"""Files of a folder that are looked into."""


def identity(source: str) -> str:
    """What a source is remembered by: the absolute path, or the URL without its fragment."""
    return urldefrag(source).url if is_url(source) else os.path.realpath(source)


def is_folder(source: str) -> bool:
    """Whether a source is a folder, of whose files some may be no metadata."""
    return not is_url(source) and os.path.isdir(source)


def read(
    source: str, limits: Limits, service: Service | None = None, *, memory: Memory, since: str | None = None
) -> Reading:
    """A source as it is read; raises SourceRefused, now or while its items are taken, if it cannot be.

    Args:
        source: A path or URL; with a service its address.
        limits: Bounds of what is fetched.
        service: How to ask it page by page.
        memory: What is known of its items.
        since: What a service is asked for: what it changed from then on; None: everything.
    """
    if service is not None:
        if not is_url(source):
            raise SourceRefused(source, f"it is no address of a service ({service.name})", "give an http or https URL")
        return service.read(source, limits, since)
    if is_url(source):
        return Reading(items=walk(source, limits, memory), paged=True)
    if is_folder(source):
        return Reading(items=_files(Path(source)))
    return Reading(items=iter([SourceItem(name=source, content=read_file(Path(source)))]))


def _file(path: Path, name: str) -> SourceItem:
    try:
        return SourceItem(name=name, content=read_file(path))
    except GraticuleError as error:
        return SourceItem(name=name, refusal=error.detail)


def _files(folder: Path) -> Iterator[SourceItem]:
    def unreadable(error: OSError) -> None:
        raise SourceRefused(error.filename or folder, f"cannot be read: {error.strerror}", "check its permissions")

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and path.is_file():  # no pipe, no device
                yield _file(path, path.relative_to(folder).as_posix())
