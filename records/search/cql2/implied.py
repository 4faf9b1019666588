"""What of a filter the index of labels answers: equalities of properties whose values are tokens.

Only parts that are joined by AND are taken out, and each is exact: a part that was taken needs no second look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from records.search.labels import is_label, label_query

if TYPE_CHECKING:
    from records.search.cql2.reading import Node


@dataclass
class Implied:
    """Text forms of tsqueries, and what of a filter they do not answer."""

    tokens: list[str] = field(default_factory=list)
    rest: list[Node] = field(default_factory=list)

    @property
    def filter(self) -> Node | None:
        """`rest` as one filter, None if there is none: what is said of one text by AND is to hold of it together."""
        return {"op": "and", "args": self.rest} if len(self.rest) > 1 else next(iter(self.rest), None)


def implied(node: Node) -> Implied:
    """The parts of a filter; one that is malformed is left in `rest`."""
    implication = Implied()
    if _operation(node) == "and" and isinstance(node.get("args"), list):
        for part in node["args"]:
            inner = implied(part)
            implication.tokens += inner.tokens
            implication.rest += inner.rest
    elif (query := _query(node)) is not None:
        implication.tokens.append(query)
    else:
        implication.rest.append(node)
    return implication


def _operation(node: Node) -> str:
    name = node.get("op") if isinstance(node, dict) else None
    return name.lower() if isinstance(name, str) else ""


def _query(node: Node) -> str | None:
    """The tsquery of a part that is an equality, or several joined by OR."""
    name = _operation(node)
    args: Any = node.get("args") if isinstance(node, dict) else None
    if not isinstance(args, list) or len(args) < 2:
        return None
    if name == "or":
        parts = [_query(part) for part in args]
        return " | ".join(f"({part})" for part in parts) if all(parts) else None
    if len(args) != 2:
        return None
    if name == "=":
        args = [args[0], [args[1]]] if isinstance(args[0], dict) else [args[1], [args[0]]]
    elif name == "a_overlaps" and isinstance(args[0], list):
        args = args[::-1]
    elif name not in ("in", "a_overlaps"):
        return None
    return _one_of(*args)


def _one_of(operand: Node, values: Node) -> str | None:
    name = operand.get("property") if isinstance(operand, dict) and "op" not in operand else None
    if not isinstance(name, str) or not is_label(name) or name == "externalIds":
        return None
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        return None
    return label_query(name, values)
