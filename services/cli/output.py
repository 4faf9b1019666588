"""What commands print for programs: with `--json` an object a line, for each thing that has a line without it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs: an object a line.")]


def as_line(document: dict[str, Any]) -> str:
    """A JSON object as a line."""
    return json.dumps(document, ensure_ascii=False) + "\n"


def print_objects(documents: Iterable[dict[str, Any]]) -> None:
    """Print each object on a line of its own, at once."""
    for document in documents:
        sys.stdout.write(as_line(document))
        sys.stdout.flush()
