"""`graticule watch`: keep a dataset in line with a folder, until it is stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cog import gdal
from config import settings as configuration
from records.database.engine import make_engine
from records.datasets.repository import Repository
from services.cli.options import profile_of
from services.cli.output import Json
from services.cli.progress import as_json_lines, as_lines
from services.ingest.watching.following import follow
from services.ingest.watching.watch import FolderWatch, WatchOrder
from services.ingest.workers import Workers
from services.serving.database import database


def command(
    folder: Annotated[Path, typer.Argument(readable=False, help="Folder whose files become granules.")],
    *,
    dataset: Annotated[Path, typer.Option(readable=False, help="Declaration of the dataset, a YAML file.")],
    id_: Annotated[str | None, typer.Option("--id", help="Id of the dataset; overrides the declaration.")] = None,
    settle: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds for which a file must stay as it is before it is taken.")
    ] = 2.0,
    poll: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between two looks at the folder.")] = 1.0,
    keep_removed: Annotated[
        bool, typer.Option("--keep-removed", help="Keep granules whose files are removed.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Leave tiled GeoTIFFs where they lie, and serve them from there.")
    ] = False,
    keep_source: Annotated[
        bool, typer.Option("--keep-source", help="Keep the original files, and serve them beside the converted ones.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left to take or to wait for.")] = False,
    profile: Annotated[str, typer.Option(help="zstd, small (slower), or deflate for old readers.")] = "zstd",
    as_json: Json = False,
) -> None:
    """Take new, changed and removed files of FOLDER into a dataset as they come, until interrupted.

    Prints a line a file, as `graticule ingest` does; a bad file is reported and tried again when it changes.
    Exit codes: 0 ended (--once, SIGTERM, SIGINT), 2 wrong usage, 3 environment.
    """
    settings = configuration.load()
    order = WatchOrder(
        folder=folder.absolute(),
        declaration=dataset.absolute(),
        dataset_id=id_,
        settle_s=settle,
        keep_removed=keep_removed,
        profile="in-place" if in_place else profile_of(profile),
        roots=tuple(Path(root) for root in settings.ingest.roots),
        keep_source=keep_source,
    )
    gdal.configure(settings.gdal_cache_mb)
    form = as_json_lines if as_json else as_lines
    with database(settings) as url, Workers(limits=settings.ingest) as workers:
        engine = make_engine(url, settings.database)
        try:
            watch = FolderWatch(
                order, repository=Repository(engine), store=settings.store_dir, workers=workers, say=_say
            )
            follow([watch], report=lambda one: _print(form(one)), say=_say, poll_s=poll, once=once)
        finally:
            engine.dispose()


def _print(lines: str) -> None:
    sys.stdout.write(lines)
    sys.stdout.flush()


def _say(line: str) -> None:
    sys.stderr.write(f"graticule: {line}\n")
    sys.stderr.flush()
