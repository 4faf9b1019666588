"""The times of a variable: the one that a person means, and those beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.times import days_between
from records.database.engine import translated_errors
from records.database.orm import GranuleRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine, Row

    from config.times import TimeRange


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A time of a variable, and its neighbours; all are labels in its calendar."""

    time: str
    earlier: str | None
    later: str | None


def moment(engine: Engine, dataset_id: str, variable_id: str, when: TimeRange | None) -> Moment | None:
    """The time of a variable that lies in a range, else the nearest to its start; the latest without a range.

    None if the variable has no times.
    """
    with translated_errors(), Session(engine) as session:
        times = _Times(session, dataset_id, variable_id)
        granule = times.last() if when is None else _nearest(times, when)
        if granule is None:
            return None
        earlier, later = times.last(GranuleRow.key < granule.key), times.first(GranuleRow.key > granule.key)
        return Moment(time=granule.time, earlier=earlier.time if earlier else None, later=later.time if later else None)


class _Times:
    """The granules of a variable that have a time, as (time, key, calendar)."""

    def __init__(self, session: Session, dataset_id: str, variable_id: str) -> None:
        self._session = session
        self._query = select(GranuleRow.time, GranuleRow.key, GranuleRow.calendar).where(
            GranuleRow.dataset_id == dataset_id, GranuleRow.variable_id == variable_id, GranuleRow.key.is_not(None)
        )

    def first(self, condition: ColumnElement[bool]) -> Row[str, int | None, str | None] | None:
        return self._session.execute(self._query.where(condition).order_by(GranuleRow.key).limit(1)).first()

    def last(self, *conditions: ColumnElement[bool]) -> Row[str, int | None, str | None] | None:
        return self._session.execute(self._query.where(*conditions).order_by(GranuleRow.key.desc()).limit(1)).first()


def _nearest(times: _Times, when: TimeRange) -> Row[str, int | None, str | None] | None:
    if when.start is None:
        return times.last() if when.end is None else times.last(GranuleRow.key < when.end) or times.first(_ANY)
    after = times.first(GranuleRow.key >= when.start)
    if after is not None and (when.end is None or (after.key or 0) < when.end):
        return after
    before = times.last(GranuleRow.key < when.start)
    if before is None or after is None:
        return before or after
    calendar = after.calendar or "standard"
    since = days_between(before.key or 0, when.start, calendar)
    return before if since <= days_between(when.start, after.key or 0, calendar) else after


_ANY = GranuleRow.key.is_not(None)
