"""Reading and writing the catalogue. Publishing is one commit, which also tells every process that listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.orm import Session

from config.errors import CollectionNotFound, RecordNotFound
from records.database.engine import nothing_along, translated_errors
from records.database.orm import CHANNEL, AssetRow, DatasetRow, GranuleRow, RecordRow, VariableRow
from records.datasets import imported_styles, prepared, publishing, rows
from records.datasets.asset_use import is_used
from records.datasets.dataset_filter import conditions
from records.writing.origins import origin_of
from records.writing.writing import lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from config.times import TimeRange
    from records.database.engine import SessionChange
    from records.datasets.models import Asset, Dataset, Granule, Origin, Place, RecordOrigin, Style
    from records.datasets.prepared import Holding
    from records.datasets.publication import Publication

_BATCH = 1000


class Repository:
    """The catalogue behind an engine. Thread-safe: every call has its own session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def dataset(self, dataset_id: str, *, hidden: bool = False) -> Dataset:
        """The dataset of that id; raises CollectionNotFound, also for a hidden one unless `hidden` are meant too."""
        return self.holding(dataset_id, hidden=hidden).dataset

    def holding(self, dataset_id: str, *, hidden: bool = False) -> Holding:
        """The dataset of that id with its granules if they are few; raises as `dataset`."""
        holding = prepared.read_holding(self.engine, dataset_id)
        if holding is None or (holding.dataset.hidden and not hidden):
            raise CollectionNotFound(f"there is no collection {dataset_id!r}; /collections lists them")
        return holding

    def datasets(
        self,
        *,
        limit: int,
        offset: int = 0,
        q: str | None = None,
        bbox: tuple[float, float, float, float] | None = None,
        when: TimeRange | None = None,
        hidden: bool = False,
    ) -> tuple[list[Dataset], int]:
        """A page of datasets by id, and how many match.

        Args:
            limit: Most datasets of the page.
            offset: Matching datasets before the page.
            q: A substring of the id or of the title in any language, case ignored.
            bbox: (west, south, east, north) in CRS84 that the dataset meets; west > east across the antimeridian.
            when: Times that the dataset meets; one without time meets all (OGC 20-024, 7.6.5).
            hidden: Whether hidden datasets are meant too.
        """
        with translated_errors(), Session(self.engine) as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            clauses, public = conditions(q=q, bbox=bbox, when=when), () if hidden else (~DatasetRow.hidden,)
            # what a dataset says of its files and its record is looked up for those of the page alone
            ids = select(DatasetRow.id).where(*clauses, *public).order_by(DatasetRow.id).limit(limit).offset(offset)
            page = select(DatasetRow).where(DatasetRow.id.in_(session.scalars(ids).all())).order_by(DatasetRow.id)
            page_ = [rows.dataset(row) for row in session.scalars(page)]
            count = select(func.count()).select_from(DatasetRow)
            if clauses:
                return page_, session.scalar(count.where(*clauses, *public)) or 0
            # an index counts all, and another one those that are hidden
            secret = 0 if hidden else session.scalar(count.where(DatasetRow.hidden)) or 0
            return page_, (session.scalar(count) or 0) - secret

    def times(self, dataset_id: str, variable_id: str, *, limit: int) -> list[str]:
        """Labels of the latest times of a variable, at most `limit`, in rising order."""
        key = func.max(GranuleRow.key)
        of_variable = (GranuleRow.dataset_id == dataset_id, GranuleRow.variable_id == variable_id)
        query = select(GranuleRow.time).where(*of_variable, GranuleRow.key.is_not(None)).group_by(GranuleRow.time)
        with translated_errors(), Session(self.engine) as session:
            return list(session.scalars(query.order_by(key.desc()).limit(limit)))[::-1]

    def dataset_ids(self, *, hidden: bool = False) -> list[str]:
        """Every dataset's id, sorted; of hidden ones if they are meant too."""
        query = select(DatasetRow.id).order_by(DatasetRow.id)
        with translated_errors(), Session(self.engine) as session:
            return list(session.scalars(query if hidden else query.where(~DatasetRow.hidden)))

    def origin(self, dataset_id: str) -> Origin:
        """What a dataset was made with, hidden or not; raises CollectionNotFound."""
        with translated_errors(), Session(self.engine) as session:
            row = session.get(DatasetRow, dataset_id)
            if row is None:
                raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
            return rows.origin(row)

    def summaries(self, dataset_id: str) -> dict[Place, bytes]:
        """The statistics of the granules of a dataset that have any (`cog.statistics.packing`)."""
        key = (GranuleRow.variable_id, GranuleRow.time, GranuleRow.layer, GranuleRow.part)
        query = select(*key, GranuleRow.summary).where(
            GranuleRow.dataset_id == dataset_id, GranuleRow.summary.is_not(None)
        )
        with translated_errors(), Session(self.engine) as session:
            results = session.execute(query.execution_options(yield_per=_BATCH))
            return {
                (v, time or None, layer or None, part or None): data for v, time, layer, part, data in results if data
            }

    def variable_summaries(self, dataset_id: str) -> dict[str, bytes]:
        """Statistics of all granules of each variable where they are known (`cog.statistics.growing`), by its id."""
        query = select(VariableRow.id, VariableRow.summary).where(
            VariableRow.dataset_id == dataset_id, VariableRow.summary.is_not(None)
        )
        with translated_errors(), Session(self.engine) as session:
            return {variable: data for variable, data in session.execute(query) if data}

    def granules_of_sources(self, dataset_id: str, keys: Sequence[str]) -> list[Granule]:
        """The granules that sources gave, by the keys of these in their provenance."""
        of_source = GranuleRow.provenance["key"].astext.in_(keys)
        with translated_errors(), Session(self.engine) as session:
            query = select(GranuleRow).where(GranuleRow.dataset_id == dataset_id, of_source)
            return [rows.granule(row) for row in session.scalars(query.order_by(GranuleRow.id))]

    def granules_of_paths(self, dataset_id: str, paths: Sequence[str]) -> list[Granule]:
        """The granules that files gave, by the paths of these in their provenance."""
        path = GranuleRow.provenance["source"]["path"].astext
        granules: list[Granule] = []
        with translated_errors(), Session(self.engine) as session:
            for start in range(0, len(paths), _BATCH):
                of_batch = path.in_(paths[start : start + _BATCH])
                query = select(GranuleRow).where(GranuleRow.dataset_id == dataset_id, of_batch)
                granules += [rows.granule(row) for row in session.scalars(query.order_by(GranuleRow.id))]
        return granules

    def granules_at(self, dataset_id: str, places: Sequence[Place]) -> list[Granule]:
        """The granules at places: variable, time, layer and part."""
        place = tuple_(GranuleRow.variable_id, GranuleRow.time, GranuleRow.layer, GranuleRow.part)
        keys = [(v, time or "", layer or "", part or "") for v, time, layer, part in places]
        granules: list[Granule] = []
        with translated_errors(), Session(self.engine) as session:
            for start in range(0, len(keys), _BATCH):
                of_batch = place.in_(keys[start : start + _BATCH])
                query = select(GranuleRow).where(GranuleRow.dataset_id == dataset_id, of_batch)
                granules += [rows.granule(row) for row in session.scalars(query)]
        return granules

    def outermost_granules(self, dataset_id: str) -> list[Granule]:
        """The granules of a dataset that start first and end last, if they have times."""
        own = select(GranuleRow).where(GranuleRow.dataset_id == dataset_id, GranuleRow.key.is_not(None))
        start = func.coalesce(GranuleRow.start_key, GranuleRow.key)
        end = func.coalesce(GranuleRow.end_key, GranuleRow.key)
        with translated_errors(), Session(self.engine) as session:
            ends = [session.scalars(own.order_by(order).limit(1)).first() for order in (start, end.desc())]
            return [rows.granule(row) for row in ends if row is not None]

    def lineage(self, dataset_id: str) -> list[str]:
        """What ingest noted on the granules of a dataset, each note once, in the order of the granules."""
        notes = GranuleRow.provenance["lineage"]
        query = select(notes, func.min(GranuleRow.id)).where(GranuleRow.dataset_id == dataset_id).group_by(notes)
        with translated_errors(), Session(self.engine) as session:
            lists = [found for found, _ in session.execute(query.order_by(func.min(GranuleRow.id)))]
        return list(dict.fromkeys(note for notes in lists for note in notes or ()))

    def has_parts(self, dataset_id: str) -> bool:
        """Whether a dataset is cut into parts."""
        query = select(GranuleRow.id).where(GranuleRow.dataset_id == dataset_id, GranuleRow.part != "").limit(1)
        with translated_errors(), Session(self.engine) as session:
            return session.scalar(query) is not None

    def granules(self, dataset_id: str, variable_id: str | None = None) -> Iterator[Granule]:
        """The granules of a dataset, or of one variable, by variable, order key, layer and part."""
        query = select(GranuleRow).where(GranuleRow.dataset_id == dataset_id)
        if variable_id is not None:
            query = query.where(GranuleRow.variable_id == variable_id)
        query = query.order_by(GranuleRow.variable_id, GranuleRow.key, GranuleRow.layer, GranuleRow.part)
        with translated_errors(), Session(self.engine) as session:
            for row in session.scalars(query.execution_options(yield_per=_BATCH)):
                yield rows.granule(row)

    def publish(self, publication: Publication, *, who: str = "ingest") -> Dataset:
        """Make a publication the state of its dataset in one commit, and notify; returns the dataset.

        Granules that the dataset has already, equal in all, are left as they are. A hidden dataset stays hidden.
        """
        with self._changing(publication.id) as session:
            publishing.write(session, publication, who=who)
        return self.dataset(publication.id, hidden=True)

    def publish_new(self, publication: Publication, *, who: str, along: SessionChange = nothing_along) -> None:
        """Publish a dataset whose id nothing has, in one commit, and notify.

        Args:
            publication: The dataset.
            who: Makes the change, for the record's versions.
            along: Changes something else in the same transaction, at its end.

        Raises:
            Conflict: A dataset or a record has the id.
        """
        with self._changing(publication.id) as session:
            publishing.require_new(session, publication.id)
            publishing.write(session, publication, who=who)
            along(session)

    def require_new(self, dataset_id: str) -> None:
        """Raise Conflict if a dataset or a record has an id."""
        with translated_errors(), Session(self.engine) as session:
            publishing.require_new(session, dataset_id)

    def revise(
        self,
        dataset: Dataset,
        origin: Origin,
        record: dict[str, Any],
        *,
        keys: Mapping[str, str] | None = None,
        record_origin: RecordOrigin | None = None,
        who: str = "command",
    ) -> Dataset:
        """Describe a published dataset anew in one commit, and notify: all but its granules, extent and origin of data.

        Args:
            dataset: As it shall be; the variables are those that it has.
            origin: The declaration and joined record that the next ingest goes on with.
            record: Its record document in stored form.
            keys: New keys of granules' provenance by their old ones.
            record_origin: Where the record came from, if that is new.
            who: Makes the change, for the record's versions.

        Raises:
            CollectionNotFound: It is not published.
            InvalidRecord: The record cannot be stored.
        """
        with self._changing(dataset.id) as session:
            publishing.rewrite(session, dataset, origin, record, who=who, record_origin=record_origin)
            publishing.rekey(session, dataset.id, keys or {})
        return self.dataset(dataset.id, hidden=True)

    def hide(self, dataset_id: str, *, hidden: bool) -> bool:
        """Keep a dataset from everything public, or no longer; whether that changed anything."""
        with self._changing(dataset_id) as session:
            return publishing.hide(session, dataset_id, hidden=hidden)

    def keep_style(self, dataset_id: str, variable_id: str, style: Style) -> None:
        """Keep an imported style of a variable, and notify; raises InvalidInput where there are too many."""
        with self._changing(dataset_id) as session:
            imported_styles.keep(session, dataset_id, variable_id, style)

    def drop_style(self, dataset_id: str, variable_id: str, style_id: str) -> None:
        """Remove an imported style, and notify; raises StyleNotFound."""
        with self._changing(dataset_id) as session:
            imported_styles.drop(session, dataset_id, variable_id, style_id)

    def remove(self, dataset_id: str, *, who: str = "command") -> None:
        """Withdraw a dataset, its granules and its record in one commit, and notify; raises CollectionNotFound."""
        with self._changing(dataset_id) as session:
            publishing.withdraw(session, dataset_id, who=who)

    def record(self, dataset_id: str) -> dict[str, Any]:
        """The stored record document of a dataset, hidden or not; raises RecordNotFound."""
        with translated_errors(), Session(self.engine) as session:
            document = session.scalar(select(RecordRow.document).where(RecordRow.dataset_id == dataset_id))
            if document is None:
                raise RecordNotFound(f"dataset {dataset_id!r} has no record")
            return dict(document)

    def loose_records(self, dataset_id: str, external_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Records without data whose id is that of a dataset, or that share one of the given identifiers."""
        folded = [text.casefold() for text in external_ids]
        alike = or_(RecordRow.id == dataset_id, RecordRow.external_ids.bool_op("&&")(folded))
        query = select(RecordRow.document).where(RecordRow.dataset_id.is_(None), alike).order_by(RecordRow.id)
        with translated_errors(), Session(self.engine) as session:
            return [dict(document) for document in session.scalars(query)]

    def record_origin(self, record_id: str) -> RecordOrigin | None:
        """Where a record came from, with what is private of it; None if it was not harvested."""
        with translated_errors(), Session(self.engine) as session:
            return origin_of(session, record_id)

    def unreferenced_assets(self, *, before: datetime | None = None) -> list[Asset]:
        """Assets that no granule refers to, or only those that have been unused since before a moment."""
        query = select(AssetRow).where(~is_used())
        if before is not None:
            query = query.where(AssetRow.unused_since < before)
        with translated_errors(), Session(self.engine) as session:
            return [rows.asset(row) for row in session.scalars(query.order_by(AssetRow.href))]

    def known_assets(self, dataset_id: str) -> set[str]:
        """The paths below the store of every asset of a dataset that the catalogue knows, used or not."""
        query = select(AssetRow.href).where(AssetRow.href.startswith(f"{dataset_id}/", autoescape=True))
        with translated_errors(), Session(self.engine) as session:
            return set(session.scalars(query))

    def forget_assets(self, hrefs: Sequence[str]) -> list[str]:
        """Strike assets from the catalogue that no granule refers to; returns those that were struck."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            struck = delete(AssetRow).where(AssetRow.href.in_(hrefs), ~is_used()).returning(AssetRow.href)
            return sorted(session.scalars(struck))

    @contextmanager
    def _changing(self, dataset_id: str) -> Iterator[Session]:
        """A transaction that changes a dataset, alone; its commit tells every process that listens."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            lock(session, dataset_id)
            yield session
            session.execute(select(func.pg_notify(CHANNEL, dataset_id)))
