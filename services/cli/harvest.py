"""`graticule harvest`: take the metadata of other catalogues into this one."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from config import settings as configuration
from records.engine import make_engine
from records.harvest.fetching import Limits
from records.harvest.registry import adapter_named, names, service_named
from records.harvest.run import Outcome, Report, harvest
from records.record_store import RecordStore
from services.database import database

REFUSED = 1
"""Exit code when something was refused."""


def command(  # noqa: PLR0913
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(names())}.")],
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders and URLs.")],
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="Withdraw records that a source has no more, unless they have data.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private networks and this machine too.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1, max=3600, help="Seconds for the answer of one address.")] = 300.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object instead of lines.")] = False,
) -> None:
    """Take the records of each SOURCE into the catalogue; run again, it brings them up to date.

    Prints a line a record: status, item, record, reason; and a line `note` for each irregularity. Exit codes: 0 all
    harvested, 1 something refused, 2 wrong usage, 3 environment, 130 interrupted.
    """
    adapter, service = adapter_named(format_name), service_named(format_name)
    limits = Limits(allow_private=allow_private, total_s=timeout)
    settings = configuration.load()
    with database(settings) as url:
        engine = make_engine(url, settings.database)
        try:
            store = RecordStore(engine)
            listener = None if as_json else _print_outcome
            reports = [
                harvest(
                    source,
                    store=store,
                    adapter=adapter,
                    limits=limits,
                    service=service,
                    prune=prune,
                    listener=listener,
                )
                for source in sources
            ]
        finally:
            engine.dispose()
    if as_json:
        document = {"sources": [report_document(report) for report in reports]}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    for report in reports:
        counted = ", ".join(f"{count} {status}" for status, count in report.counts.items())
        sys.stderr.write(f"{report.source}: {counted or 'no records'}\n")
    if any(report.refused for report in reports):
        raise typer.Exit(REFUSED)


def _print_outcome(outcome: Outcome) -> None:
    rows: list[tuple[str, ...]] = [(outcome.status, outcome.item, outcome.record_id, outcome.reason)]
    rows += [("note", outcome.item, outcome.record_id, str(note)) for note in outcome.notes]
    for row in rows:
        sys.stdout.write("\t".join(" ".join(cell.split()) for cell in row) + "\n")
    sys.stdout.flush()


def report_document(report: Report) -> dict[str, Any]:
    """What `--json` shows of a source."""
    return {
        "source": report.source,
        "counts": report.counts,
        "records": [
            {
                "status": outcome.status,
                "item": outcome.item,
                "id": outcome.record_id or None,
                "reason": outcome.reason or None,
                "notes": [{"field": n.field, "value": n.value, "action": n.action} for n in outcome.notes],
            }
            for outcome in report.outcomes
        ],
    }
