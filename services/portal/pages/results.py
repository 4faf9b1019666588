"""The result of a job as its page can show it: a table, values, a text or a picture."""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 500_000
"""Results above it are linked only."""
MAX_ROWS: Final = 100
_PICTURES: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml")
_MOST_PICTURES: Final = 24
_MAX_COLUMNS = 16
_MAX_TEXT = 20_000


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of a result: where it is, also as `data:` URL, and its title; `href` is the whole file."""

    source: str
    title: str
    href: str = ""


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
        pictures: Pictures in it, and small ones of its maps.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0
    values: Any = None
    text: str = ""
    is_picture: bool = False
    pictures: tuple[Picture, ...] = ()


def result_view(media_type: str, body: bytes) -> Result | None:
    """Return the view of a result, or None if it can only be downloaded."""
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    if kind in _PICTURES:
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
    pictures = tuple(islice(_pictures(document, ""), _MOST_PICTURES))
    records = _records(document)
    if not records:
        return Result(values=_without_pictures(document), pictures=pictures)
    names = tuple(dict.fromkeys(name for record in records[:MAX_ROWS] for name in record))
    rows = [tuple(_cell(record.get(name)) for name in names) for record in records]
    return replace(_table(names, rows), pictures=pictures)


def _pictures(value: Any, title: str) -> Iterator[Picture]:
    """The pictures of a document: by value, by link, and small ones of the maps of a job."""
    if isinstance(value, list):
        for member in value:
            yield from _pictures(member, title)
        return
    if not isinstance(value, dict):
        return
    href, kind = value.get("href"), value.get("type")
    if _is_picture(value):
        yield Picture(source=_data_url(value), title=title)
    elif isinstance(href, str) and kind in _PICTURES:
        yield Picture(source=href, title=title, href=href)
    elif isinstance(href, str) and str(kind).startswith("image/tiff") and "/jobs/" in href:
        words = " ".join(str(word) for word in (title, value.get("time")) if word)
        yield Picture(source=href.replace("/files/", "/previews/", 1), title=words, href=href)
    else:
        for name, member in value.items():
            yield from _pictures(member, title if name == "maps" else str(name))


def _is_picture(value: Any) -> bool:
    return isinstance(value, dict) and value.get("mediaType") in _PICTURES and isinstance(value.get("value"), str)


def _data_url(value: dict[str, Any]) -> str:
    is_encoded = value.get("encoding") == "base64"
    content = value["value"] if is_encoded else base64.b64encode(value["value"].encode()).decode()
    return f"data:{value['mediaType']};base64,{content}"


def _without_pictures(value: Any) -> Any:
    """A document without the letters of its pictures, which are shown."""
    if _is_picture(value):
        return {**value, "value": "\u2026"}
    if isinstance(value, dict):
        return {name: _without_pictures(member) for name, member in value.items()}
    return [_without_pictures(member) for member in value] if isinstance(value, list) else value


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
