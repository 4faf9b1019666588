"""`graticule store`: looking after the files of the store."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from config import settings as configuration
from config.errors import EnvironmentFault
from records.database.engine import make_engine
from records.datasets.repository import Repository
from services.cli.output import Json, as_line
from services.cli.spans import parse_span
from services.ingest.planning.disk_space import in_words
from services.ingest.store.garbage import BusyDataset, Removal, collect
from services.serving.database import database

app = typer.Typer(
    help="Remove files of the store that nothing refers to.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _store() -> None:
    """Look after the files of the store."""


@app.command()
def gc(
    *,
    grace: Annotated[
        str, typer.Option(help="How long a file that nothing refers to is kept: 7d, 12h, 30m or 0.")
    ] = "7d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed; remove nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Remove assets that were replaced or withdrawn, and what dead ingests left; never files of a running ingest.

    Prints a line a file: removed (or `would remove`), why, bytes and path below the store.
    """
    period = parse_span("--grace", grace)
    settings = configuration.load()
    removed: list[Removal] = []
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            for outcome in collect(Repository(engine), settings.store_dir, grace=period, rehearse=dry_run):
                if isinstance(outcome, BusyDataset):
                    sys.stderr.write(f"graticule: {outcome.dataset} is ingested at this moment; its files stay\n")
                    continue
                removed.append(outcome)
                sys.stdout.write(_line(outcome, dry_run=dry_run, as_json=as_json))
        except OSError as error:
            cause = f"{error.filename or settings.store_dir} cannot be removed: {error.strerror}"
            raise EnvironmentFault(f"{cause}; check its permissions") from error
        finally:
            engine.dispose()
    size = in_words(sum(outcome.size for outcome in removed))
    sys.stderr.write(f"graticule: {'would remove' if dry_run else 'removed'} {len(removed)} files, {size}\n")


def _line(item: Removal, *, dry_run: bool, as_json: bool) -> str:
    if as_json:
        return as_line(asdict(item) | {"removed": not dry_run})
    return f"{'would remove' if dry_run else 'removed'}\t{item.kind}\t{item.size}\t{item.path}\n"
