"""The dates of a search as two fields of its form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_OPEN: Final = ("", "..")


@dataclass(frozen=True, kw_only=True)
class SearchDates:
    """The two ends of a search's time; `kind` is the input that can hold both: `date`, or `text` for other times."""

    first: str
    last: str
    kind: str


def search_dates(query: Mapping[str, str]) -> SearchDates:
    """The dates of a page's query: those of its form, else the ends of its `datetime`."""
    first, last = query.get("from", ""), query.get("to", "")
    if not first and not last:
        first, slash, end = query.get("datetime", "").partition("/")
        last = end if slash else first
    first, last = (("" if end in _OPEN else end) for end in (first, last))
    dates = all(not end or _DATE.fullmatch(end) for end in (first, last))
    return SearchDates(first=first, last=last, kind="date" if dates else "text")
