"""The operands of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import InvalidParameter
from records.search.cql2.properties import Property, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.search.cql2.reading import Node


def arguments(node: Node, *, least: int, most: int | None = None) -> list[Node]:
    """The arguments of an operation; raises InvalidParameter unless their number is right."""
    operands = node.get("args")
    if not isinstance(operands, list) or len(operands) < least or (most is not None and len(operands) > most):
        needed = f"{least}" if least == most else f"{least} or more"
        raise InvalidParameter("filter", node.get("op"), f"this operation needs {needed} arguments in a list `args`")
    return operands


def is_property(node: Node) -> bool:
    """Whether an operand names a property."""
    return isinstance(node, dict) and "property" in node


def property_of(node: Node, properties: Mapping[str, Property]) -> Property:
    """The property that an operand names; raises InvalidParameter."""
    if not is_property(node):
        raise InvalidParameter("filter", node, "the name of a property is needed here")
    return named(node["property"], properties)


def property_first(first: Node, second: Node, properties: Mapping[str, Property]) -> tuple[Property, Node, bool]:
    """A property and what it is compared with, and whether they stood in the other order."""
    if is_property(first):
        return property_of(first, properties), second, False
    if is_property(second):
        return property_of(second, properties), first, True
    raise InvalidParameter("filter", first, "one side must be a property")
