"""`graticule ingest`: make or extend a dataset from files."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from cog import gdal
from cog.profiles import ProfileName
from config import settings as configuration
from config.datasets import DatasetDeclaration, read_declaration
from config.errors import InvalidDeclaration, InvalidParameter
from records import schema
from records.engine import make_engine
from records.repository import Repository
from services.database import database
from services.ingest.models import Listener, Progress, Report
from services.ingest.naming import chosen_id
from services.ingest.pipeline import ingest

log = logging.getLogger(__name__)

REFUSED = 1
"""Exit code when a source was refused."""


def command(  # noqa: PLR0913
    paths: Annotated[
        list[Path] | None,
        typer.Argument(readable=False, help="Source files; absent: those the declaration names."),
    ] = None,
    *,
    dataset: Annotated[
        Path | None, typer.Option(readable=False, help="Declaration of the dataset, a YAML file.")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Id of the dataset; overrides the declaration.")] = None,
    profile: Annotated[str, typer.Option(help="zstd, or deflate for old readers.")] = "zstd",
    replace: Annotated[bool, typer.Option("--replace", help="Withdraw what the dataset had before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object instead of lines.")] = False,
) -> None:
    """Make one dataset of all PATHs, or extend it. Prints a line a source: status, path, what it became, reason.

    Exit codes: 0 all published or unchanged, 1 something refused, 2 wrong usage, 3 environment, 130 interrupted.
    """
    settings = configuration.load()
    declaration = _declaration(dataset)
    sources = _sources(paths or [], declaration, dataset)
    chosen = _profile(profile)
    dataset_id = chosen_id(sources, declaration, id_)
    gdal.configure(settings.gdal_cache_mb)
    with database(settings) as url:
        engine = make_engine(url, settings.database)
        try:
            schema.migrate(engine)
            with progress_listener() as listener:
                report = ingest(
                    sources,
                    declaration,
                    repository=Repository(engine),
                    store=settings.store_dir,
                    dataset_id=dataset_id,
                    profile=chosen,
                    replace=replace,
                    listener=listener,
                )
        finally:
            engine.dispose()
    sys.stdout.write(_as_json(report) if as_json else as_lines(report))
    if report.refused:
        raise typer.Exit(REFUSED)


def _declaration(path: Path | None) -> DatasetDeclaration:
    if path is None:
        return DatasetDeclaration()
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises in a folder that may not be read
        raise InvalidDeclaration(f"{path}: there is no such file; --dataset names a YAML file")
    return read_declaration(path)


def _sources(paths: list[Path], declaration: DatasetDeclaration, place: Path | None) -> list[Path]:
    if not paths and place is not None:
        for pattern in declaration.sources:
            found = sorted(place.parent.glob(pattern)) or [place.parent / pattern]
            paths = [*paths, *found]
    if not paths:
        raise InvalidParameter("PATH", "", "name at least one source file, or `sources` in the declaration")
    folder = next((p for p in paths if os.path.isdir(p)), None)  # noqa: PTH112 - as above
    if folder is not None:
        raise InvalidParameter("PATH", str(folder), "it is a folder; name the files in it")
    return paths


def _profile(name: str) -> ProfileName:
    try:
        return TypeAdapter[ProfileName](ProfileName).validate_python(name)
    except ValidationError as error:
        raise InvalidParameter("--profile", name, "use zstd or deflate") from error


def as_lines(report: Report) -> str:
    """A report as lines of status, path, target and reason, separated by tabs."""
    return "".join(f"{outcome.line}\n" for outcome in report.outcomes)


def _as_json(report: Report) -> str:
    sources: list[dict[str, Any]] = [
        {
            "status": o.status,
            "path": str(o.path),
            "variables": list(o.variables),
            "times": list(o.times),
            "granules": o.granules,
            "reason": o.reason or None,
        }
        for o in report.outcomes
    ]
    return json.dumps({"dataset": report.dataset, "sources": sources}, ensure_ascii=False, indent=2) + "\n"


@contextmanager
def progress_listener() -> Iterator[Listener]:
    """A progress bar on a terminal, a line a stage elsewhere; both on stderr, so that stdout is for results."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def advance(progress: Progress) -> None:
            bar.update(task, description=_words(progress), completed=progress.done, total=progress.total)

        yield advance


def _words(progress: Progress) -> str:
    if progress.stage == "waiting":
        return f"{progress.dataset}: waiting for another ingest of this dataset"
    return f"{progress.dataset}: {progress.stage}"


def _line(progress: Progress) -> None:
    if progress.done in {0, progress.total}:
        sys.stderr.write(f"{_words(progress)} {progress.done}/{progress.total}\n")
        sys.stderr.flush()
