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
    found = node.get("args")
    if not isinstance(found, list) or len(found) < least or (most is not None and len(found) > most):
        needed = f"{least}" if least == most else f"{least} or more"
        raise InvalidParameter("filter", node.get("op"), f"this operation needs {needed} arguments in a list `args`")
    return found


def is_property(node: Node) -> bool:
    """Whether an operand names a property."""
    return isinstance(node, dict) and "property" in node


def property_of(node: Node, known: Mapping[str, Property]) -> Property:
    """The property that an operand names; raises InvalidParameter."""
    if not is_property(node):
        raise InvalidParameter("filter", node, "the name of a property is needed here")
    return named(node["property"], known)


def property_first(first: Node, second: Node, known: Mapping[str, Property]) -> tuple[Property, Node, bool]:
    """A property and what it is compared with, and whether they stood in the other order."""
    if is_property(first):
        return property_of(first, known), second, False
    if is_property(second):
        return property_of(second, known), first, True
    raise InvalidParameter("filter", first, "one side must be a property")
