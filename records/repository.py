"""Reading and writing the catalogue. Publishing is one commit, which also tells every process that listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from config.errors import CollectionNotFound
from records import rows
from records.documents import searchable
from records.engine import translated_errors
from records.orm import CHANNEL, AssetRow, DatasetRow, GranuleRow, RecordRow, StyleRow, VariableRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from records.models import Dataset, Granule, Publication

_BATCH = 1000


class Repository:
    """The catalogue behind an engine. Thread-safe: every call has its own session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def dataset(self, dataset_id: str) -> Dataset:
        """The dataset of that id; raises CollectionNotFound."""
        with translated_errors(), Session(self.engine) as session:
            row = session.get(DatasetRow, dataset_id)
            if row is None:
                raise CollectionNotFound(f"there is no collection {dataset_id!r}; /collections lists them")
            return rows.dataset(row)

    def datasets(self, *, limit: int, offset: int = 0, q: str | None = None) -> tuple[list[Dataset], int]:
        """A page of datasets by id, and how many match `q` (a substring of id or title, case ignored)."""
        with translated_errors(), Session(self.engine) as session:
            matching = select(DatasetRow)
            if q:
                pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
                titles = func.jsonb_path_query_array(DatasetRow.title, "$.*").cast(GranuleRow.time.type)
                matching = matching.where(DatasetRow.id.ilike(pattern) | titles.ilike(pattern))
            total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
            page = session.scalars(matching.order_by(DatasetRow.id).limit(limit).offset(offset))
            return [rows.dataset(row) for row in page], total

    def dataset_ids(self) -> list[str]:
        """Every dataset's id, sorted."""
        with translated_errors(), Session(self.engine) as session:
            return list(session.scalars(select(DatasetRow.id).order_by(DatasetRow.id)))

    def declaration(self, dataset_id: str) -> dict[str, Any]:
        """The declaration that a dataset was published with; raises CollectionNotFound."""
        with translated_errors(), Session(self.engine) as session:
            found = session.scalar(select(DatasetRow.declaration).where(DatasetRow.id == dataset_id))
            if found is None:
                raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
            return dict(found)

    def granules(self, dataset_id: str, variable_id: str | None = None) -> Iterator[Granule]:
        """The granules of a dataset, or of one variable, by variable, order key, level and part."""
        query = select(GranuleRow).where(GranuleRow.dataset_id == dataset_id)
        if variable_id is not None:
            query = query.where(GranuleRow.variable_id == variable_id)
        query = query.order_by(GranuleRow.variable_id, GranuleRow.key, GranuleRow.level, GranuleRow.part)
        with translated_errors(), Session(self.engine) as session:
            for row in session.scalars(query.execution_options(yield_per=_BATCH)):
                yield rows.granule(row)

    def publish(self, publication: Publication) -> Dataset:
        """Make a publication the state of its dataset in one commit, and notify; returns the dataset."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            _lock(session, publication.id)
            version = (session.scalar(select(DatasetRow.version).where(DatasetRow.id == publication.id)) or 0) + 1
            _write_dataset(session, publication, version)
            _write_granules(session, publication)
            _write_record(session, publication)
            _notify(session, publication.id)
        return self.dataset(publication.id)

    def remove(self, dataset_id: str) -> None:
        """Withdraw a dataset, its granules and its record in one commit, and notify; raises CollectionNotFound."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            _lock(session, dataset_id)
            removed = session.execute(delete(DatasetRow).where(DatasetRow.id == dataset_id).returning(DatasetRow.id))
            if removed.first() is None:
                raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
            _notify(session, dataset_id)

    def unreferenced_assets(self) -> list[AssetRow]:
        """Assets that no granule refers to."""
        with translated_errors(), Session(self.engine) as session:
            used = select(GranuleRow.asset_href)
            found = session.scalars(select(AssetRow).where(AssetRow.href.not_in(used)))
            return list(found)


def _lock(session: Session, dataset_id: str) -> None:
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:id, 0))"), {"id": "publish:" + dataset_id})


def _notify(session: Session, dataset_id: str) -> None:
    session.execute(select(func.pg_notify(CHANNEL, dataset_id)))


def _write_dataset(session: Session, publication: Publication, version: int) -> None:
    values = rows.dataset_values(publication) | {"version": version}
    statement = upsert(DatasetRow).values(**values, updated=func.now())
    changed = {name: statement.excluded[name] for name in (*values, "updated") if name != "id"}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
    session.execute(delete(VariableRow).where(VariableRow.dataset_id == publication.id))
    for position, variable in enumerate(publication.variables):
        session.execute(insert(VariableRow).values(**rows.variable_values(publication.id, variable, position)))
        styles = rows.style_values(publication.id, variable)
        if styles:
            session.execute(insert(StyleRow), styles)


def _write_granules(session: Session, publication: Publication) -> None:
    """Write all granules; the old ones went with their variables (ON DELETE CASCADE)."""
    for start in range(0, len(publication.granules), _BATCH):
        batch = publication.granules[start : start + _BATCH]
        assets = list({g.asset.href: rows.asset_values(g.asset) for g in batch}.values())
        session.execute(upsert(AssetRow).on_conflict_do_nothing(), assets)
        session.execute(insert(GranuleRow), [rows.granule_values(g) for g in batch])


def _write_record(session: Session, publication: Publication) -> None:
    values: dict[str, Any] = searchable(publication.record) | {"dataset_id": publication.id}
    statement = upsert(RecordRow).values(**values, updated=func.now())
    changed = {name: statement.excluded[name] for name in (*values, "updated") if name != "id"}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
