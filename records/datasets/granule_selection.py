"""The selection of granules by time, layer and part."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import Float, func, or_, select
from sqlalchemy.orm import Session

from config.errors import GranuleNotFound
from config.grids import CRS84
from config.times import days_between, require_days
from records.database.engine import translated_errors
from records.database.orm import GranuleRow
from records.datasets import rows
from records.datasets.mosaic_overviews import overview_at
from records.datasets.prepared import MANY, last_granules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import ColumnElement, Engine, Select

    from config.times import TimeRange
    from records.datasets.models import Dataset, Granule, Variable
    from records.datasets.prepared import Holding
    from records.datasets.publication import MosaicOverview

_SHOWN_LAYERS = 50
_TURNS = (-360.0, 0.0, 360.0)


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """A box that granules are to meet: (west, south, east, north) in the CRS of their grids, as `Grid.crs` names it."""

    crs: str
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """The granules of one time: one, or the sheets of a mosaic.

    Attributes:
        granules: By name of their part, at least one.
        depends_on_footprint: Whether the time has other granules too, so that another footprint may select those.
        overview: The overview across the sheets, which stands for them: it is the only one of `granules`.
    """

    granules: tuple[Granule, ...]
    depends_on_footprint: bool
    overview: MosaicOverview | None = None


def select_sheets(
    engine: Engine,
    dataset: Dataset,
    variable: Variable,
    *,
    when: TimeRange | None = None,
    nearest: bool = False,
    layer: str | None = None,
    part: str | None = None,
    meeting: Callable[[], Footprint | None] | None = None,
    limit: int | None = None,
    holding: Holding | None = None,
    is_coarse: Callable[[MosaicOverview], bool] | None = None,
) -> Sheets:
    """Select the granules of the one time that a request means.

    An instant selects the time whose label equals it, else the one whose bounds [start, end) contain it. A reduced date
    or an interval selects the latest of the times whose label lies in it, else of those whose bounds meet it. Granules
    without a time match every time (OGC 20-058, datetime-response).

    Args:
        engine: Reaches the catalogue.
        dataset: The dataset.
        variable: One of its variables.
        when: The time; None: the latest that has data at the layer and part.
        nearest: Whether the neighbour whose label is nearer in its calendar, the earlier of equals, stands in for a
            time that the data do not have.
        layer: Key of the layer (`config.layers`); None: the first one of the variable.
        part: The part; None: all of them.
        meeting: Called if there may be several parts: those that meet the footprint it returns are selected, or the
            first one if none does.
        limit: Most granules.
        holding: The dataset as it was read, if it is at hand: its few granules are not asked for again.
        is_coarse: Whether an overview across all sheets of the time may stand for them; None: none may.

    Raises:
        GranuleNotFound: if there is none, naming the neighbours, or if the bounds of several times hold an instant or a
            reduced date, as those of a climatology do, naming two.
    """
    _require_days(dataset, when)
    alone = _alone(engine, dataset, variable, when, layer=layer, part=part, holding=holding)
    if alone is not None:
        return Sheets(granules=(alone,), depends_on_footprint=False)
    with translated_errors(), Session(engine) as session:
        query = _of(dataset, variable, layer=layer, part=part)
        key = _one_key(session, query, dataset, variable, when=when, nearest=nearest)
        if is_coarse is not None and part is None:
            across = overview_at(session, dataset.id, variable, key=key, layer=layer)
            if across is not None and is_coarse(across):
                return Sheets(granules=(across.as_granule(dataset.id),), depends_on_footprint=True, overview=across)
        query = query.where(GranuleRow.key.is_(None) if key is None else GranuleRow.key == key)
        query = query.order_by(GranuleRow.part).limit(limit)
        footprint = meeting() if meeting is not None else None
        met = list(session.scalars(query if footprint is None else query.where(_meets(footprint))))
        first = met if meeting is None or len(met) >= MANY else list(session.scalars(query.limit(MANY)))
        granules = tuple(rows.granule(row) for row in met or first[:1])
        return Sheets(granules=granules, depends_on_footprint=meeting is not None and len(first) >= MANY)


def _alone(
    engine: Engine,
    dataset: Dataset,
    variable: Variable,
    when: TimeRange | None,
    *,
    layer: str | None,
    part: str | None,
    holding: Holding | None,
) -> Granule | None:
    """The granule of the one time that is meant, if a first look finds it and no other part of that time."""
    layer = _layer(dataset, variable, layer)
    matches = None if holding is None else holding.last_granules(variable.id, when, layer=layer, part=part)
    if matches is None:
        matches = last_granules(engine, dataset.id, variable.id, when, layer=layer, part=part)
    return matches[0] if matches and (len(matches) == 1 or matches[0].key != matches[1].key) else None


def _one_key(
    session: Session,
    query: Select[GranuleRow],
    dataset: Dataset,
    variable: Variable,
    *,
    when: TimeRange | None,
    nearest: bool,
) -> int | None:
    """The order key of the one time that is meant, None where the data have no times; raises GranuleNotFound."""
    labelled = session.scalars(_latest_first(_labelled_in(query, when)).limit(1)).first()
    if labelled is not None:
        return labelled.key
    if when is None:
        raise GranuleNotFound(f"{dataset.id}/{variable.id} has no granule at that level, member and part")
    times = _distinct(session, _bounds_meet(query, when))
    if len(times) > 1 and not when.is_interval:
        name, last, other = f"{dataset.id}/{variable.id}", times[0].time, times[1].time
        raise GranuleNotFound(
            f"datetime={when.text} lies in the bounds of more than one time of {name}, such as {other} and {last}; "
            "name one of them"
        )
    if times:
        return times[0].key
    if session.scalars(query.where(GranuleRow.key.is_(None)).limit(1)).first() is not None:
        return None
    neighbour = _nearest(session, query, when) if nearest else None
    if neighbour is not None:
        return neighbour.key
    raise GranuleNotFound(_explain(session, query, dataset, variable, when))


def _latest_first(query: Select[GranuleRow]) -> Select[GranuleRow]:
    return query.order_by(GranuleRow.key.desc().nulls_last())


def _distinct(session: Session, query: Select[GranuleRow]) -> list[GranuleRow]:
    """A granule of the last time, and one of the time before it if there is one."""
    last = session.scalars(_latest_first(query).limit(1)).first()
    if last is None:
        return []
    other = session.scalars(_latest_first(query.where(GranuleRow.key < last.key)).limit(1)).first()
    return [last] if other is None else [last, other]


def _meets(footprint: Footprint) -> ColumnElement[bool]:
    """Whether a granule's grid meets a box; grids in another CRS may."""
    across, _, left, _, down, top = (GranuleRow.grid["transform"][i].astext.cast(Float) for i in range(6))
    height, width = (GranuleRow.grid["shape"][i].astext.cast(Float) for i in range(2))
    right, bottom = left + across * width, top + down * height
    west, south, east, north = footprint.bounds
    down_there = (func.least(top, bottom) < north) & (func.greatest(top, bottom) > south)
    turns = _TURNS if footprint.crs == CRS84 else (0.0,)
    over_there = or_(*((func.least(left, right) + t < east) & (func.greatest(left, right) + t > west) for t in turns))
    elsewhere: ColumnElement[bool] = GranuleRow.grid["crs"].astext != footprint.crs
    return elsewhere | (down_there & over_there)


def iterate_times(
    engine: Engine,
    dataset: Dataset,
    variable: Variable,
    when: TimeRange | None,
    *,
    layer: str | None = None,
    part: str | None = None,
    page: int,
) -> Iterator[list[Granule]]:
    """Yield the granules of each time whose label lies in a range, else whose bounds meet it, in order.

    The catalogue is read page by page, in a transaction each, so that any number of times can be iterated: a caller for
    whom the dataset must not change meanwhile compares its version.

    Args:
        engine: Reaches the catalogue.
        dataset: The dataset.
        variable: One of its variables.
        when: The range; None: every time.
        layer: Key of the layer (`config.layers`); None: the first one of the variable.
        part: The part; None: all of them, in the order of their names.
        page: Times that are read at once.

    Raises GranuleNotFound, naming the neighbours, if the range holds no time.
    """
    _require_days(dataset, when)
    query = _of(dataset, variable, layer=layer, part=part)
    if when is not None:
        query = _non_empty(engine, query, dataset, variable, when)
    after: int | None = None
    while True:
        with translated_errors(), Session(engine) as session:
            granules = _earliest(session, query if after is None else query.where(GranuleRow.key > after), page)
        times = [list(group) for _, group in groupby(granules, key=attrgetter("key"))]
        yield from times
        after = granules[-1].key if len(times) == page else None
        if after is None:
            return


def _non_empty(
    engine: Engine, query: Select[GranuleRow], dataset: Dataset, variable: Variable, when: TimeRange
) -> Select[GranuleRow]:
    """The granules whose label lies in a range, else whose bounds meet it, else without times.

    Raises GranuleNotFound.
    """
    with translated_errors(), Session(engine) as session:
        for narrowed in (_labelled_in(query, when), _bounds_meet(query, when), query.where(GranuleRow.key.is_(None))):
            if session.scalars(narrowed.limit(1)).first() is not None:
                return narrowed
        raise GranuleNotFound(_explain(session, query, dataset, variable, when))


def _earliest(session: Session, query: Select[GranuleRow], limit: int) -> list[Granule]:
    """The granules of the first `limit` times."""
    last = query.with_only_columns(GranuleRow.key).distinct().order_by(GranuleRow.key).offset(limit).limit(1)
    beyond = session.scalars(last).first()
    if beyond is not None:
        query = query.where(GranuleRow.key < beyond)
    return [rows.granule(r) for r in session.scalars(query.order_by(GranuleRow.key, GranuleRow.part))]


def _require_days(dataset: Dataset, when: TimeRange | None) -> None:
    if when is not None and dataset.time is not None:
        require_days(when.text, dataset.time.calendar)


def _of(dataset: Dataset, variable: Variable, *, layer: str | None, part: str | None) -> Select[GranuleRow]:
    query = select(GranuleRow).where(GranuleRow.dataset_id == dataset.id, GranuleRow.variable_id == variable.id)
    layer = _layer(dataset, variable, layer)
    if layer is not None:
        query = query.where(GranuleRow.layer == layer)
    if part is not None:
        query = query.where(GranuleRow.part == part)
    return query


def _layer(dataset: Dataset, variable: Variable, layer: str | None) -> str | None:
    """The layer that is meant, by default the first one; raises GranuleNotFound."""
    if not variable.layers:
        return layer
    layer = layer or variable.layers[0]
    if layer not in variable.layers:
        labels = ", ".join(variable.layers[:_SHOWN_LAYERS])
        raise GranuleNotFound(f"{dataset.id}/{variable.id} has no layer {layer!r}; it has {labels}")
    return layer


def _labelled_in(query: Select[GranuleRow], when: TimeRange | None) -> Select[GranuleRow]:
    if when is not None and when.start is not None:
        query = query.where(GranuleRow.key >= when.start)
    if when is not None and when.end is not None:
        query = query.where(GranuleRow.key < when.end)
    return query


def _bounds_meet(query: Select[GranuleRow], when: TimeRange) -> Select[GranuleRow]:
    if when.start is not None:
        query = query.where(GranuleRow.end_key > when.start)
    if when.end is not None:
        query = query.where(GranuleRow.start_key < when.end)
    return query


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


def _nearest(session: Session, query: Select[GranuleRow], when: TimeRange) -> GranuleRow | None:
    before, after = _neighbours(session, query, when)
    if before is None or after is None or when.start is None:
        return before or after
    calendar = before.calendar or "standard"
    since = days_between(before.key or 0, when.start, calendar)
    until = days_between(when.start, after.key or 0, calendar)
    return before if since <= until else after


def _explain(
    session: Session,
    query: Select[GranuleRow],
    dataset: Dataset,
    variable: Variable,
    when: TimeRange,
) -> str:
    """Explain that a range holds no time, naming the neighbours."""
    name = f"{dataset.id}/{variable.id}"
    before, after = _neighbours(session, query, when)
    is_empty = before is None and after is None and session.scalars(query.limit(1)).first() is None
    if dataset.time is None or is_empty:
        return f"{name} has no granule at that level, member and part"
    near = " and ".join(row.time for row in (before, after) if row is not None)
    extent = f"from {dataset.time.first} to {dataset.time.last} ({dataset.time.calendar} calendar)"
    return f"datetime={when.text} selects no time of {name}, which runs {extent}; nearest: {near or 'none'}"
