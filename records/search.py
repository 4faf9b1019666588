"""Searching the records: one query for every parameter of OGC API Records (20-004r1, 7.3.3).

Parameters are joined by AND, the values of a list by OR. Every value is bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Float, and_, cast, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, TSQUERY
from sqlalchemy.orm import Session, selectinload

from config.boxes import Box, plain_boxes
from config.errors import InvalidParameter, RecordNotFound
from records import cql2, rows
from records.documents import PATHS
from records.engine import translated_errors
from records.orm import DatasetRow, RecordRow, VariableRow
from records.parameters import RecordQuery, parse_list, time_range
from records.text import tsquery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine, Row, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from records.models import Dataset

MAX_VALUE_CHARACTERS = 2_000

SORTABLES: dict[str, InstrumentedAttribute[Any]] = {
    "id": RecordRow.id,
    "type": RecordRow.type,
    "title": RecordRow.title,
    "created": RecordRow.created,
    "updated": RecordRow.updated,
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """A record that was found: its stored document, when it changed, and the published data it describes."""

    document: dict[str, Any]
    created: datetime
    updated: datetime
    dataset: Dataset | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a search, and how many records match in all."""

    records: tuple[Found, ...]
    matched: int


def search(engine: Engine, query: RecordQuery) -> Page:
    """The records of a query, `offset` skipped, `limit` at most; page and count are of one moment."""
    condition = matching(query)
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with translated_errors(), Session(snapshot) as session:
        page = _columns().where(condition).order_by(*ordering(query)).limit(query.limit).offset(query.offset)
        found = session.execute(page).all()
        matched = query.offset + len(found)
        if len(found) == query.limit or (not found and query.offset):
            matched = session.scalar(select(func.count()).select_from(RecordRow).where(condition)) or 0
        return Page(records=tuple(with_datasets(session, found)), matched=matched)


def get(engine: Engine, record_id: str) -> Found:
    """The record of that id; raises RecordNotFound."""
    with translated_errors(), Session(engine) as session:
        found = session.execute(_columns().where(RecordRow.id == record_id.replace("\x00", ""), public())).all()
        if not found:
            raise RecordNotFound(f"there is no record {record_id[:200]!r}; /collections/records/items lists them")
        return next(with_datasets(session, found))


def following(engine: Engine, record_id: str, *, limit: int) -> list[Found]:
    """The next public records behind an id, in the order of ids; the first ones behind an empty id."""
    with translated_errors(), Session(engine) as session:
        behind = _columns().where(RecordRow.id > record_id, public()).order_by(RecordRow.id).limit(limit)
        return list(with_datasets(session, session.execute(behind).all()))


def changes(engine: Engine, record_id: str, *, limit: int) -> list[tuple[str, datetime]]:
    """(id, time of the last change) of the next public records behind an id, in the order of ids."""
    with translated_errors(), Session(engine) as session:
        columns = select(RecordRow.id, RecordRow.updated).where(RecordRow.id > record_id, public())
        return [(row.id, row.updated) for row in session.execute(columns.order_by(RecordRow.id).limit(limit))]


def page_ends(engine: Engine, *, size: int) -> list[str]:
    """The id before each page of the public records in the order of ids; empty for the first page."""
    with translated_errors(), Session(engine) as session:
        number = func.row_number().over(order_by=RecordRow.id).label("number")
        numbered = select(RecordRow.id, number).where(public()).subquery()
        ends = select(numbered.c.id).where(numbered.c.number % size == 0).order_by(numbered.c.id)
        found = list(session.scalars(ends))
        count = session.scalar(select(func.count()).select_from(RecordRow).where(public())) or 0
        return ["", *found][: max(1, -(-count // size))]


def extent(engine: Engine) -> tuple[Box | None, datetime | None, datetime | None]:
    """The box that holds every record's geometry, and the first and last moment of their times; None without any."""
    with translated_errors(), Session(engine) as session:
        box = func.ST_Extent(RecordRow.geometry)
        sides = [func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box)]
        times = [func.min(RecordRow.time_start), func.max(RecordRow.time_end)]
        west, south, east, north, start, end = (*session.execute(select(*sides, *times).where(public())).one(),)
        return (None if west is None else (west, south, east, north)), start, end


def public() -> ColumnElement[bool]:
    """Whether a record may be seen by everybody: not one of a hidden dataset."""
    return ~exists().where(DatasetRow.id == RecordRow.dataset_id, DatasetRow.hidden)


def matching(query: RecordQuery) -> ColumnElement[bool]:
    """The condition of a query; records of hidden datasets never meet it."""
    conditions = [public()]
    conditions += [CONDITIONS[name](value) for name, value in query.equal]
    if query.q is not None and query.q.strip():
        conditions.append(_text(query.q))
    if query.bbox is not None:
        conditions.append(or_(*(_intersects(box) for box in plain_boxes(query.bbox))))
    if query.datetime is not None:
        first, after = time_range(query.datetime)
        conditions.append(and_(RecordRow.time_start < after, RecordRow.time_end >= first))
    if query.filter is not None:
        conditions.append(cql2.condition(query.filter))
    return and_(*conditions)


def ordering(query: RecordQuery) -> list[ColumnElement[Any]]:
    """What a query sorts by: as asked, else title hits first and then rank, else the id; the id always last."""
    keys: list[ColumnElement[Any]] = []
    for name, descending in query.sortby:
        keys.append(SORTABLES[name].desc() if descending else SORTABLES[name].asc())
    if not query.sortby and query.q and (everywhere := tsquery(query.q)):
        in_title = cast(tsquery(query.q, weight="A"), TSQUERY)
        keys += [
            RecordRow.tokens.bool_op("@@")(in_title).desc(),
            func.ts_rank(RecordRow.tokens, cast(everywhere, TSQUERY)).desc(),
        ]
    return [*keys, RecordRow.id.asc()]


def _columns() -> Select[Any]:
    return select(RecordRow.document, RecordRow.created, RecordRow.updated, RecordRow.dataset_id)


def with_datasets(session: Session, found: Sequence[Row[Any]]) -> Iterator[Found]:
    """Rows of document, created, updated and dataset_id as records, with the datasets that they describe."""
    wanted = [row.dataset_id for row in found if row.dataset_id is not None]
    loaded = selectinload(DatasetRow.variables).selectinload(VariableRow.styles)
    published = session.scalars(select(DatasetRow).where(DatasetRow.id.in_(wanted)).options(loaded)) if wanted else ()
    datasets = {row.id: rows.dataset(row) for row in published}
    for row in found:
        dataset = datasets.get(row.dataset_id)
        yield Found(document=row.document, created=row.created, updated=row.updated, dataset=dataset)


def _text(q: str) -> ColumnElement[bool]:
    asked = tsquery(q)
    if asked is None:  # stop words only: nothing is indexed that could match
        return false()
    return RecordRow.tokens.bool_op("@@")(cast(asked, TSQUERY))


def _intersects(box: Box) -> ColumnElement[bool]:
    """Whether a record's geometry meets a box, which may be a line or a point."""
    west, south, east, north = (cast(side, Float(53)) for side in box)
    diagonal = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
    outline = func.ST_SetSRID(func.ST_Envelope(diagonal), 4326)
    condition: ColumnElement[bool] = func.ST_Intersects(RecordRow.geometry, outline)
    return condition


def _bounded(name: str, value: str) -> str:
    if len(value) > MAX_VALUE_CHARACTERS or "\x00" in value:
        raise InvalidParameter(name, value, f"give at most {MAX_VALUE_CHARACTERS} characters, without U+0000")
    return value


def _one_of(name: str, column: InstrumentedAttribute[str]) -> Callable[[str], ColumnElement[bool]]:
    return lambda value: column.in_(parse_list(name, _bounded(name, value)))


def _any_of(name: str, column: InstrumentedAttribute[list[str]], *, fold: bool) -> Callable[[str], ColumnElement[bool]]:
    def condition(value: str) -> ColumnElement[bool]:
        values = parse_list(name, _bounded(name, value))
        overlap: ColumnElement[bool] = column.bool_op("&&")([v.casefold() if fold else v for v in values])
        return overlap

    return condition


def _within(name: str, path: str) -> Callable[[str], ColumnElement[bool]]:
    """Equality with any value at a path of the document."""

    def condition(value: str) -> ColumnElement[bool]:
        bound = cast({"value": _bounded(name, value)}, JSONB)
        exists: ColumnElement[bool] = func.jsonb_path_exists(
            RecordRow.document, cast(f"$.properties.{path} ? (@ == $value)", JSONPATH), bound
        )
        return exists

    return condition


def _during(name: str, column: InstrumentedAttribute[datetime]) -> Callable[[str], ColumnElement[bool]]:
    def condition(value: str) -> ColumnElement[bool]:
        first, after = time_range(_bounded(name, value), name)
        return and_(column >= first, column < after)

    return condition


CONDITIONS: dict[str, Callable[[str], ColumnElement[bool]]] = {
    "ids": _one_of("ids", RecordRow.id),
    "id": _one_of("id", RecordRow.id),
    "type": _one_of("type", RecordRow.type),
    "externalIds": _any_of("externalIds", RecordRow.external_ids, fold=True),
    "keywords": _any_of("keywords", RecordRow.keywords, fold=False),
    **{name: _within(name, path) for name, path in PATHS.items()},
    "created": _during("created", RecordRow.created),
    "updated": _during("updated", RecordRow.updated),
}
"""What a record can be compared with for equality, by the name of the parameter."""
