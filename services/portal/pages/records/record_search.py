"""A page of found records (OGC 20-004r1) as the catalogue's search page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from config.errors import InvalidRecord
from records.documents.documents import time_bounds
from records.documents.years import FIRST_TIME, LAST_TIME
from records.search.labels import FACETS
from records.search.ordering import rank_in
from services.portal.pages.records.record_view import RecordView, record_view
from services.portal.texts.labels import period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST: Final = 320
"""Characters of a description that are shown."""
_BEFORE: Final = 80
"""Characters before the first word that was found."""
_FILTERS: Final = frozenset(
    {"q", "words", "bbox", "datetime", "filter", "type", "ids", "keywords", "externalIds", *FACETS}
)

type Snippet = tuple[tuple[str, bool], ...]
"""Pieces of a text, and whether each is a word that was asked for."""


@dataclass(frozen=True, kw_only=True)
class RecordCard:
    """One record of the list.

    Attributes:
        id: Its id.
        title: Its title.
        language: Tag of its texts' language.
        snippet: The part of its description where the first word was found, else its beginning.
        boxes: Its place, as `RecordView.boxes`.
        period: Its time, in years.
        kind: Its type.
        access: The access policy.
        embargo: The first day on which its data may be served; empty without an embargo.
        has_data: Whether it has a collection.
    """

    id: str
    title: str
    language: str
    snippet: Snippet
    boxes: tuple[tuple[float, float, float, float], ...]
    period: str
    kind: str
    access: str
    embargo: str
    has_data: bool


@dataclass(frozen=True, kw_only=True)
class RecordResults:
    """A page of records: `paging` holds the hrefs of its neighbours, `asked` says whether anything restricts it.

    `offset` is the number of records before it, and `is_exact` whether `matched` was counted.
    """

    cards: tuple[RecordCard, ...]
    matched: int
    is_exact: bool
    offset: int
    paging: Mapping[str, str]
    asked: bool


def record_results(document: Mapping[str, Any], query: Mapping[str, str]) -> RecordResults:
    """A feature collection of records as a page; `query` is that of the page."""
    features = [feature for feature in document["features"] if isinstance(feature, dict)]
    words = (*_words(query.get("q", "")), *re.findall(r'[^\s"“”]+', query.get("words", "")))
    offset, cursor = query.get("offset", ""), query.get("cursor", "")
    number_matched = document.get("numberMatched")
    return RecordResults(
        cards=tuple(_card(feature, words) for feature in features),
        matched=int(document.get("numberMatchedEstimate", len(features)) if number_matched is None else number_matched),
        is_exact="numberMatchedEstimate" not in document,
        offset=int(offset) if offset.isdecimal() else rank_in(cursor, page_size=len(features)) if cursor else 0,
        paging={k["rel"]: k["href"] for k in document.get("links", ()) if k.get("rel") in ("prev", "next")},
        asked=any(query.get(name) for name in _FILTERS),
    )


def _words(q: str) -> tuple[str, ...]:
    """The phrases that `q` has between commas."""
    return tuple(phrase for part in q.split(",") if (phrase := part.strip().strip('"')))


def _card(feature: dict[str, Any], words: Iterable[str]) -> RecordCard:
    view: RecordView = record_view(feature)
    properties = feature.get("properties") or {}
    return RecordCard(
        id=str(feature.get("id", "")),
        title=view.title,
        language=str((properties.get("language") or {}).get("code", "")),
        snippet=snippet(view.description, words),
        boxes=view.boxes,
        period=_period(feature.get("time"), view.times),
        kind=str(properties.get("type") or ""),
        access=view.access.policy if view.access else "open",
        embargo=view.access.embargo if view.access else "",
        has_data=bool(view.data),
    )


def _period(time: Any, times: tuple[str, ...]) -> str:
    """The time of a record in years; one that ends as a year begins has nothing of that year."""
    try:
        bounds = time_bounds(time if isinstance(time, dict) else None)
    except InvalidRecord:
        bounds = None
    if bounds is None:
        return " – ".join(times)
    start, end = bounds
    last = end - timedelta(microseconds=1) if end > start else end
    begins = start.date().isoformat() if start != FIRST_TIME else ".."
    ends = last.date().isoformat() if end != LAST_TIME else ".."
    return period(begins, ends)


def snippet(text: str, words: Iterable[str]) -> Snippet:
    """The part of a text around the first of some words, those words marked; its beginning if none stands there.

    Words are compared without case. A search also finds stems, accents and other fields: then nothing is marked.
    """
    pattern = re.compile("|".join(re.escape(word) for word in words) or r"(?!)", re.IGNORECASE)
    hit = pattern.search(text)
    start = max(0, hit.start() - _BEFORE) if hit else 0
    excerpt = ("\u2026" if start else "") + text[start : start + _LONGEST]
    excerpt += "\u2026" if len(text) > start + _LONGEST else ""
    pieces, last = [], 0
    for match in pattern.finditer(excerpt):
        pieces += [(excerpt[last : match.start()], False), (match[0], True)]
        last = match.end()
    return tuple((piece, is_hit) for piece, is_hit in (*pieces, (excerpt[last:], False)) if piece)
