"""The request of a search: the query of a GET or the body of a POST, checked and read into one `ItemQuery`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from config.boxes import parse_bbox
from config.errors import InvalidInput, InvalidParameter
from config.times import parse_datetime, require_rfc3339
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
"""Members of the body of a search."""
_LANGUAGES: Final = ("cql2-text", "cql2-json")
_PREFIX: Final = "properties."


@dataclass(frozen=True, kw_only=True)
class ItemSearch:
    """A search of items.

    Attributes:
        query: The search itself.
        fields: Members of the items to answer; None for all.
        parameters: The parameters of the request without its token, for links to other pages.
    """

    query: ItemQuery
    fields: Fields | None
    parameters: dict[str, Any]


def from_query(values: dict[str, str], *, most: int, collection: str | None = None) -> ItemSearch:
    """The search of a GET, with at most `most` items a page; raises InvalidParameter."""
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
    selection = fields.from_text(values["fields"]) if "fields" in values else None
    return _item_search(query, selection, dict(values))


def from_body(encoded: bytes, *, most: int) -> ItemSearch:
    """The search of a POST, with at most `most` items a page; raises InvalidInput."""
    body = _json("body", encoded) if encoded.strip() else {}
    if not isinstance(body, dict):
        raise InvalidInput('the body of a search is a JSON object, such as {"collections": [...], "limit": 10}')
    members = {name: value for name, value in body.items() if value is not None}
    for name in members:
        if name not in BODY:
            raise InvalidInput(f"there is no member {name[:80]!r} here; known are {', '.join(BODY)}")
    query = ItemQuery(
        collections=_texts("collections", members.get("collections")),
        ids=_texts("ids", members.get("ids")),
        bbox=parse_bbox(_numbers(members["bbox"])) if "bbox" in members else None,
        intersects=_areas(members["intersects"]) if "intersects" in members else (),
        when=_when(_text("datetime", members["datetime"])) if "datetime" in members else None,
        filter=_filter(members, members.get("filter"), _LANGUAGES[1]),
        sortby=_sort(_sort_text(members["sortby"])) if members.get("sortby") else (),
        limit=_limit(members.get("limit", DEFAULT_LIMIT), most),
        token=_text("token", members["token"]) if "token" in members else None,
    )
    selection = fields.from_object(body["fields"]) if "fields" in body else None
    return _item_search(query, selection, members)


def _item_search(query: ItemQuery, selection: Fields | None, parameters: dict[str, Any]) -> ItemSearch:
    if query.bbox is not None and query.intersects:
        raise InvalidInput("give bbox or intersects, not both")
    if query.collections == ():  # clients write an empty list for all
        query = replace(query, collections=None)
    return ItemSearch(
        query=query if query.ids != () else replace(query, ids=None),
        fields=selection,
        parameters={name: value for name, value in parameters.items() if name != "token"},
    )


def _when(text: str) -> tuple[datetime | None, datetime | None]:
    """First moment of a time or interval and the first one after it; one end must be given (STAC API, item-search)."""
    parsed = parse_datetime(text)
    require_rfc3339(text)
    if parsed.start is None and parsed.end is None:
        raise InvalidParameter("datetime", text, "one end of an interval must be a time, such as 2020-01-01/..")
    first, after = time_range(text)
    return None if parsed.start is None else first, None if parsed.end is None else after


def _filter(members: dict[str, Any], value: object, default: str) -> cql2.Node:
    """The filter in its JSON encoding, or None; raises InvalidParameter."""
    language = members.get("filter-lang", default)
    if language not in _LANGUAGES:
        raise InvalidParameter("filter-lang", language, f"there are {' and '.join(_LANGUAGES)}")
    crs = members.get("filter-crs", CRS84_URI)
    if crs != CRS84_URI:
        raise InvalidParameter("filter-crs", crs, f"geometries of a filter are in {CRS84_URI}")
    if value is None:
        return None
    if language == _LANGUAGES[0]:
        return cql2.from_text(_text("filter", value))
    return cql2.from_json(value) if isinstance(value, str) else cql2.from_document(value)


def _sort(text: str) -> tuple[tuple[str, bool], ...]:
    """`-properties.datetime,+id` as pairs of a name and whether it descends; each name once."""
    bare = [key.strip() for key in text.split(",")]
    signed = [("-" if key.startswith("-") else "") + key.lstrip("+-").removeprefix(_PREFIX) for key in bare]
    sort_keys = parse_sortby(",".join(signed), SORTABLES)
    if len({name for name, _ in sort_keys}) < len(sort_keys):
        raise InvalidParameter("sortby", text, "a property is given twice")
    return sort_keys


def _sort_text(value: object) -> str:
    """[{"field": ..., "direction": "desc"}] in the form of a GET."""
    remedy = 'give [{"field": "properties.datetime", "direction": "desc"}]'
    if not isinstance(value, list) or len(value) > MAX_SORT_KEYS:
        raise InvalidParameter("sortby", value, f"{remedy}, {MAX_SORT_KEYS} at most")
    keys = []
    for key in value:
        direction = key.get("direction", "asc") if isinstance(key, dict) else None
        if direction not in ("asc", "desc") or not isinstance(key.get("field"), str) or "," in key["field"]:
            raise InvalidParameter("sortby", key, remedy)
        keys.append(("-" if direction == "desc" else "") + key["field"])
    return ",".join(keys)


def _areas(value: object) -> tuple[BaseGeometry, ...]:
    """A GeoJSON geometry, or the members of a collection of them; raises InvalidParameter."""
    is_collection = isinstance(value, dict) and value.get("type") == "GeometryCollection"
    parts = value.get("geometries") if is_collection and isinstance(value, dict) else [value]
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
        raise InvalidParameter("intersects", "GeometryCollection", f"it has 1 to {MAX_PARTS} geometries")
    try:
        return tuple(geometry(part) for part in parts)
    except InvalidParameter as error:
        raise InvalidInput(f"intersects: {error.detail.removeprefix('filter=')}") from error


def _list(name: str, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else _plain(name, parse_list(name, text))


def _texts(name: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise InvalidParameter(name, value, "a list of texts is needed")
    return _plain(name, value)


def _plain(name: str, texts: list[str]) -> tuple[str, ...]:
    if len(texts) > MAX_IDS or any("\0" in text for text in texts):
        raise InvalidParameter(name, f"{len(texts)} values", f"at most {MAX_IDS} are possible, without U+0000")
    return tuple(texts)


def _numbers(value: object) -> str:
    good = isinstance(value, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in value)
    if not good or not isinstance(value, list):
        raise InvalidParameter("bbox", value, "a list of 4 or 6 numbers is needed")
    return ",".join(map(repr, value))


def _limit(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidParameter("limit", value, "give an integer of at least 1")
    return min(value, most)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidParameter(name, value, "a text is needed")
    return value


def _json(name: str, encoded: bytes | str) -> Any:
    try:
        return orjson.loads(encoded)
    except orjson.JSONDecodeError as error:
        raise InvalidParameter(name, encoded[:100], f"it is not JSON: {error}") from error
