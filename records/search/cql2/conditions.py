"""From a filter in the JSON encoding to one SQL condition. Every value is bound; what is not known is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import ColumnElement, and_, literal, not_, or_

from config.errors import InvalidParameter
from records.search.cql2 import arrays, spatial, temporal, texts
from records.search.cql2.operands import arguments, property_of
from records.search.cql2.properties import PROPERTIES, Property
from records.search.cql2.reading import Node, members
from records.search.cql2.words import Words

MAX_OPERATIONS: Final = 250
"""Operations of a filter: each is a condition that the database may have to look at record by record."""


def condition(node: Node, properties: Mapping[str, Property] = PROPERTIES) -> ColumnElement[bool]:
    """The condition of a filter on known properties (basic-cql2 and the classes of the modules beside this one).

    Comparisons with a property that a record does not have are unknown, as in SQL: neither they nor their negation
    select the record. Raises InvalidParameter, naming the part that cannot be understood, or for too many operations.
    """
    _require_few_operations(node)
    return _condition(node, properties)


def _require_few_operations(root: Node) -> None:
    here, count = [root], 0
    while here:
        count += sum(isinstance(node, Words) or (isinstance(node, dict) and "op" in node) for node in here)
        if count > MAX_OPERATIONS:
            remedy = f"at most {MAX_OPERATIONS} are possible; compare a property with many values by one IN"
            raise InvalidParameter("filter", f"more than {MAX_OPERATIONS} operations", remedy)
        here = [member for holder in here for member in members(holder)]


def _condition(node: Node, properties: Mapping[str, Property]) -> ColumnElement[bool]:
    if isinstance(node, bool):
        return literal(node)
    if isinstance(node, Words):
        return node.condition()
    operation = node.get("op") if isinstance(node, dict) else None
    if not isinstance(operation, str):
        raise InvalidParameter("filter", node, 'an operation is needed here, such as {"op": "=", "args": [...]}')
    name = operation.lower()
    if name in ("and", "or"):
        parts = arguments(node, least=2)
        return _all(parts, properties) if name == "and" else or_(*(_condition(part, properties) for part in parts))
    if name == "not":
        return not_(_condition(arguments(node, least=1, most=1)[0], properties))
    if name == "isnull":
        return property_of(arguments(node, least=1, most=1)[0], properties).is_null()
    return _predicate(name, node, properties)


def _all(parts: list[Node], properties: Mapping[str, Property]) -> ColumnElement[bool]:
    joint, rest = texts.translated(_all_parts(parts), properties)
    return and_(*(texts.joint_condition(each) for each in joint), *(_condition(part, properties) for part in rest))


def _all_parts(parts: Iterable[Node]) -> Iterator[Node]:
    """What AND joins, also by further ANDs within it."""
    for part in parts:
        name = part.get("op") if isinstance(part, dict) else None
        if isinstance(name, str) and name.lower() == "and":
            yield from _all_parts(arguments(part, least=2))
        else:
            yield part


def _predicate(name: str, node: Node, properties: Mapping[str, Property]) -> ColumnElement[bool]:
    if name in texts.OPERATIONS:
        return texts.condition(name, arguments(node, least=2), properties)
    relation = _RELATIONS.get(name)
    if relation is None:
        offered = ("and", "or", "not", "isNull", *texts.OPERATIONS, *_RELATIONS)
        raise InvalidParameter("filter", name, f"it is not known or not offered; there are {', '.join(offered)}")
    first, second = arguments(node, least=2, most=2)
    return relation(name, first, second, properties)


_RELATIONS: Final[dict[str, Callable[[str, Node, Node, Mapping[str, Property]], ColumnElement[bool]]]] = {
    name: kind.condition for kind in (spatial, temporal, arrays) for name in kind.OPERATIONS
}
"""What makes the condition of each function of two operands."""
