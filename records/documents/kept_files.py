"""Links of a record to files that this server keeps for it, such as published tables.

The stored form keeps them without the server's address, so that they hold wherever it is reached.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

TABLES: Final = "/tables/"
"""The beginning of the paths at which such files are served: `/tables/{record}/{name}`."""


def kept_href(record_id: str, name: str) -> str:
    """The stored address of a file of a record."""
    return f"{TABLES}{quote(record_id, safe='')}/{quote(name)}"


def with_address(links: list[dict[str, Any]], base_url: str) -> list[dict[str, Any]]:
    """Links as they are served: those to kept files at the address of the server."""
    return [link | {"href": base_url + link["href"]} if _is_kept(link, "") else link for link in links]


def without_address(link: Any, base_url: str) -> dict[str, Any] | None:
    """The stored form of a served link to a kept file; None if it is another link."""
    if not _is_kept(link, base_url):
        return None
    return {**link, "href": link["href"].removeprefix(base_url)}


def _is_kept(link: Any, base_url: str) -> bool:
    href = link.get("href") if isinstance(link, dict) else None
    return isinstance(href, str) and href.startswith(base_url + TABLES)
