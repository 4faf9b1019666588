"""What an addition to a dataset writes: its own granules, and what follows from them; the others are not looked at.

A day that is added to ten thousand costs what a day costs.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import batched
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from records.database.orm import AssetRow, DatasetRow, GranuleRow
from records.datasets import rows
from records.datasets.asset_use import is_used
from records.datasets.items import writing as items
from records.datasets.models import TimeExtent
from records.datasets.series.intervals import interval_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from records.datasets.models import Granule
    from records.datasets.publication import Publication

_BATCH = 1000


def write(session: Session, publication: Publication, *, version: int) -> None:
    """Add the granules of a publication to its dataset, which is there; the caller writes variables and record."""
    _add_granules(session, publication)
    items.extend(session, publication)
    extent = _time_extent(session, publication)
    values = rows.dataset_values(publication) | {"time": asdict(extent) if extent else None, "version": version}
    upsert_dataset(session, values)


def upsert_dataset(session: Session, values: dict[str, Any]) -> None:
    """Write a dataset's row by its id, and when it was."""
    statement = upsert(DatasetRow).values(**values, updated=func.now())
    changed = {name: statement.excluded[name] for name in (*values, "updated") if name != "id"}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


def insert_granules(session: Session, fresh: Iterable[Granule]) -> None:
    """Insert granules and their assets; few rows are held at a time."""
    for batch in batched(fresh, _BATCH):
        files = [asset for g in batch for asset in (g.asset, g.source) if asset is not None]
        assets = list({asset.href: rows.asset_values(asset) for asset in files}.values())
        session.execute(upsert(AssetRow).on_conflict_do_nothing(), assets)
        session.execute(insert(GranuleRow), [rows.granule_values(g) | {"summary": g.summary} for g in batch])


def _add_granules(session: Session, publication: Publication) -> None:
    """Insert the granules, and withdraw those whose place they take."""
    place = tuple_(GranuleRow.variable_id, GranuleRow.time, GranuleRow.layer, GranuleRow.part)
    own = GranuleRow.dataset_id == publication.id
    for batch in batched(publication.granules, _BATCH):
        places = [(g.variable_id, g.time or "", g.layer or "", g.part or "") for g in batch]
        gone = session.execute(
            delete(GranuleRow).where(own, place.in_(places)).returning(GranuleRow.asset_href, GranuleRow.source_href),
            execution_options={"synchronize_session": False},
        ).all()
        insert_granules(session, batch)
        files = [asset.href for g in batch for asset in (g.asset, g.source) if asset is not None]
        _mark(session, files + [href for row in gone for href in row if href is not None])


def _mark(session: Session, hrefs: list[str]) -> None:
    """Note since when some assets have been unused, and that others are used again."""
    used = is_used()
    some = AssetRow.href.in_(hrefs)
    for clause, value in ((AssetRow.unused_since.is_(None) & ~used, func.now()), (used, None)):
        session.execute(
            update(AssetRow).where(some, clause).values(unused_since=value),
            execution_options={"synchronize_session": False},
        )


def _time_extent(session: Session, publication: Publication) -> TimeExtent | None:
    """The times of a dataset, from all of its granules."""
    own = (GranuleRow.dataset_id == publication.id, GranuleRow.key.is_not(None))
    columns = (GranuleRow.time, GranuleRow.calendar, GranuleRow.start, GranuleRow.end)

    def end(order: ColumnElement[Any]) -> Any:
        return session.execute(select(*columns).where(*own).order_by(order, GranuleRow.key).limit(1)).first()

    first, last = end(GranuleRow.key.asc()), end(GranuleRow.key.desc())
    if first is None:
        return None
    starts = end(func.coalesce(GranuleRow.start_key, GranuleRow.key).asc())
    ends = end(func.coalesce(GranuleRow.end_key, GranuleRow.key).desc())
    times = select(GranuleRow.key, func.min(GranuleRow.time)).where(*own)
    pairs = session.execute(times.group_by(GranuleRow.key).order_by(GranuleRow.key)).all()
    keys, labels = [key for key, _ in pairs], [label for _, label in pairs]
    calendar = first.calendar or "standard"
    interval = None if publication.climatology else interval_of(np.array(keys, "int64"), calendar)
    return TimeExtent(
        calendar=calendar,
        first=first.time,
        last=last.time,
        start=starts.start or starts.time,
        end=ends.end or ends.time,
        count=len(keys),
        climatology=publication.climatology,
        interval=interval.duration if interval else None,
        missing=interval.missing if interval else 0,
        labels=rows.listed_labels(labels, interval, calendar),
    )
