"""The datasets as collections of items: a page at a time, and what their records say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, exists, false, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import DatasetRow, ItemRow, RecordRow
from records.datasets import rows
from records.datasets.dataset_filter import conditions
from records.search.text import tsquery

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Engine

    from config.boxes import Box
    from config.times import TimeRange
    from records.datasets.models import Dataset


@dataclass(frozen=True, kw_only=True)
class DatasetPage:
    """A page of datasets by id, and the id after which the next one begins; None: there is none."""

    datasets: tuple[Dataset, ...]
    after: str | None


def page(
    engine: Engine,
    *,
    limit: int,
    after: str | None = None,
    q: str | None = None,
    bbox: Box | None = None,
    when: TimeRange | None = None,
) -> DatasetPage:
    """The datasets that meet a box and a time, by id, from the first after `after`; not those that are hidden.

    `q` is found in their records, as by the search of the records: a comma separates alternatives.
    """
    query = select(DatasetRow).where(~DatasetRow.hidden, *conditions(q=None, bbox=bbox, when=when))
    if q is not None:
        query = query.where(_told(q))
    if after is not None:
        query = query.where(DatasetRow.id > after.replace("\0", ""))
    with translated_errors(), Session(engine) as session:
        results = list(session.scalars(query.order_by(DatasetRow.id).limit(limit + 1)))
        datasets = tuple(rows.dataset(row) for row in results[:limit])
        return DatasetPage(datasets=datasets, after=datasets[-1].id if len(results) > limit else None)


def named(engine: Engine, ids: Collection[str]) -> dict[str, Dataset]:
    """The datasets of those ids that there are and that are not hidden."""
    with translated_errors(), Session(engine) as session:
        matches = session.scalars(select(DatasetRow).where(DatasetRow.id.in_(ids), ~DatasetRow.hidden))
        return {row.id: rows.dataset(row) for row in matches}


def titles(engine: Engine, *, limit: int) -> list[tuple[str, dict[str, str]]]:
    """Id and title of the first datasets that are not hidden."""
    query = select(DatasetRow.id, DatasetRow.title).where(~DatasetRow.hidden).order_by(DatasetRow.id).limit(limit)
    with translated_errors(), Session(engine) as session:
        return [(dataset_id, dict(title)) for dataset_id, title in session.execute(query)]


def record_members(engine: Engine, ids: Sequence[str]) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """`contacts` and `keywords` of the records of datasets, by the dataset's id."""
    properties = RecordRow.document["properties"]
    query = select(RecordRow.dataset_id, properties["contacts"], properties["keywords"])
    with translated_errors(), Session(engine) as session:
        members = session.execute(query.where(RecordRow.dataset_id.in_(ids)))
        return {
            dataset_id: (contacts or [], keywords or {}) for dataset_id, contacts, keywords in members if dataset_id
        }


def periods(engine: Engine, ids: Sequence[str]) -> dict[str, tuple[datetime, datetime]]:
    """First and last moment of the items of datasets."""
    query = select(ItemRow.dataset_id, func.min(ItemRow.start), func.max(ItemRow.end)).group_by(ItemRow.dataset_id)
    with translated_errors(), Session(engine) as session:
        spans = session.execute(query.where(ItemRow.dataset_id.in_(ids)))
        return {dataset_id: (start, end) for dataset_id, start, end in spans}


def _told(q: str) -> ColumnElement[bool]:
    query_ = tsquery(q)
    if query_ is None:  # stop words only: nothing is indexed that could match
        return false()
    match = RecordRow.tokens.bool_op("@@")(cast(query_, TSQUERY))
    return exists().where(RecordRow.dataset_id == DatasetRow.id, match)
