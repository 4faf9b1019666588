"""CSW 2.0.2 (OGC 07-006r1, 10.8), asked by GET: GetRecords in ISO 19139, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from lxml import etree

from config.errors import SourceRefused
from records.harvest.fetch.bounds import Bounds
from records.harvest.fetch.fetching import fetch
from records.harvest.fetch.items import Reading, SourceItem
from records.harvest.formats.iso_xml import first
from records.harvest.memory import digest
from records.harvest.services.requests import asked, complaint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from records.harvest.fetch.content import Content
    from records.harvest.fetch.fetching import Limits

_PAGE: Final = 50
_ISO: Final = "http://www.isotc211.org/2005/gmd"
_OVERLAP: Final = timedelta(days=1)
"""Dates of change are mostly days, in any zone."""


class Csw:
    """The service `csw`."""

    name = "csw"

    def read(self, url: str, limits: Limits, since: str | None) -> Reading:
        """Its records, or those whose `dct:modified` is on or after the day `since`.

        A service that does not answer that question is read whole. Raises SourceRefused.
        """
        today = (datetime.now(UTC) - _OVERLAP).date().isoformat()
        try:
            page = self._page(url, limits, 1, since)
        except SourceRefused:
            if since is None:
                raise
            since, page = None, self._page(url, limits, 1, None)
        items = self._items(url, limits, since, page)
        return Reading(items=items, whole=since is None, paged=True, since=today)

    def _items(self, url: str, limits: Limits, since: str | None, page: tuple[Content, Any]) -> Iterator[SourceItem]:
        bounds, position = Bounds(url, limits), 1
        while True:
            bounds.before_page()
            content, results = page
            bounds.page_holds([digest(etree.tostring(results))])
            yield SourceItem(name=content.name, content=content)
            following = _number(results.get("nextRecord"))
            if following <= position or following > _number(results.get("numberOfRecordsMatched")):
                return
            position = following
            page = self._page(url, limits, position, since)

    @staticmethod
    def _page(url: str, limits: Limits, position: int, since: str | None) -> tuple[Content, Any]:
        """An answer to GetRecords and its SearchResults."""
        parameters = {
            "service": "CSW",
            "version": "2.0.2",
            "request": "GetRecords",
            "typeNames": "csw:Record",
            "elementSetName": "full",
            "resultType": "results",
            "outputSchema": _ISO,
            "outputFormat": "application/xml",
            "startPosition": str(position),
            "maxRecords": str(_PAGE),
        }
        if since is not None:
            parameters |= {
                "constraintLanguage": "CQL_TEXT",
                "constraint_language_version": "1.1.0",
                "constraint": f"dct:modified >= '{since}'",
            }
        content = fetch(asked(url, parameters), limits)
        results = None if content.xml is None else first(content.xml, "SearchResults")
        if results is None:
            raise SourceRefused(content.name, f"it gives no records: {complaint(content)}", "check the address")
        return content, results


def _number(value: str | None) -> int:
    return int(value) if value is not None and value.isascii() and value.isdecimal() and len(value) < 10 else 0
