"""Removing files of the store that nothing refers to: assets that were replaced, and what dead ingests left."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from config.errors import Conflict
from config.vocabulary import COLLECTION_ID, VARIABLE_ID
from records.datasets.assets.source_media import SOURCE_FOLDER
from records.datasets.models import Asset
from records.datasets.repository import Repository
from records.datasets.series.series_parts import SeriesParts
from records.jobs.job_store import Jobs
from services.compute.staging import sweep_staging
from services.ingest.publishing.tables import FOLDER, linked_tables
from services.ingest.series.building import UNFINISHED
from services.ingest.store.locking import ingest_lock, series_lock
from services.ingest.store.staging import TEMPORARY

_ASSET = re.compile(
    rf"{COLLECTION_ID}/({VARIABLE_ID}/[^/]+-[0-9a-f]{{12}}\.tif|{SOURCE_FOLDER}/[^/]+-[0-9a-f]{{12}}(\.[A-Za-z0-9]+){{0,2}})"
)
"""Paths that ingest gives to assets; other files of the store are left alone."""

_TABLE = re.compile(rf"{COLLECTION_ID}/{FOLDER}/[^/]+-[0-9a-f]{{12}}\.(csv|parquet|nc)")
"""Paths of the tables of records."""

_PART = re.compile(rf"{COLLECTION_ID}/{VARIABLE_ID}/series/[^/]+-[0-9a-f]{{12}}")
"""Folders of parts of series."""

Kind = Literal["unused", "stray", "temporary", "staged"]


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A file or folder that was removed, or in a rehearsal would be.

    It is an asset that no granule refers to any longer (`unused`), one that the catalogue never knew (`stray`), the
    folder that an ingest or a build of series worked in (`temporary`), or that of a job that has no result (`staged`).
    """

    kind: Kind
    path: str
    size: int


@dataclass(frozen=True, kw_only=True)
class BusyDataset:
    """A dataset that is ingested, or whose series is built, at this moment: its files stay."""

    dataset: str


class _Locked(Exception):
    """An ingest of the dataset runs."""


def collect(
    repository: Repository, store: Path, *, grace: timedelta, rehearse: bool = False
) -> Iterator[Removal | BusyDataset]:
    """Remove what nothing refers to, dataset by dataset, each under its lock.

    Args:
        repository: The catalogue.
        store: The store.
        grace: Assets that a granule was withdrawn from later than so long ago stay, and so do files that are younger:
            a reader may still have them open.
        rehearse: Only say what would be removed.

    Raises:
        Conflict: The catalogue knows no file of a store that is not empty, so it may be another one's.
        DatabaseUnavailable: The catalogue cannot be read or written.
        OSError: A file cannot be removed.
    """
    _require_own(repository, store)
    before = datetime.now(UTC) - grace
    unused: dict[str, list[Asset]] = {}
    for asset in repository.unreferenced_assets(before=before):
        unused.setdefault(asset.href.partition("/")[0], []).append(asset)
    for dataset_id in sorted({*unused, *_folders(store), *_folders(store / TEMPORARY)}):
        try:
            with ingest_lock(repository.engine, dataset_id, waiting=_raise_locked):
                sweep = _Sweep(repository=repository, store=store, id=dataset_id, before=before, rehearse=rehearse)
                yield from sweep.unused(unused.get(dataset_id, []))
                yield from sweep.strays()
                yield from sweep.tables()
                yield from sweep.temporary()
        except _Locked:
            yield BusyDataset(dataset=dataset_id)
    yield from _series(repository, store, before=before, rehearse=rehearse)
    for path, size in sweep_staging(store, Jobs(repository.engine), grace=grace, rehearse=rehearse):
        yield Removal(kind="staged", path=path, size=size)


def _series(
    repository: Repository, store: Path, *, before: datetime, rehearse: bool
) -> Iterator[Removal | BusyDataset]:
    """Parts of series that no longer count or that the catalogue never knew, and what dead builds left."""
    parts = SeriesParts(repository.engine)
    unused: dict[str, list[tuple[str, int]]] = {}
    for dataset_id, href, size in parts.unused(before=before):
        unused.setdefault(dataset_id, []).append((href, size))
    for dataset_id in sorted({*unused, *_folders(store), *_folders(store / UNFINISHED)}):
        try:
            with series_lock(repository.engine, dataset_id, waiting=_raise_locked):
                known = parts.known(dataset_id)
                for href, size in unused.get(dataset_id, []):
                    if not rehearse:
                        parts.forget([href])
                        _remove_folder(store / href, store)
                    yield Removal(kind="unused", path=href, size=size)
                for folder in sorted((store / dataset_id).glob("*/series/*")):
                    href = _below(folder, store)
                    is_old = datetime.fromtimestamp(min(folder.stat().st_mtime, time.time()), UTC) < before
                    if _PART.fullmatch(href) and href not in known and is_old:
                        yield _removed(folder, store, kind="stray", rehearse=rehearse)
                unfinished = store / UNFINISHED / dataset_id
                if unfinished.is_dir():
                    yield _removed(unfinished, store, kind="temporary", rehearse=rehearse)
        except _Locked:
            yield BusyDataset(dataset=dataset_id)


def _removed(folder: Path, store: Path, *, kind: Kind, rehearse: bool) -> Removal:
    size = sum(path.stat().st_size for path in _files(folder))
    if not rehearse:
        _remove_folder(folder, store)
    return Removal(kind=kind, path=_below(folder, store), size=size)


def _remove_folder(folder: Path, store: Path) -> None:
    """Remove a folder, and those of the store around it that are empty then."""
    shutil.rmtree(folder, ignore_errors=True)
    for parent in folder.parents:
        if parent == store:
            return
        with suppress(OSError):  # not empty, or gone
            parent.rmdir()


def _raise_locked() -> None:
    raise _Locked


def _require_own(repository: Repository, store: Path) -> None:
    """Raise Conflict unless the catalogue knows a file of the store: else all of them would count as stray."""
    folders = _folders(store)
    if not folders or any(repository.known_assets(dataset_id) for dataset_id in folders):
        return
    if any(_ASSET.fullmatch(_below(path, store)) for folder in folders for path in _files(store / folder, links=True)):
        cause = f"the catalogue knows none of the files in {store}; it may be the store of another catalogue"
        raise Conflict(f"{cause}; check GRATICULE_STORE, GRATICULE_DATA_DIR and GRATICULE_DATABASE_URL")


def _folders(place: Path) -> list[str]:
    """The datasets that have a folder there."""
    try:
        return sorted(p.name for p in place.iterdir() if p.is_dir() and re.fullmatch(COLLECTION_ID, p.name))
    except FileNotFoundError:
        return []


def _files(folder: Path, *, links: bool = False) -> list[Path]:
    """The files below a folder; with `links` also links, whether or not what they lead to is there."""
    return sorted(p for p in folder.rglob("*") if (links if p.is_symlink() else p.is_file()))


def _below(path: Path, store: Path) -> str:
    return path.relative_to(store).as_posix()


@dataclass(frozen=True, kw_only=True)
class _Sweep:
    """The sweep of one dataset's files, under its lock: nobody ingests it meanwhile."""

    repository: Repository
    store: Path
    id: str
    before: datetime
    rehearse: bool

    def unused(self, assets: list[Asset]) -> Iterator[Removal]:
        """Assets that no granule refers to: struck from the catalogue first, so that a stop leaves a stray at most."""
        struck = {a.href for a in assets}
        if not self.rehearse and struck:
            struck = set(self.repository.forget_assets(sorted(struck)))
        for asset in assets:
            if asset.href in struck:
                size = 0 if (self.store / asset.href).is_symlink() else asset.size
                self._unlink(self.store / asset.href)
                yield Removal(kind="unused", path=asset.href, size=size)

    def strays(self) -> Iterator[Removal]:
        """Files with an asset's name that the catalogue does not know: an ingest died before its commit."""
        assets = self.repository.known_assets(self.id)
        for path in _files(self.store / self.id, links=True):
            href = _below(path, self.store)
            status = path.lstat()
            is_old = datetime.fromtimestamp(min(status.st_mtime, time.time()), UTC) < self.before
            if _ASSET.fullmatch(href) and href not in assets and is_old:
                self._unlink(path)
                yield Removal(kind="stray", path=href, size=status.st_size)

    def tables(self) -> Iterator[Removal]:
        """Tables that the record of this id does not link to: it was removed, or a job died before its commit."""
        folder = self.store / self.id / FOLDER
        tables = [path for path in _files(folder) if _TABLE.fullmatch(_below(path, self.store))]
        linked = linked_tables(self.repository.engine, self.id) if tables else set()
        for path in tables:
            status = path.lstat()
            is_old = datetime.fromtimestamp(min(status.st_mtime, time.time()), UTC) < self.before
            if path.name not in linked and is_old:
                self._unlink(path)
                yield Removal(kind="stray", path=_below(path, self.store), size=status.st_size)

    def temporary(self) -> Iterator[Removal]:
        """The folder that a dead ingest worked in: a living one would hold the lock."""
        folder = self.store / TEMPORARY / self.id
        if folder.is_dir():
            size = sum(path.stat().st_size for path in _files(folder))
            if not self.rehearse:
                shutil.rmtree(folder)
            yield Removal(kind="temporary", path=_below(folder, self.store), size=size)

    def _unlink(self, path: Path) -> None:
        if self.rehearse:
            return
        path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            with suppress(OSError):  # not empty, or gone
                folder.rmdir()
