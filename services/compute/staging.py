"""The staging area of the store: where parts of an execution write files before anything refers to them.

Each part has a folder of its own, `.staging/{job id}/{part}`. What a job leaves that fails, is dismissed or is killed
is removed when the job ends, and by `sweep_staging` where the process that ran it could not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from records.jobs.job_store import Jobs

STAGING = ".staging"
_ATTEMPT, _SCRATCH = ".attempt-", ".scratch-"
"""Beginnings of the names of folders in which files are made."""


@dataclass(frozen=True, kw_only=True)
class StagedFile:
    """A reference to a finished file in the staging area.

    Attributes:
        href: Its path relative to the store.
        sha256: Checksum of its content, hexadecimal.
        size: Bytes.
    """

    href: str
    sha256: str
    size: int


class StagingArea:
    """The folder of one part of a job; made when its first file is written.

    Args:
        store: The store.
        job_id: The job.
        part: Name of the part.
    """

    def __init__(self, store: Path, job_id: str, part: str) -> None:
        self._store = store
        self._folder = job_folder(store, job_id) / part
        self._written: set[str] = set()

    def write(self, name: str, writer: Callable[[Path], object]) -> StagedFile:
        """Have a file written, put it on disk and return the reference to it; after an error there is no file.

        A file of an earlier attempt at the same part, whose worker died, is replaced.

        Args:
            name: A plain file name that this attempt at the part has not used.
            writer: Called with the path, to write the file.

        Raises:
            InvalidInput: The name is not a plain file name, or is used already.
        """
        if os.path.basename(name) != name or name in ("", ".", ".."):  # noqa: PTH119 - a word, not a path
            raise InvalidInput(f"{name!r:.100} is not a plain file name; leave out folders")
        if name in self._written:
            raise InvalidInput(f"this part has written {name!r:.100} already; choose another name")
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=_ATTEMPT) as folder:
            begun = Path(folder) / name
            writer(begun)
            with begun.open("rb") as file:
                os.fsync(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = begun.stat().st_size
            begun.replace(path)  # what an earlier attempt at the part has left, whose worker died, too
        self._written.add(name)
        return StagedFile(href=path.relative_to(self._store).as_posix(), sha256=digest, size=size)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for temporary files, on the disk of the store, which is removed afterwards."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=_SCRATCH) as folder:
            yield Path(folder)

    @property
    def job_id(self) -> str:
        """The job that writes here."""
        return self._folder.parent.name


def job_folder(store: Path, job_id: str) -> Path:
    """The folder of all files that a job has staged."""
    return store / STAGING / job_id


def discard(store: Path, job_id: str) -> None:
    """Remove the files of a job; what cannot be removed is left to the next sweep."""
    shutil.rmtree(job_folder(store, job_id), ignore_errors=True)


def tidy(store: Path, job_id: str) -> None:
    """Remove what attempts at parts have left whose workers died, of a job that is about to succeed."""
    for pattern in (f"{_ATTEMPT}*", f"{_SCRATCH}*"):
        for folder in job_folder(store, job_id).glob(f"*/{pattern}"):
            shutil.rmtree(folder, ignore_errors=True)


def sweep_staging(store: Path, jobs: Jobs, *, grace: timedelta, rehearse: bool = False) -> Iterator[tuple[str, int]]:
    """Remove what jobs have staged that failed or were dismissed, or that the jobs table does not know.

    A successful job keeps its files as long as it is in the table.

    Args:
        store: The store.
        jobs: The jobs table.
        grace: Age below which files of unknown jobs stay: they may be those of another server.
        rehearse: Remove nothing.

    Yields:
        The path of a folder relative to the store, and the bytes of its files.
    """
    try:
        folders = sorted(entry for entry in (store / STAGING).iterdir() if entry.is_dir())
    except FileNotFoundError:
        return
    statuses = jobs.statuses([folder.name for folder in folders]) if folders else {}
    for folder in folders:
        status = statuses.get(folder.name)
        is_young = time.time() - folder.stat().st_mtime < grace.total_seconds()
        if status in ("accepted", "running", "successful") or (status is None and is_young):
            continue
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if not rehearse:
            shutil.rmtree(folder)
        yield folder.relative_to(store).as_posix(), size
