"""Time spans as options of commands write them."""

from __future__ import annotations

import re
from datetime import timedelta

from config.errors import InvalidParameter

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks", "": "days"}


def parse_span(option: str, text: str) -> timedelta:
    """A time span such as 7d, 12h, 4w or 0, in days without a unit; raises InvalidParameter, naming the option."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw]?)", text, re.ASCII)
    if match is None:
        raise InvalidParameter(option, text, "write a number and s, m, h, d or w, such as 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def span_text(span: timedelta) -> str:
    """A time span in the largest unit that it is whole of: 7d, 36h, 90s."""
    seconds = int(span.total_seconds())
    size, unit = next(
        (size, unit) for size, unit in ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s")) if not seconds % size
    )
    return f"{seconds // size}{unit}"
