"""Searching the records: one query for every parameter of OGC API Records (20-004r1, 7.3.3).

Parameters are joined by AND, the values of a list by OR. Every value is bound. What a search asks for is in
`records.search.conditions`, its order in `ordering`, the way to its records in `paths`, their number in `counting`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.orm import Session

from config.errors import RecordNotFound
from records.database.engine import translated_errors
from records.database.orm import DatasetRow, RecordRow
from records.datasets import rows
from records.search.conditions import condition_of
from records.search.counting import Count, Sizes, Tuning, count, sizes, state
from records.search.executor import Walker
from records.search.facets import facets
from records.search.hints.beginnings import beginning_query
from records.search.ordering import SORTABLES, Position, digest_of, order_of, read_cursor, write_cursor
from records.search.remembering import memory_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row, Select

    from config.boxes import Box
    from records.datasets.models import Dataset
    from records.search.conditions import Condition
    from records.search.costs import Way
    from records.search.executor import Hit
    from records.search.facets import Facet
    from records.search.parameters import RecordQuery

__all__ = ["SORTABLES", "Found", "Page", "extent", "get", "public", "search"]

_BY_IDS: Final = text("select id, document, created, updated, dataset_id from records where id = any(:ids)")
"""Every search ends with it: as text it takes half the time of an expression."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A record that was found: its stored document, when it changed, and the published data it describes."""

    document: dict[str, Any]
    created: datetime
    updated: datetime
    dataset: Dataset | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a search.

    Attributes:
        records: At most as many as were asked for.
        matched: How many records match in all, or about how many.
        is_exact: Whether they were counted; the counts of facets are exact or estimates likewise.
        facets: Those that were asked for.
        rank: How many records are before the page.
        next: The cursor of the page behind it, None at the end.
        previous: The cursor of the page before it, None at the beginning.
    """

    records: tuple[Found, ...]
    matched: int
    is_exact: bool = True
    facets: tuple[Facet, ...] = ()
    rank: int = 0
    next: str | None = None
    previous: str | None = None


def search(engine: Engine, query: RecordQuery, *, tuning: Tuning | None = None, way: Way | None = None) -> Page:
    """A page of the records of a query, all of it of one moment.

    Args:
        engine: Of the database.
        query: What is asked for.
        tuning: When the catalogue counts as large.
        way: That of `records.search.executor.Walker`.

    Raises:
        InvalidParameter: A value cannot be used.
    """
    tuning = tuning or Tuning()
    order = order_of(query)
    position = read_cursor(query, query.cursor) if query.cursor else None
    memory = memory_of(engine)
    beginning = beginning_query(engine, query.begun)
    with translated_errors(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        snapshot = state(connection)
        condition = condition_of(query, snapshot.hidden, beginning=beginning)
        moment = (snapshot.version, snapshot.hidden, tuning, digest_of(query))
        if position is None and query.offset:
            position = memory.known((*moment, "behind", query.offset))
        parts = memory.get(moment, lambda: sizes(connection, condition, snapshot.total, tuning))
        number, facet_counts = memory.get(
            (*moment, query.facets), lambda: _numbers(connection, condition, snapshot.total, tuning, parts, query)
        )
        walker = Walker(
            connection=connection,
            order=order,
            total=snapshot.total,
            tuning=tuning,
            sizes=parts,
            way=way,
            remembered=lambda build: memory.get((*moment, "titled"), build),
        )
        fetch_limit = query.limit + 1 if query.limit else 0
        hits: list[Hit] = []
        if fetch_limit and (number.matched or not number.is_exact):
            offset = 0 if position else query.offset
            hits = walker.page(condition, max(number.matched, 1), position, limit=fetch_limit, offset=offset)
        hits_shown, more = _shown(hits, query.limit, backwards=position is not None and position.backwards)
        page = Page(
            records=tuple(_records(connection, [hit.id for hit in hits_shown])),
            matched=number.matched,
            is_exact=number.is_exact,
            facets=facet_counts,
        )
        page = _paged(page, query, position, hits_shown, more=more)
        if query.offset and hits_shown:  # a reader who goes on by offsets begins there
            rank = page.rank + len(hits_shown)
            behind = Position(phase=hits_shown[-1].phase, values=hits_shown[-1].values, rank=rank)
            memory.keep((*moment, "behind", rank), behind)
        return page


def _numbers(
    connection: Connection, condition: Condition, total: int, tuning: Tuning, parts: Sizes, query: RecordQuery
) -> tuple[Count, tuple[Facet, ...]]:
    """How many records match, and the facets that are asked for."""
    number = count(connection, condition, total, tuning, parts, terms=bool(query.facets))
    facet_counts = facets(connection, query.facets, number.terms, number.scale) if query.facets else ()
    return replace(number, terms=b""), facet_counts


def _shown(hits: list[Hit], limit: int, *, backwards: bool) -> tuple[list[Hit], bool]:
    """The hits of a page, and whether there was one more."""
    more = len(hits) > limit
    return (hits[-limit:] if backwards else hits[:limit]) if more else hits, more


def _paged(page: Page, query: RecordQuery, position: Position | None, hits: list[Hit], *, more: bool) -> Page:
    """A page with the cursors of its neighbours."""
    backwards = position is not None and position.backwards
    rank = query.offset
    if position is not None:
        rank = max(0, position.rank - len(hits)) if backwards else position.rank
    if not hits:
        return replace(page, rank=rank)
    has_next = backwards or more
    has_previous = more if backwards else rank > 0
    last, first = hits[-1], hits[0]
    after = Position(phase=last.phase, values=last.values, rank=rank + len(hits))
    before = Position(phase=first.phase, values=first.values, rank=rank, backwards=True)
    return replace(
        page,
        rank=rank,
        next=write_cursor(query, after) if has_next else None,
        previous=write_cursor(query, before) if has_previous else None,
    )


def get(engine: Engine, record_id: str) -> Found:
    """The record of that id; raises RecordNotFound."""
    with translated_errors(), Session(engine) as session:
        rows = session.execute(_columns().where(RecordRow.id == record_id.replace("\x00", ""), public())).all()
        if not rows:
            raise RecordNotFound(f"there is no record {record_id[:200]!r}; /collections/records/items lists them")
        return next(with_datasets(session, rows))


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
        ids = list(session.scalars(ends))
        count = session.scalar(select(func.count()).select_from(RecordRow).where(public())) or 0
        return ["", *ids][: max(1, -(-count // size))]


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


def _columns() -> Select[Any]:
    return select(RecordRow.id, RecordRow.document, RecordRow.created, RecordRow.updated, RecordRow.dataset_id)


def _records(connection: Connection, ids: list[str]) -> Iterator[Found]:
    """The records of some ids, in that order."""
    if not ids:
        return
    rows = {row.id: row for row in connection.execute(_BY_IDS, {"ids": ids})}
    with Session(connection) as session:
        yield from with_datasets(session, [rows[id_] for id_ in ids])


def with_datasets(session: Session, results: Sequence[Row[Any]]) -> Iterator[Found]:
    """Rows of document, created, updated and dataset_id as records, with the datasets that they describe."""
    dataset_ids = [row.dataset_id for row in results if row.dataset_id is not None]
    datasets: dict[str, Dataset] = {}
    if dataset_ids:
        published = session.scalars(select(DatasetRow).where(DatasetRow.id.in_(dataset_ids)))
        datasets = {row.id: rows.dataset(row) for row in published}
    for row in results:
        dataset = datasets.get(row.dataset_id)
        yield Found(document=row.document, created=row.created, updated=row.updated, dataset=dataset)
