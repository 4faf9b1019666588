"""Keeping the items of a dataset in step with its granules, within the transaction of `records.datasets.repository`."""

from __future__ import annotations

from collections import defaultdict
from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from config.layers import level_of, member_of
from records.database.orm import DatasetRow, GranuleRow, ItemRow
from records.datasets import rows
from records.datasets.items.places import Outlines, Piece, item_id, moments, state
from records.documents.documents import time_bounds
from records.documents.years import FIRST_TIME, LAST_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from records.datasets.items.places import Moments, Place
    from records.datasets.models import Granule
    from records.datasets.publication import Publication

_BATCH = 1000
_NAMED = ("dataset_id", "id")


def write(session: Session, publication: Publication) -> None:
    """Make the items of a dataset those of its granules; those that say the same stay as they are."""
    without = _undated(session, publication.id, publication.record)
    query = select(ItemRow.id, ItemRow.state).where(ItemRow.dataset_id == publication.id)
    states = {row.id: row.state for row in session.execute(query)}
    current: set[str] = set()

    def changed() -> Iterator[dict[str, Any]]:
        for values in item_values(publication.id, placed(publication.granules), without):
            current.add(values["id"])
            if states.get(values["id"]) != values["state"]:
                yield values

    for batch in batched(changed(), _BATCH):
        _put(session, batch)
    gone = sorted(states.keys() - current)
    for start in range(0, len(gone), _BATCH):
        of_batch = ItemRow.id.in_(gone[start : start + _BATCH])
        session.execute(delete(ItemRow).where(ItemRow.dataset_id == publication.id, of_batch))


def extend(session: Session, publication: Publication) -> None:
    """Write the items of the granules that a publication added, with those that were there at their places."""
    without = _undated(session, publication.id, publication.record)
    places = sorted({(g.time or "", g.layer or "", g.part or "") for g in publication.granules})
    own = tuple_(GranuleRow.time, GranuleRow.layer, GranuleRow.part)
    for start in range(0, len(places), _BATCH):
        query = select(GranuleRow).where(
            GranuleRow.dataset_id == publication.id, own.in_(places[start : start + _BATCH])
        )
        granules = [rows.granule(row) for row in session.scalars(query)]
        _put(session, list(item_values(publication.id, placed(granules), without)))


def redate(session: Session, dataset_id: str, record: dict[str, Any]) -> None:
    """Give the items without time the time that a new record tells."""
    label, start, end = _undated(session, dataset_id, record)
    changed = update(ItemRow).where(ItemRow.dataset_id == dataset_id, ItemRow.time == "")
    session.execute(changed.values(moment=label, start=start, end=end, updated=func.now()))


def placed(granules: Iterable[Granule]) -> Iterator[tuple[Place, Piece]]:
    """Granules as the pieces of items."""
    for g in granules:
        yield (
            (g.time, g.layer, g.part),
            Piece(
                variable_id=g.variable_id,
                href=g.asset.href,
                grid=g.grid,
                key=g.key,
                start_key=g.start_key,
                end_key=g.end_key,
            ),
        )


def item_values(dataset_id: str, granules: Iterable[tuple[Place, Piece]], without: Moments) -> Iterator[dict[str, Any]]:
    """The column values of the items that granules make; those of granules without time have the moments `without`."""
    places: dict[Place, list[Piece]] = defaultdict(list)
    for place, piece in granules:
        places[place].append(piece)
    outlines = Outlines()
    for (time, layer, part), pieces in places.items():
        pieces.sort(key=lambda piece: piece.variable_id)
        when = moments(pieces, without)
        yield {
            "dataset_id": dataset_id,
            "id": item_id(dataset_id, time, layer, part),
            "time": time or "",
            "level": level_of(layer) or "",
            "member": member_of(layer) or "",
            "part": part or "",
            "moment": when[0],
            "start": when[1],
            "end": when[2],
            "variables": [piece.variable_id for piece in pieces],
            "geometry": outlines.of(pieces),
            "state": state(when, pieces),
        }


def undated(record: dict[str, Any], created: datetime) -> Moments:
    """When data without time are: in the time that their record tells, if it has two ends, else when published."""
    span = time_bounds(record.get("time"))
    if span is None or span[0] == FIRST_TIME or span[1] == LAST_TIME:
        return created, created, created
    return span[0], *span


def _undated(session: Session, dataset_id: str, record: dict[str, Any]) -> Moments:
    created = session.scalar(select(DatasetRow.created).where(DatasetRow.id == dataset_id))
    assert created is not None
    return undated(record, created)


def _put(session: Session, batch: Sequence[dict[str, Any]]) -> None:
    statement = upsert(ItemRow)
    changed = {name: statement.excluded[name] for name in batch[0] if name not in _NAMED}
    session.execute(
        statement.on_conflict_do_update(index_elements=_NAMED, set_=changed | {"updated": func.now()}), batch
    )
