"""The parameters of the job list (OGC 18-062r2, 11.2.2), parsed into a filter and a page."""

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
DEFAULT_LIMIT = 10
MAX_OFFSET = 1_000_000

_MAX_VALUES = 50


@dataclass(frozen=True, kw_only=True)
class Page:
    """How many of what is listed, and after how many."""

    limit: int
    offset: int


def page(query: Mapping[str, str], *, most: int) -> Page:
    """The page of a query; a `limit` above `most` means `most` (OGC 17-069r4, 7.15.2). Raises InvalidParameter."""
    return Page(
        limit=min(integer(query, "limit", default=DEFAULT_LIMIT, least=1), most),
        offset=integer(query, "offset", default=0, least=0, most=MAX_OFFSET),
    )


def wanted(query: Mapping[str, str]) -> JobFilter:
    """The jobs that a query asks for; raises InvalidParameter."""
    _listed(query, "type", ("process",))
    since, before = _created(query.get("datetime"))
    return JobFilter(
        statuses=_listed(query, "status", STATUSES),
        process_ids=_listed(query, "processID", None),
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


def _listed(query: Mapping[str, str], name: str, known: tuple[str, ...] | None) -> tuple[str, ...]:
    values = tuple(part for part in query.get(name, "").split(",") if part)
    if len(values) > _MAX_VALUES:
        raise InvalidParameter(name, len(values), f"give at most {_MAX_VALUES} values")
    for value in values:
        if known is not None and value not in known:
            raise InvalidParameter(name, value, f"give {', '.join(known)}")
        if "\0" in value:
            raise InvalidParameter(name, value, "a NUL character is in no id")
    return values


def _seconds(query: Mapping[str, str], name: str) -> float | None:
    return float(integer(query, name, default=0, least=0)) if name in query else None


def _created(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    asked = parse_datetime(text)
    start, end = (None if key is None else gregorian(key) for key in (asked.start, asked.end))
    return start, end
