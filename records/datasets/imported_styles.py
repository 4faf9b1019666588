"""Styles that people bring: kept beside the declared ones, and by every later ingest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from config.errors import InvalidInput, StyleNotFound
from records.database.orm.datasets import DatasetRow, StyleRow
from records.datasets import rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.datasets.models import Style

MAX_STYLES = 100
"""Imported styles of a variable."""


def keep(session: Session, dataset_id: str, variable_id: str, style: Style) -> None:
    """Write an imported style; one of the same name, also a declared one, is replaced. Raises InvalidInput."""
    own = (StyleRow.dataset_id == dataset_id, StyleRow.variable_id == variable_id)
    places = {row.id: row.position for row in session.execute(select(StyleRow.id, StyleRow.position).where(*own))}
    if style.id not in places and len(places) >= MAX_STYLES:
        raise InvalidInput(
            f"variable {variable_id} has {len(places)} styles, at most {MAX_STYLES} are kept; remove some"
        )
    values = {
        "dataset_id": dataset_id,
        "variable_id": variable_id,
        "id": style.id,
        "position": places.get(style.id, max(places.values(), default=-1) + 1),
        "title": style.title,
        "colormap": None,
        "low": style.range[0] if style.range else None,
        "high": style.range[1] if style.range else None,
        "scale": "linear",
        "stops": rows.style_stops(style),
    }
    statement = upsert(StyleRow).values(**values)
    keys = ["dataset_id", "variable_id", "id"]
    changed = {name: statement.excluded[name] for name in values if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
    _raise_version(session, dataset_id)


def drop(session: Session, dataset_id: str, variable_id: str, style_id: str) -> None:
    """Remove an imported style; raises StyleNotFound for one that is declared or not there.

    A declared style of the same name comes back with the next ingest.
    """
    removed = session.execute(
        delete(StyleRow)
        .where(
            StyleRow.dataset_id == dataset_id,
            StyleRow.variable_id == variable_id,
            StyleRow.id == style_id,
            StyleRow.stops.is_not(None),
        )
        .returning(StyleRow.id)
    ).first()
    if removed is None:
        raise StyleNotFound(f"variable {variable_id} of {dataset_id} has no imported style {style_id!r}")
    _raise_version(session, dataset_id)


def _raise_version(session: Session, dataset_id: str) -> None:
    later = {"version": DatasetRow.version + 1, "updated": func.now()}
    session.execute(update(DatasetRow).where(DatasetRow.id == dataset_id).values(**later))
