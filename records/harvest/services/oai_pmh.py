"""OAI-PMH 2.0: ListRecords in the format of an archive that tells most, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from config.errors import SourceRefused
from records.harvest.fetch.bounds import Bounds
from records.harvest.fetch.content import Content
from records.harvest.fetch.fetching import fetch
from records.harvest.fetch.items import Reading, SourceItem
from records.harvest.formats.iso_xml import children, first, text, text_at
from records.harvest.services.requests import asked, complaint
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.fetching import Limits

_PREFIXES: Final = ("iso19115-3.2018", "iso19115-3", "iso19139", "gmd", "oai_datacite", "datacite", "oai_dc")
"""Metadata formats in the order of what they tell; every archive has the last one."""
_OWN: Final = frozenset({"verb", "metadataprefix", "set", "from", "until", "resumptiontoken", "identifier"})
"""Arguments of the protocol: one that a request does not define is an error (OAI-PMH 2.0, 3.6)."""


class OaiPmh:
    """The service `oai-pmh`."""

    name = "oai-pmh"

    def read(self, url: str, limits: Limits, since: str | None) -> Reading:
        """Its records, or those that it changed or deleted from `since` on, by its own clock; raises SourceRefused.

        A `set` and a `metadataPrefix` of the URL count.
        """
        now = self._clock(url, limits)
        own = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
        arguments = {"verb": "ListRecords", "metadataPrefix": own.get("metadataprefix") or self._prefix(url, limits)}
        arguments |= {"set": own["set"]} if own.get("set") else {}
        whole = since is None or now is None or len(since) != len(now)  # another granularity than before
        arguments |= {} if whole or since is None else {"from": since}
        return Reading(items=self._items(url, limits, arguments), whole=whole, since=now)

    def _items(self, url: str, limits: Limits, arguments: dict[str, str]) -> Iterator[SourceItem]:
        bounds = Bounds(url, limits)
        tokens: set[str] = set()
        while True:
            bounds.before_page()
            content = fetch(_asked(url, arguments), limits)
            listing = None if content.xml is None else first(content.xml, "ListRecords")
            if listing is None:
                if content.xml is not None and _error_code(content) == "noRecordsMatch":
                    return
                raise SourceRefused(content.name, f"it gives no records: {complaint(content)}", "check the address")
            records = list(children(listing, "record"))
            token = text(first(listing, "resumptionToken"))
            names = [text_at(record, "header/identifier") or content.name for record in records]
            bounds.page_holds(names)
            yield from map(_item, names, records)
            if not token:
                return
            if token in tokens:
                raise SourceRefused(url, "its resumption tokens lead in a circle", "tell its operator")
            tokens.add(token)
            arguments = {"verb": "ListRecords", "resumptionToken": token}

    @staticmethod
    def _clock(url: str, limits: Limits) -> str | None:
        """Its time before anything is read, as fine as it counts; None if it does not say."""
        content = fetch(_asked(url, {"verb": "Identify"}), limits)
        if content.xml is None or first(content.xml, "Identify") is None:
            return None
        now = text_at(content.xml, "responseDate")
        is_by_day = text_at(content.xml, "Identify/granularity") == "YYYY-MM-DD"
        return None if moment(now) is None else now[:10] if is_by_day else now

    @staticmethod
    def _prefix(url: str, limits: Limits) -> str:
        """The metadata format to ask for."""
        content = fetch(_asked(url, {"verb": "ListMetadataFormats"}), limits)
        path = "ListMetadataFormats/metadataFormat/metadataPrefix"
        offered = set() if content.xml is None else {text(prefix) for prefix in children(content.xml, path)}
        if not offered:
            raise SourceRefused(url, f"it names no metadata formats: {complaint(content)}", "check the address")
        return next((prefix for prefix in _PREFIXES if prefix in offered), "oai_dc")


def _item(name: str, record: Any) -> SourceItem:
    """A record of an answer as an item of its own."""
    header = first(record, "header")
    if header is not None and header.get("status") == "deleted":
        return SourceItem(name=name, state="deleted")
    return SourceItem(name=name, content=Content(etree.tostring(record, with_tail=False), name))


def _asked(url: str, arguments: dict[str, str]) -> str:
    return asked(url, arguments, without=_OWN)


def _error_code(content: Content) -> str:
    error = first(content.xml, "error")
    return "" if error is None else str(error.get("code") or "")
