"""Planning an ingest without writing anything: read and inspect the sources, and lay out what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cog.convert.profiles import ProfileName
from cog.sources.models import SourceDescription
from config.declarations.datasets import DatasetDeclaration, parse_declaration
from config.errors import CollectionNotFound, InvalidParameter, SourceRefused
from records.datasets.models import Dataset, Granule, Origin
from records.datasets.repository import Repository
from services.ingest.counting import Counter
from services.ingest.models import Listener
from services.ingest.planning import plan
from services.ingest.planning.plan import GranulePiece
from services.ingest.planning.roots import require_below, require_roots
from services.ingest.planning.withdrawals import withdrawn_granules
from services.ingest.publishing.record_matching import known_origin
from services.ingest.reading.naming import chosen_id
from services.ingest.reading.source_digest import SourceContent, by_key, content, digest, is_unchanged
from services.ingest.tasks import INSPECT_WITH_CELLS, SMALL_FILE_BYTES, Cells, share_of
from services.ingest.workers import FileTask, Workers

Inspected = list[tuple[SourceContent, SourceDescription]]


@dataclass(frozen=True, kw_only=True)
class IngestOrder:
    """The parameters of one ingest of one dataset.

    Attributes:
        id: The dataset's id.
        sources: Absolute paths, each once.
        declaration: As given; see `known_declaration`.
        profile: How COGs are encoded.
        replace: Withdraw what the dataset had.
        skip_bad: Leave refused sources out instead of refusing all.
        follows: Withdraw what a source gave before it had its present content.
        gone: Files that are no longer there, whose granules are withdrawn.
        roots: Folders below which files may be catalogued where they lie.
    """

    id: str
    sources: tuple[Path, ...]
    declaration: DatasetDeclaration
    profile: ProfileName = "zstd"
    replace: bool = False
    skip_bad: bool = False
    follows: bool = False
    gone: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IngestPlan:
    """The work of an ingest.

    Attributes:
        order: What was asked, with the declaration that counts.
        existing: The dataset as it is published, or None.
        origin: What it was made with, or None.
        before: Its granules that the sources gave, or that these take the place of; all of them for a replacement.
        contents: The sources that could be read.
        pieces: What is to be converted.
        attributes: Global attributes of the first source that was inspected.
        refused: The sources that cannot become part of it.
        unusable: Variables of good sources that cannot be used, each with the reason.
        withdrawn: Granules that go, because their file is gone or has another content now.
    """

    order: IngestOrder
    existing: Dataset | None
    origin: Origin | None
    before: tuple[Granule, ...]
    contents: tuple[SourceContent, ...]
    pieces: tuple[GranulePiece, ...]
    attributes: dict[str, str]
    refused: tuple[SourceRefused, ...]
    unusable: dict[Path, tuple[tuple[str, str], ...]]
    withdrawn: tuple[Granule, ...] = ()

    @property
    def surplus(self) -> bool:
        """Whether the dataset has granules of sources that are not given, which a replacement withdraws."""
        return bool({g.provenance.get("key") for g in self.before} - {c.key for c in self.contents})

    @property
    def does_nothing(self) -> bool:
        """Whether every source is published as it is, and nothing is to go."""
        return not self.pieces and not self.withdrawn and not (self.order.replace and self.surplus)


class Planner:
    """Plans the ingest of one dataset, and reports progress."""

    def __init__(self, order: IngestOrder, *, repository: Repository | None, store: Path, listener: Listener) -> None:
        self._repository = repository
        self._store = store
        self._listener = listener
        self._origin = known_origin(repository, order.id)
        declaration = order.declaration if order.replace else known_declaration(order, self._origin)
        self._order = replace(order, declaration=declaration)

    def plan(self, pool: Workers, folder: Path) -> IngestPlan:
        """The plan; targets are in `folder`, which need not be there."""
        existing = self._published()
        contents, refused = self._read(pool)
        before = self._before(existing, contents)
        withdrawn = self._withdrawn(existing, contents)
        going = {granule.place for granule in withdrawn}
        groups = by_key([granule for granule in before if granule.place not in going])
        new = [c for c in contents if not is_unchanged(groups.get(c.key, ()), self._store)]
        surplus = bool(groups.keys() - {c.key for c in contents})
        if self._order.replace and (new or surplus):
            new = contents  # a replaced dataset is made whole again, by one rule
        inspected, unfit, cells = self._inspect(new, pool)
        extends = existing is not None and not self._order.replace
        layout = plan.pieces(
            inspected,
            self._order.declaration,
            folder,
            dataset_id=self._order.id,
            published=existing.variables if existing and extends else (),
            has_parts=self._has_parts() if extends else None,
        )
        if extends:
            before = self._with_replaced(before, layout.pieces)
        return IngestPlan(
            order=self._order,
            existing=existing,
            origin=self._origin,
            before=tuple({g.place: g for g in (*before, *withdrawn)}.values()),
            contents=tuple(contents),
            pieces=tuple(_with_cells(piece, cells.get(piece.source.path)) for piece in layout.pieces),
            attributes=inspected[0][1].attributes if inspected else {},
            refused=(*refused, *unfit, *layout.refused),
            withdrawn=tuple(withdrawn),
            unusable={source.path: description.unusable for source, description in inspected if description.unusable},
        )

    def _published(self) -> Dataset | None:
        if self._repository is None or self._origin is None:
            return None
        try:
            return self._repository.dataset(self._order.id, hidden=True)
        except CollectionNotFound:
            return None

    def _before(self, existing: Dataset | None, contents: Sequence[SourceContent]) -> list[Granule]:
        """The granules that the sources gave; all of them for a replacement, which withdraws the others."""
        if self._repository is None or existing is None:
            return []
        if self._order.replace:
            return list(self._repository.granules(existing.id))
        return self._repository.granules_of_sources(existing.id, [content.key for content in contents])

    def _withdrawn(self, existing: Dataset | None, contents: Sequence[SourceContent]) -> list[Granule]:
        order = self._order
        if self._repository is None or existing is None or order.replace or not (order.follows or order.gone):
            return []
        present = contents if order.follows else ()
        return withdrawn_granules(self._repository, existing.id, contents=present, gone=order.gone)

    def _has_parts(self) -> bool:
        return self._repository is not None and self._repository.has_parts(self._order.id)

    def _with_replaced(self, before: list[Granule], pieces: Sequence[GranulePiece]) -> list[Granule]:
        """Those granules, and the ones at the places of pieces."""
        assert self._repository is not None
        at_places = self._repository.granules_at(self._order.id, [piece.place for piece in pieces])
        return list({granule.place: granule for granule in (*before, *at_places)}.values())

    def _read(self, pool: Workers) -> tuple[list[SourceContent], list[SourceRefused]]:
        order = self._order
        sources, forbidden = self._allowed(order.sources)
        counter = Counter(self._listener, order.id, "reading", len(sources))
        tasks = [FileTask(path=path, function=digest, arguments=(path,), is_small=_is_small(path)) for path in sources]
        results = pool.run(tasks, stop_early=False, counter=counter)
        contents = [
            content(path, read, order.declaration, dataset_id=order.id, profile=order.profile)
            for path, read in zip(sources, results, strict=True)
            if not isinstance(read, SourceRefused)
        ]
        return contents, [*forbidden, *(read for read in results if isinstance(read, SourceRefused))]

    def _allowed(self, paths: Sequence[Path]) -> tuple[list[Path], list[SourceRefused]]:
        """The sources that may be read, and those that may not be catalogued where they lie."""
        if self._order.profile != "in-place":
            return list(paths), []
        allowed, refused = [], []
        for path in paths:
            try:
                require_below(path, self._order.roots, self._store)
                allowed.append(path)
            except SourceRefused as error:
                refused.append(error)
        return allowed, refused

    def _inspect(
        self, sources: Sequence[SourceContent], pool: Workers
    ) -> tuple[Inspected, list[SourceRefused], dict[Path, Cells]]:
        """What sources hold, those that are refused, and the cells of small ones."""
        most = 0 if self._order.profile == "in-place" else share_of(len(sources))
        tasks = [
            FileTask(
                path=source.path,
                function=INSPECT_WITH_CELLS,
                arguments=(source.path, self._order.declaration, most),
                is_small=source.size <= SMALL_FILE_BYTES,
            )
            for source in sources
        ]
        counter = Counter(self._listener, self._order.id, "inspecting", len(tasks))
        results = pool.run(tasks, stop_early=False, counter=counter)
        refused = [r for r in results if isinstance(r, SourceRefused)]
        good = [(s, r) for s, r in zip(sources, results, strict=True) if not isinstance(r, SourceRefused)]
        return [(s, r.description) for s, r in good], refused, {s.path: r.cells for s, r in good if r.cells}


def _with_cells(piece: GranulePiece, cells: Cells | None) -> GranulePiece:
    """A piece with its cells, where those of its source are carried."""
    return piece if cells is None else replace(piece, cells=cells.get(piece.stored))


def _is_small(path: Path) -> bool:
    """Whether a file is read through in no time."""
    try:
        return path.stat().st_size <= SMALL_FILE_BYTES
    except OSError:
        return False


def order_of(
    paths: Sequence[Path],
    declaration: DatasetDeclaration,
    dataset_id: str | None,
    *,
    profile: ProfileName,
    replace: bool,
    skip_bad: bool,
    follows: bool = False,
    gone: tuple[Path, ...] = (),
    roots: Sequence[Path] = (),
) -> IngestOrder:
    """The order of an ingest; raises InvalidDeclaration where there is no id, and InvalidParameter without `roots`."""
    if profile == "in-place":
        require_roots(roots)
        if declaration.keep_source:
            raise InvalidParameter("keep_source", "true", "files that stay in place are the originals; leave it out")
    return IngestOrder(
        id=chosen_id([*paths, *gone], declaration, dataset_id),
        sources=tuple(dict.fromkeys(Path(p).resolve() for p in paths)),
        declaration=declaration,
        profile=profile,
        replace=replace,
        skip_bad=skip_bad,
        follows=follows,
        gone=gone,
        roots=tuple(roots),
    )


def known_declaration(order: IngestOrder, origin: Origin | None) -> DatasetDeclaration:
    """The given declaration; for an empty one, that with which the dataset was published, if it was."""
    declaration = order.declaration
    if origin is None or declaration.model_dump(exclude={"id", "sources"}) != _NOTHING:
        return declaration
    return parse_declaration(origin.declaration, name=f"the published declaration of {order.id}")


_NOTHING = DatasetDeclaration().model_dump(exclude={"id", "sources"})
