"""The order of a search, and places in it: what a page begins behind."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, func, literal, literal_column, or_, tuple_

from config.errors import InvalidParameter
from records.database.orm import SORT_TITLE, RecordRow
from records.documents.years import FIRST_TIME, LAST_TIME

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from records.search.parameters import RecordQuery

MAX_CURSOR_CHARACTERS: Final = 4_000
_MOST_RANK: Final = 1 << 40
_MOST_INT: Final = 1 << 15
_REMEDY: Final = "follow the next and prev links of an answer; a cursor is good for the same search only"

SORTABLES: Final[dict[str, InstrumentedAttribute[Any]]] = {
    "id": RecordRow.id,
    "type": RecordRow.type,
    "title": RecordRow.title,
    "created": RecordRow.created,
    "updated": RecordRow.updated,
    "rank": RecordRow.rank,
    "time": RecordRow.time_start,
}
DEFAULT_ORDER: Final = (("rank", False), ("id", False))
"""Names of what a search without `sortby` is sorted by, and whether they descend."""

Scalar = str | int | datetime


@dataclass(frozen=True, kw_only=True)
class Key:
    """One thing that records are ordered by."""

    name: str
    column: ColumnElement[Any]
    falls: bool
    kind: type[Scalar]


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place between two records.

    Attributes:
        phase: Of the search: hits in titles come first (`records.search.executor`).
        values: Of the keys of the record beside it.
        rank: How many records were before the page, counted from page to page.
        backwards: Whether the page ends here instead of beginning.
    """

    phase: int
    values: tuple[Scalar, ...]
    rank: int = 0
    backwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    """The keys of an order; the last is the id, in the direction of the one before it.

    Attributes:
        is_walkable: Whether an index holds the records in this order.
    """

    keys: tuple[Key, ...]
    is_walkable: bool

    def by(self, *, backwards: bool) -> list[ColumnElement[Any]]:
        """ORDER BY."""
        return [key.column.desc() if key.falls != backwards else key.column.asc() for key in self.keys]

    def behind(self, values: tuple[Scalar, ...], *, backwards: bool) -> ColumnElement[bool]:
        """Whether a record comes behind the one with these values."""
        bound = [
            bindparam(None, value, type_=key.column.type, unique=True)
            for key, value in zip(self.keys, values, strict=True)
        ]
        if len({key.falls for key in self.keys}) == 1:  # what an index of all keys can answer
            columns, limits = tuple_(*(key.column for key in self.keys)), tuple_(*bound)
            return columns < limits if self.keys[0].falls != backwards else columns > limits
        alternatives: list[ColumnElement[bool]] = []
        for place, (key, value) in enumerate(zip(self.keys, bound, strict=True)):
            same = [k.column == v for k, v in zip(self.keys[:place], bound[:place], strict=True)]
            alternatives.append(and_(*same, key.column < value if key.falls != backwards else key.column > value))
        return or_(*alternatives)


def order_of(query: RecordQuery) -> Order:
    """As asked, else the default; the id always last."""
    keys = [_key(name, falls=falls) for name, falls in query.sortby or DEFAULT_ORDER]
    if (query.sortby or DEFAULT_ORDER)[-1][0] != "id":
        keys.append(_key("id", falls=keys[-1].falls))
    return Order(keys=tuple(keys), is_walkable=len(keys) <= 2 and keys[0].name != "time")


def _key(name: str, *, falls: bool) -> Key:
    if name == "title":
        return Key(name=name, column=literal_column(SORT_TITLE, RecordRow.title.type), falls=falls, kind=str)
    if name == "time":
        return Key(name=name, column=_time_column(falls=falls), falls=falls, kind=datetime)
    kind = {"created": datetime, "updated": datetime, "rank": int}.get(name, str)
    return Key(name=name, column=SORTABLES[name].expression, falls=falls, kind=kind)


def _time_column(*, falls: bool) -> ColumnElement[datetime]:
    """The beginning of the data, or their end where the latest come first; records without a time come last."""
    moment, last = (RecordRow.time_end, FIRST_TIME) if falls else (RecordRow.time_start, LAST_TIME)
    return func.coalesce(moment, literal(last, moment.type))


def write_cursor(query: RecordQuery, position: Position) -> str:
    """A position as an opaque text for URLs."""
    values = [value.isoformat() if isinstance(value, datetime) else value for value in position.values]
    parts = [digest_of(query), position.phase, position.rank, int(position.backwards), *values]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read_cursor(query: RecordQuery, text: str) -> Position:
    """The position that a text stands for; raises InvalidParameter if it is not one of this search."""
    parts = _unpacked(text)
    keys = order_of(query).keys
    if len(parts) != len(keys) + 4 or parts[0] != digest_of(query):
        raise InvalidParameter("cursor", text, _REMEDY)
    _, phase, rank, backwards, *encoded = parts
    values = [_value(key.kind, value) for key, value in zip(keys, encoded, strict=True)]
    is_rank = isinstance(rank, int) and 0 <= rank <= _MOST_RANK
    if None in values or phase not in (0, 1) or backwards not in (0, 1) or not is_rank:
        raise InvalidParameter("cursor", text, _REMEDY)
    complete = tuple(value for value in values if value is not None)
    return Position(phase=phase, values=complete, rank=rank, backwards=bool(backwards))


def rank_in(text: str, *, page_size: int) -> int:
    """How many records are before the page that a cursor leads to, which shows some; 0 if it is no cursor."""
    try:
        parts = _unpacked(text)
    except InvalidParameter:
        return 0
    rank, backwards = (*parts[2:4], 0, 0)[:2]
    return max(0, rank - page_size if backwards else rank) if isinstance(rank, int) else 0


def _unpacked(text: str) -> list[Any]:
    """The parts of a cursor; raises InvalidParameter unless it is a list in JSON in base64."""
    try:
        padded = text[: MAX_CURSOR_CHARACTERS + 1].encode("ascii") + b"=" * (-len(text) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise InvalidParameter("cursor", text, _REMEDY) from error
    return parts if isinstance(parts, list) and len(text) <= MAX_CURSOR_CHARACTERS else []


def _value(kind: type[Scalar], value: object) -> Scalar | None:
    """A value of a key, None if it is none."""
    if kind is datetime and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None
    if kind is int and isinstance(value, int):
        return value if abs(value) < _MOST_INT else None
    return value if kind is str and isinstance(value, str) and "\x00" not in value else None


def digest_of(query: RecordQuery) -> str:
    """What a search asks for and in which order, but not which part of it, as a short text."""
    parts = [query.q, query.words, query.begun, query.bbox, query.datetime, query.equal, query.filter, query.sortby]
    return blake2b(orjson.dumps(parts), digest_size=12).hexdigest()
