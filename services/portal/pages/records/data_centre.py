"""Where the data of a record are that are not served here: a link to those who have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

RESOLVERS: Final = {"doi": "https://doi.org/", "cstr": "https://cstr.cn/"}
"""What identifiers of a scheme are resolved by."""
_HOLDERS: Final = ("publisher", "distributor", "host", "resourceProvider")
"""Roles of those who have the data, the likeliest first; custodians are often those who made them, elsewhere."""
_LANDING: Final = ("about", "via")
"""Relations to a page of the dataset itself."""


@dataclass(frozen=True, kw_only=True)
class DataCentre:
    """Who has the data: the name of the body, else the identifier or the host of the page, and the page."""

    name: str
    href: str


def data_centre(properties: dict[str, Any], links: Iterable[dict[str, Any]]) -> DataCentre | None:
    """Where the data are.

    The page is that of a link, else what a DOI or a CSTR resolves to, else a related page, else that of the holder.

    Args:
        properties: Those of a served record.
        links: Its links, each with `href`.

    Returns:
        None for a record that names no page.
    """
    holder = _holder(properties)
    pages = (*_landing_pages(links, _LANDING), *_resolved(properties), *_landing_pages(links, ("related",)))
    href = next(iter((*pages, *_pages_of(holder))), "")
    if not href:
        return None
    names = (holder.get("organization"), holder.get("name"), _identifier(href), _host(href))
    return DataCentre(name=next((name for name in names if isinstance(name, str) and name), href), href=href)


def _holder(properties: dict[str, Any]) -> dict[str, Any]:
    """The contact that has the data; empty without one."""
    contacts = _dicts(properties.get("contacts"))
    for role in _HOLDERS:
        for contact in contacts:
            roles = contact.get("roles")
            if isinstance(roles, list) and role in roles:
                return contact
    return {}


def _landing_pages(links: Iterable[dict[str, Any]], relations: tuple[str, ...]) -> list[str]:
    return [link["href"] for link in links if link.get("rel") in relations and _is_page(link["href"])]


def _resolved(properties: dict[str, Any]) -> list[str]:
    identifiers = [
        (str(entry.get("scheme", "")).lower(), entry.get("value")) for entry in _dicts(properties.get("externalIds"))
    ]
    return [
        value if _is_page(value) else resolver + value
        for scheme, resolver in RESOLVERS.items()
        for scheme_, value in identifiers
        if scheme_ == scheme and isinstance(value, str) and value
    ]


def _identifier(href: str) -> str:
    """The identifier that an address resolves, as `DOI:10.1/x`; empty for another page."""
    resolvers = ((scheme, resolver) for scheme, resolver in RESOLVERS.items() if href.startswith(resolver))
    return next((f"{scheme.upper()}:{href.removeprefix(resolver)}" for scheme, resolver in resolvers), "")


def _host(href: str) -> str:
    try:
        return urlsplit(href).hostname or ""
    except ValueError:  # such as an address that no IPv6 address is
        return ""


def _pages_of(contact: dict[str, Any]) -> list[str]:
    return [link["href"] for link in _dicts(contact.get("links")) if _is_page(link.get("href"))]


def _is_page(href: object) -> bool:
    return isinstance(href, str) and href.startswith(("http://", "https://"))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
