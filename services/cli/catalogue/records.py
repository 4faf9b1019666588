"""`graticule records`: list, show, dump, load, index, withdraw and restore metadata records, and their history."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from config import settings as configuration
from config.errors import EnvironmentFault
from records.database.engine import make_engine, translated_errors
from records.datasets.models import RecordOrigin
from records.writing import bulk
from records.writing import history as versions
from records.writing.dump import lines
from records.writing.duplicates import duplicates
from records.writing.history import Version
from records.writing.record_store import RecordStore
from records.writing.reindex import reindex as reindexed
from records.writing.transactions import Transactions
from services.access.decision import decide
from services.access.principal import ANONYMOUS
from services.cli.operator import operator
from services.cli.output import Json, print_objects
from services.cli.spans import parse_span
from services.compute.children.pool import map_in_children
from services.serving.database import database

app = typer.Typer(
    help="List, show, dump, load, index, withdraw and restore metadata records.",
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
def list_records(*, as_json: Json = False) -> None:
    """List every record: id, the dataset it describes or `no data`, title."""
    with _store() as store:
        after = ""
        while page := store.list(limit=_PAGE, after=after):
            for record_id, title, dataset_id in page:
                if as_json:
                    print_objects([{"id": record_id, "dataset": dataset_id, "title": title}])
                    continue
                sys.stdout.write(f"{record_id}\t{dataset_id or 'no data'}\t{title}\n")
            after = page[-1][0]


@app.command("duplicates")
def list_duplicates(*, as_json: Json = False) -> None:
    """List the foreign identifiers (DOI, CSTR, ...) that several records have: the identifier and the records' ids."""
    with _store() as store:
        for one in duplicates(store.engine):
            if as_json:
                print_objects([{"identifier": one.identifier, "records": list(one.record_ids)}])
            else:
                sys.stdout.write("\t".join((one.identifier, *one.record_ids)) + "\n")


@app.command()
def show(
    record_id: Annotated[str, typer.Argument(help="Id of a record.")],
    *,
    private: Annotated[
        bool, typer.Option("--private", help="Also where it came from, and what of it is not published.")
    ] = False,
    version: Annotated[int | None, typer.Option("--version", help="Number of an earlier version.")] = None,
) -> None:
    """Show a record as it is stored, or was, as JSON."""
    with _store() as store:
        document = store.document(record_id) if version is None else _earlier(store, record_id, version)
        origin = store.origin(record_id) if private else None
    output = {"record": document, "origin": _origin_document(origin)} if private else document
    sys.stdout.write(json.dumps(output, ensure_ascii=False, indent=2) + "\n")


@app.command("dump")
def dump_records(
    file: Annotated[Path | None, typer.Argument(help="File to write; standard output without one.")] = None,
) -> None:
    """Write every public record as a line of JSON, in all its languages."""
    settings = configuration.load()
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            encoded = lines(
                engine,
                base_url=settings.base_url,
                is_readable=lambda dataset: decide(ANONYMOUS, dataset, "read", settings).allowed,
            )
            _write_lines(encoded, file)
        finally:
            engine.dispose()


def _write_lines(encoded: Iterator[bytes], file: Path | None) -> None:
    """Write lines to standard output or to a file, which appears when it is whole."""
    if file is None:
        for line in encoded:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as out:
            for line in encoded:
                out.write(line)
        part.replace(file)
    except OSError as error:
        raise EnvironmentFault(f"{file} cannot be written: {error.strerror}; choose another place") from error
    finally:
        part.unlink(missing_ok=True)


def _earlier(store: RecordStore, record_id: str, version: int) -> dict[str, Any] | None:
    """The document of a version; None, which is JSON's null, of a removal."""
    with translated_errors(), Session(store.engine) as session:
        return versions.document_of(session, record_id, version)


def _versions(store: RecordStore, record_id: str) -> Iterator[Version]:
    before = None
    while page := versions.versions(store.engine, record_id, limit=_PAGE, before=before, hidden=True):
        yield from page
        before = page[-1].number


@app.command()
def history(
    record_id: Annotated[str, typer.Argument(help="Id of a record, of a removed one too.")],
    *,
    as_json: Json = False,
) -> None:
    """List the versions of a record, the latest first: number, when, what was done, and by whom."""
    with _store() as store:
        versions_ = list(_versions(store, record_id))
    if as_json:
        print_objects(
            {"version": v.number, "at": v.at.isoformat(), "action": v.action, "who": v.who} for v in versions_
        )
        return
    for v in versions_:
        sys.stdout.write(f"{v.number}\t{v.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\t{v.action}\t{v.who}\n")


@app.command()
def restore(
    record_id: Annotated[str, typer.Argument(help="Id of a record, of a removed one too.")],
    version: Annotated[int, typer.Argument(help="Number of the version, as `history` lists it.")],
) -> None:
    """Make an earlier version the record again, as a new version; what is published of data keeps place and time."""
    with _store() as store:
        Transactions(store.engine).restore(record_id, version, who=operator())
    sys.stdout.write(f"restored\t{record_id}\t{version}\n")


@app.command()
def prune(
    *,
    keep: Annotated[int, typer.Option(min=1, help="Latest versions of each record that stay in any case.")] = 20,
    grace: Annotated[str, typer.Option(help="Age of what is forgotten: 365d, 12h.")] = "365d",
) -> None:
    """Forget old versions of records, which are kept without bound otherwise."""
    before = datetime.now(UTC) - parse_span("--grace", grace)
    with _store() as store:
        count = versions.prune(store.engine, keep=keep, before=before)
    sys.stdout.write(f"forgot {count} versions\n")


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
            store.remove(record_id, who=operator())
            sys.stdout.write(f"removed\t{record_id}\n")


@app.command()
def load(
    path: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="Stored records, one JSON object a line.")
    ],
    *,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that work on it.")] = 2,
) -> None:
    """Load many records at once; those of the same id are replaced, those of published datasets are refused."""
    settings = configuration.load()
    with database(settings) as url:
        loaded = bulk.load(url, path, run=partial(map_in_children, processes=processes))
    for what, reason in loaded.reasons:
        sys.stdout.write(f"refused\t{what}\t{reason}\n")
    sys.stdout.write(f"loaded\t{loaded.written}\nrefused\t{loaded.refused}\n")
    raise typer.Exit(1 if loaded.refused else 0)


@app.command()
def reindex() -> None:
    """Make anew what records are searched by: after a change of the rules of text, or when an index is missing."""
    settings = configuration.load()
    with database(settings, create=False) as url:
        bulk.make_indexes(url)
        engine = make_engine(url, settings.database)
        try:
            many = sum(reindexed(engine))
        finally:
            engine.dispose()
    sys.stdout.write(f"indexed\t{many}\n")
