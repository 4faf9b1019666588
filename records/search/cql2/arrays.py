"""Array functions (21-065r2, 7.7) on properties that hold several texts; order and repetition do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text, and_, bindparam, case, not_, null
from sqlalchemy.dialects.postgresql import ARRAY

from config.errors import InvalidParameter
from records.search.cql2.operands import property_first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from records.search.cql2.properties import Property
    from records.search.cql2.reading import Node

OPERATIONS: Final = ("a_contains", "a_containedby", "a_equals", "a_overlaps")
_MIRRORED: Final = {"a_contains": "a_containedby", "a_containedby": "a_contains"}
MAX_VALUES = 200


def condition(name: str, first: Node, second: Node, properties: Mapping[str, Property]) -> ColumnElement[bool]:
    """The relation of a property's texts to a list of texts; raises InvalidParameter."""
    prop, texts, swapped = property_first(first, second, properties)
    if prop.kind != "texts":
        raise InvalidParameter("filter", prop.name, "it is no list; compare it with =, LIKE or IN")
    related = _related(_MIRRORED.get(name, name) if swapped else name, prop.array(), _texts(texts, prop))
    return case((not_(prop.is_null()), related), else_=null())


def _related(name: str, stored: ColumnElement[Any], operand: ColumnElement[Any]) -> ColumnElement[bool]:
    contains, contained, overlaps = (stored.bool_op(sign)(operand) for sign in ("@>", "<@", "&&"))
    if name == "a_equals":
        return and_(contains, contained)
    return {"a_contains": contains, "a_containedby": contained, "a_overlaps": overlaps}[name]


def _texts(operand: Node, prop: Property) -> ColumnElement[Any]:
    if not isinstance(operand, list) or not all(isinstance(text, str) for text in operand):
        raise InvalidParameter("filter", operand, f"{prop.name} is compared with a list of texts, such as ('a', 'b')")
    if len(operand) > MAX_VALUES:
        raise InvalidParameter("filter", f"{len(operand)} texts", f"at most {MAX_VALUES} are possible")
    texts = [text.casefold() for text in operand] if prop.folded else operand
    return bindparam(None, texts, type_=ARRAY(Text), unique=True)
