"""From a tree of operations on queryables to a filter of `records.search.cql2` on the properties of records."""

from __future__ import annotations

import re
from calendar import monthrange
from typing import TYPE_CHECKING, Any, Final

from config.errors import InvalidParameter
from records.harvest.values.languages import language_tag
from records.search.cql2 import Words
from records.search.fes.queryables import Queryable, queryable

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.search.cql2 import Node

_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_COMPARISONS: Final = ("=", "<>", "<", ">", "<=", ">=")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", re.ASCII)
_WITHOUT_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+", re.ASCII)
_PIECE = re.compile(r"(?:[^%_\\]|\\.)+", re.DOTALL)


def translated(node: Node) -> Node:
    """A filter in the JSON encoding of CQL2, with `Words` where full text is asked; raises InvalidParameter."""
    if isinstance(node, bool):
        return node
    name, args = _parts(node)
    if name in ("and", "or"):
        parts = [translated(part) for part in args]
        return parts[0] if len(parts) == 1 else {"op": name, "args": parts}
    if name == "not" and len(args) == 1:
        return {"op": "not", "args": [translated(args[0])]}
    place, target = _queryable(name, args)
    if name.startswith("s_"):
        return {"op": name, "args": [_spatial(arg, target) for arg in args]}
    if place == 1 and name in _COMPARISONS:
        name, args = _MIRRORED.get(name, name), args[::-1]
    return _LEAVES[target.kind](name, args, target)


def _parts(node: Node) -> tuple[str, list[Node]]:
    name = node.get("op") if isinstance(node, dict) else None
    args = node.get("args") if isinstance(node, dict) else None
    if not isinstance(name, str) or not isinstance(args, list) or not args:
        raise InvalidParameter("constraint", node, "an operation is needed here")
    return name.lower() if name != "isNull" else "isnull", args


def _queryable(name: str, args: list[Node]) -> tuple[int, Queryable]:
    """The first argument that names a property, and what it stands for."""
    for place, arg in enumerate(args):
        if (prop := _named(arg)) is not None:
            return place, queryable(prop)
    raise InvalidParameter("constraint", name, "one side must be a property")


def _named(arg: Node) -> Any:
    """The property that an argument names, perhaps within CASEI or ACCENTI."""
    while isinstance(arg, dict) and "op" in arg and isinstance(arg.get("args"), list) and len(arg["args"]) == 1:
        arg = arg["args"][0]
    return arg.get("property") if isinstance(arg, dict) else None


def _replaced(arg: Node, new: Callable[[Node], Node]) -> Node:
    """An argument whose innermost part is made anew."""
    if isinstance(arg, dict) and "op" in arg:
        return {"op": arg["op"], "args": [_replaced(inner, new) for inner in arg.get("args", [])]}
    return new(arg)


def _spatial(arg: Node, target: Queryable) -> Node:
    if _named(arg) is None:
        return arg
    if target.kind != "geometry":
        raise InvalidParameter("constraint", _named(arg), "it is no place; records have ows:BoundingBox")
    return {"property": "geometry"}


def _texts(name: str, args: list[Node], queryable: Queryable) -> Node:
    """A comparison of any of a queryable's properties; none of them may meet what is negated."""
    if name == "<>":
        return {"op": "not", "args": [_texts("=", args, queryable)]}
    values = [_literals(arg, queryable) for arg in args[1:]]
    each = [{"op": name, "args": [_on(args[0], name_), *values]} for name_ in queryable.properties]
    if len(each) == 1:
        return each[0]
    return {"op": "and" if name == "isnull" else "or", "args": each}


def _on(arg: Node, name: str) -> Node:
    """The property of that name, within the functions of an argument."""
    return _replaced(arg, lambda _: {"property": name})


def _literals(arg: Node, queryable: Queryable) -> Node:
    if isinstance(arg, list):
        return [_literals(each, queryable) for each in arg]
    if queryable.properties == ("language",):
        return _replaced(arg, lambda text: language_tag(text) or text)
    return arg


def _instants(name: str, args: list[Node], queryable: Queryable) -> Node:
    """A comparison of a moment; a year or a month is its first and last day."""
    operand = {"property": queryable.properties[0]}
    if name == "isnull":
        return {"op": name, "args": [operand]}
    return _by_moments(name, args[1:], lambda op, at: {"op": op, "args": [operand, at]})


def _begins(name: str, args: list[Node], _asked: Queryable) -> Node:
    """A comparison of the start of a record's time: the interval from there to the end of all times is related."""
    return _ends_of_time(name, args, [{"property": "time"}, ".."], _BEGIN)


def _ends(name: str, args: list[Node], _asked: Queryable) -> Node:
    """A comparison of the end of a record's time: the interval from the start of all times is related."""
    return _ends_of_time(name, args, ["..", {"property": "time"}], _END)


_BEGIN: Final = {"<": "t_contains", ">": "t_after", "<=": "t_intersects"}
_END: Final = {"<": "t_before", ">": "t_contains", ">=": "t_intersects"}


def _ends_of_time(name: str, args: list[Node], interval: list[Node], relations: dict[str, str]) -> Node:
    if name == "isnull":
        return {"op": name, "args": [{"property": "time"}]}

    def related(op: str, at: Node) -> Node:
        if op in relations:
            return {"op": relations[op], "args": [{"interval": interval}, at]}
        opposite = "<" if op == ">=" else ">"
        return {"op": "not", "args": [related(opposite, at)]}

    return _by_moments(name, args[1:], related)


def _by_moments(name: str, values: list[Node], test: Callable[[str, Node], Node]) -> Node:
    """A comparison with moments in terms of <, <=, > and >=, which `test` makes."""
    if name == "between" and len(values) == 2:
        low, high = (_days(value) for value in values)
        return {"op": "and", "args": [test(">=", low[0]), test("<=", high[1])]}
    if name == "in" and len(values) == 1 and isinstance(values[0], list) and values[0]:
        each = [_by_moments("=", [value], test) for value in values[0]]
        return each[0] if len(each) == 1 else {"op": "or", "args": each}
    if name not in _COMPARISONS or len(values) != 1:
        raise InvalidParameter("constraint", name, "compare a time by =, <>, <, >, <=, >= or BETWEEN")
    first, last = _days(values[0])
    if name in ("=", "<>"):
        within = {"op": "and", "args": [test(">=", first), test("<=", last)]}
        return within if name == "=" else {"op": "not", "args": [within]}
    return test(name, first if name in ("<", ">=") else last)


def _days(value: Node) -> tuple[Node, Node]:
    """The first and last day of a year or a month; else the value twice, in UTC where it names no zone."""
    if isinstance(value, dict) and value.get("op") in ("casei", "accenti"):
        return _days(value["args"][0])
    if not isinstance(value, str):
        return value, value
    text = value.strip()
    date = _DATE.fullmatch(text)
    if date and not date[3] and 1 <= int(date[2] or 1) <= 12 and int(date[1]) >= 1:
        year, first, last = date[1], date[2] or "01", date[2] or "12"
        return f"{year}-{first}-01", f"{year}-{last}-{monthrange(int(year), int(last))[1]}"
    if _WITHOUT_ZONE.fullmatch(text):
        text += "Z"
    return text, text


def _words(name: str, args: list[Node], _asked: Queryable) -> Node:
    """AnyText: the pieces between the wild cards of a pattern, each found as words in their order."""
    if name == "isnull":
        return False
    if name == "<>":
        return {"op": "not", "args": [_words("=", args, _asked)]}
    values = args[1] if name == "in" and isinstance(args[1], list) else args[1:]
    if name not in ("=", "like", "in") or not values or (name != "in" and len(values) > 1):
        raise InvalidParameter("constraint", f"AnyText {name}", "search for words by LIKE or =")
    conditions = [_of_pattern(value, is_pattern=name == "like") for value in values]
    return conditions[0] if len(conditions) == 1 else {"op": "or", "args": conditions}


def _of_pattern(value: Node, *, is_pattern: bool) -> Node:
    while isinstance(value, dict) and value.get("op") in ("casei", "accenti"):
        value = value["args"][0]
    if not isinstance(value, str):
        raise InvalidParameter("constraint", value, "AnyText is searched for a text")
    pieces = [re.sub(r"\\(.)", r"\1", p, flags=re.DOTALL) for p in _PIECE.findall(value)] if is_pattern else [value]
    words: list[Node] = [Words(phrase) for p in pieces if (phrase := re.sub(r"[,，]", " ", p).strip())]
    if not words:
        return True
    return words[0] if len(words) == 1 else {"op": "and", "args": words}


_LEAVES: Final[dict[str, Callable[[str, list[Node], Queryable], Node]]] = {
    "text": _texts,
    "instant": _instants,
    "begin": _begins,
    "end": _ends,
    "words": _words,
    "geometry": lambda name, args, _asked: _place(name, args),
}


def _place(name: str, args: list[Node]) -> Node:
    if name == "isnull":
        return {"op": name, "args": [{"property": "geometry"}]}
    raise InvalidParameter("constraint", f"{_named(args[0])} {name}", "compare a place by BBOX or INTERSECTS")
