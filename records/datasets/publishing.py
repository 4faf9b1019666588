"""What a change of a dataset writes, within the transaction of `records.datasets.repository`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from config.errors import CollectionNotFound, Conflict
from records.database.orm import AssetRow, DatasetRow, GranuleRow, RecordRow, StyleRow, VariableRow, WatchedFileRow
from records.datasets import additions, mosaic_overviews, rows
from records.datasets.additions import insert_granules, upsert_dataset
from records.datasets.asset_use import is_used
from records.datasets.items import writing as items
from records.writing.origins import absorb, keep_origin
from records.writing.writing import Change, erase
from records.writing.writing import write as write_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from records.datasets.models import Dataset, Origin, RecordOrigin, Variable
    from records.datasets.publication import Publication

_BATCH = 1000
_KEY = ("variable_id", "time", "layer", "part")


def write(session: Session, publication: Publication, *, who: str) -> None:
    """Make a publication the state of its dataset."""
    version = (session.scalar(select(DatasetRow.version).where(DatasetRow.id == publication.id)) or 0) + 1
    if publication.adds:
        additions.write(session, publication, version=version)
        _write_variables(session, publication.id, publication.variables, publication.summaries)
    else:
        upsert_dataset(session, rows.dataset_values(publication) | {"version": version})
        _write_variables(session, publication.id, publication.variables, publication.summaries)
        _write_granules(session, publication)
        items.write(session, publication)
        mosaic_overviews.write(session, publication.id, publication.overviews)
        _mark_unused(session, publication.id)
    _write_record(session, publication.id, publication.record, Change(who=who, action="published"))
    absorb(session, publication.id, publication.absorbed, who=who)
    if publication.record_origin is not None:
        keep_origin(session, publication.id, publication.record_origin)


def require_new(session: Session, dataset_id: str) -> None:
    """Raise Conflict if a dataset, hidden or not, or a record has an id."""
    if session.get(DatasetRow, dataset_id) is not None:
        raise Conflict(f"there is a collection {dataset_id} already; publish under another id, or remove it first")
    if session.get(RecordRow, dataset_id) is not None:
        raise Conflict(f"there is a record {dataset_id} already; publish under another id, or remove it first")


def rewrite(
    session: Session,
    dataset: Dataset,
    origin: Origin,
    record: dict[str, Any],
    *,
    who: str,
    record_origin: RecordOrigin | None = None,
) -> None:
    """Describe a dataset anew; its granules and extent stay."""
    values = {
        "version": DatasetRow.version + 1,
        "title": dataset.title,
        "description": dataset.description,
        "access_policy": dataset.access.policy,
        "embargo_until": dataset.access.embargo_until,
        "attribution": dataset.attribution,
        "license": dataset.license,
        "declaration": origin.declaration,
        "joined": origin.joined,
        "gaps": [asdict(gap) for gap in origin.gaps],
    }
    _update(session, dataset.id, values)
    _write_variables(session, dataset.id, dataset.variables)
    _write_record(session, dataset.id, record, Change(who=who, action="edited"))
    items.redate(session, dataset.id, record)
    if record_origin is not None:
        keep_origin(session, dataset.id, record_origin)


def rekey(session: Session, dataset_id: str, keys: Mapping[str, str]) -> None:
    """Give granules other keys in their provenance."""
    statement = text(
        "update granules set provenance = jsonb_set(provenance, '{key}', to_jsonb(cast(:new as text))) "
        "where dataset_id = :id and provenance ->> 'key' = :old"
    )
    for old, new in keys.items():
        session.execute(statement, {"id": dataset_id, "old": old, "new": new})


def hide(session: Session, dataset_id: str, *, hidden: bool) -> bool:
    """Hide a dataset or show it again; whether that changed anything."""
    row = session.get(DatasetRow, dataset_id)
    if row is None:
        raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
    if row.hidden == hidden:
        return False
    _update(session, dataset_id, {"hidden": hidden, "version": DatasetRow.version + 1})
    if not hidden:  # who harvested meanwhile has not met its record
        session.execute(update(RecordRow).where(RecordRow.dataset_id == dataset_id).values(updated=func.now()))
    return True


def withdraw(session: Session, dataset_id: str, *, who: str) -> None:
    """Remove a dataset with all that refers to it; its assets are marked as unused."""
    own = session.scalars(select(RecordRow.id).where(RecordRow.dataset_id == dataset_id)).all()
    erase(session, own, Change(who=who, action="removed"))
    removed = session.execute(delete(DatasetRow).where(DatasetRow.id == dataset_id).returning(DatasetRow.id))
    if removed.first() is None:
        raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
    session.execute(delete(WatchedFileRow).where(WatchedFileRow.dataset_id == dataset_id))
    _mark_unused(session, dataset_id)


def _update(session: Session, dataset_id: str, values: dict[str, Any]) -> None:
    changed = update(DatasetRow).where(DatasetRow.id == dataset_id).values(**values, updated=func.now())
    if session.execute(changed.returning(DatasetRow.id)).first() is None:
        raise CollectionNotFound(f"there is no dataset {dataset_id!r}")


def _write_variables(
    session: Session, dataset_id: str, variables: Sequence[Variable], summaries: Mapping[str, bytes] | None = None
) -> None:
    """Write all variables; granules of those that are no longer there go with them (ON DELETE CASCADE).

    `summaries` are the statistics of their granules; None leaves them.
    """
    gone = VariableRow.id.not_in([variable.id for variable in variables])
    session.execute(delete(VariableRow).where(VariableRow.dataset_id == dataset_id, gone))
    session.execute(delete(StyleRow).where(StyleRow.dataset_id == dataset_id, StyleRow.stops.is_(None)))
    for position, variable in enumerate(variables):
        values = rows.variable_values(dataset_id, variable, position)
        if summaries is not None:
            values["summary"] = summaries.get(variable.id)
        statement = upsert(VariableRow).values(**values)
        changed = {name: statement.excluded[name] for name in values if name not in ("dataset_id", "id")}
        session.execute(statement.on_conflict_do_update(index_elements=["dataset_id", "id"], set_=changed))
        styles = rows.style_values(dataset_id, variable)
        if styles:
            # an imported style of the same name stays: who brought it wants to see it
            session.execute(upsert(StyleRow).on_conflict_do_nothing(), styles)


def _write_granules(session: Session, publication: Publication) -> None:
    """Withdraw the granules that are not in the publication, or not as they are there, and write the others."""
    current = {g.place: g for g in publication.granules}  # not their rows, which take several times as much memory
    stale, unchanged = [], set()
    query = select(GranuleRow).where(GranuleRow.dataset_id == publication.id).execution_options(yield_per=_BATCH)
    for row in session.scalars(query):
        published = rows.granule(row)
        granule = current.get(published.place)
        if granule is not None and rows.granule_values(granule) == rows.granule_values(published):
            unchanged.add(granule.place)
        else:
            stale.append(row.id)
    session.expunge_all()
    for start in range(0, len(stale), _BATCH):
        session.execute(delete(GranuleRow).where(GranuleRow.id.in_(stale[start : start + _BATCH])))
    insert_granules(session, (g for place, g in current.items() if place not in unchanged))
    summarised = [g for place, g in current.items() if place in unchanged and g.summary is not None]
    for granule in summarised:  # measured now, because it was published without
        where = {name: value or "" for name, value in zip(_KEY, granule.place, strict=True)}
        statement = update(GranuleRow).filter_by(dataset_id=publication.id, **where)
        session.execute(statement.values(summary=granule.summary))


def _mark_unused(session: Session, dataset_id: str) -> None:
    """Note since when assets of a dataset have been unused, and that others are used again."""
    own = AssetRow.href.startswith(f"{dataset_id}/", autoescape=True)
    used = is_used()
    session.execute(
        update(AssetRow).where(own, AssetRow.unused_since.is_(None), ~used).values(unused_since=func.now()),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(AssetRow).where(own, AssetRow.unused_since.is_not(None), used).values(unused_since=None),
        execution_options={"synchronize_session": False},
    )


def _write_record(session: Session, dataset_id: str, document: dict[str, Any], change: Change) -> None:
    others = select(RecordRow.id).where(RecordRow.dataset_id == dataset_id, RecordRow.id != document["id"])
    erase(session, session.scalars(others).all(), Change(who=change.who, action="removed"))
    write_record(session, document, change, dataset_id=dataset_id)
