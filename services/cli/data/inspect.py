"""`graticule inspect`: what would be understood of files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.cells import cell_len

from config import settings as configuration
from config.declarations.datasets import DatasetDeclaration, json_schema, read_declaration
from config.errors import InvalidInput, SourceRefused
from services.cli.output import Json, print_objects
from services.ingest.models import shown
from services.ingest.planning.disk_space import in_words
from services.ingest.reading.drafting import draft
from services.ingest.reading.inspection import TABLE, InspectedSource, document, inspect, rows
from services.ingest.reading.sources import find_sources
from services.ingest.workers import Workers

REFUSED = 1
"""Exit code when a file was not understood."""


def command(
    paths: Annotated[
        list[Path] | None, typer.Argument(readable=False, help="Source files, folders and patterns.")
    ] = None,
    *,
    dataset: Annotated[
        Path | None, typer.Option(readable=False, help="Declaration to read them with, a YAML file.")
    ] = None,
    warp: Annotated[bool, typer.Option("--warp", help="Warp what has no north-up grid, as ingest would.")] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print a declaration ready to edit.")] = False,
    as_json: Json = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a declaration.")] = False,
) -> None:
    """Show what would be understood of files: variables, units, grids, times. Writes nothing, needs no database.

    Exit codes: 0 all understood, 1 a file would be refused, 2 wrong usage.
    """
    if schema:
        print_schema()
        return
    if not paths:
        raise InvalidInput("no files are named; name files, folders or patterns")
    declaration = read_declaration(dataset) if dataset else DatasetDeclaration()
    declaration = declaration.model_copy(update={"warp": True}) if warp else declaration
    with Workers(limits=configuration.load().ingest) as workers:
        reports = inspect(find_sources(paths).sources, declaration, workers=workers)
    if as_yaml:
        sys.stdout.write(draft(reports))
    elif as_json:
        print_objects(map(document, reports))
    else:
        sys.stdout.write("\n".join(line for one in reports for line in _lines(one)) + "\n")
    if any(isinstance(one.found, SourceRefused) for one in reports):
        raise typer.Exit(REFUSED)


def print_schema() -> None:
    """Print the JSON Schema of a declaration."""
    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")


def _lines(one: InspectedSource) -> Iterator[str]:
    if isinstance(one.found, SourceRefused):
        yield f"{shown(one.path)}: refused: {one.found.cause}; {one.found.remedy}"
        return
    part = f", part {one.part}" if one.part else ""
    yield f"{shown(one.path)}: {one.found.format}, {in_words(one.size)}{part}"
    yield from table([TABLE, *rows(one)])
    for name, reason in (*one.found.unusable, *one.found.skipped):
        yield f"  left out: {name} {reason}"
    for note in dict.fromkeys(note for v in one.found.variables for note in v.lineage):
        yield f"  note: {note}"


def table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as aligned text; a column that only has its heading is left out. Wide characters count twice."""
    used = [n for n in range(len(rows[0])) if any(row[n] for row in rows[1:])]
    widths = {n: max(cell_len(row[n]) for row in rows) for n in used}
    for row in rows:
        yield ("  " + "  ".join(row[n] + " " * (widths[n] - cell_len(row[n])) for n in used)).rstrip()
