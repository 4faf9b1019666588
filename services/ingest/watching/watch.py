"""One watched folder: what came, changed or went since the last look becomes part of its dataset."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cog.convert.profiles import ProfileName
from config.declarations.datasets import read_declaration
from config.errors import DatabaseUnavailable, EnvironmentFault, GraticuleError, InvalidDeclaration, InvalidParameter
from records.datasets.assets.watched_files import WatchedFile, WatchedFiles
from services.ingest.models import IngestReport, SourceOutcome, SourceStatus, shown, silent
from services.ingest.pipeline import ingest
from services.ingest.reading.naming import chosen_id
from services.ingest.reading.sources import is_source, with_options
from services.ingest.watching.scanning import FileState, scan
from services.ingest.watching.settling import FolderChanges, Settling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.declarations.datasets import DatasetDeclaration
    from records.datasets.repository import Repository
    from services.ingest.models import Listener
    from services.ingest.workers import Workers

log = logging.getLogger(__name__)

_MOST_AT_ONCE: Final = 500
"""Files of one commit: of very many that come together the first ones are seen soon."""
_NO_SOURCE: Final = "is no source"


@dataclass(frozen=True, kw_only=True)
class WatchOrder:
    """What is watched, and how.

    Attributes:
        folder: The folder, absolute.
        declaration: The YAML file of the dataset, read again when it changes.
        dataset_id: Overrides the declared id.
        settle_s: Seconds for which a file must stay as it is before it is taken.
        keep_removed: Whether granules stay when their files go.
        profile: How COGs are encoded; `in-place`: files stay where they lie.
        roots: Folders below which files may be catalogued where they lie.
        keep_source: Whether the original files are kept, also where the declaration does not say so.
    """

    folder: Path
    declaration: Path
    dataset_id: str | None = None
    settle_s: float = 2.0
    keep_removed: bool = False
    profile: ProfileName = "zstd"
    roots: tuple[Path, ...] = ()
    keep_source: bool = False


class FolderWatch:
    """Brings a dataset in line with a folder, look by look. What it took it keeps in the catalogue, and goes on there.

    Args:
        order: What is watched.
        repository: The catalogue.
        store: Folder of the COGs.
        workers: The processes that convert.
        say: Told a sentence of what is not about one file.
        listener: Told of progress.

    Raises:
        InvalidDeclaration: The declaration is wrong, or has no id.
        InvalidParameter: There is no such folder.
    """

    def __init__(
        self,
        order: WatchOrder,
        *,
        repository: Repository,
        store: Path,
        workers: Workers,
        say: Callable[[str], None],
        listener: Listener = silent,
    ) -> None:
        if not order.folder.is_dir():
            raise InvalidParameter("FOLDER", str(order.folder), "there is no such folder")
        self.order = order
        self._repository, self._store, self._workers = repository, store, workers
        self._listener = listener
        self._say_once = _Sayings(say)
        self._stamp = _stamp(order.declaration)
        self._declaration = _declaration(order)
        self.dataset_id = chosen_id([order.folder, order.declaration], self._declaration, order.dataset_id)
        self._files = WatchedFiles(repository.engine, dataset_id=self.dataset_id, folder=shown(order.folder))
        self._known = {one.path: one for one in self._files.known()}
        self._settling = Settling(order.settle_s)
        self._stuck: set[str] = set()
        """Files that are gone and whose granules cannot go: tried again beside what comes."""
        self.waiting = 0
        """Files that are still waited for after the last look."""

    def look(self, *, now: float) -> list[IngestReport]:
        """Look at the folder once, and publish what has come, changed or gone; the reports of it.

        Args:
            now: Seconds of a clock that never goes back.

        Raises:
            DatabaseUnavailable, EnvironmentFault: The catalogue, the store or its disk is away; nothing was taken.
        """
        self._follow_declaration()
        seen = scan(self.order.folder)
        if seen is None or (not seen and self._known):
            self.waiting = 0
            if seen is None or not self.order.keep_removed:
                self._say_once(
                    f"{self.order.folder} is empty or away: nothing is withdrawn, and its files are waited for"
                )
            return []
        self._say_once(None)
        paths = {shown(Path(path)): path for path in seen}
        states = {key: seen[path] for key, path in paths.items()}
        known = {key: FileState(one.size, one.mtime_ns, one.inode) for key, one in self._known.items()}
        changes = self._settling.changes(known, states, now=now)
        self.waiting = changes.waiting
        reports = []
        for batch in _batches(self._sources(changes, paths, states)):
            reports += self._take(batch, paths, states)
        return reports

    def _follow_declaration(self) -> None:
        """Read a declaration that has changed; with another one every file is taken again."""
        stamp = _stamp(self.order.declaration)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            declaration = _declaration(self.order)
        except GraticuleError as error:
            self._say_once(f"the declaration as it was before counts on: {error.detail}")
            return
        if self.order.dataset_id is None and declaration.id != self._declaration.id:
            self._say_once("the declaration has another id, and the one before counts on: start another watch for it")
            return
        self._declaration = declaration
        self._known = {
            key: one if one.reason == _NO_SOURCE else replace(one, size=-1) for key, one in self._known.items()
        }

    def _sources(self, changes: FolderChanges, paths: dict[str, str], states: dict[str, FileState]) -> FolderChanges:
        """The changes of files that are sources; the others are noted."""
        others = [key for key in changes.present if not is_source(Path(paths[key]))]
        self._note(others, states, dict.fromkeys(others, _NO_SOURCE))
        gone = [key for key in changes.gone if self._known[key].reason == _NO_SOURCE or self.order.keep_removed]
        self._forget(gone)
        present = tuple(key for key in changes.present if key not in set(others))
        left = tuple(key for key in changes.gone if key not in set(gone))
        return FolderChanges(present=present, gone=left if present or set(left) != self._stuck else ())

    def _take(self, changes: FolderChanges, paths: dict[str, str], states: dict[str, FileState]) -> list[IngestReport]:
        """Publish changes; where that does not go together, each by itself, so that one bad file stops no other."""
        several = len(changes.present) + len(changes.gone) > 1
        try:
            report = self._ingested(changes, paths)
        except (DatabaseUnavailable, EnvironmentFault):
            raise
        except GraticuleError as error:
            report = self._failure(changes, paths, error.detail)
        except Exception as error:
            log.exception("unexpected error in the ingest of %s", self.dataset_id)
            report = self._failure(changes, paths, f"{type(error).__name__}: {error}")
        if several and report.refused and all(o.status is SourceStatus.REFUSED for o in report.outcomes):
            return self._one_by_one(changes, paths, states)
        reasons = {shown(o.path): o.reason for o in report.outcomes if o.status is SourceStatus.REFUSED}
        self._note(changes.present, states, reasons)
        self._stuck = {key for key in changes.gone if key in reasons}
        self._forget([key for key in changes.gone if key not in reasons])
        outcomes = tuple(o for o in report.outcomes if o.granules or o.status is not SourceStatus.WITHDRAWN)
        return [IngestReport(dataset=report.dataset, outcomes=outcomes)] if outcomes else []

    def _one_by_one(
        self, changes: FolderChanges, paths: dict[str, str], states: dict[str, FileState]
    ) -> list[IngestReport]:
        alone = [FolderChanges(present=(key,)) for key in changes.present] + [
            FolderChanges(gone=(key,)) for key in changes.gone
        ]
        return [report for one in alone for report in self._take(one, paths, states)]

    def _ingested(self, changes: FolderChanges, paths: dict[str, str]) -> IngestReport:
        return ingest(
            [Path(paths[key]) for key in changes.present],
            self._declaration,
            repository=self._repository,
            store=self._store,
            dataset_id=self.dataset_id,
            profile=self.order.profile,
            skip_bad=True,
            follows=True,
            roots=self.order.roots,
            gone=[Path(key) for key in changes.gone],
            workers=self._workers,
            listener=self._listener,
        )

    def _failure(self, changes: FolderChanges, paths: dict[str, str], detail: str) -> IngestReport:
        """The report of changes that cannot be published; a file is tried again when it is another one."""
        files = [Path(paths.get(key, key)) for key in (*changes.present, *changes.gone)]
        refused = [
            SourceOutcome(status=SourceStatus.REFUSED, path=path, dataset=self.dataset_id, reason=detail)
            for path in files
        ]
        return IngestReport(dataset=self.dataset_id, outcomes=tuple(refused))

    def _note(self, keys: Sequence[str], states: dict[str, FileState], reasons: dict[str, str]) -> None:
        files = [
            WatchedFile(
                path=key,
                size=states[key].size,
                mtime_ns=states[key].mtime_ns,
                inode=states[key].inode,
                reason=reasons.get(key, ""),
            )
            for key in keys
        ]
        self._files.note(files)
        self._known |= {one.path: one for one in files}

    def _forget(self, keys: Sequence[str]) -> None:
        self._files.forget(keys)
        for key in keys:
            del self._known[key]


class _Sayings:
    """Says a sentence when it is another one than before; None forgets the last."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._last = say, ""

    def __call__(self, sentence: str | None) -> None:
        if sentence and sentence != self._last:
            self._say(sentence)
        self._last = sentence or ""


def _batches(changes: FolderChanges) -> list[FolderChanges]:
    """The changes in the commits that they are published in: what goes, goes with the first of what comes."""
    groups = [changes.present[at : at + _MOST_AT_ONCE] for at in range(0, len(changes.present), _MOST_AT_ONCE)] or [()]
    batches = [FolderChanges(present=group, gone=changes.gone if n == 0 else ()) for n, group in enumerate(groups)]
    return [batch for batch in batches if batch.present or batch.gone]


def _declaration(order: WatchOrder) -> DatasetDeclaration:
    if not order.declaration.is_file():
        raise InvalidDeclaration(f"{order.declaration}: there is no such file; --dataset names a YAML file")
    return with_options(read_declaration(order.declaration), warp=False, strict=False, keep_source=order.keep_source)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
