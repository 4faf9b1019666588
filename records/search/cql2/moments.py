"""Moments and days in a filter. A day (DATE) is all of its 24 hours, UTC; a moment (TIMESTAMP) is one instant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, and_, bindparam, not_, or_

from config.errors import InvalidParameter

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from records.search.cql2.properties import Property
    from records.search.cql2.reading import Node

    Moment = ColumnElement[datetime]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
LAST_OF_DAY = timedelta(days=1) - timedelta(microseconds=1)


def span(node: Node) -> tuple[datetime, datetime]:
    """First and last moment of {"date": ...}, {"timestamp": ...} or a bare text; raises InvalidParameter."""
    text = node
    if isinstance(node, dict):
        text = node.get("date") if "date" in node else node.get("timestamp")
    if not isinstance(text, str):
        raise InvalidParameter("filter", node, "TIMESTAMP('2020-01-01T00:00:00Z') or DATE('2020-01-01') is needed here")
    try:
        if _DATE.fullmatch(text):
            first = datetime.combine(date.fromisoformat(text), time.min, UTC)
            return first, first + LAST_OF_DAY
        moment = datetime.fromisoformat(text)
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidParameter("filter", text, f"it is no RFC 3339 date or date-time: {error}") from error
    if moment.tzinfo is None or (isinstance(node, dict) and "date" in node):
        raise InvalidParameter("filter", text, "a time needs its zone, as in TIMESTAMP('2020-01-01T00:00:00Z')")
    return in_utc, in_utc


def bound(moment: datetime) -> Moment:
    """A moment as a bound value."""
    return bindparam(None, moment, type_=DateTime(timezone=True), unique=True)


def compared(name: str, prop: Property, others: list[Node]) -> ColumnElement[bool]:
    """A moment of the record compared with one literal, two (between) or a list (in)."""
    column = prop.column
    assert column is not None
    if name == "in" and len(others) == 1 and isinstance(others[0], list) and others[0]:
        return or_(*(compared("=", prop, [each]) for each in others[0]))
    if name == "between" and len(others) == 2:
        return and_(compared(">=", prop, others[:1]), compared("<=", prop, others[1:]))
    if name in ("in", "between", "like") or len(others) != 1:
        raise InvalidParameter("filter", f"{prop.name} {name}", "compare a time by =, <, >, BETWEEN or T_AFTER")
    first, last = map(bound, span(others[0]))
    inside = and_(column >= first, column <= last)
    return {
        "=": inside,
        "<>": not_(inside),
        "<": column < first,
        "<=": column <= last,
        ">": column > last,
        ">=": column >= first,
    }[name]
