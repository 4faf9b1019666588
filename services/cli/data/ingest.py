"""`graticule ingest`: make or extend datasets from files."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cog import gdal
from cog.convert.profiles import ProfileName
from config import settings as configuration
from config.declarations.datasets import DatasetDeclaration, read_declaration
from config.errors import (
    CollectionNotFound,
    Conflict,
    GraticuleError,
    InvalidDeclaration,
    InvalidInput,
    InvalidParameter,
)
from config.settings import Settings
from records.database.engine import make_engine
from records.datasets.repository import Repository
from services.cli.data.stated import Statements, with_statements
from services.cli.options import profile_of
from services.cli.output import Json
from services.cli.progress import as_json_lines, as_lines, progress_listener
from services.ingest.models import IngestReport, Listener, SourceOutcome, SourceStatus
from services.ingest.pipeline import ingest
from services.ingest.planning.disk_space import free_bytes, in_words
from services.ingest.publishing.record_matching import RecordFile, read_record
from services.ingest.reading.naming import chosen_id
from services.ingest.reading.sources import beside, dataset_of_each, find_sources, with_options
from services.ingest.rehearsal import rehearse
from services.ingest.unstated import unstated
from services.ingest.workers import Workers
from services.serving.database import database, has_catalogue

log = logging.getLogger(__name__)

REFUSED = 1
"""Exit code when a source was refused."""
_MOST_SHOWN = 20
"""Ignored files that are named; of the others the count is told."""


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(readable=False, help="Source files, folders and patterns; absent: those the declaration names."),
    ] = None,
    *,
    dataset: Annotated[
        Path | None, typer.Option(readable=False, help="Declaration of the dataset, a YAML file.")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Id of the dataset; overrides the declaration.")] = None,
    each: Annotated[bool, typer.Option("--each", help="Make a dataset of each file, not one of all.")] = False,
    record: Annotated[
        list[Path] | None, typer.Option(readable=False, help="Metadata record of the dataset; may be repeated.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the dataset.")] = None,
    license_: Annotated[
        str | None, typer.Option("--license", help="Licence of the dataset: an SPDX identifier such as CC-BY-4.0.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of the only variable, such as K; 1 for plain numbers.")] = None,
    time_pattern: Annotated[
        str | None,
        typer.Option(help="Regular expression of the dates in file names, with (?P<year>...)."),
    ] = None,
    profile: Annotated[str, typer.Option(help="zstd, small (slower), or deflate for old readers.")] = "zstd",
    replace: Annotated[bool, typer.Option("--replace", help="Withdraw what the dataset had before.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Publish without the files that are refused, and record the gap.")
    ] = False,
    warp: Annotated[
        bool, typer.Option("--warp", help="Put what is on no regular grid (swaths, uneven rows, rotation) on one.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a file of which any variable cannot be used.")
    ] = False,
    keep_source: Annotated[
        bool, typer.Option("--keep-source", help="Keep the original files, and serve them beside the converted ones.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Leave tiled GeoTIFFs where they lie, and serve them from there.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make one dataset of all PATHs, or extend it. Prints a line a source: status, path, what it became, reason.

    Exit codes: 0 all published or unchanged, 1 something refused, 2 wrong usage, 3 environment, 130 interrupted.
    """
    settings = configuration.load()
    statements = Statements(title=title, license=license_, unit=unit, time_pattern=time_pattern)
    declaration = with_statements(_declaration(dataset, warp=warp, strict=strict, keep_source=keep_source), statements)
    sources = _sources(paths or [], declaration, dataset, each=each)
    options = _Options(
        profile="in-place" if in_place else profile_of(profile),
        roots=tuple(Path(root) for root in settings.ingest.roots),
        replace=replace,
        skip_bad=skip_bad,
        dry_run=dry_run,
        records=tuple(read_record(path) for path in record or []),
    )
    if each:
        if id_ is not None or declaration.id is not None:
            raise InvalidParameter(
                "--each", id_ or declaration.id, "each file has an id of its own; leave this one out"
            )
        jobs, refused = _each(sources, declaration)
    else:
        jobs, refused = [_Job(id=chosen_id(sources, declaration, id_), declaration=declaration, paths=sources)], []
    gdal.configure(settings.gdal_cache_mb)
    with _catalogue(settings, options) as repository, progress_listener() as listener:
        printed = _Printed(as_json_lines if as_json else as_lines)
        for report in refused:
            printed.add(report)
        with Workers(limits=settings.ingest) as workers:
            for job in jobs:
                report = _perform(job, options, _Place(settings.store_dir, repository, workers, listener))
                printed.add(report)
                if repository is not None and not options.dry_run and not as_json:
                    _tell_more(repository, report, settings)
    if printed.refused:
        raise typer.Exit(REFUSED)


def _tell_more(repository: Repository, report: IngestReport, settings: Settings) -> None:
    """Say where a dataset that was just published is looked at, and what was left unstated."""
    fresh = [o.path for o in report.outcomes if o.status in (SourceStatus.PUBLISHED, SourceStatus.REPLACED)]
    if not fresh:
        return
    dataset = repository.dataset(report.dataset, hidden=True)
    for sentence in unstated(dataset, fresh):
        _say(f"{dataset.id}: {sentence}")
    try:
        repository.dataset(dataset.id)
        _say(f"{dataset.id}: {settings.base_url}/collections/{dataset.id}, while `graticule serve` runs")
    except CollectionNotFound:
        _say(f"{dataset.id} is hidden: `graticule datasets unhide {dataset.id}` shows it")


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What is the same for every dataset of a call."""

    profile: ProfileName
    replace: bool
    skip_bad: bool
    dry_run: bool
    records: tuple[RecordFile, ...]
    roots: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One dataset to make."""

    id: str
    declaration: DatasetDeclaration
    paths: Sequence[Path]
    alone: bool = True
    """Whether it is the only one of its call."""


@dataclass(frozen=True)
class _Place:
    """Where and with what it is made; without a repository nothing is published yet."""

    store: Path
    repository: Repository | None
    workers: Workers
    listener: Listener


class _Printed:
    """Reports on stdout, each as soon as it is there, and whether anything was refused."""

    def __init__(self, form: Callable[[IngestReport], str]) -> None:
        self.refused = False
        self._form = form

    def add(self, report: IngestReport) -> None:
        """Print a report."""
        sys.stdout.write(self._form(report))
        sys.stdout.flush()
        self.refused = self.refused or report.refused


def _perform(job: _Job, options: _Options, place: _Place) -> IngestReport:
    """Make a dataset, or say what would be done; of many, one that is wrong as a whole does not stop the others."""
    try:
        return _rehearsed(job, options, place) if options.dry_run else _ingested(job, options, place)
    except (InvalidInput, Conflict) as error:
        if job.alone:
            raise
        return _refusal(job.id, job.paths, error.detail)
    except GraticuleError:
        raise
    except Exception as error:
        if job.alone:
            raise
        log.exception("unexpected error in the ingest of %s", job.id)
        return _refusal(job.id, job.paths, f"its ingest failed: {type(error).__name__}: {error}; see the log")


def _ingested(job: _Job, options: _Options, place: _Place) -> IngestReport:
    assert place.repository is not None
    return ingest(
        job.paths,
        job.declaration,
        repository=place.repository,
        store=place.store,
        dataset_id=job.id,
        profile=options.profile,
        replace=options.replace,
        skip_bad=options.skip_bad,
        records=options.records,
        records_of_many=not job.alone,
        roots=options.roots,
        workers=place.workers,
        listener=place.listener,
    )


def _rehearsed(job: _Job, options: _Options, place: _Place) -> IngestReport:
    report, need = rehearse(
        job.paths,
        job.declaration,
        repository=place.repository,
        store=place.store,
        dataset_id=job.id,
        profile=options.profile,
        replace=options.replace,
        skip_bad=options.skip_bad,
        roots=options.roots,
        workers=place.workers,
        listener=place.listener,
    )
    free, where = free_bytes(place.store)
    granules = sum(o.granules for o in report.outcomes if o.size is not None)
    summary = f"{granules} granules, about {in_words(need)} while it works"
    _say(f"dry run: {job.id}: {summary}; {in_words(free)} are free in {where}")
    return report


def _declaration(path: Path | None, *, warp: bool, strict: bool, keep_source: bool) -> DatasetDeclaration:
    if path is not None and not os.path.exists(path):
        raise InvalidDeclaration(f"{path}: there is no such file; --dataset names a YAML file")
    declaration = DatasetDeclaration() if path is None else read_declaration(path)
    return with_options(declaration, warp=warp, strict=strict, keep_source=keep_source)


def _sources(words: list[Path], declaration: DatasetDeclaration, place: Path | None, *, each: bool) -> list[Path]:
    if not words and place is not None:
        words = [place.parent / pattern for pattern in declaration.sources]
    if not words:
        raise InvalidInput("no files are named; name files, folders or patterns, or `sources` in a declaration")
    selection = find_sources(words)
    used = {own for path in selection.sources if each and (own := beside(path)) is not None}
    _tell_ignored([path for path in selection.ignored if path not in used and path != place])
    return list(selection.sources)


def _tell_ignored(paths: Sequence[Path]) -> None:
    names = [str(path) for path in paths[:_MOST_SHOWN]]
    more = f" and {len(paths) - len(names)} more" if len(paths) > len(names) else ""
    if names:
        _say(f"ignored, for they are no sources: {', '.join(names)}{more}")


def _each(sources: Sequence[Path], shared: DatasetDeclaration) -> tuple[list[_Job], list[IngestReport]]:
    outcome = dataset_of_each(sources, shared)
    jobs = [_Job(id=d.id or "", declaration=d, paths=[p], alone=False) for p, d in outcome.declared.items()]
    return jobs, [_refusal("", [path], reason) for path, reason in outcome.reasons.items()]


def _refusal(dataset_id: str, paths: Sequence[Path], reason: str) -> IngestReport:
    outcomes = [
        SourceOutcome(status=SourceStatus.REFUSED, path=path, dataset=dataset_id, reason=reason) for path in paths
    ]
    return IngestReport(dataset=dataset_id, outcomes=tuple(outcomes))


@contextmanager
def _catalogue(settings: Settings, options: _Options) -> Iterator[Repository | None]:
    """The catalogue; a rehearsal does not make one that is not there."""
    if options.dry_run and not has_catalogue(settings):
        yield None
        return
    with database(settings, create=not options.dry_run) as url:
        engine = make_engine(url, settings.database)
        try:
            yield Repository(engine)
        finally:
            engine.dispose()


def _say(line: str) -> None:
    sys.stderr.write(f"graticule: {line}\n")
    sys.stderr.flush()
