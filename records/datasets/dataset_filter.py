"""Which datasets a request for the list of collections means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_

from config.boxes import Box, plain_boxes
from records.database.orm import DatasetRow, GranuleRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from config.times import TimeRange


def conditions(*, q: str | None, bbox: Box | None, when: TimeRange | None) -> list[ColumnElement[bool]]:
    """Conditions on `DatasetRow`, all of which must hold; see `Repository.datasets`."""
    clauses = []
    if q:
        clauses.append(_named(q))
    if bbox is not None:
        clauses.append(_meets(bbox))
    if when is not None:
        clauses.append(_during(when))
    return clauses


def _named(q: str) -> ColumnElement[bool]:
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    titles = func.jsonb_each_text(DatasetRow.title).table_valued("key", "value")
    return or_(DatasetRow.id.ilike(pattern), exists().where(titles.c.value.ilike(pattern)))


def _meets(bbox: Box) -> ColumnElement[bool]:
    return or_(*(_meets_plain(box) for box in plain_boxes(bbox)))


def _meets_plain(box: Box) -> ColumnElement[bool]:
    west, south, east, north = box
    return and_(DatasetRow.south <= north, DatasetRow.north >= south, _meets_longitudes(west, east))


def _meets_longitudes(west: float, east: float) -> ColumnElement[bool]:
    """Whether the dataset's longitudes meet west <= x <= east; the dataset itself may cross the antimeridian."""
    crosses = DatasetRow.west > DatasetRow.east
    begins, ends = DatasetRow.west <= east, DatasetRow.east >= west
    return or_(and_(begins, ends), and_(crosses, or_(begins, ends)))


def _during(when: TimeRange) -> ColumnElement[bool]:
    timed = and_(GranuleRow.dataset_id == DatasetRow.id, GranuleRow.key.is_not(None))
    inside = [timed]
    if when.start is not None:
        inside.append(func.coalesce(GranuleRow.end_key, GranuleRow.key + 1) > when.start)
    if when.end is not None:
        inside.append(func.coalesce(GranuleRow.start_key, GranuleRow.key) < when.end)
    return or_(~exists().where(timed), exists().where(*inside))
