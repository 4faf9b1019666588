"""What a link of a record is: the protocol of the service, and what one does with it, in the words of catalogues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import REL

if TYPE_CHECKING:
    from records.exports.models import Link

_PROTOCOLS: Final = {
    REL + "coverage": "OGC API - Coverages",
    REL + "tilesets-map": "OGC API - Tiles",
    REL + "tilesets-vector": "OGC API - Tiles",
    REL + "map": "OGC API - Maps",
    "enclosure": "WWW:DOWNLOAD-1.0-http--download",
}
_FUNCTIONS: Final = {
    "enclosure": "download",
    REL + "coverage": "download",
    "about": "information",
    "describedby": "information",
    "search": "search",
}
_SERVICES: Final = frozenset({"data", "items", "contents", "service", "service-desc", "item"})


def protocol_of(link: Link) -> str:
    """The protocol by which a link is used."""
    return link.protocol or _PROTOCOLS.get(link.rel, "WWW:LINK-1.0-http--link")


def function_of(link: Link) -> str:
    """What one does with a link (CI_OnLineFunctionCode); empty if it is none of these."""
    return _FUNCTIONS.get(link.rel, "")


def is_file(link: Link) -> bool:
    """Whether a link leads to data as a file."""
    return link.rel == "enclosure" and not link.templated


def is_service(link: Link) -> bool:
    """Whether a link leads to a service that answers for the data."""
    return bool(link.protocol) or link.rel.startswith(REL) or link.rel in _SERVICES


def is_distribution(link: Link) -> bool:
    """Whether data can be had by a link: as a file or from a service."""
    return is_file(link) or is_service(link)
