"""`graticule harvest`: take the metadata of other catalogues into this one, now and on a schedule."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any

import typer

from config import settings as configuration
from config.errors import Conflict, InvalidParameter
from records.database.engine import make_engine
from records.harvest.fetch.fetching import is_url
from records.harvest.fetch.sources import identity
from records.harvest.keeping import harvest_kept
from records.harvest.ledger import Ledger, Options, Source
from records.harvest.registry import adapter_named, names, service_named
from records.harvest.report import Outcome, Report
from services.cli.catalogue import harvest_texts as texts
from services.cli.output import Json, print_objects
from services.cli.spans import parse_span
from services.serving.database import database

REFUSED = 1
"""Exit code when something was refused."""

app = typer.Typer(
    help="Take metadata of other catalogues into this one.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
sources_app = typer.Typer(
    help="The sources that are remembered, and their schedules.", add_completion=False, no_args_is_help=True
)
app.add_typer(sources_app, name="sources")


@contextmanager
def _ledger(*, create: bool = False) -> Iterator[Ledger]:
    settings = configuration.load()
    with database(settings, create=create) as url:
        engine = make_engine(url, settings.database)
        try:
            yield Ledger(engine)
        finally:
            engine.dispose()


def take(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(help="Files, folders and URLs.")],
    *,
    every: Annotated[
        str, typer.Option(help="Harvest it again and again, such as every 1d or 6h: `graticule serve` does.")
    ] = "",
    remove_vanished: Annotated[
        bool,
        typer.Option("--remove-vanished", help="Withdraw records that a source has no more, unless they have data."),
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Read everything, also what has not changed.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private networks and this machine too.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1, max=3600, help="Seconds for the answer of one address.")] = 300.0,
    max_pages: Annotated[int, typer.Option(min=1, max=10_000_000, help="Most pages of one source.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Take the records of each SOURCE into the catalogue; run again, it brings them up to date.

    Prints a line a record: status, item, record, reason; and a line `note` for each irregularity. Exit codes: 0 all
    harvested, 1 something refused, 2 wrong usage, 3 environment, 130 interrupted.
    """
    format_name = str(context.info_name)
    options = Options(
        remove_vanished=remove_vanished, allow_private=allow_private, timeout_s=timeout, max_pages=max_pages
    )
    period = _period(every)
    _require_files(sources)
    requests = [Source(source=identity(s), format=format_name, options=options, every=period) for s in sources]
    with _ledger(create=True) as ledger:
        entered = [ledger.enter(source) for source in requests]
        _harvest_all(ledger, entered, full=full, as_json=as_json)


def _period(text: str) -> timedelta | None:
    if not text:
        return None
    span = parse_span("--every", text)
    if not span:
        raise InvalidParameter("--every", text, "a source is harvested every second at most")
    return span


def _require_files(sources: list[str]) -> None:
    """Raise InvalidParameter for a path at which nothing is, before any source is remembered."""
    for source in sources:
        if not is_url(source) and not os.path.lexists(source):
            raise InvalidParameter("SOURCE", source, "there is no such file or folder")


def _harvest_all(ledger: Ledger, sources: list[Source], *, full: bool, as_json: bool) -> None:
    """Harvest sources one after the other, and tell; exits with 1 if something was refused."""
    listener = None if as_json else _print_outcome
    reports = [_harvest(ledger, source, anew=full, listener=listener) for source in sources]
    if as_json:
        print_objects(map(report_document, reports))
    for report in reports:
        summary = ", ".join(f"{count} {status}" for status, count in report.counts.items())
        nothing = "no records" if report.whole else "nothing has changed"
        sys.stderr.write(f"{report.source}: {summary or nothing}\n")
    if any(report.refused for report in reports):
        raise typer.Exit(REFUSED)


def _harvest(ledger: Ledger, source: Source, **options: Any) -> Report:
    """Harvest a source; one that is held by another process is refused, and the others go on."""
    try:
        return harvest_kept(ledger, source, **options)
    except Conflict as error:
        report = Report(source=source.source, listener=options["listener"], broken=error.detail)
        report.tell(Outcome(status="refused", item=source.source, reason=error.detail))
        return report


def _print_outcome(outcome: Outcome) -> None:
    rows: list[tuple[str, ...]] = [(outcome.status, outcome.item, outcome.record_id, outcome.reason)]
    rows += [("note", outcome.item, outcome.record_id, str(note)) for note in outcome.notes]
    for row in rows:
        sys.stdout.write(texts.line(row))
    sys.stdout.flush()


def report_document(report: Report) -> dict[str, Any]:
    """What `--json` shows of a source."""
    return {
        "source": report.source,
        "counts": report.counts,
        "whole": report.whole and not report.broken,
        "records": [outcome.document() for outcome in report.outcomes],
    }


@app.command()
def status(
    source: Annotated[str, typer.Argument(help="A file, folder or URL; none: all.")] = "", *, as_json: Json = False
) -> None:
    """Show what became of the last harvest of each source; of one SOURCE also the harvests before and the records."""
    with _ledger() as ledger:
        if source:
            source_ = ledger.source(identity(source))
            runs = ledger.runs(source_.source)
            document = texts.source_document(source_, runs[0] if runs else None)
            documents = [document | {"runs": [texts.run_document(run) for run in runs]}]
            rows = texts.history(source_, runs)
        else:
            last = [(s, next(iter(ledger.runs(s.source, limit=1)), None)) for s in ledger.sources()]
            documents = [texts.source_document(s, run) for s, run in last]
            rows = [texts.summary(s, run) for s, run in last]
    if as_json:
        print_objects(documents)
    else:
        sys.stdout.writelines(map(texts.line, rows))


@sources_app.command("list")
def list_sources(*, as_json: Json = False) -> None:
    """List the sources with their formats and schedules."""
    with _ledger() as ledger:
        sources = ledger.sources()
    if as_json:
        print_objects(texts.source_document(source, None) for source in sources)
    else:
        sys.stdout.writelines(texts.line(texts.schedule(source)) for source in sources)


@sources_app.command("remove")
def remove_sources(sources: Annotated[list[str], typer.Argument(help="Files, folders and URLs.")]) -> None:
    """Forget sources, their schedules and reports; their records stay."""
    with _ledger() as ledger:
        identities = [ledger.source(identity(source)).source for source in sources]
        for source in identities:
            ledger.remove(source)
            sys.stdout.write(texts.line(("removed", source)))


@sources_app.command("run")
def run_sources(
    sources: Annotated[list[str] | None, typer.Argument(help="Files, folders and URLs; none: all of them.")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything, also what has not changed.")] = False,
    as_json: Json = False,
) -> None:
    """Harvest remembered sources now, each as it was given."""
    with _ledger() as ledger:
        selection = [ledger.source(identity(source)) for source in sources] if sources else ledger.sources()
        _harvest_all(ledger, selection, full=full, as_json=as_json)


def _about(format_name: str) -> str:
    """What help says of a format: the first line of the module that reads it."""
    reader = service_named(format_name) or adapter_named(format_name)
    module = sys.modules[type(reader).__module__] if reader else None
    return (module.__doc__ or "").splitlines()[0] if module else "Each content by what it holds."


for _name in names():
    app.command(_name, short_help=_about(_name))(take)
