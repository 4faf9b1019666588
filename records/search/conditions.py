"""What a search asks for, in parts: words, labels, keys, boxes, times, and whatever else a filter says.

One part *leads*: the database finds rows by its index, and looks at the other parts row by row. Left to itself it would
combine indexes of which each selects a large share of the catalogue, which costs more than it saves, or sort a million
rows for ten. So a search decides (`records.search.executor`), and all other parts are written in a way that no index
knows.

What is dear to compare (positions of words, outlines, documents) is left out of the first look, and asked of the
candidates one after the other, in the order of the search, until a page is full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import ColumnElement, DateTime, Float, Text, and_, cast, false, func, literal, not_, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH, TSQUERY

from config.boxes import Box, plain_boxes
from config.errors import InvalidParameter
from records.database.orm import RecordRow, record_extent
from records.documents.documents import PATHS
from records.documents.years import FIRST_TIME, LAST_TIME, year_bounds
from records.search import cql2
from records.search.cql2.implied import implied
from records.search.labels import in_titles, is_label, label_query
from records.search.parameters import RecordQuery, parse_list, time_range
from records.search.text import MAX_QUERY_CHARACTERS, tsquery

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_VALUE_CHARACTERS: Final = 2_000
LISTS: Final = frozenset({"ids", "id", "type", "externalIds", "keywords"})
"""Properties of which a comma separates values."""
EQUALITIES: Final = ("ids", "id", "externalIds", "type", "keywords", *PATHS, "year", "created", "updated")
"""What a record can be compared with for equality."""

Clause = ColumnElement[bool]

_DISTANCE: Final = re.compile(r"('(?:[^'\\]|''|\\.)*')| <\d+> ")
_QUOTED: Final = re.compile(r"'(?:[^'\\]|''|\\.)*'")


Lead = Literal["words", "place", "both", "none"]
"""Which parts' index finds the rows: that of words and labels; that of boxes and times; both; none."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """The parts of a search, joined by AND.

    Attributes:
        words: The text form of the tsquery for the words of `q`; empty without.
        titles: That for these words in titles; empty without, or where their place does not matter.
        tokens: The text forms of further tsqueries.
        keys: Conditions on ids and external identifiers.
        boxes: Of which the geometry meets one.
        span: First moment, and first moment after the times that are asked for.
        others: All other conditions.
        public: Conditions that leave hidden datasets out; they cost little, and nearly every record meets them.
        is_empty: Whether nothing can meet it.
    """

    words: str = ""
    titles: str = ""
    tokens: tuple[str, ...] = ()
    keys: tuple[Clause, ...] = ()
    boxes: tuple[Box, ...] = ()
    span: tuple[datetime, datetime] | None = None
    others: tuple[Clause, ...] = ()
    public: tuple[Clause, ...] = ()
    is_empty: bool = False

    @property
    def queries(self) -> tuple[str, ...]:
        """All tsqueries, of words and of labels."""
        return tuple(dict.fromkeys(query for query in (self.words, *self.tokens) if query))

    @property
    def is_compound(self) -> bool:
        """Whether an index finds the rows of one part, and the others must be compared one by one."""
        return sum(map(bool, (self.keys or self.queries, self.boxes, self.span, self.others))) > 1

    @property
    def has_phrases(self) -> bool:
        """Whether places of words must be compared, record by record."""
        return any(loosened(query) != query for query in self.queries)

    @property
    def has_place(self) -> bool:
        """Whether it asks for boxes or times."""
        return bool(self.boxes or self.span)

    @property
    def lead(self) -> Lead:
        """The part that leads if nothing is known of their numbers."""
        return "words" if self.keys or self.queries else "place" if self.has_place else "none"

    @property
    def is_everything(self) -> bool:
        """Whether every record meets it."""
        return not (self.lead != "none" or self.others or self.public or self.is_empty)

    def of(self, lead: Lead) -> Condition:
        """The part of it that leads."""
        part = Condition()
        if lead in ("words", "both"):
            part = Condition(keys=self.keys, words=self.words, tokens=self.tokens)
        return replace(part, boxes=self.boxes, span=self.span) if lead in ("place", "both") else part

    def titled(self) -> Condition:
        """The condition with the words of `q` in titles: who has them there has them, for titles begin the texts."""
        return replace(self, words=self.titles, titles="")

    def untitled(self) -> Condition:
        """The condition with the words of `q` elsewhere only."""
        return replace(self, titles="", tokens=(*self.tokens, f"!({self.titles})"))

    def clauses(self, lead: Lead) -> list[Clause]:
        """SQL conditions that say all, of which one part is such that its index finds the rows."""
        near, dear = self.looks(lead)
        return [*near, *dear]

    def looks(self, lead: Lead) -> tuple[list[Clause], list[Clause]]:
        """(what finds the candidates and costs little to compare, what is dear and each of them is then to meet)."""
        by_words, by_place = lead in ("words", "both"), lead in ("place", "both")
        near: list[Clause] = [false()] if self.is_empty else []
        dear: list[Clause] = []
        near += [clause if by_words else clause.is_(True) for clause in self.keys]
        near += self._spans(indexed=by_place and not self.boxes)
        if self.boxes:
            near.append(or_(*(self._overlaps(box, indexed=by_place) for box in self.boxes)))
            dear.append(or_(*(_intersects(box) for box in self.boxes)))
        if by_words and not self.keys and (loose := conjoined(map(loosened, self.queries))):
            near.append(_has(loose, RecordRow.tokens))
        rechecked = [query for query in self.queries if not by_words or self.keys or loosened(query) != query]
        if rechecked:
            dear.insert(0, _has(conjoined(rechecked), _hidden(RecordRow.tokens)))
        return [*near, *self.public], [*dear, *self.others]

    def _spans(self, *, indexed: bool) -> list[Clause]:
        """Whether the time of a record meets the one that is asked for."""
        if self.span is None:
            return []
        (first, after), start, end = self.span, RecordRow.time_start, RecordRow.time_end
        if indexed:
            return [and_(start < after, end >= first)]
        return [and_(_hidden(start) < after, _hidden(end) >= first)]

    def _overlaps(self, box: Box, *, indexed: bool) -> Clause:
        """Whether the box of a geometry, and with an index also its time, meets what is asked for."""
        outline = _outline(box)
        if not indexed:
            return func.geometry_overlaps(RecordRow.geometry, outline)
        if self.span is None:
            return RecordRow.geometry.bool_op("&&")(outline)
        first, after = (literal(moment, DateTime(timezone=True)) for moment in self.span)
        return record_extent().bool_op("&/&")(func.record_extent(outline, first, after))


def loosened(query: str) -> str:
    """A tsquery that an index answers without a look at positions, and that all meet who meet the given one.

    Empty if there is none: who has not a phrase may have its words.
    """
    if "<" not in _QUOTED.sub("", query):
        return query
    return "" if "!(" in _QUOTED.sub("", query) else _DISTANCE.sub(lambda match: match[1] or " & ", query)


def condition_of(query: RecordQuery, hidden: Iterable[str] = (), *, beginning: str = "") -> Condition:
    """The condition of a query; records of `hidden` datasets never meet it. Raises InvalidParameter.

    `beginning` is the tsquery of a word that is not written out (`records.search.hints.beginnings`).
    """
    texts = [text for text in (query.q or "", *query.words) if text.strip()]
    words = _all_of(texts)
    equalities = [_equality(name, _bounded(name, value)) for name, value in query.equal]
    is_empty = any(part.is_empty for part in equalities)
    is_empty |= bool(texts) and not words  # stop words only: nothing is indexed that could match
    spans = [part.span for part in equalities if part.span is not None]
    if query.datetime is not None:
        spans.insert(0, time_range(query.datetime))
    others = [clause for part in equalities for clause in part.others]
    tokens = [query for part in equalities for query in part.tokens]
    tokens += [beginning] if beginning else []
    if query.filter is not None:
        cql2.condition(query.filter)  # what the index answers must be right as well
        implication = implied(query.filter)
        tokens += implication.tokens
        others += [] if implication.filter is None else [cql2.condition(implication.filter)]
    names = list(hidden)
    is_public = or_(RecordRow.dataset_id.is_(None), RecordRow.dataset_id.not_in(names))
    return Condition(
        words=words,
        titles=in_titles(words) if words else "",
        tokens=tuple(tokens),
        keys=tuple(clause for part in equalities for clause in part.keys),
        boxes=tuple(plain_boxes(query.bbox)) if query.bbox is not None else (),
        span=next(iter(spans), None),
        others=tuple(others),
        public=(is_public,) if names else (),
        is_empty=is_empty,
    )


def _all_of(texts: list[str]) -> str:
    """The tsquery of records that meet all of some texts of the form of `q`; those of stop words alone do not count."""
    queries = [query for query in map(tsquery, texts) if query]
    return queries[0] if len(queries) == 1 else conjoined(queries)


def conjoined(queries: Iterable[str]) -> str:
    """The text form of the tsquery that all of some, of which empty ones do not count, are joined to by AND."""
    return " & ".join(f"({query})" for query in dict.fromkeys(queries) if query)


def _equality(name: str, value: str) -> Condition:
    """What the equality of a property with a value, or with one of a list, asks for."""
    if name in ("created", "updated"):
        first, after = time_range(value, name)
        column = RecordRow.created if name == "created" else RecordRow.updated
        return Condition(others=(and_(column >= first, column < after),))
    values = parse_list(name, value) if name in LISTS else [value]
    if name in ("ids", "id"):
        return Condition(keys=(RecordRow.id.in_(values),))
    if name == "externalIds":
        forms = [form.casefold() for form in values]
        is_scheme = all(form.endswith(":") for form in forms)
        keys = (RecordRow.external_ids.bool_op("&&")(cast(forms, ARRAY(Text))),)
        return Condition(tokens=(label_query(name, forms),)) if is_scheme else Condition(keys=keys)
    if name == "year":
        return _in_year(value)
    if is_label(name):
        return Condition(tokens=(label_query(name, values),))
    words = _words_of(value) if name == "title" else ""
    return Condition(tokens=(words,) if words else (), others=(_at_path(name, value),))


def _in_year(text: str) -> Condition:
    """That the data cover a year (`records.documents.years`): its span, which an index knows, and what is not of it."""
    bounds = year_bounds(text)
    if bounds is None:
        return Condition(is_empty=True)
    first, after = bounds
    start, end = _hidden(RecordRow.time_start), _hidden(RecordRow.time_end)
    from_open = and_(start == FIRST_TIME, or_(end > after, end == LAST_TIME))
    has_part = or_(end > first, start == end)
    parts = [start < after, end >= first, has_part, not_(from_open)]
    if first.year > datetime.now(UTC).year:
        parts.append(or_(end != LAST_TIME, start >= first))
    return Condition(span=bounds, others=(and_(*parts),))


def _words_of(text: str) -> str:
    """The tsquery that every record with that title meets; empty if there is none."""
    if len(text) > MAX_QUERY_CHARACTERS:
        return ""
    try:
        return tsquery(text) or ""
    except InvalidParameter:
        return ""


def _at_path(name: str, value: str) -> Clause:
    """Equality with any value at a path of the document."""
    path = cast(f"$.properties.{PATHS[name]} ? (@ == $value)", JSONPATH)
    clause: Clause = func.jsonb_path_exists(RecordRow.document, path, cast({"value": value}, JSONB))
    return clause


def _bounded(name: str, value: str) -> str:
    if len(value) > MAX_VALUE_CHARACTERS or "\x00" in value:
        raise InvalidParameter(name, value, f"give at most {MAX_VALUE_CHARACTERS} characters, without U+0000")
    return value


def _hidden(column: Any) -> Any:
    """A column that no index is known for."""
    return func.coalesce(column, column, type_=column.type)


def _has(query: str, column: Any) -> Clause:
    """Whether a record's tokens match a tsquery."""
    clause: Clause = column.bool_op("@@")(cast(query, TSQUERY))
    return clause


def _outline(box: Box) -> ColumnElement[Any]:
    """A box, which may be a line or a point."""
    west, south, east, north = (cast(side, Float(53)) for side in box)
    diagonal = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
    return func.ST_SetSRID(func.ST_Envelope(diagonal), 4326)


def _intersects(box: Box) -> Clause:
    """Whether a record's geometry meets a box."""
    clause: Clause = func.ST_Intersects(_hidden(RecordRow.geometry), _outline(box))
    return clause
