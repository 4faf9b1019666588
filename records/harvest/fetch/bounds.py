"""Bounds of a source that is read page by page: pages, time, and pages that bring nothing new."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from config.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.harvest.fetch.fetching import Limits

MAX_IDLE: Final = 10
"""Pages in a row that bring nothing new: then the source leads in a circle."""


class Bounds:
    """Counts the pages of one source; each method raises SourceRefused beyond a bound."""

    def __init__(self, source: str, limits: Limits) -> None:
        self._source, self._limits = source, limits
        self._end = time.monotonic() + limits.whole_s
        self._pages = 0
        self._idle = 0
        self._seen: set[int] = set()

    def before_page(self) -> None:
        """Called before a page is fetched."""
        self._pages += 1
        if self._pages > self._limits.max_pages:
            most = self._limits.max_pages
            raise SourceRefused(self._source, f"it has more than {most} pages", "--max-pages allows more")
        if time.monotonic() > self._end:
            spent = f"{self._limits.whole_s / 3600:g} h"
            raise SourceRefused(self._source, f"it has not come to an end within {spent}", "harvest it in parts")

    def page_holds(self, keys: Iterable[str]) -> None:
        """Called with what tells the records of a page apart."""
        new = {hash(key) for key in keys} - self._seen
        self._seen |= new
        self._idle = 0 if new else self._idle + 1
        if self._idle >= MAX_IDLE:
            cause = f"its last {MAX_IDLE} pages bring nothing new: it leads in a circle"
            raise SourceRefused(self._source, cause, "tell its operator")
