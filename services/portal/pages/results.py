"""The result of a job as its page can show it: a table, values, a text or a picture."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any, Final

MAX_BYTES: Final = 500_000
"""Results above it are linked only."""
MAX_ROWS: Final = 100
_MAX_COLUMNS = 16
_MAX_TEXT = 20_000


@dataclass(frozen=True, kw_only=True)
class Result:
    """A result as its page shows it.

    Attributes:
        columns: Names of a table's columns; empty if it is no table.
        rows: Its rows, at most MAX_ROWS.
        more: How many rows are not shown.
        values: Any other JSON.
        text: Any other text.
        is_picture: Whether the result is an image.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0
    values: Any = None
    text: str = ""
    is_picture: bool = False


def result_view(media_type: str, body: bytes) -> Result | None:
    """Return the view of a result, or None if it can only be downloaded."""
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    if kind in ("image/png", "image/jpeg", "image/webp", "image/gif"):
        return Result(is_picture=True)
    try:
        text = body.decode()
        if kind == "application/json" or kind.endswith("+json"):
            return _of_json(json.loads(text))
    except (ValueError, RecursionError):
        return None
    if kind == "text/csv":
        rows = [tuple(row) for row in csv.reader(io.StringIO(text)) if row]
        return _table(rows[0], rows[1:]) if rows else Result(text=" ")
    return Result(text=text[:_MAX_TEXT]) if kind.startswith("text/") else None


def _of_json(document: Any) -> Result:
    records = _records(document)
    if not records:
        return Result(values=document)
    names = tuple(dict.fromkeys(name for record in records[:MAX_ROWS] for name in record))
    rows = [tuple(_cell(record.get(name)) for name in names) for record in records]
    return _table(names, rows)


def _records(document: Any) -> list[dict[str, Any]]:
    """The properties of a feature collection, or a list of objects, alone or as the only output."""
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        features = document.get("features")
        records = (
            [f.get("properties") or {} for f in features if isinstance(f, dict)] if isinstance(features, list) else []
        )
    elif isinstance(document, dict) and len(document) == 1:
        only = next(iter(document.values()))
        return _records(only) if isinstance(only, dict | list) else []
    else:
        records = document if isinstance(document, list) else []
    return records if records and all(isinstance(record, dict) for record in records) else []


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Result:
    visible = tuple(row[:_MAX_COLUMNS] for row in rows[:MAX_ROWS])
    return Result(columns=columns[:_MAX_COLUMNS], rows=visible, more=max(0, len(rows) - MAX_ROWS))


def _cell(value: Any) -> str:
    if value is None:
        return "\u2013"
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "\u2026"
