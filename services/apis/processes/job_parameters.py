"""The query parameters of the job list (OGC 18-062r2, 11.2.2), parsed into a filter and a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from config.errors import InvalidParameter
from config.times import gregorian, parse_datetime
from records.jobs.job_store import STATUSES, JobFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("type", "processID", "status", "datetime", "minDuration", "maxDuration", "limit", "offset")
DEFAULT_LIMIT = 100
MAX_OFFSET = 1_000_000

_MAX_VALUES = 50


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of a list.

    Attributes:
        limit: Most entries of the page.
        offset: Entries before it.
    """

    limit: int
    offset: int


def page_of(query: Mapping[str, str], *, most: int) -> ListPage:
    """The page of a query; a `limit` above `most` means `most` (OGC 17-069r4, 7.15.2). Raises InvalidParameter."""
    return ListPage(
        limit=min(integer(query, "limit", default=DEFAULT_LIMIT, least=1), most),
        offset=integer(query, "offset", default=0, least=0, most=MAX_OFFSET),
    )


def filter_of(query: Mapping[str, str]) -> JobFilter:
    """The jobs that a query asks for; raises InvalidParameter."""
    _values(query, "type", ("process",))
    since, before = _times(query.get("datetime"))
    return JobFilter(
        statuses=_values(query, "status", STATUSES),
        process_ids=_values(query, "processID", None),
        since=since,
        before=before,
        min_seconds=_seconds(query, "minDuration"),
        max_seconds=_seconds(query, "maxDuration"),
    )


def integer(query: Mapping[str, str], name: str, *, default: int, least: int, most: int | None = None) -> int:
    """An integer parameter; raises InvalidParameter."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidParameter(name, text, f"give an integer of at least {least}")
    value = int(text)
    if value < least or (most is not None and value > most):
        raise InvalidParameter(name, value, f"give {least} or more" + (f", at most {most}" if most else ""))
    return value


def _values(query: Mapping[str, str], name: str, choices: tuple[str, ...] | None) -> tuple[str, ...]:
    """The values of a comma-separated list, each one of the choices, if there are any; raises InvalidParameter."""
    values = tuple(part for part in query.get(name, "").split(",") if part)
    if len(values) > _MAX_VALUES:
        raise InvalidParameter(name, len(values), f"give at most {_MAX_VALUES} values")
    for value in values:
        if choices is not None and value not in choices:
            raise InvalidParameter(name, value, f"give {', '.join(choices)}")
        if "\0" in value:
            raise InvalidParameter(name, value, "no id has a NUL character")
    return values


def _seconds(query: Mapping[str, str], name: str) -> float | None:
    return float(integer(query, name, default=0, least=0)) if name in query else None


def _times(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    interval = parse_datetime(text)
    start, end = (None if key is None else gregorian(key) for key in (interval.start, interval.end))
    return start, end
