"""Temporal functions (21-065r2, 7.6): the relations of Allen, of intervals whose both ends are inside.

`time` is the interval of a record's data; `created` and `updated` are moments. A day as the end of an interval lasts
to its last microsecond, as the days of records do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_, func, not_, or_

from config.errors import InvalidParameter
from records.documents.years import FIRST_TIME, LAST_TIME
from records.search.cql2.moments import LAST_OF_DAY, bound, span
from records.search.cql2.operands import is_property, property_of

if TYPE_CHECKING:
    from records.search.cql2.properties import Property
    from records.search.cql2.reading import Node

Moment = ColumnElement[Any]
Span = tuple[Moment, Moment]
_OPEN = ("..", None, "")


def condition(name: str, first: Node, second: Node, properties: Mapping[str, Property]) -> ColumnElement[bool]:
    """The relation of two times, of which one at least is a property."""
    if not any(is_property(node) or _names_property(node) for node in (first, second)):
        raise InvalidParameter("filter", name, "one side must be a property that is a time")
    return OPERATIONS[name](_span(first, properties), _span(second, properties))


def _names_property(node: Node) -> bool:
    ends = node.get("interval") if isinstance(node, dict) else None
    return isinstance(ends, list) and any(is_property(end) for end in ends)


def _span(node: Node, properties: Mapping[str, Property]) -> Span:
    if is_property(node):
        return _span_of_property(node, properties)
    if isinstance(node, dict) and "interval" in node:
        ends = node["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise InvalidParameter("filter", node, "an interval has two ends, '..' for an open one")
        return _end(ends[0], properties, start=True), _end(ends[1], properties, start=False)
    first, last = span(node)
    return bound(first), bound(last)


def _span_of_property(node: Node, properties: Mapping[str, Property]) -> Span:
    prop = property_of(node, properties)
    if prop.kind not in ("interval", "instant") or prop.column is None:
        times = ", ".join(p.name for p in properties.values() if p.kind in ("interval", "instant"))
        raise InvalidParameter("filter", prop.name, f"it is no time; there are {times}")
    return prop.column, prop.column if prop.last is None else prop.last


def _end(node: Node, properties: Mapping[str, Property], *, start: bool) -> Moment:
    if is_property(node):
        return _span_of_property(node, properties)[0 if start else 1]
    if not isinstance(node, dict) and node in _OPEN:
        return bound(FIRST_TIME if start else LAST_TIME)
    return bound(span(node)[0 if start else 1])


def _meets(a: Span, b: Span) -> ColumnElement[bool]:
    """Whether a ends when b starts: at the same moment, or on the day at whose midnight b starts."""
    same_day = and_(a[1] - LAST_OF_DAY == b[0], func.date_trunc("day", b[0], "UTC") == b[0])
    return or_(a[1] == b[0], same_day)


def _intersects(a: Span, b: Span) -> ColumnElement[bool]:
    return and_(a[0] <= b[1], a[1] >= b[0])


def _contains(a: Span, b: Span) -> ColumnElement[bool]:
    return and_(a[0] < b[0], a[1] > b[1])


def _overlaps(a: Span, b: Span) -> ColumnElement[bool]:
    return and_(a[0] < b[0], a[1] > b[0], a[1] < b[1])


def _starts(a: Span, b: Span) -> ColumnElement[bool]:
    return and_(a[0] == b[0], a[1] < b[1])


def _finishes(a: Span, b: Span) -> ColumnElement[bool]:
    return and_(a[0] > b[0], a[1] == b[1])


OPERATIONS: Final[dict[str, Callable[[Span, Span], ColumnElement[bool]]]] = {
    "t_after": lambda a, b: a[0] > b[1],
    "t_before": lambda a, b: a[1] < b[0],
    "t_contains": _contains,
    "t_disjoint": lambda a, b: not_(_intersects(a, b)),
    "t_during": lambda a, b: _contains(b, a),
    "t_equals": lambda a, b: and_(a[0] == b[0], a[1] == b[1]),
    "t_finishedby": lambda a, b: _finishes(b, a),
    "t_finishes": _finishes,
    "t_intersects": _intersects,
    "t_meets": _meets,
    "t_metby": lambda a, b: _meets(b, a),
    "t_overlappedby": lambda a, b: _overlaps(b, a),
    "t_overlaps": _overlaps,
    "t_startedby": lambda a, b: _starts(b, a),
    "t_starts": _starts,
}
"""What each function asks of two intervals."""
