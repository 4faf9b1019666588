"""The parameters of a search: parsed from the texts of a request, bounded, and refused with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.boxes import Box
from config.errors import InvalidParameter
from config.times import key_label, order_key, parse_datetime, parse_time
from records.documents import FIRST_TIME, LAST_TIME

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
        datetime: The OGC `datetime` text, already checked by `time_range`.
        equal: Names of `records.search.CONDITIONS` with their values.
        sortby: Names of `records.search.SORTABLES`, and whether they descend.
    """

    q: str | None = None
    bbox: Box | None = None
    datetime: str | None = None
    equal: tuple[tuple[str, str], ...] = ()
    sortby: tuple[tuple[str, bool], ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0


def parse_integer(name: str, text: str, *, low: int, high: int | None = None) -> int:
    """An integer of at least `low`; above `high` it is an error."""
    if not _INTEGER.fullmatch(text) or int(text) < low:
        raise InvalidParameter(name, text, f"give an integer of at least {low}")
    value = int(text)
    if high is not None and value > high:
        raise InvalidParameter(name, text, f"at most {high} is possible; narrow the search instead")
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

    Raises InvalidParameter, also for days that the Gregorian calendar does not have.
    """
    asked = parse_datetime(text, name=name)
    for end in text.split("/"):
        if end.strip() not in ("", "..") and _moment(parse_time(end, name=name).start) is None:
            raise InvalidParameter(name, text, "there is no such day")
    first = _moment(asked.start) if asked.start is not None else FIRST_TIME
    after = _moment(asked.end) or _next_month(asked.end) if asked.end is not None else LAST_TIME
    assert first is not None
    return first, after


def _moment(key: int | None) -> datetime | None:
    """The Gregorian moment of an order key, held within years 1 to 9999; None if the day does not exist."""
    if key is None or key < order_key(1):
        return FIRST_TIME
    if key >= order_key(10_000):
        return LAST_TIME
    try:
        return datetime.fromisoformat(key_label(key))
    except ValueError:
        return None


def _next_month(key: int | None) -> datetime:
    """The first moment after a key such as that of 30 February: keys count 31 days in every month."""
    assert key is not None
    label = key_label(key)
    return (datetime.fromisoformat(label[:8] + "28T00:00:00+00:00") + timedelta(days=4)).replace(day=1)
