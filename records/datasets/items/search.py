"""Finding items: one query for the page, one for its files, and a count that stops where it would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Text, and_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, Range
from sqlalchemy.orm import Session, defer, undefer

from config.boxes import Box, plain_boxes
from config.errors import ItemNotFound
from config.layers import layer_key
from records.database.engine import translated_errors
from records.database.orm import DatasetRow, GranuleRow, ItemRow
from records.datasets import rows
from records.datasets.items import paging
from records.datasets.items.properties import PROPERTIES
from records.search import cql2
from records.search.cql2.spatial import bound, geometry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import ColumnElement, Engine

    from records.datasets.items.paging import Sort
    from records.datasets.models import Granule

MOST_COUNTED = 10_000
"""Items that are counted; a search that meets more tells no number."""


@dataclass(frozen=True, kw_only=True)
class ItemQuery:
    """A search of the items; conditions are joined by AND.

    Attributes:
        collections: Ids of datasets, or None for all.
        ids: Ids of items, or None for all.
        bbox: (west, south, east, north) in CRS84 that an item's outline meets; west > east across the antimeridian.
        intersects: Geometries in CRS84, of which an item's outline meets one.
        when: First moment, and first moment after, that an item's time meets; None: open.
        filter: A CQL2 filter in its JSON encoding on `records.datasets.items.properties`.
        sortby: What to sort by; nothing: the latest first.
        token: Where the page begins or ends (`records.datasets.items.paging`).
    """

    collections: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    bbox: Box | None = None
    intersects: tuple[BaseGeometry, ...] = ()
    when: tuple[datetime | None, datetime | None] | None = None
    filter: cql2.Node = None
    sortby: Sort = ()
    limit: int = 10
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item that was found: its place and time, its outline as GeoJSON, and its granules by variable."""

    dataset_id: str
    id: str
    time: str | None
    level: str | None
    member: str | None
    part: str | None
    moment: datetime
    start: datetime
    end: datetime
    created: datetime
    updated: datetime
    outline: dict[str, Any]
    granules: tuple[Granule, ...]


@dataclass(frozen=True, kw_only=True)
class ItemPage:
    """A page of items, the tokens of those beside it, and how many match; None: more than are counted."""

    items: tuple[Item, ...]
    matched: int | None
    next: str | None
    prev: str | None


def search(engine: Engine, query: ItemQuery) -> ItemPage:
    """A page of the items that a query means, of datasets that are not hidden; raises InvalidParameter."""
    sort = paging.complete(query.sortby)
    edge = paging.edge(query.token, sort) if query.token is not None else None
    backwards = edge is not None and edge.side == "prev"
    condition = matching(query)
    statement = _columns().where(condition if edge is None else and_(condition, paging.beyond(sort, edge)))
    statement = statement.order_by(*paging.ordering(sort, backwards=backwards)).limit(query.limit + 1)
    capped = select(ItemRow.id).where(condition).limit(MOST_COUNTED + 1).subquery()
    with translated_errors(), Session(engine) as session:
        results = session.execute(statement).all()
        matched = session.scalar(select(func.count()).select_from(capped)) or 0
        more, window = len(results) > query.limit, results[: query.limit]
        window = window[::-1] if backwards else window
        items = _with_granules(session, window)
    first, last = (window[0][0], window[-1][0]) if window else (None, None)
    after, before = (edge is not None, more) if backwards else (more, edge is not None)
    return ItemPage(
        items=items,
        matched=matched if matched <= MOST_COUNTED else None,
        next=paging.token(sort, last, "next") if after and last is not None else None,
        prev=paging.token(sort, first, "prev") if before and first is not None else None,
    )


def get(engine: Engine, dataset_id: str, item_id: str) -> Item:
    """One item of a dataset, with the statistics of its granules; raises ItemNotFound."""
    identity = and_(ItemRow.dataset_id == dataset_id, ItemRow.id == item_id.replace("\0", ""))
    with translated_errors(), Session(engine) as session:
        results = session.execute(_columns().where(identity, _public())).all()
        if not results:
            raise ItemNotFound(f"collection {dataset_id} has no item {item_id[:200]!r}; its items list them")
        return _with_granules(session, results, summaries=True)[0]


def matching(query: ItemQuery) -> ColumnElement[bool]:
    """The condition of a query."""
    conditions = [_public()]
    if query.collections is not None:
        conditions.append(ItemRow.dataset_id.in_(query.collections))
    if query.ids is not None:
        conditions.append(ItemRow.id.in_(query.ids))
    if query.bbox is not None:
        corners = [[west, south, east, north] for west, south, east, north in plain_boxes(query.bbox)]
        conditions.append(_meets([geometry({"bbox": box}) for box in corners]))
    if query.intersects:
        conditions.append(_meets(query.intersects))
    if query.when is not None:
        period = bindparam(None, Range(*query.when, bounds="[)"), type_=TSTZRANGE, unique=True)
        conditions.append(ItemRow.period.bool_op("&&")(period))
    if query.filter is not None:
        conditions.append(cql2.condition(query.filter, PROPERTIES))
    return and_(*conditions)


def _columns() -> Any:
    """Items with their outline as GeoJSON, and without what is only searched by."""
    options = defer(ItemRow.geometry), defer(ItemRow.period), defer(ItemRow.state)
    return select(ItemRow, func.ST_AsGeoJSON(ItemRow.geometry, 7)).options(*options)


def _public() -> ColumnElement[bool]:
    return ~exists().where(DatasetRow.id == ItemRow.dataset_id, DatasetRow.hidden)


def _meets(areas: Sequence[BaseGeometry]) -> ColumnElement[bool]:
    return or_(*(func.ST_Intersects(ItemRow.geometry, bound(area)) for area in areas))


def _with_granules(session: Session, results: Sequence[Any], *, summaries: bool = False) -> tuple[Item, ...]:
    """Items with their granules, each found in the index by its place."""
    places = [(i.dataset_id, v, i.time, _layer(i), i.part) for i, _ in results for v in i.variables]
    granules: dict[tuple[str, ...], list[Granule]] = {}
    if places:
        columns = [
            bindparam(None, list(values), type_=ARRAY(Text), unique=True) for values in zip(*places, strict=True)
        ]
        names = ("dataset_id", "variable_id", "time", "layer", "part")
        places_ = func.unnest(*columns).table_valued(*names, name="wanted").render_derived()
        same = and_(*(getattr(GranuleRow, name) == places_.c[name] for name in names))
        query = select(GranuleRow).join(places_, same)
        for row in session.scalars(query.options(undefer(GranuleRow.summary)) if summaries else query):
            granule = replace(rows.granule(row), summary=row.summary if summaries else None)
            granules.setdefault((row.dataset_id, row.time, row.layer, row.part), []).append(granule)
    return tuple(_item(row, outline, granules) for row, outline in results)


def _layer(row: ItemRow) -> str:
    """The key of the layer of an item, as granules have it."""
    return layer_key(row.level, row.member or None) or ""


def _item(row: ItemRow, outline: str, granules: dict[tuple[str, ...], list[Granule]]) -> Item:
    return Item(
        dataset_id=row.dataset_id,
        id=row.id,
        time=row.time or None,
        level=row.level or None,
        member=row.member or None,
        part=row.part or None,
        moment=row.moment,
        start=row.start,
        end=row.end,
        created=row.created,
        updated=row.updated,
        outline=orjson.loads(outline),
        granules=tuple(granules.get((row.dataset_id, row.time, _layer(row), row.part), ())),
    )
