"""Overviews across the sheets of mosaics: which there are, and their one way of changing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, undefer

from config.errors import CollectionNotFound
from config.grids import Grid
from records.database.engine import translated_errors
from records.database.orm import CHANNEL, AssetRow, DatasetRow, MosaicOverviewRow
from records.datasets import rows
from records.datasets.asset_use import is_used
from records.datasets.publication import MosaicOverview
from records.writing.writing import lock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from records.datasets.models import Variable


def overviews_of(engine: Engine, dataset_id: str) -> list[MosaicOverview]:
    """All of a dataset, with their sheets."""
    query = select(MosaicOverviewRow).where(MosaicOverviewRow.dataset_id == dataset_id)
    query = query.options(undefer(MosaicOverviewRow.sheets)).order_by(
        MosaicOverviewRow.variable_id, MosaicOverviewRow.key, MosaicOverviewRow.layer
    )
    with translated_errors(), Session(engine) as session:
        return [
            overview(row, {part: (one[0], one[1]) for part, one in row.sheets.items()})
            for row in session.scalars(query)
        ]


def overview_at(
    session: Session, dataset_id: str, variable: Variable, *, key: int | None, layer: str | None
) -> MosaicOverview | None:
    """The overview across the sheets of a time (by its order key) and layer, None: the first; None if there is none."""
    row = MosaicOverviewRow
    query = select(row).where(row.dataset_id == dataset_id, row.variable_id == variable.id)
    query = query.where(row.key.is_(None) if key is None else row.key == key)
    if variable.layers:
        query = query.where(row.layer == (layer or variable.layers[0]))
    found = session.scalars(query.limit(1)).first()
    return None if found is None else overview(found)


def read_overview(
    engine: Engine, dataset_id: str, variable: Variable, *, key: int | None, layer: str | None
) -> MosaicOverview | None:
    """As `overview_at`, in a transaction of its own."""
    with translated_errors(), Session(engine) as session:
        return overview_at(session, dataset_id, variable, key=key, layer=layer)


def overview(
    row: MosaicOverviewRow, sheets: Mapping[str, tuple[str, dict[str, object]]] | None = None
) -> MosaicOverview:
    """An overview from its row; the sheets, which are many, only where they are given."""
    return MosaicOverview(
        variable_id=row.variable_id,
        time=row.time or None,
        layer=row.layer or None,
        key=row.key,
        calendar=row.calendar,
        asset=rows.asset(row.asset),
        grid=Grid.from_json(row.grid),
        nodata=None if row.nodata is None else float(row.nodata),
        factor=row.factor,
        sheets=sheets or {},
    )


def replace_overviews(engine: Engine, dataset_id: str, overviews: Sequence[MosaicOverview]) -> None:
    """Make these the overviews of a dataset whose data stay; its version rises, and every process hears of it."""
    with translated_errors(), Session(engine) as session, session.begin():
        lock(session, dataset_id)
        changed = update(DatasetRow).where(DatasetRow.id == dataset_id).values(version=DatasetRow.version + 1)
        if session.execute(changed.returning(DatasetRow.id)).first() is None:
            raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
        write(session, dataset_id, overviews)
        own = AssetRow.href.startswith(f"{dataset_id}/", autoescape=True)
        session.execute(
            update(AssetRow).where(own, AssetRow.unused_since.is_(None), ~is_used()).values(unused_since=func.now()),
            execution_options={"synchronize_session": False},
        )
        session.execute(select(func.pg_notify(CHANNEL, dataset_id)))


def write(session: Session, dataset_id: str, overviews: Sequence[MosaicOverview]) -> None:
    """Write the overviews of a dataset in the place of those that it has; what they were made of is there."""
    session.execute(delete(MosaicOverviewRow).where(MosaicOverviewRow.dataset_id == dataset_id))
    for one in overviews:
        session.execute(upsert(AssetRow).on_conflict_do_nothing(), [rows.asset_values(one.asset)])
        session.execute(
            update(AssetRow).where(AssetRow.href == one.asset.href).values(unused_since=None),
            execution_options={"synchronize_session": False},
        )
        values = {
            "dataset_id": dataset_id,
            "variable_id": one.variable_id,
            "time": one.time or "",
            "layer": one.layer or "",
            "key": one.key,
            "calendar": one.calendar,
            "asset_href": one.asset.href,
            "grid": one.grid.to_json(),
            "nodata": None if one.nodata is None else repr(one.nodata),
            "factor": one.factor,
            "sheets": {part: list(sheet) for part, sheet in one.sheets.items()},
        }
        session.execute(insert(MosaicOverviewRow), [values])
