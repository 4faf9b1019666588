"""What a search asks for, in parts: words, labels, keys, boxes, times, and whatever else a filter says.

One part is the *driver*: the database finds rows by its index, and looks at the other parts row by row. Left to itself
it would combine indexes of which each selects a large share of the catalogue, which costs more than it saves, or sort
a million rows for ten. So a search decides (`records.paths`), and all other parts are written in a way that no index
knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Float, Text, and_, cast, false, func, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH, TSQUERY

from config.boxes import Box, plain_boxes
from config.errors import InvalidParameter
from records import cql2
from records.cql2.implied import implied
from records.documents import PATHS
from records.labels import in_titles, is_label, label_query
from records.orm import RecordRow
from records.parameters import RecordQuery, parse_list, time_range
from records.text import MAX_QUERY_CHARACTERS, tsquery

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_VALUE_CHARACTERS: Final = 2_000
LISTS: Final = frozenset({"ids", "id", "type", "externalIds", "keywords"})
"""Properties of which a comma separates values."""
EQUALITIES: Final = ("ids", "id", "externalIds", "type", "keywords", *PATHS, "year", "created", "updated")
"""What a record can be compared with for equality."""

Clause = ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """The parts of a search, joined by AND.

    Attributes:
        tokens: The text form of a tsquery, empty for none.
        titles: The same for the words of `q` in titles; empty without `q`.
        keys: Conditions on ids and external identifiers.
        boxes: Of which the geometry meets one.
        span: First moment, and first moment after the times that are asked for.
        others: All other conditions.
        public: Conditions that leave hidden datasets out; they cost little, and nearly every record meets them.
        is_empty: Whether nothing can meet it.
    """

    tokens: str = ""
    titles: str = ""
    keys: tuple[Clause, ...] = ()
    boxes: tuple[Box, ...] = ()
    span: tuple[datetime, datetime] | None = None
    others: tuple[Clause, ...] = ()
    public: tuple[Clause, ...] = ()
    is_empty: bool = False

    @property
    def recheck(self) -> bool:
        """Whether the positions of words must be compared, row by row."""
        return "<" in self.tokens

    @property
    def is_compound(self) -> bool:
        """Whether an index finds the rows of one part, and the others must be compared one by one."""
        return sum(map(bool, (self.keys or self.tokens, self.boxes, self.span, self.others))) > 1

    @property
    def driver(self) -> Condition:
        """The part whose index finds the rows."""
        if self.keys or self.tokens:
            return Condition(keys=self.keys, tokens=self.tokens)
        return Condition(boxes=self.boxes) if self.boxes else Condition(span=self.span)

    @property
    def is_driven(self) -> bool:
        """Whether some index finds its rows."""
        return bool(self.keys or self.tokens or self.boxes or self.span)

    @property
    def is_everything(self) -> bool:
        """Whether every record meets it."""
        return not (self.is_driven or self.others or self.public or self.is_empty)

    def with_tokens(self, query: str) -> Condition:
        """The condition with a further tsquery."""
        return replace(self, tokens=conjoined((self.tokens, query)))

    def clauses(self, *, driven: bool) -> list[Clause]:
        """SQL conditions; with `driven`, one part is such that its index finds the rows."""
        parts: list[Clause] = [false()] if self.is_empty else []
        free = driven
        for clause in self.keys:
            parts.append(clause if driven else _unindexed_keys(clause))
            free = False
        if self.tokens:
            column = RecordRow.tokens if free else _hidden(RecordRow.tokens)
            parts.append(column.bool_op("@@")(cast(self.tokens, TSQUERY)))
            free = False
        if self.boxes:
            parts.append(or_(*(_intersects(box, indexed=free) for box in self.boxes)))
            free = False
        if self.span is not None:
            first, after = self.span
            start, end = RecordRow.time_start, RecordRow.time_end
            if not free:
                start, end = _hidden(start), _hidden(end)
            parts.append(and_(start < after, end >= first))
        return [*parts, *self.others, *self.public]


def condition_of(query: RecordQuery, hidden: Iterable[str] = ()) -> Condition:
    """The condition of a query; records of `hidden` datasets never meet it. Raises InvalidParameter."""
    words, is_empty = "", False
    if query.q is not None and query.q.strip():
        words = tsquery(query.q) or ""
        is_empty = not words  # stop words only: nothing is indexed that could match
    found = [_equality(name, _bounded(name, value)) for name, value in query.equal]
    others = [clause for part in found for clause in part.others]
    tokens = [words, *(part.tokens for part in found)]
    if query.filter is not None:
        told = implied(query.filter)
        tokens += told.tokens
        others += [cql2.condition(node) for node in told.rest]
        cql2.condition(query.filter)  # what the index answers must be right as well
    names = list(hidden)
    is_public = or_(RecordRow.dataset_id.is_(None), RecordRow.dataset_id.not_in(names))
    return Condition(
        tokens=conjoined(tokens),
        titles=in_titles(words) if words else "",
        keys=tuple(clause for part in found for clause in part.keys),
        boxes=tuple(plain_boxes(query.bbox)) if query.bbox is not None else (),
        span=time_range(query.datetime) if query.datetime is not None else None,
        others=tuple(others),
        public=(is_public,) if names else (),
        is_empty=is_empty,
    )


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
        if all(form.endswith(":") for form in forms):
            return Condition(tokens=label_query(name, forms))
        return Condition(keys=(RecordRow.external_ids.bool_op("&&")(cast(forms, ARRAY(Text))),))
    if is_label(name):
        return Condition(tokens=label_query(name, values))
    return Condition(tokens=_words_of(value) if name == "title" else "", others=(_at_path(name, value),))


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
    found: Clause = func.jsonb_path_exists(RecordRow.document, path, cast({"value": value}, JSONB))
    return found


def _bounded(name: str, value: str) -> str:
    if len(value) > MAX_VALUE_CHARACTERS or "\x00" in value:
        raise InvalidParameter(name, value, f"give at most {MAX_VALUE_CHARACTERS} characters, without U+0000")
    return value


def _hidden(column: Any) -> Any:  # noqa: ANN401 - a mapped column
    """A column that no index is known for."""
    return func.coalesce(column, column, type_=column.type)


def _unindexed_keys(clause: Clause) -> Clause:
    return clause.is_(True)


def _intersects(box: Box, *, indexed: bool) -> Clause:
    """Whether a record's geometry meets a box, which may be a line or a point."""
    west, south, east, north = (cast(side, Float(53)) for side in box)
    diagonal = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
    outline = func.ST_SetSRID(func.ST_Envelope(diagonal), 4326)
    if indexed:
        found: Clause = func.ST_Intersects(RecordRow.geometry, outline)
        return found
    plain = func.coalesce(RecordRow.geometry, RecordRow.geometry)
    return and_(func.geometry_overlaps(RecordRow.geometry, outline), func.ST_Intersects(plain, outline))
