"""`graticule settings`: each setting, its value and where it came from."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config import settings as configuration
from config.setting_groups.origins import shown
from services.cli.output import Json, print_objects

if TYPE_CHECKING:
    from config.setting_groups.origins import Shown


def command(*, as_json: Json = False) -> None:
    """Show each setting, its value and where it came from; passwords are hidden."""
    rows = shown(configuration.load(), os.environ)
    if as_json:
        print_objects({"name": row.name, "value": row.value, "origin": row.origin} for row in rows)
    elif sys.stdout.isatty():
        Console().print(_table(rows))
    else:
        width = max(len(row.name) for row in rows)
        sys.stdout.writelines(f"{row.name:<{width}}  {_text(row)}  ({row.origin})\n" for row in rows)


def _table(rows: list[Shown]) -> Table:
    table = Table("setting", "value", "from")
    for row in rows:
        table.add_row(Text(row.name), Text(_text(row)), Text(row.origin))
    return table


def _text(row: Shown) -> str:
    if isinstance(row.value, str):
        return row.value or '""'
    return json.dumps(row.value, ensure_ascii=False)
