"""`graticule schema`: the JSON Schemas of documents that people write."""

from __future__ import annotations

from typing import Annotated

import typer

from config.errors import InvalidParameter
from services.cli.data.inspect import print_schema


def command(
    name: Annotated[str, typer.Argument(help="`dataset`: the declaration of a dataset.")] = "dataset",
) -> None:
    """Print the JSON Schema of a document, which editors check YAML against."""
    if name != "dataset":
        raise InvalidParameter("NAME", name, "there is the schema `dataset`")
    print_schema()
