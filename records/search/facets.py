"""Facets: how often each value of a property stands in the records of a search (draft OGC 25-013, Records Part 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer

from config.errors import InvalidParameter
from records.database.orm import RecordTermRow
from records.search.labels import FACETS, KIND_BITS

if TYPE_CHECKING:
    from sqlalchemy import Connection

Sorting = Literal["count_desc", "count_asc", "value_asc", "value_desc"]

NAMES: Final = {name: name for name in FACETS} | {
    "theme": "themes",
    "keyword": "keywords",
    "licence": "license",
    "format": "formats",
    "contributor": "contacts",
}
"""The property behind each name by which a facet can be asked for."""
SORTINGS: Final = ("count_desc", "count_asc", "value_asc", "value_desc")
MAX_BUCKETS: Final = 100
DEFAULT_BUCKETS: Final = 10
_PARTS: Final = 3
_BINCOUNT_ABOVE: Final = 50_000

_Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, kw_only=True)
class FacetQuery:
    """A facet that is asked for: the name it is asked by, how many values of it, and in which order."""

    name: str
    buckets: int = DEFAULT_BUCKETS
    sorting: Sorting = "count_desc"

    @property
    def property(self) -> str:
        """The property whose values are counted."""
        return NAMES[self.name]


@dataclass(frozen=True, kw_only=True)
class Facet:
    """Values of a property with how many records have each; `more` if there are others."""

    name: str
    property: str
    buckets: tuple[tuple[str, int], ...]
    more: bool


def parse_facets(text: str) -> tuple[FacetQuery, ...]:
    """Facet queries of `keywords:20:count_desc,theme::value_asc`, none of an empty text; raises InvalidParameter."""
    queries = [_facet(part.strip(), text) for part in text.split(",") if part.strip()]
    names = [facet.name for facet in queries]
    if len(set(names)) < len(names):
        raise InvalidParameter("facets", text, "a facet is named twice; name each once")
    return tuple(queries)


def _facet(part: str, text: str) -> FacetQuery:
    name, *rest = part.split(":")
    if name not in NAMES:
        raise InvalidParameter("facets", text, f"{name[:40]!r} is not counted; there are {', '.join(NAMES)}")
    if len(rest) >= _PARTS:
        raise InvalidParameter(
            "facets", text, "a facet is written property:count:order, such as keywords:20:count_desc"
        )
    many = (rest[0] if rest else "") or str(DEFAULT_BUCKETS)
    if not (many.isascii() and many.isdecimal() and len(many) <= _PARTS and 1 <= int(many) <= MAX_BUCKETS):
        raise InvalidParameter("facets", text, f"a facet has 1 to {MAX_BUCKETS} values, not {many[:20]!r}")
    sorting = (rest[1] if len(rest) > 1 else "") or SORTINGS[0]
    if sorting not in SORTINGS:
        raise InvalidParameter(
            "facets", text, f"the order {sorting[:40]!r} is not known; there are {', '.join(SORTINGS)}"
        )
    return FacetQuery(name=name, buckets=int(many), sorting=cast("Sorting", sorting))


def facets(connection: Connection, queries: tuple[FacetQuery, ...], terms: bytes, scale: int) -> tuple[Facet, ...]:
    """Count packed terms (`RecordRow.facets`), each of which stands for `scale` records."""
    codes = np.frombuffer(terms, ">u4").astype(np.int64)
    kinds = codes & ((1 << KIND_BITS) - 1)
    ids = codes >> KIND_BITS
    buckets = [(query, *_chosen(connection, query, ids[kinds == FACETS.index(query.property)])) for query in queries]
    needed = sorted({int(id_) for _, term_ids, _, _ in buckets for id_ in term_ids})
    values = _values(connection, needed)
    return tuple(_made(query, term_ids, counts * scale, values, more=more) for query, term_ids, counts, more in buckets)


def _chosen(connection: Connection, query: FacetQuery, ids: _Ints) -> tuple[_Ints, _Ints, bool]:
    """The ids of the terms that are shown, how often each stands there, and whether there are others."""
    distinct, counts = _distinct(ids)
    more = len(distinct) > query.buckets
    order: _Ints = np.arange(len(distinct))
    if more and query.sorting.startswith("value"):
        order = np.flatnonzero(np.isin(distinct, _first_by_value(connection, distinct, query)))
    elif more:
        rising = np.lexsort((distinct, counts if query.sorting == "count_asc" else -counts))
        order = rising[: query.buckets]
    return distinct[order], counts[order], more


def _distinct(ids: _Ints) -> tuple[_Ints, _Ints]:
    if len(ids) < _BINCOUNT_ABOVE:
        return np.unique(ids, return_counts=True)
    counts = np.bincount(ids)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]


def _first_by_value(connection: Connection, ids: _Ints, query: FacetQuery) -> list[int]:
    value = RecordTermRow.value.desc() if query.sorting == "value_desc" else RecordTermRow.value.asc()
    among = RecordTermRow.id == func.any(literal(ids.tolist(), ARRAY(Integer)))
    return list(connection.scalars(select(RecordTermRow.id).where(among).order_by(value).limit(query.buckets)))


def _values(connection: Connection, ids: list[int]) -> dict[int, str]:
    if not ids:
        return {}
    among = RecordTermRow.id == func.any(literal(ids, ARRAY(Integer)))
    return {row.id: row.value for row in connection.execute(select(RecordTermRow.id, RecordTermRow.value).where(among))}


def _made(query: FacetQuery, ids: _Ints, counts: _Ints, values: dict[int, str], *, more: bool) -> Facet:
    buckets = [(values[int(id_)], int(count)) for id_, count in zip(ids, counts, strict=True) if int(id_) in values]
    buckets.sort(key=lambda bucket: bucket[0], reverse=query.sorting == "value_desc")
    if query.sorting.startswith("count"):
        buckets.sort(key=lambda bucket: bucket[1], reverse=query.sorting == "count_desc")
    return Facet(name=query.name, property=query.property, buckets=tuple(buckets), more=more)
