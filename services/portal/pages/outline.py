"""Any JSON document of the service as a page can show it: entries as cards, links, and the rest as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTS: Final = ("features", "processes", "jobs", "tilesets", "tileMatrixSets", "styles", "collections")
"""Members that hold a document's entries."""

MAX_CARDS: Final = 200
"""Entries on a page."""

_NOT_SHOWN: Final = frozenset({"links", "title", "description", "timeStamp", "numberMatched", "numberReturned", *LISTS})
_OF_MACHINES: Final = frozenset({
    "type", "geometry", "properties", "conformsTo", "linkTemplates", "language", "languages", "resourceLanguages",
})  # fmt: skip
"""Members of a record that its page leaves to the JSON document."""
_TITLES: Final = ("title", "name", "id", "identifier", "jobID", "tileMatrixSetId")


@dataclass(frozen=True, kw_only=True)
class Card:
    """One entry of a document."""

    title: str
    text: str
    href: str
    facts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PageOutline:
    """A document, taken apart for a page.

    Attributes:
        title: Its title, or its id; empty if it has neither.
        text: Its description.
        cards: Its entries, at most MAX_CARDS.
        hidden: How many entries are not among the cards.
        paging: href of the pages before and after, where there are such.
        links: Its other links.
        rest: All members that are not shown otherwise.
        total: How many entries match, if it says so.
    """

    title: str
    text: str
    cards: tuple[Card, ...]
    hidden: int
    paging: dict[str, str]
    links: tuple[dict[str, Any], ...]
    rest: Any
    total: int | None
    is_list: bool


def outline(document: Any) -> PageOutline:
    """Take a document apart; members of unexpected types are shown in the tree."""
    if not isinstance(document, dict):
        return PageOutline(
            title="", text="", cards=(), hidden=0, paging={}, links=(), rest=document, total=None, is_list=False
        )
    member = next(((name, document[name]) for name in LISTS if isinstance(document.get(name), list)), None)
    entries = [entry for entry in member[1] if isinstance(entry, dict)] if member else []
    links = _links(document)
    properties = document.get("properties") if document.get("type") == "Feature" else None
    body = properties if isinstance(properties, dict) else document
    matched = document.get("numberMatched")
    return PageOutline(
        title=_first(body, _TITLES) or _first(document, _TITLES),
        text=_text(body.get("description")),
        cards=tuple(_card(entry) for entry in entries[:MAX_CARDS]),
        hidden=max(0, len(entries) - MAX_CARDS),
        paging={link["rel"]: str(link["href"]) for link in links if link.get("rel") in ("next", "prev")},
        links=tuple(link for link in links if link.get("rel") not in ("next", "prev")),
        rest=_rest(document, body),
        total=matched if isinstance(matched, int) else None,
        is_list=member is not None,
    )


def _rest(document: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return the members left to show: of a feature its properties first, of a list neither entries nor counts."""
    if body is not document:
        document = {**body, **{name: value for name, value in document.items() if name not in _OF_MACHINES}}
        return {name: value for name, value in document.items() if name not in _NOT_SHOWN | _OF_MACHINES}
    if document.get("type") == "FeatureCollection":
        return {}
    return {name: value for name, value in document.items() if name not in _NOT_SHOWN}


def _card(entry: dict[str, Any]) -> Card:
    properties = entry.get("properties")
    body = properties if isinstance(properties, dict) else entry
    links = _links(entry)
    target = next((link for rel in ("self", "monitor", "status") for link in links if link.get("rel") == rel), None)
    return Card(
        title=_first(body, _TITLES) or _first(entry, _TITLES),
        text=_text(body.get("description") or entry.get("message")),
        href=str(target["href"]) if target else "",
        facts=tuple(_facts(body)),
    )


def _facts(body: dict[str, Any]) -> Iterable[str]:
    for name in ("status", "progress", "processID", "type", "version", "dataType", "crs", "updated"):
        value = body.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield f"{value} %" if name == "progress" else str(value)[:10] if name == "updated" else str(value)[:120]


def _links(document: dict[str, Any]) -> list[dict[str, Any]]:
    links = document.get("links")
    return [v for v in links if isinstance(v, dict) and "href" in v] if isinstance(links, list) else []


def _first(document: dict[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names if (text := _text(document.get(name)))), "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
