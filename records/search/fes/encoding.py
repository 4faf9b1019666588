"""OGC Filter Encoding 1.1 (04-095; 1.0 and the like of 2.0 too) as a tree of operations, names as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.errors import InvalidParameter
from records.harvest.fetch.content import local_name
from records.search.cql2 import MAX_TEXT_CHARACTERS
from records.search.fes import gml

if TYPE_CHECKING:
    from records.search.cql2 import Node

MAX_ELEMENTS: Final = 10_000
MAX_DEPTH: Final = 40
"""Elements of a filter within one another: two for each operation."""

COMPARISONS: Final = {
    "PropertyIsEqualTo": "=",
    "PropertyIsNotEqualTo": "<>",
    "PropertyIsLessThan": "<",
    "PropertyIsGreaterThan": ">",
    "PropertyIsLessThanOrEqualTo": "<=",
    "PropertyIsGreaterThanOrEqualTo": ">=",
}
SPATIAL: Final = {
    "BBOX": "s_intersects",
    "Contains": "s_contains",
    "Crosses": "s_crosses",
    "Disjoint": "s_disjoint",
    "Equals": "s_equals",
    "Intersects": "s_intersects",
    "Overlaps": "s_overlaps",
    "Touches": "s_touches",
    "Within": "s_within",
}
_LOGICAL: Final = {"And": "and", "Or": "or", "Not": "not"}
_NAMES: Final = ("PropertyName", "ValueReference")
_IDS: Final = {"FeatureId": "fid", "GmlObjectId": "id", "ResourceId": "rid"}


def from_filter(element: Any) -> Node:
    """The tree of an `ogc:Filter`; raises InvalidParameter, naming the element that is not read."""
    _require_small(element)
    parts = _elements(element)
    if local_name(element) != "Filter" or not parts:
        raise InvalidParameter("constraint", local_name(element), "an ogc:Filter with one operation is needed")
    if all(local_name(part) in _IDS for part in parts):
        return _identified(parts)
    if len(parts) > 1:
        raise InvalidParameter("constraint", local_name(parts[1]), "a filter has one operation; join them by ogc:And")
    return _operation(parts[0])


def _require_small(element: Any) -> None:
    here, count = [element], 0
    for _ in range(MAX_DEPTH):
        count += len(here)
        if count > MAX_ELEMENTS:
            raise InvalidParameter("constraint", "the filter", f"it has more than {MAX_ELEMENTS} elements")
        here = [child for parent in here for child in parent]
        if not here:
            return
    raise InvalidParameter("constraint", "the filter", f"its elements are nested more than {MAX_DEPTH} deep")


def _operation(element: Any) -> Node:
    name, parts = local_name(element), _elements(element)
    if name in _LOGICAL:
        if not parts or (name == "Not" and len(parts) > 1):
            raise InvalidParameter("constraint", name, f"it has {len(parts)} operations within it")
        return {"op": _LOGICAL[name], "args": [_operation(part) for part in parts]}
    if name in _IDS:
        return _identified([element])
    if name in COMPARISONS:
        return _compared(element, COMPARISONS[name], parts)
    if name in SPATIAL:
        return _related(name, parts)
    special = {"PropertyIsLike": _like, "PropertyIsBetween": _between}.get(name)
    if special is not None:
        return special(element, parts)
    if name in ("PropertyIsNull", "PropertyIsNil") and len(parts) == 1:
        return {"op": "isNull", "args": [_property(parts[0])]}
    operators = ", ".join((*_LOGICAL, *COMPARISONS, "PropertyIsLike", "PropertyIsBetween", "PropertyIsNull", *SPATIAL))
    raise InvalidParameter("constraint", name, f"it is not offered here; there are {operators}")


def _identified(parts: list[Any]) -> Node:
    ids = [part.get(_IDS[local_name(part)]) or part.get("{http://www.opengis.net/gml}id") or "" for part in parts]
    return {"op": "in", "args": [{"property": "dc:identifier"}, [str(id_) for id_ in ids]]}


def _compared(element: Any, operation: str, parts: list[Any]) -> Node:
    sides = [_expression(part) for part in parts]
    if len(sides) != 2:
        raise InvalidParameter("constraint", local_name(element), "it compares a property with one literal")
    return {"op": operation, "args": _cased(element, sides)}


def _cased(element: Any, sides: list[Node]) -> list[Node]:
    """The sides of a comparison, folded where case does not matter (04-095, 9.3: `matchCase` is true by default)."""
    if str(element.get("matchCase", "true")).strip().lower() in ("false", "0"):
        return [{"op": "casei", "args": [side]} for side in sides]
    return sides


def _like(element: Any, parts: list[Any]) -> Node:
    if len(parts) != 2:
        raise InvalidParameter("constraint", local_name(element), "it compares a property with one pattern")
    wild = str(element.get("wildCard") or "%")
    single = str(element.get("singleChar") or "_")
    escape = str(element.get("escapeChar") or element.get("escape") or "\\")
    pattern = _pattern(_literal(parts[1]), wild, single, escape)
    return {"op": "like", "args": _cased(element, [_property(parts[0]), pattern])}


def _pattern(text: str, wild: str, single: str, escape: str) -> str:
    """A pattern with `%` for any characters, `_` for one and a backslash before what means itself."""
    characters, position = [], 0
    while position < len(text):
        if text.startswith(escape, position) and position + len(escape) < len(text):
            position += len(escape)
            characters.append(_itself(text[position]))
            position += 1
        elif text.startswith(wild, position):
            characters.append("%")
            position += len(wild)
        elif text.startswith(single, position):
            characters.append("_")
            position += len(single)
        else:
            characters.append(_itself(text[position]))
            position += 1
    return "".join(characters)


def _itself(character: str) -> str:
    return "\\" + character if character in "%_\\" else character


def _between(element: Any, parts: list[Any]) -> Node:
    names = [local_name(part) for part in parts]
    if len(names) != 3 or names[1:] != ["LowerBoundary", "UpperBoundary"]:
        raise InvalidParameter(
            "constraint", local_name(element), "it needs a property, LowerBoundary and UpperBoundary"
        )
    bounds = [_literal(literals[0]) if len(literals := _elements(part)) == 1 else "" for part in parts[1:]]
    return {"op": "between", "args": [_property(parts[0]), *bounds]}


def _related(name: str, parts: list[Any]) -> Node:
    """A spatial operation; BBOX may leave the property out, which is the record's only geometry."""
    names = [part for part in parts if local_name(part) in _NAMES]
    shapes = [part for part in parts if local_name(part) not in _NAMES]
    if len(shapes) != 1 or len(names) > 1:
        raise InvalidParameter("constraint", name, "it relates one property to one geometry")
    first = _property(names[0]) if names else {"property": "ows:BoundingBox"}
    sides = [first, gml.geometry(shapes[0])]
    return {"op": SPATIAL[name], "args": sides if not names or parts[0] is names[0] else sides[::-1]}


def _expression(element: Any) -> Node:
    return _property(element) if local_name(element) in _NAMES else _literal(element)


def _property(element: Any) -> Node:
    if local_name(element) not in _NAMES:
        raise InvalidParameter("constraint", local_name(element), "an ogc:PropertyName is needed here")
    return {"property": (element.text or "").strip()}


def _literal(element: Any) -> str:
    if local_name(element) != "Literal" or _elements(element):
        raise InvalidParameter("constraint", local_name(element), "an ogc:Literal with a text is needed here")
    text = "".join(element.itertext())
    if len(text) > MAX_TEXT_CHARACTERS:
        raise InvalidParameter("constraint", text, f"a literal has at most {MAX_TEXT_CHARACTERS} characters")
    return text


def _elements(element: Any) -> list[Any]:
    """The children that are elements, no comments."""
    return [child for child in element if isinstance(child.tag, str)]
