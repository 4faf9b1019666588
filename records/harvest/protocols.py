"""Catalogue services that are asked page by page: CSW 2.0.2 and OAI-PMH 2.0, by GET."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from config.errors import SourceRefused
from records.harvest.content import local_name
from records.harvest.fetching import fetch
from records.harvest.iso_xml import children, first, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.content import Content
    from records.harvest.fetching import Limits

MAX_PAGES: Final = 100_000
_PAGE: Final = 50
_ISO: Final = "http://www.isotc211.org/2005/gmd"
_PREFIXES: Final = ("iso19115-3.2018", "iso19115-3", "iso19139", "gmd", "oai_datacite", "datacite", "oai_dc")
"""Metadata formats of OAI-PMH in the order of what they tell; every archive has the last one."""


class Service(Protocol):
    """A way to ask a catalogue service for all its records."""

    @property
    def name(self) -> str:
        """The word that `graticule harvest` takes for it."""

    def pages(self, url: str, limits: Limits) -> Iterator[Content]:
        """The answers that hold all records, in order; raises SourceRefused."""


class Csw:
    """CSW 2.0.2 (OGC 07-006r1, 10.8): GetRecords in ISO 19139."""

    name = "csw"

    def pages(self, url: str, limits: Limits) -> Iterator[Content]:
        """The answers to GetRecords, `_PAGE` records each."""
        position = 1
        for _ in range(MAX_PAGES):
            content = fetch(_asked(url, self._parameters(position)), limits)
            results = self._results(content)
            yield content
            following = int(_number(results.get("nextRecord")))
            if following <= position or following > int(_number(results.get("numberOfRecordsMatched"))):
                return
            position = following
        raise SourceRefused(url, f"it has more than {MAX_PAGES} pages", "harvest it in parts")

    @staticmethod
    def _parameters(position: int) -> dict[str, str]:
        return {
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

    @staticmethod
    def _results(content: Content) -> dict[str, str]:
        """The attributes of the SearchResults of an answer."""
        found = None if content.xml is None else first(content.xml, "SearchResults")
        if found is None:
            raise SourceRefused(content.name, f"it gives no records: {_complaint(content)}", "check the address")
        return {str(name): str(value) for name, value in found.attrib.items()}


class OaiPmh:
    """OAI-PMH 2.0: ListRecords in the format of an archive that tells most."""

    name = "oai-pmh"

    def pages(self, url: str, limits: Limits) -> Iterator[Content]:
        """The answers to ListRecords, each led to by the resumption token of the one before."""
        asked = {"verb": "ListRecords", "metadataPrefix": self._prefix(url, limits)}
        tokens: set[str] = set()
        for _ in range(MAX_PAGES):
            content = fetch(_asked(url, asked), limits)
            listed = None if content.xml is None else first(content.xml, "ListRecords")
            if listed is None:
                if content.xml is not None and _error_code(content) == "noRecordsMatch":
                    return
                raise SourceRefused(content.name, f"it gives no records: {_complaint(content)}", "check the address")
            yield content
            token = text(first(listed, "resumptionToken"))
            if not token or token in tokens:
                return
            tokens.add(token)
            asked = {"verb": "ListRecords", "resumptionToken": token}
        raise SourceRefused(url, f"it has more than {MAX_PAGES} pages", "harvest it in parts")

    @staticmethod
    def _prefix(url: str, limits: Limits) -> str:
        """The metadata format to ask for; one that the URL names counts."""
        named = dict(parse_qsl(urlsplit(url).query)).get("metadataPrefix")
        if named:
            return named
        content = fetch(_asked(url, {"verb": "ListMetadataFormats"}), limits)
        listed = (
            [] if content.xml is None else children(content.xml, "ListMetadataFormats/metadataFormat/metadataPrefix")
        )
        offered = {text(prefix) for prefix in listed}
        if not offered:
            raise SourceRefused(url, f"it names no metadata formats: {_complaint(content)}", "check the address")
        return next((prefix for prefix in _PREFIXES if prefix in offered), "oai_dc")


def services() -> tuple[Service, ...]:
    """Every service that is asked page by page."""
    return Csw(), OaiPmh()


def _asked(url: str, parameters: dict[str, str]) -> str:
    """The URL with these parameters in place of its own of the same names, case ignored (OGC 06-121r9, 11.5.2)."""
    parts = urlsplit(url)
    names = {name.lower() for name in parameters} | {"metadataprefix", "verb"}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in names]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()]), fragment=""))


def _number(value: str | None) -> str:
    return value if value is not None and value.isascii() and value.isdecimal() and len(value) < 10 else "0"  # noqa: PLR2004


def _error_code(content: Content) -> str:
    found = first(content.xml, "error")
    return "" if found is None else str(found.get("code") or "")


def _complaint(content: Content) -> str:
    """What an answer says that is no answer: the texts of its errors, shortened."""
    if content.xml is None:
        return "it is no XML"
    marks = ("error", "ExceptionText", "ServiceException")
    texts = [text(e) or str(e.get("code") or "") for e in content.xml.iter() if local_name(e) in marks]
    return "; ".join(texts)[:300] or f"a {local_name(content.xml)}"
