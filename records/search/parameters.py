"""The parameters of a search: parsed from the texts of a request, bounded, and refused with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.boxes import Box
from config.errors import InvalidParameter
from config.times import gregorian, parse_datetime
from records.documents.years import FIRST_TIME, LAST_TIME
from records.search.facets import FacetQuery

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_OFFSET = 100_000
"""Records that `offset` may skip; the database walks over each."""
MAX_VALUES = 200
"""Values of one list parameter."""
MAX_SORT_KEYS = 5
DEFAULT_LIMIT = 10

_INTEGER = re.compile(r"[+-]?[0-9]{1,17}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class RecordQuery:
    """A search of the records.

    Attributes:
        words: Texts of the form of `q`, each of which must be met besides.
        begun: The beginning of a word that must be met besides (`records.search.hints.beginnings`); empty without.
        datetime: The OGC `datetime` text, already checked by `time_range`.
        equal: Names of `records.search.conditions.EQUALITIES` with their values.
        filter: A CQL2 filter in its JSON encoding (`records.search.cql2`).
        sortby: Names of `records.search.search.SORTABLES`, and whether they descend.
        cursor: Where the page begins or ends (`records.search.ordering.read_cursor`), instead of an offset.
        facets: Properties whose values are counted.
    """

    q: str | None = None
    words: tuple[str, ...] = ()
    begun: str = ""
    bbox: Box | None = None
    datetime: str | None = None
    equal: tuple[tuple[str, str], ...] = ()
    filter: Any = None
    sortby: tuple[tuple[str, bool], ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    cursor: str | None = None
    facets: tuple[FacetQuery, ...] = ()


def parse_integer(name: str, text: str, *, low: int, high: int | None = None) -> int:
    """An integer of at least `low`; above `high` it is an error."""
    if not _INTEGER.fullmatch(text) or int(text) < low:
        raise InvalidParameter(name, text, f"give an integer of at least {low}")
    value = int(text)
    if high is not None and value > high:
        raise InvalidParameter(name, text, f"at most {high} is possible; follow the next links, or narrow the search")
    return value


def parse_sortby(text: str, sortables: Collection[str]) -> tuple[tuple[str, bool], ...]:
    """`sortby=-updated,title` as ((updated, True), (title, False)); raises InvalidParameter."""
    keys = [part.strip() for part in text.split(",")]  # an unencoded + arrives as a blank
    if len(keys) > MAX_SORT_KEYS:
        raise InvalidParameter("sortby", text, f"at most {MAX_SORT_KEYS} properties can be sorted by")
    sortby = tuple((key.removeprefix("+").removeprefix("-"), key.startswith("-")) for key in keys)
    for name, _ in sortby:
        if name not in sortables:
            raise InvalidParameter("sortby", text, f"records sort by {', '.join(sorted(sortables))}")
    return sortby


def parse_list(name: str, text: str) -> list[str]:
    """The values of a comma-separated list, blanks around them dropped; raises InvalidParameter."""
    values = [value for part in text.split(",") if (value := part.strip())]
    if not values:
        raise InvalidParameter(name, text, "give at least one value")
    if len(values) > MAX_VALUES:
        raise InvalidParameter(name, f"{len(values)} values", f"at most {MAX_VALUES} values are possible")
    return values


def time_range(text: str, name: str = "datetime") -> tuple[datetime, datetime]:
    """First moment and first moment after an OGC `datetime`, UTC; open ends become the ends of the calendar.

    A day of another calendar, such as 30 February, counts on into the next month. Raises InvalidParameter.
    """
    interval = parse_datetime(text, name=name)
    first = gregorian(interval.start) if interval.start is not None else FIRST_TIME
    return first, gregorian(interval.end) if interval.end is not None else LAST_TIME
