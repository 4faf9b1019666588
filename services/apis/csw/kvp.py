"""Requests of CSW as keywords and values (07-006r1, from 10.2.2): names in any case, unknown ones ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from records.search.fes import from_cql, from_filter
from services.apis.csw.operation import CswRequest, operation_name
from services.ows.faults import invalid, missing
from services.ows.xml_body import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.search.cql2 import Node

MAX_VALUE: Final = 50_000
_ORDERS: Final = {"A": False, "ASC": False, "D": True, "DESC": True}
_MAX_SORT_KEYS: Final = 5


def from_kvp(items: Iterable[tuple[str, str]]) -> CswRequest:
    """The operation of a query; raises OwsFault or InvalidParameter."""
    values: dict[str, str] = {}
    for name, value in items:
        key = name.lower()
        if len(value) > MAX_VALUE or "\x00" in value:
            raise invalid(key[:50], value, f"give at most {MAX_VALUE} characters, without U+0000")
        if values.setdefault(key, value) != value:
            raise invalid(key[:50], value, "it is given twice with different values")
    if not values:
        raise missing("service")
    name = operation_name(values.get("request", "").strip())
    return CswRequest(
        name=name,
        values=values,
        constraint=_constraint(values) if name == "GetRecords" else None,
        sortby=_sortby(values.get("sortby", "")) if name == "GetRecords" else (),
    )


def _constraint(values: dict[str, str]) -> Node:
    """The constraint; without CONSTRAINTLANGUAGE, XML is read as FILTER and all else as CQL_TEXT."""
    text = values.get("constraint", "").strip()
    if not text:
        return None
    guessed = "FILTER" if text.startswith("<") else "CQL_TEXT"
    language = values.get("constraintlanguage", "").strip().upper() or guessed
    if language == "CQL_TEXT":
        return from_cql(text)
    if language == "FILTER":
        return from_filter(parse_xml(text.encode(), "constraint"))
    raise invalid("constraintLanguage", language, "there are CQL_TEXT and FILTER")


def _sortby(text: str) -> tuple[tuple[str, bool], ...]:
    """`dc:title:A,dct:modified:D` as ((dc:title, False), (dct:modified, True))."""
    keys = [part.strip() for part in text.split(",") if part.strip()]
    if len(keys) > _MAX_SORT_KEYS:
        raise invalid("sortby", text, f"at most {_MAX_SORT_KEYS} properties can be sorted by")
    sort_keys = []
    for key in keys:
        name, _, order = key.rpartition(":")
        has_order = order.upper() in _ORDERS and bool(name)
        sort_keys.append((name if has_order else key, _ORDERS[order.upper()] if has_order else False))
    return tuple(sort_keys)
