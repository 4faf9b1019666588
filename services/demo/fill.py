"""Ingesting the demo datasets, and every supported file of a folder."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from config.errors import EnvironmentFault, GraticuleError, InvalidInput
from config.settings import Settings
from services.demo import DemoDataset, demo_datasets
from services.ingest.models import Progress, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.datasets.repository import Repository
    from services.compute.workers import Workers
    from services.ingest.models import Listener

_GRACE_S = 10.0
_MOST_SHOWN = 20
"""Ignored files that are named; of the others the count is told."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the child process has to do."""

    settings: Settings
    url: str
    folder: Path | None


def fill(
    settings: Settings, url: str, folder: Path | None, *, say: Callable[[Report], None], listener: Listener
) -> list[str]:
    """Ingest the demo datasets and those of a folder into a catalogue that has its schema; returns all ids.

    The work is done in a child process, so that a server that runs on has none of its memory and processes. A file of
    the folder that cannot become a dataset is reported as refused, and the others go on.

    Raises:
        InvalidParameter: The folder is none.
        EnvironmentFault: The packages with the demo data are missing, or the child process was killed.
    """
    theirs, ours = _started(Job(settings=settings, url=url, folder=folder))
    try:
        with ours:
            found = _heard(ours, say, listener)
        with suppress(subprocess.TimeoutExpired):
            theirs.wait(_GRACE_S)
    finally:
        code = _stop(theirs)
    if found is None:
        raise EnvironmentFault(
            f"the process that ingests the demo datasets ended with code {code}; "
            "see the messages above, and check free memory"
        )
    if isinstance(found, GraticuleError):
        raise found
    return found


def _started(job: Job) -> tuple[subprocess.Popen[bytes], BinaryIO]:
    """The child process, and the end of the pipe on which it answers."""
    ours, theirs = os.pipe()
    words = [sys.executable, "-m", "services.demo.child", str(theirs), str(os.getpid())]
    try:
        process = subprocess.Popen(words, pass_fds=(theirs,), stdin=subprocess.PIPE)  # noqa: S603 - our own module
    finally:
        os.close(theirs)
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as pipe:
        pickle.dump(job, pipe)
    return process, os.fdopen(ours, "rb")


def _heard(answers: BinaryIO, say: Callable[[Report], None], listener: Listener) -> list[str] | GraticuleError | None:
    """Pass on what the child says; returns what it ends with, or None if it ends without a word."""
    with suppress(EOFError):
        while True:
            message = pickle.load(answers)  # noqa: S301 - our own child writes it
            if isinstance(message, Progress):
                listener(message)
            elif isinstance(message, Report):
                say(message)
            else:
                return cast("list[str] | GraticuleError", message)
    return None


def _stop(process: subprocess.Popen[bytes]) -> int:
    """End the child, if it still runs: it tidies up at SIGTERM. Returns its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def fill_here(job: Job, *, say: Callable[[Report], None], listener: Listener) -> list[str]:
    """Do the job in this process."""
    from cog import gdal  # noqa: PLC0415 - the parent needs none of them
    from records.database.engine import make_engine  # noqa: PLC0415
    from records.datasets.repository import Repository  # noqa: PLC0415
    from services.compute.workers import Workers  # noqa: PLC0415

    gdal.configure(job.settings.gdal_cache_mb)
    wanted = _wanted(job.folder, say)
    engine = make_engine(job.url, job.settings.database)
    try:
        repository = Repository(engine)
        with Workers(limits=job.settings.ingest) as workers:
            for dataset in wanted:
                say(_ingested(dataset, repository, job.settings.store_dir, workers, listener))
        return repository.dataset_ids()
    finally:
        engine.dispose()


def _wanted(folder: Path | None, say: Callable[[Report], None]) -> list[DemoDataset]:
    """The demo datasets and those of a folder; what is wrong with the folder's files is told."""
    from services.demo.folder import read_folder  # noqa: PLC0415

    wanted = demo_datasets()
    if folder is not None:
        found = read_folder(folder, taken={dataset.declaration.id or "" for dataset in wanted})
        wanted += found.datasets
        _tell_ignored(found.ignored)
        for report in found.refused:
            say(report)
    return wanted


def _ingested(
    dataset: DemoDataset, repository: Repository, store: Path, workers: Workers, listener: Listener
) -> Report:
    from services.demo.folder import refusal  # noqa: PLC0415
    from services.ingest.pipeline import ingest  # noqa: PLC0415

    try:
        return ingest(
            dataset.paths, dataset.declaration, repository=repository, store=store, workers=workers, listener=listener
        )
    except InvalidInput as error:  # what is declared does not fit the file
        return refusal(dataset.paths[0], dataset.declaration, error.detail)


def _tell_ignored(paths: tuple[Path, ...]) -> None:
    names = [path.name for path in paths[:_MOST_SHOWN]]
    more = f" and {len(paths) - len(names)} more" if len(paths) > len(names) else ""
    if names:
        sys.stderr.write(f"graticule: ignored, for their names are not those of sources: {', '.join(names)}{more}\n")
