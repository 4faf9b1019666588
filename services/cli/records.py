"""`graticule records`: list, show, dump and withdraw metadata records."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from config import settings as configuration
from config.errors import EnvironmentFault
from records.dump import lines
from records.engine import make_engine
from records.models import RecordOrigin
from records.record_store import RecordStore
from services.database import database
from services.policy import is_open

app = typer.Typer(
    help="List, show, dump and withdraw metadata records.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_PAGE = 500


@contextmanager
def _store() -> Iterator[RecordStore]:
    settings = configuration.load()
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            yield RecordStore(engine)
        finally:
            engine.dispose()


@app.command("list")
def list_records() -> None:
    """List every record: id, the dataset it describes or `no data`, title."""
    with _store() as store:
        after = ""
        while page := store.list(limit=_PAGE, after=after):
            for record_id, title, dataset_id in page:
                sys.stdout.write(f"{record_id}\t{dataset_id or 'no data'}\t{title}\n")
            after = page[-1][0]


@app.command()
def show(
    record_id: Annotated[str, typer.Argument(help="Id of a record.")],
    *,
    private: Annotated[
        bool, typer.Option("--private", help="Also where it came from, and what of it is not published.")
    ] = False,
) -> None:
    """Show a record as it is stored, as JSON."""
    with _store() as store:
        document: dict[str, Any] = store.document(record_id)
        origin = store.origin(record_id) if private else None
    shown = {"record": document, "origin": _origin_document(origin)} if private else document
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")


@app.command("dump")
def dump_records(
    file: Annotated[Path | None, typer.Argument(help="File to write; standard output without one.")] = None,
) -> None:
    """Write every public record as a line of JSON, in all its languages."""
    settings = configuration.load()
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            found = lines(engine, base_url=settings.base_url, is_readable=lambda dataset: is_open(settings, dataset))
            _write_lines(found, file)
        finally:
            engine.dispose()


def _write_lines(found: Iterator[bytes], file: Path | None) -> None:
    """Write lines to standard output or to a file, which appears when it is whole."""
    if file is None:
        for line in found:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as out:
            for line in found:
                out.write(line)
        part.replace(file)
    except OSError as error:
        raise EnvironmentFault(f"{file} cannot be written: {error.strerror}; choose another place") from error
    finally:
        part.unlink(missing_ok=True)


def _origin_document(origin: RecordOrigin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "source": origin.source,
        "item": origin.item,
        "format": origin.format,
        "sourceId": origin.source_id,
        "harvested": origin.harvested.isoformat() if origin.harvested else None,
        "notes": origin.notes,
        "private": origin.private,
    }


@app.command()
def remove(record_ids: Annotated[list[str], typer.Argument(help="Ids of records without data.")]) -> None:
    """Withdraw records; one that describes a published dataset is refused."""
    with _store() as store:
        for record_id in record_ids:
            store.document(record_id)  # nothing is withdrawn when one of the ids is wrong
        for record_id in record_ids:
            store.remove(record_id)
            sys.stdout.write(f"removed\t{record_id}\n")
