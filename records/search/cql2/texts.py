"""Comparisons (21-065r2, 6.5 and 7.2 to 7.4): of texts, also without regard to case and accents, and of moments."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, and_, bindparam, case, func, literal_column, not_, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from config.errors import InvalidParameter
from records.search.cql2 import moments
from records.search.cql2.operands import property_of
from records.search.cql2.properties import Property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import ColumnElement

    from records.search.cql2.reading import Node

    Text = ColumnElement[str]

MAX_CHARACTERS = 2_000
"""Of one text literal."""
MAX_TEXTS = 5_000
"""Of one list."""

_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
OPERATIONS: Final = (*_COMPARISONS, "like", "in", "between")
_POSITIVE: Final = frozenset(OPERATIONS) - {"<>"}
"""The operations that one of several texts may fulfil."""


def condition(name: str, args: list[Node], properties: Mapping[str, Property]) -> ColumnElement[bool]:
    """A comparison of a property with literals; one value of several is enough, and for <> none may be equal."""
    name, tested, others = _arranged(name, args)
    prop, fold = _folded(tested, properties)
    if prop.kind == "instant":
        if tested is not args[0] and tested is not args[-1]:
            raise InvalidParameter("filter", prop.name, "CASEI and ACCENTI are for texts")
        return moments.compared(name, prop, others)
    if prop.kind in ("interval", "geometry"):
        family = "T_INTERSECTS" if prop.kind == "interval" else "S_INTERSECTS"
        raise InvalidParameter("filter", f"{prop.name} {name}", f"compare it with a function such as {family}")
    if name == "<>":
        return not_(condition("=", args, properties))
    test = _test(name, others, prop)
    if prop.kind == "text":
        assert prop.column is not None
        return test(fold(prop.column))
    return _one_text(prop, [_of_folded(test, fold)])


def _of_folded(
    test: Callable[[Text], ColumnElement[bool]], fold: Callable[[Text], Text]
) -> Callable[[Text], ColumnElement[bool]]:
    return lambda text: test(fold(text))


def _one_text(prop: Property, tests: list[Callable[[Text], ColumnElement[bool]]]) -> ColumnElement[bool]:
    """Whether all tests hold of one of several texts; unknown where there is none."""
    text = prop.text_of(prop.values())
    match = select(1).where(*(test(text) for test in tests)).exists()
    return case((not_(prop.is_null()), match), else_=null())


@dataclass(frozen=True)
class Joint:
    """What a filter says of one text: comparisons that are joined by AND."""

    prop: Property
    tests: list[Callable[[Text], ColumnElement[bool]]] = field(default_factory=list)


def translated(parts: Iterable[Node], properties: Mapping[str, Property]) -> tuple[list[Joint], list[Node]]:
    """Of what AND joins, the comparisons of texts in several languages by property, and the rest."""
    joint: dict[str, Joint] = {}
    rest: list[Node] = []
    for part in parts:
        name = part.get("op") if isinstance(part, dict) else None
        args = part.get("args") if isinstance(part, dict) else None
        if not isinstance(name, str) or name.lower() not in _POSITIVE or not isinstance(args, list) or len(args) < 2:
            rest.append(part)
            continue
        operation, tested, others = _arranged(name.lower(), args)
        prop, fold = _folded(tested, properties)
        if not prop.is_translated:
            rest.append(part)
            continue
        joint.setdefault(prop.name, Joint(prop)).tests.append(_of_folded(_test(operation, others, prop), fold))
    return list(joint.values()), rest


def joint_condition(joint: Joint) -> ColumnElement[bool]:
    """Whether all that is said of a text holds in one language: of two titles neither is below x and above x."""
    return _one_text(joint.prop, joint.tests)


def _arranged(name: str, args: list[Node]) -> tuple[str, Node, list[Node]]:
    """The operation with its property first."""
    if name in _COMPARISONS and len(args) == 2 and not _holds_property(args[0]):
        return _MIRRORED.get(name, name), args[1], [args[0]]
    return name, args[0], args[1:]


def _holds_property(node: Node) -> bool:
    while isinstance(node, dict) and "args" in node and node["args"]:
        node = node["args"][0]
    return isinstance(node, dict) and "property" in node


def _folded(node: Node, properties: Mapping[str, Property]) -> tuple[Property, Callable[[Text], Text]]:
    """The property of an operand, and the functions around it."""
    if isinstance(node, dict) and str(node.get("op")).lower() in _FOLDS:
        fold = _FOLDS[str(node["op"]).lower()]
        inner = node.get("args")
        if not isinstance(inner, list) or len(inner) != 1:
            raise InvalidParameter("filter", node.get("op"), "it takes one text")
        prop, within = _folded(inner[0], properties)
        return prop, lambda text: fold(within(text))
    return property_of(node, properties), lambda text: text


def _test(name: str, others: list[Node], prop: Property) -> Callable[[Text], ColumnElement[bool]]:
    """The condition on one text of the property."""
    if name == "in":
        operands = others[0] if len(others) == 1 and isinstance(others[0], list) else None
        if not operands:
            raise InvalidParameter("filter", others, "IN needs a list of texts")
        return _one_of(operands, prop)
    if name == "between":
        low, high = (_literal(each, prop) for each in _counted(others, 2, name))
        return lambda text: and_(text >= low, text <= high)
    (value,) = (_literal(each, prop, pattern=name == "like") for each in _counted(others, 1, name))
    if name == "like":
        return lambda text: text.like(value, escape="\\")
    return lambda text: _COMPARISONS[name](text, value)


def _one_of(operands: list[Node], prop: Property) -> Callable[[Text], ColumnElement[bool]]:
    """Whether a text is one of several; plain ones are bound together, for each bound value costs time."""
    plain = [each for each in operands if isinstance(each, str)]
    folded = [_literal(each, prop) for each in operands if not isinstance(each, str)]
    if len(plain) > MAX_TEXTS:
        raise InvalidParameter("filter", f"{len(plain)} texts", f"IN takes at most {MAX_TEXTS}")
    if not plain:
        return lambda text: or_(*(text == value for value in folded))
    texts = bindparam(None, [_stored_form(each, prop) for each in plain], type_=ARRAY(String), unique=True)
    return lambda text: or_(text.bool_op("=")(func.any(texts)), *(text == value for value in folded))


def _counted(others: list[Node], count: int, name: str) -> list[Node]:
    if len(others) != count:
        raise InvalidParameter("filter", name, f"it compares a property with {count} value{'s' * (count > 1)}")
    return others


def _literal(node: Node, prop: Property, *, pattern: bool = False) -> Text:
    """A text literal, with the functions around it; of a property kept in lower case, in lower case."""
    if isinstance(node, dict) and str(node.get("op")).lower() in _FOLDS and isinstance(node.get("args"), list):
        fold = _FOLDS[str(node["op"]).lower()]
        return fold(_literal(node["args"][0] if len(node["args"]) == 1 else None, prop, pattern=pattern))
    if not isinstance(node, str):
        raise InvalidParameter("filter", node, f"{prop.name} is compared with a text in single quotes")
    value = _stored_form(node, prop)
    if pattern and (len(node) - len(node.rstrip("\\"))) % 2:
        raise InvalidParameter("filter", node, "the pattern ends with a lone backslash; write \\\\ for one")
    return bindparam(None, value, type_=String, unique=True)


def _stored_form(text: str, prop: Property) -> str:
    """A text as the property's column holds it; raises InvalidParameter if it is too long."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidParameter("filter", text, f"a text has at most {MAX_CHARACTERS} characters")
    return text.casefold() if prop.folded else text


def _without_case(text: Text) -> Text:
    """Case folded: what has no lower form of one character, and the final sigma, too."""
    lower: Text = func.lower(text)
    folded: Text = func.translate(func.replace(lower, "ß", "ss"), "ς", "σ")
    return folded


def _without_accents(text: Text) -> Text:
    """Without the marks that Unicode composes with letters."""
    decomposed = func.regexp_replace(func.normalize(text, literal_column("NFD")), "[\u0300-\u036f]", "", "g")
    composed: Text = func.normalize(decomposed, literal_column("NFC"))
    return composed


_FOLDS: Final = {"casei": _without_case, "accenti": _without_accents}
