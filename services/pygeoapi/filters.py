"""Filters as pygeoapi parses them, a pygeofilter tree, in the JSON encoding of CQL2 (OGC 21-065r2).

pygeofilter's own encoder writes an earlier draft of CQL2: BETWEEN, functions and CASEI have another shape, and
temporal operators other names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
from pygeofilter import ast, values
from pygeofilter.cql2 import get_op

from config.errors import InvalidParameter
from records.search import cql2

_OPERATORS: Final = {
    "t_metby": "t_metBy",
    "t_overlappedby": "t_overlappedBy",
    "t_begins": "t_starts",
    "t_begunby": "t_startedBy",
    "t_ends": "t_finishes",
    "t_endedby": "t_finishedBy",
    "a_containedby": "a_containedBy",
}
"""Operators of CQL2 by pygeofilter's names, where they differ."""
_FUNCTIONS: Final = {"lower": "casei"}
"""Functions of CQL2 by the names that pygeofilter gives them."""


def to_cql2_json(tree: object) -> cql2.Node:
    """The JSON encoding of a filter, a node of `pygeofilter.ast`.

    Raises InvalidParameter for a filter that CQL2 cannot express, or that is too large.
    """
    return cql2.from_json(orjson.dumps(_encode(tree)))


def _encode(node: Any) -> Any:
    for types, encoder in _ENCODERS:
        if isinstance(node, types):
            return encoder(node)
    raise InvalidParameter("filter", str(node), f"{type(node).__name__} is not part of CQL2")


def _operation(operator: str, *arguments: Any) -> dict[str, Any]:
    return {"op": operator, "args": [_encode(argument) for argument in arguments]}


def _negated(node: Any, operation: dict[str, Any]) -> dict[str, Any]:
    return {"op": "not", "args": [operation]} if node.not_ else operation


def _plain(node: Any) -> dict[str, Any]:
    """An operation whose arguments are the members of the node."""
    operator = get_op(node)
    return _operation(_OPERATORS.get(operator, operator), *node.get_sub_nodes())


def _between(node: Any) -> dict[str, Any]:
    return _negated(node, _operation("between", node.lhs, node.low, node.high))


def _like(node: Any) -> dict[str, Any]:
    """A comparison with a pattern, where pygeofilter may have found that case is ignored."""
    if not node.nocase:
        return _negated(node, _operation("like", node.lhs, node.pattern))
    operands = [_operation("casei", node.lhs), _operation("casei", node.pattern)]
    return _negated(node, {"op": "like", "args": operands})


def _in(node: Any) -> dict[str, Any]:
    return _negated(node, _operation("in", node.lhs, node.sub_nodes))


def _is_null(node: Any) -> dict[str, Any]:
    return _negated(node, _operation("isNull", node.lhs))


def _function(node: Any) -> dict[str, Any]:
    """A call of a function, or a BBOX literal, which the parser of text takes for one."""
    name = node.name.lower()
    if name == "bbox":
        return {"bbox": _encode(node.arguments)}
    return _operation(_FUNCTIONS.get(name, name), *node.arguments)


def _moment(moment: object) -> str:
    """A day, an instant in UTC with Z, or `..` for an open end; a duration cannot be written in CQL2."""
    if moment is None:
        return ".."
    if isinstance(moment, datetime):
        in_utc = moment.astimezone(UTC) if moment.tzinfo else moment
        return in_utc.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(moment, date):
        return moment.isoformat()
    raise InvalidParameter("filter", str(moment), "an interval of CQL2 ends at a day or an instant")


_ENCODERS: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (
        (
            ast.Condition,
            ast.Comparison,
            ast.TemporalPredicate,
            ast.SpatialComparisonPredicate,
            ast.Arithmetic,
            ast.ArrayPredicate,
        ),
        _plain,
    ),
    (ast.Between, _between),
    (ast.Like, _like),
    (ast.In, _in),
    (ast.IsNull, _is_null),
    (ast.Function, _function),
    (ast.Attribute, lambda node: {"property": node.name}),
    (values.Interval, lambda node: {"interval": [_moment(node.start), _moment(node.end)]}),
    (datetime, lambda node: {"timestamp": _moment(node)}),  # before date, of which it is a kind
    (date, lambda node: {"date": _moment(node)}),
    ((values.Geometry, values.Envelope), lambda node: node.__geo_interface__),
    (list, lambda node: [_encode(member) for member in node]),
    ((str, float, int), lambda node: node),
)
"""Types of nodes and their encoders; the first that fits counts."""
