"""inspect -> plan -> convert -> validate -> describe -> publish: one call makes one dataset of its sources."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from cog.convert import Converted
from cog.models import SourceDescription, SourceVariable
from cog.profiles import ProfileName
from cog.statistics import Partial, merge
from config.datasets import DatasetDeclaration, parse_declaration, require_dataset_id
from config.errors import CollectionNotFound, EnvironmentFault, InvalidDeclaration, SourceRefused
from records.models import Access, Asset, Dataset, Granule, Publication, Variable
from records.repository import Repository
from services.ingest import describe, plan
from services.ingest import store as files
from services.ingest.footprint import bounding_box, union
from services.ingest.locking import ingest_lock
from services.ingest.models import Listener, Outcome, Progress, Report, Stage, Status, silent
from services.ingest.plan import Content, Piece
from services.ingest.record import declared_record, record_document
from services.ingest.workers import Task, Workers, inspect_source, measure_asset, pool_of

log = logging.getLogger(__name__)


def ingest(  # noqa: PLR0913
    paths: Sequence[Path],
    declaration: DatasetDeclaration,
    *,
    repository: Repository,
    store: Path,
    dataset_id: str | None = None,
    profile: ProfileName = "zstd",
    replace: bool = False,
    workers: Workers | int | None = None,
    listener: Listener = silent,
) -> Report:
    """Make or extend one dataset from its sources, in one commit; a refused source keeps all from being published.

    Args:
        paths: The source files.
        declaration: What is declared of the dataset. An empty one takes everything from the files, or, if the
            dataset is published and not replaced, stands for the declaration it was published with.
        repository: The catalogue, at its newest schema.
        store: Folder of the COGs; made if it is not there.
        dataset_id: Overrides the declared id; without either, the only file's stem.
        profile: How COGs are encoded.
        replace: Withdraw what the dataset had, instead of adding to it.
        workers: How many processes to work in, absent: one a processor; or a pool that goes on to the next dataset.
        listener: Told of progress.

    Raises:
        InvalidDeclaration: No id can be found, the id is malformed or reserved, or a declared label is no time.
        EnvironmentFault: The store cannot be written.
        DatabaseUnavailable: The catalogue cannot be read or written.
    """
    id_ = chosen_id(paths, declaration, dataset_id)
    sources = list(dict.fromkeys(Path(p).resolve() for p in paths))

    def waiting() -> None:
        listener(Progress(dataset=id_, stage="waiting", done=0, total=1))

    with ingest_lock(repository.engine, id_, waiting=waiting):
        run = _Run(
            id=id_,
            declaration=declaration if replace else _known_declaration(id_, declaration, repository),
            repository=repository,
            store=store,
            profile=profile,
            listener=listener,
        )
        try:
            # the workers end first, so that nobody writes into the folder when it goes
            with files.fresh_folder(store, id_) as folder, pool_of(workers) as pool:
                return run.ingest(sources, pool, folder, replace=replace)
        except SourceRefused as refused:
            return run.refusal(sources, [refused])
        except OSError as error:
            cause = f"the store {store} cannot be written: {error}"
            raise EnvironmentFault(f"{cause}; check its permissions and the free disk") from error


def _known_declaration(id_: str, given: DatasetDeclaration, repository: Repository) -> DatasetDeclaration:
    """The given declaration; for an empty one, that with which the dataset was published, if it was."""
    if given.model_dump(exclude={"id", "sources"}) != DatasetDeclaration().model_dump(exclude={"id", "sources"}):
        return given
    try:
        return parse_declaration(repository.declaration(id_), name=f"the published declaration of {id_}")
    except CollectionNotFound:
        return given


def chosen_id(paths: Sequence[Path], declaration: DatasetDeclaration, given: str | None) -> str:
    """The id of the dataset of some files: the given one, the declared one, else the only file's stem.

    Raises InvalidDeclaration where there is none, or where it is no id or a reserved one.
    """
    if not paths:
        raise InvalidDeclaration("no source file is given; name at least one")
    if given is not None:
        return require_dataset_id(given, name="--id")
    if declaration.id is not None:
        return require_dataset_id(declaration.id, name="id")
    if len(paths) > 1:
        raise InvalidDeclaration(f"{len(paths)} files make one dataset, whose id is not declared; give it with --id")
    return describe.dataset_id(Path(paths[0]).stem)


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A converted piece."""

    piece: Piece
    converted: Converted


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One ingest of one dataset, under its lock."""

    id: str
    declaration: DatasetDeclaration
    repository: Repository
    store: Path
    profile: ProfileName
    listener: Listener

    def tell(self, stage: Stage, done: int, total: int) -> None:
        self.listener(Progress(dataset=self.id, stage=stage, done=done, total=total))

    def ingest(self, sources: list[Path], pool: Workers, folder: Path, *, replace: bool) -> Report:
        existing = self._existing()
        granules = list(self.repository.granules(self.id)) if existing else []
        contents, unreadable = self._contents(sources)
        new = [c for c in contents if not plan.is_unchanged(c, granules, self.store)]
        surplus = {g.provenance.get("key") for g in granules} - {c.key for c in contents}
        if not unreadable and not new and not (replace and surplus):
            return self._report(contents, [], granules, [])
        kept = [] if replace else granules
        if replace:
            new = contents  # a replaced dataset is made whole again, by one rule
        inspected, refused = self._inspect(new, pool)
        if unreadable or refused:
            return self.refusal(sources, [*unreadable, *refused])
        pieces = plan.pieces(inspected, self.declaration, folder)
        published = existing.variables if existing and not replace else ()
        for piece in pieces:
            plan.require_published_alike(piece.source.path, piece.variable_id, piece.variable, published)
        made = self._convert(pieces, pool)
        return self._publish(contents, inspected, made, kept, pool, published=published, before=granules)

    def _existing(self) -> Dataset | None:
        try:
            return self.repository.dataset(self.id)
        except CollectionNotFound:
            return None

    def _contents(self, sources: list[Path]) -> tuple[list[Content], list[SourceRefused]]:
        found, refused = [], []
        for path in sources:
            try:
                found.append(plan.content(path, self.declaration, dataset_id=self.id, profile=self.profile))
            except SourceRefused as error:
                refused.append(error)
        return found, refused

    def _inspect(
        self, sources: list[Content], pool: Workers
    ) -> tuple[list[tuple[Content, SourceDescription]], list[SourceRefused]]:
        tasks = [Task(path=s.path, function=inspect_source, arguments=(s.path, self.declaration)) for s in sources]
        results = pool.run(tasks, stop_early=False, advanced=self._counter("inspecting", len(tasks)))
        refused = [r for r in results if isinstance(r, SourceRefused)]
        good = [(s, r) for s, r in zip(sources, results, strict=True) if not isinstance(r, SourceRefused)]
        return good, refused

    def _counter(self, stage: Stage, total: int) -> Callable[[], None]:
        done = 0

        def advanced() -> None:
            nonlocal done
            done += 1
            self.tell(stage, done, total)

        self.tell(stage, 0, total)
        return advanced

    def _convert(self, pieces: list[Piece], pool: Workers) -> list[_Made]:
        tasks = plan.conversion_tasks(pieces, self.declaration, profile=self.profile, workers=pool.count)
        results = pool.run(
            [task for task, _ in tasks], stop_early=True, advanced=self._counter("converting", len(tasks))
        )
        _raise_first(results)
        return [
            _Made(piece=piece, converted=converted)
            for (_, group), result in zip(tasks, results, strict=True)
            for piece, converted in zip(group, result, strict=True)
        ]

    def _publish(  # noqa: PLR0913
        self,
        contents: list[Content],
        inspected: list[tuple[Content, SourceDescription]],
        made: list[_Made],
        kept: list[Granule],
        pool: Workers,
        *,
        published: Sequence[Variable],
        before: list[Granule],
    ) -> Report:
        replaced = {m.piece.key for m in made}
        kept = [g for g in kept if plan.granule_key(g) not in replaced]
        statistics = self._statistics(made, kept, published, pool)
        variables = self._variables(made, published, statistics)
        self.tell("publishing", 0, 1)
        assets = [
            files.settle(
                self.store,
                m.converted,
                dataset_id=self.id,
                variable_id=m.piece.variable_id,
                label=m.piece.label,
                level=m.piece.level,
            )
            for m in made
        ]
        files.sync_folders(self.store, assets)
        granules = tuple(kept) + self._granules(made, assets)
        attributes = inspected[0][1].attributes if inspected else {}
        self.repository.publish(self._publication(variables, granules, made, attributes))
        self.tell("publishing", 1, 1)
        return self._report(contents, made, before, list(granules))

    def _statistics(
        self, made: list[_Made], kept: list[Granule], published: Sequence[Variable], pool: Workers
    ) -> dict[str, Partial]:
        """Statistics of each variable over new granules and kept ones, which are read again from the store."""
        found: dict[str, list[Partial]] = {}
        for m in made:
            found.setdefault(m.piece.variable_id, []).append(m.converted.statistics)
        known = {v.id: v for v in published}
        again = [g for g in kept if g.variable_id in known]
        tasks = [self._measuring(g, known[g.variable_id]) for g in again]
        if tasks:
            results = pool.run(tasks, stop_early=True, advanced=self._counter("measuring", len(tasks)))
            _raise_first(results)
            for granule, result in zip(again, results, strict=True):
                found.setdefault(granule.variable_id, []).append(result)
        return {id_: reduce(merge, partials) for id_, partials in found.items()}

    def _measuring(self, granule: Granule, variable: Variable) -> Task:
        path = self.store / granule.asset.href
        return Task(
            path=path, function=measure_asset, arguments=(path, variable.nodata, variable.scale, variable.offset)
        )

    def _variables(
        self, made: list[_Made], published: Sequence[Variable], statistics: dict[str, Partial]
    ) -> tuple[Variable, ...]:
        """The published variables in their order, those of new granules described anew, then new ones."""
        fresh: dict[str, SourceVariable] = {}
        for m in made:
            fresh[m.piece.variable_id] = describe.with_levels_of(m.piece.variable, fresh.get(m.piece.variable_id))
        for variable in published:
            if variable.id in fresh:
                fresh[variable.id] = describe.with_levels_of(fresh[variable.id], variable)
        untouched = {v.id: v for v in published if v.id not in fresh}
        order = dict.fromkeys([*(v.id for v in published), *fresh])
        return tuple(
            untouched[id_]
            if id_ in untouched
            else describe.catalogue_variable(
                fresh[id_], self.declaration.variable(fresh[id_].name), id_=id_, statistics=statistics[id_]
            )
            for id_ in order
        )

    def _granules(self, made: list[_Made], assets: list[Asset]) -> tuple[Granule, ...]:
        counts: dict[str, int] = {}
        for m in made:
            counts[m.piece.source.key] = counts.get(m.piece.source.key, 0) + 1
        return tuple(
            _granule(self.id, m.piece, asset, counts[m.piece.source.key], self.profile)
            for m, asset in zip(made, assets, strict=True)
        )

    def _publication(
        self,
        variables: tuple[Variable, ...],
        granules: tuple[Granule, ...],
        made: list[_Made],
        attributes: dict[str, str],
    ) -> Publication:
        declaration = self.declaration
        record = declared_record(self.id, declaration, attributes)
        box = union([bounding_box(v.grid) for v in variables])
        climatology = any(m.piece.variable.climatology for m in made)
        lineage = tuple(dict.fromkeys(note for g in granules for note in g.provenance.get("lineage", [])))
        return Publication(
            id=self.id,
            title=dict(record.title),
            description=dict(record.description),
            access=Access(policy=declaration.access.policy, embargo_until=declaration.access.embargo_until),
            bbox=box,
            variables=variables,
            granules=granules,
            record=record_document(
                self.id, record, box=box, granules=granules, climatology=climatology, lineage=lineage
            ),
            attribution=record.attribution,
            license=record.license,
            climatology=climatology,
            declaration=declaration.model_dump(mode="json"),
        )

    def _report(
        self, contents: list[Content], made: list[_Made], before: list[Granule], after: list[Granule]
    ) -> Report:
        known = {plan.granule_key(g) for g in before}
        outcomes = []
        for source in contents:
            mine = [m.piece for m in made if m.piece.source.path == source.path]
            if mine:
                again = any(p.key in known for p in mine)
                status = Status.REPLACED if again else Status.PUBLISHED
                pairs = [(p.variable_id, p.label) for p in mine]
            else:
                status = Status.UNCHANGED
                pairs = [(g.variable_id, g.time) for g in after or before if g.provenance.get("key") == source.key]
            outcomes.append(self._outcome(status, source.path, pairs))
        return Report(dataset=self.id, outcomes=tuple(outcomes))

    def _outcome(self, status: Status, path: Path, pairs: Sequence[tuple[str, str | None]]) -> Outcome:
        return Outcome(
            status=status,
            path=path,
            dataset=self.id,
            variables=tuple(dict.fromkeys(variable for variable, _ in pairs)),
            times=tuple(dict.fromkeys(label for _, label in pairs if label)),
            granules=len(pairs),
        )

    def refusal(self, sources: list[Path], refused: list[SourceRefused]) -> Report:
        """The report when sources were refused: the others were not published either."""
        reasons = {str(r.path): f"{r.cause}; {r.remedy}" for r in refused}
        first = refused[0]
        outcomes = [
            Outcome(
                status=Status.REFUSED,
                path=path,
                dataset=self.id,
                reason=reasons.get(str(path), f"not published, because {first.path} was refused"),
            )
            for path in sources
        ]
        if not any(str(p) in reasons for p in sources):
            outcomes = [Outcome(status=Status.REFUSED, path=p, dataset=self.id, reason=first.detail) for p in sources]
        return Report(dataset=self.id, outcomes=tuple(outcomes))


def _granule(dataset_id: str, piece: Piece, asset: Asset, granules: int, profile: ProfileName) -> Granule:
    time = piece.time
    return Granule(
        dataset_id=dataset_id,
        variable_id=piece.variable_id,
        time=time.label if time else None,
        calendar=time.calendar if time else None,
        key=time.key if time else None,
        start=time.start if time else None,
        end=time.end if time else None,
        start_key=time.start_key if time else None,
        end_key=time.end_key if time else None,
        level=piece.level,
        part=None,
        asset=asset,
        grid=piece.variable.grid,
        provenance=plan.provenance(piece, granules=granules, profile=profile),
    )


def _raise_first(results: list[Any]) -> None:
    """Raise the first refusal among results."""
    for result in results:
        if isinstance(result, SourceRefused):
            raise result
