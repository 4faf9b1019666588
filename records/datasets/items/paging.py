"""Keyset paging: a page begins after an item, or ends before it, wherever others came in between.

A token holds the sort values of that item. It is not signed: each value is read as its column's type and bound.
"""

from __future__ import annotations

import base64
import binascii
import operator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson
from sqlalchemy import and_, false, literal, or_, tuple_

from config.errors import InvalidParameter
from records.datasets.items.properties import PROPERTIES, SORTABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from records.database.orm import ItemRow

Sort = tuple[tuple[str, bool], ...]
"""Names of `SORTABLES`, and whether they fall."""

DEFAULT: Final[Sort] = (("datetime", True),)
MAX_TOKEN = 4_000
_REMEDY = "take it from a `next` or `prev` link, with the sortby of that page"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Where a page begins (`next`: after the item of these sort values) or ends (`prev`: before it)."""

    side: Literal["next", "prev"]
    values: tuple[str | datetime, ...]


def complete(sortby: Sort) -> Sort:
    """What is really sorted by: the given keys, then collection and id in the direction of the last of them."""
    keys = sortby or DEFAULT
    falls = keys[-1][1]
    names = [name for name, _ in keys]
    return keys + tuple((name, falls) for name in ("collection", "id") if name not in names)


def ordering(sort: Sort, *, backwards: bool) -> list[ColumnElement[Any]]:
    """The sort as SQL, for a page that is read from its end also backwards."""
    return [SORTABLES[name].desc() if falls != backwards else SORTABLES[name].asc() for name, falls in sort]


def beyond(sort: Sort, edge: Edge) -> ColumnElement[bool]:
    """Whether an item stands on the far side of an edge."""
    backwards = edge.side == "prev"
    columns = [SORTABLES[name] for name, _ in sort]
    falls = [falls != backwards for _, falls in sort]
    bound = [literal(value, column.type) for value, column in zip(edge.values, columns, strict=True)]
    if len(set(falls)) == 1:  # one comparison of rows, which an index answers
        compare = operator.lt if falls[0] else operator.gt
        row: ColumnElement[bool] = compare(tuple_(*columns), tuple_(*bound))
        return row
    return reduce(
        lambda later, key: or_(_past(*key), and_(key[0] == key[1], later)),
        reversed(list(zip(columns, bound, falls, strict=True))),
        false(),
    )


def _past(column: ColumnElement[Any], value: ColumnElement[Any], falls: bool) -> ColumnElement[bool]:
    return column < value if falls else column > value


def token(sort: Sort, row: ItemRow, side: Literal["next", "prev"]) -> str:
    """The token of an item at the edge of a page."""
    values = [getattr(row, SORTABLES[name].key) for name, _ in sort]
    encoded = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    packed = orjson.dumps([side, _named(sort), encoded])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def edge(text: str, sort: Sort) -> Edge:
    """The edge that a token names; raises InvalidParameter unless it was made for that sort."""
    try:
        side, names, encoded = orjson.loads(base64.urlsafe_b64decode(text[:MAX_TOKEN] + "=" * (-len(text) % 4)))
        values = tuple(_read(name, value) for (name, _), value in zip(sort, encoded, strict=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidParameter("token", text[:100], _REMEDY) from error
    if side not in ("next", "prev") or names != _named(sort):
        raise InvalidParameter("token", text[:100], _REMEDY)
    return Edge(side=side, values=values)


def _named(sort: Sequence[tuple[str, bool]]) -> list[str]:
    return [("-" if falls else "+") + name for name, falls in sort]


def _read(name: str, value: object) -> str | datetime:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(name)
    if PROPERTIES[name].kind != "instant":
        return value
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment
