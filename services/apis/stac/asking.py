"""What a search asks: the query of a GET and the body of a POST, both read into one `ItemQuery` and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from config.boxes import parse_bbox
from config.errors import InvalidInput, InvalidParameter
from config.times import parse_datetime
from config.vocabulary import CRS84_URI
from records.datasets.items.properties import SORTABLES
from records.datasets.items.search import ItemQuery
from records.search import cql2
from records.search.cql2.spatial import geometry
from records.search.parameters import MAX_SORT_KEYS, parse_integer, parse_list, parse_sortby, time_range
from services.apis.stac import fields

if TYPE_CHECKING:
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry

    from services.apis.stac.fields import Fields

DEFAULT_LIMIT: Final = 10
MAX_IDS: Final = 1000
MAX_PARTS: Final = 50
"""Geometries of a collection of geometries."""
BODY: Final = (
    "limit", "bbox", "datetime", "intersects", "ids", "collections", "filter", "filter-lang", "filter-crs", "sortby",
    "fields", "token",
)  # fmt: skip
"""What a search may name."""
_LANGUAGES: Final = ("cql2-text", "cql2-json")
_PREFIX: Final = "properties."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A search, which members of its items are answered, and the search as it was written, without its token."""

    query: ItemQuery
    fields: Fields | None
    written: dict[str, Any]


def from_query(values: dict[str, str], *, most: int, collection: str | None = None) -> Asked:
    """The search of a GET, of at most `most` items a page; raises InvalidParameter."""
    collections = _list("collections", values.get("collections"))
    if collection is not None:  # pystac-client names it once more
        if collections is not None and collection not in collections:
            raise InvalidParameter("collections", values["collections"], f"the path names {collection}; leave this out")
        collections = (collection,)
    query = ItemQuery(
        collections=collections,
        ids=_list("ids", values.get("ids")),
        bbox=parse_bbox(values["bbox"]) if "bbox" in values else None,
        intersects=_areas(_json("intersects", values["intersects"])) if "intersects" in values else (),
        when=_when(values["datetime"]) if "datetime" in values else None,
        filter=_filter(values, values.get("filter"), _LANGUAGES[0]),
        sortby=_sort(values["sortby"]) if values.get("sortby") else (),
        limit=min(parse_integer("limit", values["limit"], low=1), most) if "limit" in values else DEFAULT_LIMIT,
        token=values.get("token"),
    )
    named = fields.from_text(values["fields"]) if "fields" in values else None
    return _asked(query, named, dict(values))


def from_body(encoded: bytes, *, most: int) -> Asked:
    """The search of a POST, of at most `most` items a page; raises InvalidInput."""
    body = _json("body", encoded) if encoded.strip() else {}
    if not isinstance(body, dict):
        raise InvalidInput('the body of a search is a JSON object, such as {"collections": [...], "limit": 10}')
    given = {name: value for name, value in body.items() if value is not None}
    for name in given:
        if name not in BODY:
            raise InvalidInput(f"there is no member {name[:80]!r} here; known are {', '.join(BODY)}")
    query = ItemQuery(
        collections=_texts("collections", given.get("collections")),
        ids=_texts("ids", given.get("ids")),
        bbox=parse_bbox(_numbers(given["bbox"])) if "bbox" in given else None,
        intersects=_areas(given["intersects"]) if "intersects" in given else (),
        when=_when(_text("datetime", given["datetime"])) if "datetime" in given else None,
        filter=_filter(given, given.get("filter"), _LANGUAGES[1]),
        sortby=_sort(_sort_text(given["sortby"])) if given.get("sortby") else (),
        limit=_limit(given.get("limit", DEFAULT_LIMIT), most),
        token=_text("token", given["token"]) if "token" in given else None,
    )
    named = fields.from_object(given["fields"]) if "fields" in given else None
    return _asked(query, named, given)


def _asked(query: ItemQuery, named: Fields | None, written: dict[str, Any]) -> Asked:
    if query.bbox is not None and query.intersects:
        raise InvalidInput("bbox and intersects are both given; give one of them")
    if query.collections == ():  # an empty list names none, as clients write it for all
        query = replace(query, collections=None)
    return Asked(
        query=query if query.ids != () else replace(query, ids=None),
        fields=named,
        written={name: value for name, value in written.items() if name != "token"},
    )


def _when(text: str) -> tuple[datetime | None, datetime | None]:
    """First moment and first after of a time or interval, which has an end at least (STAC API, item-search)."""
    parsed = parse_datetime(text.upper())
    if parsed.start is None and parsed.end is None:
        raise InvalidParameter("datetime", text, "one end of an interval must be a time, such as 2020-01-01/..")
    first, after = time_range(text.upper())
    return None if parsed.start is None else first, None if parsed.end is None else after


def _filter(given: dict[str, Any], found: object, default: str) -> cql2.Node:
    """The filter in its JSON encoding, or None; raises InvalidParameter."""
    language = given.get("filter-lang", default)
    if language not in _LANGUAGES:
        raise InvalidParameter("filter-lang", language, f"there are {' and '.join(_LANGUAGES)}")
    crs = given.get("filter-crs", CRS84_URI)
    if crs != CRS84_URI:
        raise InvalidParameter("filter-crs", crs, f"geometries of a filter are in {CRS84_URI}")
    if found is None:
        return None
    if language == _LANGUAGES[0]:
        return cql2.from_text(_text("filter", found))
    return cql2.from_json(found if isinstance(found, str) else orjson.dumps(found))


def _sort(text: str) -> tuple[tuple[str, bool], ...]:
    """`-properties.datetime,+id` as (name, whether it falls); each name once."""
    bare = [key.strip() for key in text.split(",")]
    signed = [("-" if key.startswith("-") else "") + key.lstrip("+-").removeprefix(_PREFIX) for key in bare]
    found = parse_sortby(",".join(signed), SORTABLES)
    if len({name for name, _ in found}) < len(found):
        raise InvalidParameter("sortby", text, "a property is given twice")
    return found


def _sort_text(found: object) -> str:
    """[{"field": ..., "direction": "desc"}] as a GET writes it."""
    remedy = 'give [{"field": "properties.datetime", "direction": "desc"}]'
    if not isinstance(found, list) or len(found) > MAX_SORT_KEYS:
        raise InvalidParameter("sortby", found, f"{remedy}, {MAX_SORT_KEYS} at most")
    keys = []
    for key in found:
        direction = key.get("direction", "asc") if isinstance(key, dict) else None
        if direction not in ("asc", "desc") or not isinstance(key.get("field"), str) or "," in key["field"]:
            raise InvalidParameter("sortby", key, remedy)
        keys.append(("-" if direction == "desc" else "") + key["field"])
    return ",".join(keys)


def _areas(found: object) -> tuple[BaseGeometry, ...]:
    """A GeoJSON geometry, or the members of a collection of them; raises InvalidParameter."""
    is_collection = isinstance(found, dict) and found.get("type") == "GeometryCollection"
    parts = found.get("geometries") if is_collection and isinstance(found, dict) else [found]
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
        raise InvalidParameter("intersects", "GeometryCollection", f"it has 1 to {MAX_PARTS} geometries")
    try:
        return tuple(geometry(part) for part in parts)
    except InvalidParameter as error:
        raise InvalidInput(f"intersects: {error.detail.removeprefix('filter=')}") from error


def _list(name: str, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else _plain(name, parse_list(name, text))


def _texts(name: str, found: object) -> tuple[str, ...] | None:
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise InvalidParameter(name, found, "a list of texts is needed")
    return _plain(name, found)


def _plain(name: str, texts: list[str]) -> tuple[str, ...]:
    if len(texts) > MAX_IDS or any("\0" in text for text in texts):
        raise InvalidParameter(name, f"{len(texts)} values", f"at most {MAX_IDS} are possible, without U+0000")
    return tuple(texts)


def _numbers(found: object) -> str:
    good = isinstance(found, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in found)
    if not good or not isinstance(found, list):
        raise InvalidParameter("bbox", found, "a list of 4 or 6 numbers is needed")
    return ",".join(map(repr, found))


def _limit(found: object, most: int) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise InvalidParameter("limit", found, "give an integer of at least 1")
    return min(found, most)


def _text(name: str, found: object) -> str:
    if not isinstance(found, str):
        raise InvalidParameter(name, found, "a text is needed")
    return found


def _json(name: str, encoded: bytes | str) -> Any:
    try:
        return orjson.loads(encoded)
    except orjson.JSONDecodeError as error:
        raise InvalidParameter(name, encoded[:100], f"it is no JSON: {error}") from error
