"""Which granules a request means: by time, level and part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import GranuleNotFound
from config.times import days_between, require_days
from records import rows
from records.engine import translated_errors
from records.orm import GranuleRow

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select

    from config.times import TimeRange
    from records.models import Dataset, Granule, Variable

MANY = 2
_SHOWN_LEVELS = 50


def select_one(  # noqa: PLR0913 - a granule's key has these parts
    engine: Engine,
    dataset: Dataset,
    variable: Variable,
    *,
    when: TimeRange | None = None,
    nearest: bool = False,
    level: str | None = None,
    part: str | None = None,
) -> Granule:
    """The one granule a tile, map or GeoTIFF shows; raises GranuleNotFound naming the neighbours.

    An instant selects the granule whose label equals it, else the one whose bounds [start, end) contain it. A reduced
    date or an interval selects the granule whose label lies in it, else whose bounds meet it, and there must be one.
    Without `when`, the latest. `nearest` falls back to the neighbour whose label is nearer in its calendar, the earlier
    of equals. Without `level`, the first of the variable's levels is meant. Where one time has several parts, the
    request must say which.
    """
    _require_days(dataset, when)
    with translated_errors(), Session(engine) as session:
        query = _of(dataset, variable, level=level, part=part)
        if when is None:
            return rows.granule(_latest(session, query, dataset, variable))
        found = _matching(session, query, when)
        if len(found) == 1:
            return rows.granule(found[0])
        if nearest and not found:
            neighbour = _nearest(session, query, when)
            if neighbour is not None:
                return rows.granule(neighbour)
        raise GranuleNotFound(_explain(session, query, dataset, variable, when, found))


def select_range(
    engine: Engine, dataset: Dataset, variable: Variable, when: TimeRange | None, *, limit: int | None = None
) -> list[Granule]:
    """Every granule of a variable whose label lies in a range, else whose bounds meet it; all without a range.

    Of a variable with levels, those of its first one.

    At most `limit` of them, the earliest, where a limit is given.
    """
    _require_days(dataset, when)
    with translated_errors(), Session(engine) as session:
        query = _of(dataset, variable, level=None, part=None).order_by(GranuleRow.key).limit(limit)
        if when is None:
            return [rows.granule(r) for r in session.scalars(query)]
        found = list(session.scalars(_labelled_in(query, when))) or list(session.scalars(_bounds_meet(query, when)))
        if not found:
            query = _of(dataset, variable, level=None, part=None)
            raise GranuleNotFound(_explain(session, query, dataset, variable, when, []))
        return [rows.granule(r) for r in found]


def _require_days(dataset: Dataset, when: TimeRange | None) -> None:
    if when is not None and dataset.time is not None:
        require_days(when.text, dataset.time.calendar)


def _of(dataset: Dataset, variable: Variable, *, level: str | None, part: str | None) -> Select[GranuleRow]:
    query = select(GranuleRow).where(GranuleRow.dataset_id == dataset.id, GranuleRow.variable_id == variable.id)
    if level is None and variable.levels is not None:
        level = variable.levels.labels[0]
    if level is not None:
        query = query.where(GranuleRow.level == level)
    if part is not None:
        query = query.where(GranuleRow.part == part)
    return query


def _labelled_in(query: Select[GranuleRow], when: TimeRange) -> Select[GranuleRow]:
    if when.start is not None:
        query = query.where(GranuleRow.key >= when.start)
    if when.end is not None:
        query = query.where(GranuleRow.key < when.end)
    return query


def _bounds_meet(query: Select[GranuleRow], when: TimeRange) -> Select[GranuleRow]:
    if when.start is not None:
        query = query.where(GranuleRow.end_key > when.start)
    if when.end is not None:
        query = query.where(GranuleRow.start_key < when.end)
    return query


def _matching(session: Session, query: Select[GranuleRow], when: TimeRange) -> list[GranuleRow]:
    labelled = list(session.scalars(_labelled_in(query, when).limit(MANY)))
    return labelled or list(session.scalars(_bounds_meet(query, when).limit(MANY)))


def _neighbours(
    session: Session, query: Select[GranuleRow], when: TimeRange
) -> tuple[GranuleRow | None, GranuleRow | None]:
    before = after = None
    if when.start is not None:
        earlier = query.where(GranuleRow.key < when.start).order_by(GranuleRow.key.desc()).limit(1)
        before = session.scalars(earlier).first()
    if when.end is not None:
        later = query.where(GranuleRow.key >= when.end).order_by(GranuleRow.key).limit(1)
        after = session.scalars(later).first()
    return before, after


def _latest(session: Session, query: Select[GranuleRow], dataset: Dataset, variable: Variable) -> GranuleRow:
    found = list(session.scalars(query.order_by(GranuleRow.key.desc().nulls_last()).limit(MANY)))
    if not found:
        levels = f"; its levels are {', '.join(variable.levels.labels[:_SHOWN_LEVELS])}" if variable.levels else ""
        raise GranuleNotFound(f"{dataset.id}/{variable.id} has no granule at that level and part{levels}")
    if len(found) == MANY and found[0].time == found[1].time:
        raise GranuleNotFound(_say_which(f"{dataset.id}/{variable.id}", found))
    return found[0]


def _say_which(name: str, found: list[GranuleRow]) -> str:
    """Two granules of one time differ by level or part: name the parameter that tells them apart."""
    parameter = "level" if found[0].level != found[1].level else "part"
    first, second = (getattr(row, parameter) for row in found[:MANY])
    return f"{name} has several granules at this time; choose one with {parameter}, such as {first!r} or {second!r}"


def _nearest(session: Session, query: Select[GranuleRow], when: TimeRange) -> GranuleRow | None:
    before, after = _neighbours(session, query, when)
    if before is None or after is None or when.start is None:
        return before or after
    calendar = before.calendar or "standard"
    since = days_between(before.key or 0, when.start, calendar)
    until = days_between(when.start, after.key or 0, calendar)
    return before if since <= until else after


def _explain(  # noqa: PLR0913, PLR0917
    session: Session,
    query: Select[GranuleRow],
    dataset: Dataset,
    variable: Variable,
    when: TimeRange,
    found: list[GranuleRow],
) -> str:
    name = f"{dataset.id}/{variable.id}"
    if found and found[0].time == found[1].time:
        return _say_which(name, found)
    if found:
        return f"datetime={when.text} selects more than one time of {name}, such as {found[0].time} and {found[1].time}"
    if dataset.time is None:
        return f"datetime={when.text}: {name} has no time; leave datetime out"
    before, after = _neighbours(session, query, when)
    near = " and ".join(row.time for row in (before, after) if row is not None)
    extent = f"from {dataset.time.first} to {dataset.time.last} ({dataset.time.calendar} calendar)"
    return f"datetime={when.text} selects no time of {name}, which runs {extent}; nearest: {near or 'none'}"
