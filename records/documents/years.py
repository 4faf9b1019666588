"""The years that the data of a record cover, by its first and last moment.

An open end goes up to the present year, and an open start counts for the last year alone: nobody knows how far back it
goes. Data that end as a year begins, as monthly bounds do, have nothing of that year.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

FIRST_TIME: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for an open start, so that a record without time differs from one of all times."""
LAST_TIME: Final = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
MOST_COUNTED: Final = 300
"""Years of one record that facets count, the last ones: of more it is found by each all the same."""
_YEAR: Final = re.compile(r"[0-9]{4}", re.ASCII)
_INSTANT: Final = timedelta(microseconds=1)


def years_of(start: datetime | None, end: datetime | None, *, today: datetime | None = None) -> range:
    """The years from the first to the last moment of a record's time, both inside; none without a time."""
    if start is None or end is None or (start == FIRST_TIME and end == LAST_TIME):
        return range(0)
    last = (end - _INSTANT if end > start else end).year
    if end == LAST_TIME:
        last = max(start.year, (today or datetime.now(UTC)).year)
    return range(last if start == FIRST_TIME else start.year, last + 1)


def year_bounds(text: str) -> tuple[datetime, datetime] | None:
    """First moment of a year of four digits, and that of the next one (of 9999 the last there is); else None."""
    if not _YEAR.fullmatch(text) or text == "0000":
        return None
    first = datetime(int(text), 1, 1, tzinfo=UTC)
    return first, LAST_TIME if first.year == LAST_TIME.year else first.replace(year=first.year + 1)
