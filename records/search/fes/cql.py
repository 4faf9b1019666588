"""The CQL of CSW 2.0.2 (07-006r1, 6.2.2) as a tree of operations, names as they are written.

What it has in common with CQL2 is read by the parser of CQL2, which knows that AND binds before OR: names with a
colon, comparisons, LIKE, BETWEEN, IS NULL, geometries in WKT. The rest is put into those words, or renamed, here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.errors import InvalidParameter
from records.search import cql2
from records.search.fes.gml import bbox, is_latitude_first

if TYPE_CHECKING:
    from records.search.cql2 import Node

_LITERAL = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\")")
_NAME = r"(?P<name>[A-Za-z_][\w.:-]*)"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_BEFORE = re.compile(rf"{_NAME}\s+(?P<word>BEFORE|AFTER)\s+(?P<at>{_MOMENT})", re.IGNORECASE)
_DURING = re.compile(rf"{_NAME}\s+DURING\s+(?P<start>{_MOMENT})\s*/\s*(?P<end>{_MOMENT})", re.IGNORECASE)
_EXISTS = re.compile(rf"{_NAME}\s+(?P<word>EXISTS|DOES-NOT-EXIST)\b", re.IGNORECASE)
_ILIKE = re.compile(rf"{_NAME}\s+(?P<no>NOT\s+)?ILIKE\s*$", re.IGNORECASE)

_RENAMED: Final = {
    name: f"s_{name}"
    for name in ("contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within")
}


def from_cql(text: str) -> Node:
    """The tree of a CQL text; raises InvalidParameter, saying where it stops being CQL."""
    try:
        node = cql2.from_text(_in_words_of_cql2(text))
    except InvalidParameter as error:
        raise InvalidParameter("constraint", text, error.detail.partition(": ")[2]) from error
    return _renamed(node)


def _in_words_of_cql2(text: str) -> str:
    """The text without the predicates that CQL2 does not have; literals are left as they are."""
    parts = _LITERAL.split(text)
    for place in range(0, len(parts), 2):
        part = _BEFORE.sub(
            lambda m: f"{m['name']} {'<' if m['word'].upper() == 'BEFORE' else '>'} '{m['at']}'", parts[place]
        )
        part = _DURING.sub(lambda m: f"{m['name']} BETWEEN '{m['start']}' AND '{m['end']}'", part)
        part = _EXISTS.sub(lambda m: f"{m['name']} IS {'NOT ' if m['word'].upper() == 'EXISTS' else ''}NULL", part)
        if place + 1 < len(parts) and (match := _ILIKE.search(part)):
            part = f"{part[: match.start()]}CASEI({match['name']}) {match['no'] or ''}LIKE CASEI("
            parts[place + 1] += ")"
        parts[place] = part
    return "".join(parts)


def _renamed(node: Node) -> Node:
    """The node with CQL's functions under the names of CQL2; recursion is bounded by the parser's depth."""
    if isinstance(node, list):
        return [_renamed(member) for member in node]
    if not isinstance(node, dict):
        return node
    if "bbox" in node:
        return _box_predicate(node["bbox"])
    if "op" not in node:
        return node
    name, args = str(node["op"]), node.get("args", [])
    if name.lower() == "envelope":
        west, east, north, south = _four(args)
        return bbox(west, min(south, north), east, max(south, north))
    return {"op": _RENAMED.get(name.lower(), name), "args": _renamed(args)}


def _box_predicate(args: list[Node]) -> Node:
    """BBOX(property, west, south, east, north[, crs]), the four in the order of the CRS; or a box in CRS84."""
    if args and isinstance(args[0], dict):
        srs = args[5] if len(args) == 6 and isinstance(args[5], str) else ""
        first, second, third, fourth = _four(args[1:5] if len(args) == 5 + bool(srs) else [])
        box = bbox(second, first, fourth, third) if is_latitude_first(srs) else bbox(first, second, third, fourth)
        return {"op": "s_intersects", "args": [args[0], box]}
    return bbox(*_four(args))


def _four(args: list[Node]) -> tuple[float, float, float, float]:
    if len(args) != 4 or not all(isinstance(n, int | float) and not isinstance(n, bool) for n in args):
        raise InvalidParameter(
            "constraint", args, "four numbers are needed, as in BBOX(ows:BoundingBox, 70, 30, 80, 40)"
        )
    west, south, east, north = (float(n) for n in args)
    return west, south, east, north
