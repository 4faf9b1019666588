"""inspect -> plan -> convert -> validate -> describe -> publish: one call makes one dataset of its sources."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cog.convert.profiles import ProfileName
from cog.statistics.growing import GrowingStatistics
from config.declarations.datasets import DatasetDeclaration
from config.errors import EnvironmentFault, SourceRefused
from records.datasets.models import Asset, Granule, Place
from records.datasets.mosaic_overviews import overviews_of
from records.datasets.repository import Repository
from services.ingest import reports
from services.ingest.counting import Counter
from services.ingest.models import IngestReport, Listener, Progress, shown, silent
from services.ingest.mosaics.building import OverviewBuilder
from services.ingest.planning import disk_space as room
from services.ingest.planning.layout import IngestOrder, IngestPlan, Planner, order_of
from services.ingest.planning.plan import GranulePiece, conversion_tasks, waiting_place
from services.ingest.planning.withdrawals import require_rest
from services.ingest.publishing import assembly, kept_statistics
from services.ingest.publishing import record_matching as joining
from services.ingest.publishing.access import access_for
from services.ingest.publishing.assembly import ConvertedPiece, Neighbours
from services.ingest.publishing.record_matching import MatchedRecord, RecordFile
from services.ingest.reading.source_digest import require_untouched
from services.ingest.store import staging as files
from services.ingest.store.locking import ingest_lock
from services.ingest.store.resuming import FOLDER, forget_others, is_waiting
from services.ingest.store.source_files import kept_sources
from services.ingest.workers import Workers, pool_of

log = logging.getLogger(__name__)

_DESCRIBED = "its data are unchanged; its description was replaced"


def ingest(
    paths: Sequence[Path],
    declaration: DatasetDeclaration,
    *,
    repository: Repository,
    store: Path,
    dataset_id: str | None = None,
    profile: ProfileName = "zstd",
    replace: bool = False,
    skip_bad: bool = False,
    records: Sequence[RecordFile] = (),
    records_of_many: bool = False,
    follows: bool = False,
    gone: Sequence[Path] = (),
    roots: Sequence[Path] = (),
    workers: Workers | int | None = None,
    listener: Listener = silent,
) -> IngestReport:
    """Make or extend one dataset from its sources, in one commit; a refused source keeps all from being published.

    Args:
        paths: The source files.
        declaration: What is declared of the dataset. An empty one takes everything from the files, or, if the
            dataset is published and not replaced, stands for the declaration it was published with.
        repository: The catalogue, at its newest schema.
        store: Folder of the COGs; made if it is not there.
        dataset_id: Overrides the declared id; without either, the only file's stem.
        profile: How COGs are encoded; `in-place`: files stay where they lie.
        replace: Withdraw what the dataset had, instead of adding to it.
        skip_bad: Publish without the sources that are refused, and keep the gap in the catalogue and the record.
        records: Metadata records, of which the dataset's own is joined to it.
        records_of_many: Whether they are given for several datasets, so that none need be this one's.
        follows: Withdraw what a source gave before it had its present content, in the same commit.
        gone: Absolute paths of files that are no longer there: what they gave is withdrawn in the same commit.
        roots: Folders below which files may be catalogued where they lie.
        workers: How many processes to work in, absent: one a processor; or a pool that goes on to the next dataset.
        listener: Told of progress.

    Raises:
        InvalidDeclaration: No id can be found, the id is malformed or reserved, or a declared label is no time.
        InvalidRecord: Not one of the given records is the dataset's.
        Conflict: More than one record of the catalogue may be the dataset's, or no granule would be left of it.
        EnvironmentFault: The store cannot be written, or its disk has too little room.
        DatabaseUnavailable: The catalogue cannot be read or written.
    """
    order = order_of(
        paths,
        declaration,
        dataset_id,
        profile=profile,
        replace=replace,
        skip_bad=skip_bad,
        follows=follows,
        gone=tuple(gone),
        roots=roots,
    )

    def waiting() -> None:
        listener(Progress(dataset=order.id, stage="waiting", done=0, total=1))

    with ingest_lock(repository.engine, order.id, waiting=waiting):
        planner = Planner(order, repository=repository, store=store, listener=listener)
        run = _Run(
            order=order,
            repository=repository,
            store=store,
            records=records,
            records_of_many=records_of_many,
            listener=listener,
        )
        try:
            # the workers end first, so that nobody writes into the folder when it goes
            with files.fresh_folder(store, order.id) as folder, pool_of(workers) as pool:
                return run.perform(planner.plan(pool, folder), pool, folder)
        except SourceRefused as refused:
            return reports.refusal(order.id, order.sources, [refused])
        except OSError as error:
            cause = f"the store {store} cannot be written: {error}"
            raise EnvironmentFault(f"{cause}; check its permissions and the free disk") from error


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One ingest of one dataset, under its lock."""

    order: IngestOrder
    repository: Repository
    store: Path
    records: Sequence[RecordFile]
    records_of_many: bool
    listener: Listener

    def perform(self, plan: IngestPlan, pool: Workers, folder: Path) -> IngestReport:
        """Convert and publish what the plan holds."""
        order = plan.order
        if plan.refused and (not order.skip_bad or (plan.existing is None and not plan.pieces)):
            return reports.refusal(order.id, order.sources, plan.refused)
        if plan.existing is None and not plan.pieces:  # files went that were never part of it
            return self._report(plan, [], (), list(plan.refused))
        record = joining.joined(
            order.id,
            order.declaration,
            records=self.records,
            of_many=self.records_of_many,
            attributes=plan.attributes,
            origin=plan.origin,
            repository=self.repository,
        )
        if plan.does_nothing:
            return self._describe(plan, record)
        if order.profile != "in-place":
            source_bytes = room.source_bytes(plan.pieces) if order.declaration.keep_source else 0
            places = [waiting_place(piece) for piece in plan.pieces]
            forget_others(folder.parent / FOLDER, [place for place in places if place is not None])
            wanting = [it for it, place in zip(plan.pieces, places, strict=True) if not is_waiting(place)]
            room.require_room(self.store, room.needed_bytes(wanting, pool.count) + source_bytes)
        conversions, refused = self._convert(plan, pool)
        refused = [*plan.refused, *refused]
        if plan.existing is None and not conversions:
            return reports.refusal(order.id, order.sources, refused)
        bad = {shown(Path(str(r.path))) for r in refused}
        plan = replace(plan, withdrawn=tuple(g for g in plan.withdrawn if g.source_path not in bad))
        builder = OverviewBuilder(
            dataset_id=order.id, store=self.store, folder=folder, pool=pool, listener=self.listener
        )
        return self._publish(plan, conversions, refused, record, builder)

    def _describe(self, plan: IngestPlan, record: MatchedRecord) -> IngestReport:
        """Publish a new description, if there is one, of data that stay as they are."""
        origin, declaration = plan.origin, plan.order.declaration
        assert origin is not None
        after = declaration.model_dump(mode="json", exclude={"sources"})
        before = {name: value for name, value in origin.declaration.items() if name != "sources"}
        gaps = assembly.gaps_after(origin.gaps, plan.refused, _taken(plan, plan.refused), replace_all=False)
        if (after, record.given, gaps) == (before, origin.joined, origin.gaps) and self._knows(record):
            return self._report(plan, [], plan.before, list(plan.refused))
        self._commit(plan, [], list(self._kept(plan)), list(plan.refused), record, {})
        return self._report(plan, [], plan.before, list(plan.refused), unchanged=_DESCRIBED)

    def _knows(self, record: MatchedRecord) -> bool:
        """Whether what is private of a record is kept already."""
        if record.origin is None:
            return True
        present = self.repository.record_origin(self.order.id)
        return present is not None and present.private == record.origin.private

    def _convert(self, plan: IngestPlan, pool: Workers) -> tuple[list[ConvertedPiece], list[SourceRefused]]:
        """The converted pieces of every good source; raises the first refusal unless bad ones are left out."""
        order = plan.order
        tasks = conversion_tasks(list(plan.pieces), order.declaration, profile=order.profile, workers=pool.count)
        counter = Counter(self.listener, order.id, "converting", len(tasks))
        results = pool.run([task for task, _ in tasks], stop_early=not order.skip_bad, counter=counter)
        refused = {str(r.path): r for r in results if isinstance(r, SourceRefused)}
        if not order.skip_bad:
            _raise_first(list(refused.values()))
        pairs = [
            (piece, converted)
            for (_, group), result in zip(tasks, results, strict=True)
            if not isinstance(result, SourceRefused)
            for piece, converted in zip(group, result, strict=True)
        ]
        refused |= {str(r.path): r for r in self._changed([piece for piece, _ in pairs])}
        good = [ConvertedPiece(piece=p, converted=c) for p, c in pairs if str(p.source.path) not in refused]
        return good, list(refused.values())

    def _changed(self, pieces: list[GranulePiece]) -> list[SourceRefused]:
        """The sources that changed while they were converted."""
        refused = []
        for source in {piece.source.path: piece.source for piece in pieces}.values():
            try:
                require_untouched(source)
            except SourceRefused as error:
                refused.append(error)
        if not self.order.skip_bad:
            _raise_first(refused)
        return refused

    def _publish(
        self,
        plan: IngestPlan,
        conversions: list[ConvertedPiece],
        refused: list[SourceRefused],
        record: MatchedRecord,
        builder: OverviewBuilder,
    ) -> IngestReport:
        variables = {m.piece.variable_id for m in conversions}
        statistics = kept_statistics.statistics_before(self.repository, plan, conversions)
        adds = statistics is not None
        going = {m.piece.place for m in conversions} | {g.place for g in plan.withdrawn}
        remaining = [] if adds else [g for g in self._kept(plan) if g.place not in going]
        require_rest(self.order.id, len(conversions) + len(remaining))
        variables |= {g.variable_id for g in plan.withdrawn if any(g.variable_id == r.variable_id for r in remaining)}
        remaining, summaries = kept_statistics.measured(
            remaining,
            plan,
            variables,
            repository=self.repository,
            store=self.store,
            pool=builder.pool,
            listener=self.listener,
        )
        counter = Counter(self.listener, self.order.id, "publishing", 1)
        files.sync_files([m.converted for m in conversions])
        assets = [self._settled(m) for m in conversions]
        sources = self._sources(conversions, builder.folder)
        files.sync_folders(self.store, [*assets, *sources.values()])
        fresh = assembly.granules_of(self.order.id, conversions, assets, profile=self.order.profile, sources=sources)
        summaries |= {g.place: g.summary for g in fresh if g.summary is not None}
        granules = assembly.in_order([*remaining, *fresh])
        of_variables = assembly.statistics_of(
            [g for g in granules if g.variable_id in variables], summaries, before=statistics or {}
        )
        self._commit(plan, conversions, granules, refused, record, of_variables, builder=builder, adds=adds)
        counter.finish()
        sizes = {m.piece.place: asset.size for m, asset in zip(conversions, assets, strict=True)}
        return self._report(plan, conversions, granules, refused, sizes=sizes)

    def _kept(self, plan: IngestPlan) -> Sequence[Granule]:
        """Every granule that the dataset has and that is not withdrawn."""
        if plan.existing is None or (plan.order.replace and not plan.does_nothing):
            return ()
        return list(self.repository.granules(self.order.id))

    def _sources(self, conversions: list[ConvertedPiece], folder: Path) -> dict[str, Asset]:
        """The original files of converted pieces by key, where they are kept."""
        if not self.order.declaration.keep_source:
            return {}
        return kept_sources(self.store, self.order.id, [m.piece.source for m in conversions], folder=folder)

    def _settled(self, conversion: ConvertedPiece) -> Asset:
        piece = conversion.piece
        return files.settle(
            self.store,
            conversion.converted,
            dataset_id=self.order.id,
            variable_id=piece.variable_id,
            label=piece.label,
            layer=piece.layer,
        )

    def _commit(
        self,
        plan: IngestPlan,
        conversions: list[ConvertedPiece],
        granules: list[Granule],
        refused: list[SourceRefused],
        record: MatchedRecord,
        statistics: dict[str, GrowingStatistics],
        *,
        builder: OverviewBuilder | None = None,
        adds: bool = False,
    ) -> None:
        existing, order = plan.existing, plan.order
        replaces = order.replace and bool(conversions)  # else only the description changes
        published = existing.variables if existing and not replaces else ()
        if plan.withdrawn:
            published = assembly.variables_left(published, granules, statistics)
        variables = assembly.variables_of(
            conversions, published, granules, declaration=order.declaration, statistics=statistics
        )
        overviews = tuple(overviews_of(self.repository.engine, order.id))
        if builder is not None and not adds:
            overviews = builder.built(variables, granules, overviews)
        untouched = self.repository.variable_summaries(order.id) if published else {}
        climatology = any(m.piece.variable.climatology for m in conversions)
        if not conversions and existing is not None and existing.time is not None:
            climatology = existing.time.climatology
        gaps = assembly.gaps_after(
            plan.origin.gaps if plan.origin else (), refused, _taken(plan, refused), replace_all=replaces
        )
        self.repository.publish(
            assembly.publication_of(
                order.id,
                order.declaration,
                variables=variables,
                granules=tuple(granules),
                matched_record=record,
                access=access_for(
                    order.declaration.access,
                    record,
                    origin=plan.origin,
                    published=existing.access if existing and not replaces else None,
                ),
                gaps=gaps,
                climatology=climatology,
                summaries=untouched | {name: value.pack() for name, value in statistics.items()},
                overviews=overviews,
                beside=self._neighbours() if adds else None,
            )
        )

    def _neighbours(self) -> Neighbours:
        repository = self.repository
        return Neighbours(
            outermost=tuple(repository.outermost_granules(self.order.id)),
            lineage=tuple(repository.lineage(self.order.id)),
        )

    def _report(
        self,
        plan: IngestPlan,
        conversions: list[ConvertedPiece],
        after: Sequence[Granule],
        refused: list[SourceRefused],
        *,
        sizes: dict[Place, int] | None = None,
        unchanged: str = "",
    ) -> IngestReport:
        return reports.report(
            self.order.id,
            plan.contents,
            [m.piece for m in conversions],
            before=plan.before,
            after=after,
            refused=refused,
            sources=self.order.sources,
            gone=plan.order.gone,
            notes={m.piece.source.path: m.converted.notes for m in conversions},
            unusable=plan.unusable,
            size=lambda piece: (sizes or {}).get(piece.place, 0),
            unchanged=unchanged,
        )


def _taken(plan: IngestPlan, refused: Sequence[SourceRefused]) -> list[str]:
    """The sources that are part of the dataset now."""
    bad = {str(r.path) for r in refused}
    return [*(shown(c.path) for c in plan.contents if str(c.path) not in bad), *(shown(p) for p in plan.order.gone)]


def _raise_first(results: Sequence[Any]) -> None:
    """Raise the first refusal among results."""
    for result in results:
        if isinstance(result, SourceRefused):
            raise result
