"""The stored form of a record: what it must hold, and what of it is searched.

A stored document is an OGC record (20-004r1) whose `title`, `description` and `keywords` are objects by language tag;
links to this server's own resources are added when it is served (`records.documents.presentation`), because they depend
on `server.url` and on what the dataset offers at that moment.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, time
from typing import Any, Final

import orjson
from geoalchemy2.shape import from_shape
from shapely import force_2d, from_geojson, get_coordinates, make_valid
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Text, cast, func
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from config.errors import InvalidRecord
from config.vocabulary import LANGUAGE_TAG
from records.datasets.models import Access
from records.documents.years import FIRST_TIME, LAST_TIME, years_of
from records.search.labels import MAX_LABELS, facets_of, labels_of, rank_of, sample_of, tsvector
from records.search.text import SearchText

MAX_DOCUMENT_BYTES = 1_000_000
MAX_TITLE_CHARACTERS = 1_000
MAX_VERTICES = 10_000
MAX_DEPTH = 30
"""Levels of objects and lists within one another."""

PATHS: Final = {
    "title": "title.*",
    "description": "description.*",
    "language": "title.keyvalue().key",
    "license": "license",
    "formats": "formats[*].*",
    "themes": "themes[*].concepts[*].id",
    "contacts": "contacts[*].**",
    "access": "access.policy",
}
"""Where the texts of a property stand below `properties` of a stored document, as SQL/JSON paths."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@~+-]{0,199}")
_TAG = re.compile(LANGUAGE_TAG)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LIMITS = (180.0, 90.0)
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


def box_geometry(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """The GeoJSON of a box in CRS84, its ring starting lower left; two boxes if west > east (RFC 7946, 3.1.9)."""
    if west <= east:
        return {"type": "Polygon", "coordinates": [_ring(west, south, east, north)]}
    parts = [[_ring(west, south, 180.0, north)], [_ring(-180.0, south, east, north)]]
    return {"type": "MultiPolygon", "coordinates": parts}


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def searchable(document: dict[str, Any]) -> dict[str, Any]:
    """The column values of `records.database.orm.RecordRow` for a stored document; raises InvalidRecord if it is none.

    Some are SQL expressions: the terms of a record that are new enter `record_terms` when its row is written.
    """
    values = plain_columns(document)
    place, terms = values["geometry"], values.pop("terms")
    return values | {
        "geometry": from_shape(place, srid=4326) if place is not None else None,
        "tokens": cast(values["tokens"], TSVECTOR),
        "facets": func.record_facets(cast(terms, ARRAY(Text))),
    }


def plain_columns(document: dict[str, Any]) -> dict[str, Any]:
    """As `searchable`, of plain values: `tokens` in text form, `geometry` of shapely, `terms` (`labels.facets_of`)."""
    _require_members(document)
    properties = document["properties"]
    title: dict[str, str] = properties["title"]
    start, end = time_bounds(document.get("time")) or (None, None)
    geometry = document.get("geometry")
    external_ids = sorted({form for e in properties.get("externalIds", []) for form in id_forms(e)})
    return {
        "id": document["id"],
        "type": properties["type"],
        "title": title.get("en") or next(iter(title.values())),
        "document": document,
        "keywords": sorted({word for words in properties.get("keywords", {}).values() for word in words}),
        "external_ids": external_ids,
        "geometry": _indexed(_geometry(geometry)) if geometry else None,
        "time_start": start,
        "time_end": end,
        "tokens": _tokens(document, external_ids),
        "rank": rank_of(document, end),
        "sample": sample_of(document["id"]),
        "terms": facets_of(document, years_of(start, end)),
    }


def _tokens(document: dict[str, Any], external_ids: list[str]) -> str:
    labels = labels_of(document, external_ids)
    if len(labels) > MAX_LABELS:
        many = f"{len(labels)} keywords, contacts and other values"
        raise InvalidRecord(f"record {document['id']} has {many}; at most {MAX_LABELS} are stored")
    titles = SearchText()
    titles.add(document["properties"]["title"].values())
    return tsvector(_search_text(document["properties"]), titles, labels)


def access_of(document: dict[str, Any]) -> Access | None:
    """Who may read the data that a record describes, as the record says it (`properties.access`); None if it does not.

    A policy that is not known is read as the strictest.
    """
    member = document["properties"].get("access")
    if not isinstance(member, dict):
        return None
    policy, until = member.get("policy"), member.get("embargoUntil")
    day = date.fromisoformat(until) if isinstance(until, str) and _DATE.fullmatch(until) else None
    return Access(policy="open" if policy == "open" else "login" if policy == "login" else "apply", embargo_until=day)


def id_forms(external_id: dict[str, str]) -> list[str]:
    """The forms under which `externalIds` finds an identifier: `scheme:value`, `value`, `scheme:`; case ignored."""
    scheme, value = external_id.get("scheme"), external_id["value"]
    forms = [value, f"{scheme}:{value}", f"{scheme}:"] if scheme else [value]
    return [form.casefold() for form in forms]


def _search_text(properties: dict[str, Any]) -> SearchText:
    text = SearchText()
    text.add(properties["title"].values(), weight="A")
    text.add((word for words in properties.get("keywords", {}).values() for word in words), weight="B")
    text.add(properties.get("description", {}).values())
    concepts = [c for theme in properties.get("themes", []) for c in theme.get("concepts", [])]
    for name in ("title", "id"):
        text.add(word for c in concepts for word in _words(c.get(name)))
    text.add(e["value"] for e in properties.get("externalIds", []))
    return text


def _words(value: object) -> list[str]:
    """The texts of a member that is a text or texts by language."""
    if isinstance(value, dict):
        return [text for text in value.values() if isinstance(text, str)]
    return [value] if isinstance(value, str) else []


def time_bounds(member: dict[str, Any] | None) -> tuple[datetime, datetime] | None:
    """First and last moment (both inside, UTC) of a record's `time`, or None if it has none; raises InvalidRecord."""
    if not member:
        return None
    if "interval" in member:
        ends = member["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise InvalidRecord(f"time.interval is {ends!r}; it needs two ends, `..` for an open one")
        start = FIRST_TIME if ends[0] in ("..", None) else _moments(ends[0])[0]
        end = LAST_TIME if ends[1] in ("..", None) else _moments(ends[1])[1]
    else:
        moment = member.get("timestamp") or member.get("date")
        if moment is None:
            return None
        start, end = _moments(moment)
    if end < start:
        raise InvalidRecord(f"time ends before it starts: {member!r}")
    return start, end


def _moments(text: object) -> tuple[datetime, datetime]:
    """First and last moment of an RFC 3339 date or date-time."""
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            day = date.fromisoformat(text)
            return datetime.combine(day, time.min, UTC), datetime.combine(day, time.max, UTC)
        moment = datetime.fromisoformat(str(text))
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRecord(f"time {text!r} is no RFC 3339 date or date-time: {error}") from error
    if moment.tzinfo is None:
        raise InvalidRecord(f"time {text!r} has no zone; append Z for UTC")
    return in_utc, in_utc


def require_valid(document: dict[str, Any]) -> None:
    """Raise InvalidRecord, naming the member, unless a document can be stored, found and served."""
    _require_members(document)
    time_bounds(document.get("time"))
    if document.get("geometry"):
        _geometry(document["geometry"])


def _require_members(document: dict[str, Any]) -> None:
    """The same, but for time and geometry."""
    if not isinstance(document.get("id"), str) or not _ID.fullmatch(document["id"]):
        raise InvalidRecord(f"id is {document.get('id')!r}; it needs 1 to 200 letters, digits or ._:@~+-, no slash")
    properties = document.get("properties")
    if not isinstance(properties, dict):
        raise InvalidRecord("properties is missing")
    if not isinstance(properties.get("type"), str) or not properties["type"]:
        raise InvalidRecord("properties.type is missing; write dataset for a dataset")
    _require_storable(document)
    _require_texts(properties)
    _require_lists(document, properties)


def is_deeper(value: object, levels: int) -> bool:
    """Whether a JSON value has more levels than that; never recurses."""
    here = [value]
    for _ in range(levels):
        here = [v for holder in here if isinstance(holder, dict | list) for v in _members(holder)]
    return any(isinstance(v, dict | list) for v in here)


def _members(holder: dict[str, Any] | list[Any]) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else holder


def _require_storable(document: dict[str, Any]) -> None:
    if is_deeper(document, MAX_DEPTH):
        raise InvalidRecord(f"record {document['id']} has objects within one another, more than {MAX_DEPTH} deep")
    try:
        encoded = _encoded(document)
    except (TypeError, ValueError) as error:  # NaN, lone surrogates, values that are no JSON
        raise InvalidRecord(f"record {document['id']} is no JSON text: {error}") from error
    if len(encoded) > MAX_DOCUMENT_BYTES:
        raise InvalidRecord(
            f"record {document['id']} has {len(encoded)} bytes; at most {MAX_DOCUMENT_BYTES} are stored"
        )
    if b"\\u0000" in encoded:
        raise InvalidRecord(f"record {document['id']} holds the character U+0000, which PostgreSQL cannot store")


def _require_texts(properties: dict[str, Any]) -> None:
    title = properties.get("title")
    if not isinstance(title, dict) or not title or not all(_is_text(t) and t.strip() for t in title.values()):
        raise InvalidRecord("properties.title is missing; give it by language, such as {en: ..., zh: ...}")
    if max(map(len, title.values())) > MAX_TITLE_CHARACTERS:
        raise InvalidRecord(f"properties.title is longer than {MAX_TITLE_CHARACTERS} characters")
    for name, holds in (("title", _is_text), ("description", _is_text), ("keywords", _is_texts)):
        value = properties.get(name, {})
        if not isinstance(value, dict) or not all(_TAG.fullmatch(k) and holds(v) for k, v in value.items()):
            raise InvalidRecord(f"properties.{name} must be given by language tag, such as en or zh")


def _encoded(document: dict[str, Any]) -> bytes:
    """A document as JSON; raises TypeError or ValueError if it is none."""
    try:
        encoded = orjson.dumps(document, option=_STRICT)
    except TypeError:  # numbers of more than 64 bits, among others
        encoded = b"null"
    if b"null" in encoded:  # as which NaN is written
        encoded = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    return encoded


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _require_lists(document: dict[str, Any], properties: dict[str, Any]) -> None:
    for name in ("externalIds", "contacts", "themes", "formats"):
        value = properties.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise InvalidRecord(f"properties.{name} must be a list of objects")
    if not all(_is_text(e.get("value")) for e in properties.get("externalIds", [])):
        raise InvalidRecord("each of properties.externalIds needs a value")
    if not all(isinstance(theme.get("concepts", []), list) for theme in properties.get("themes", [])):
        raise InvalidRecord("concepts of properties.themes must be a list")
    links = document.get("links", [])
    if not isinstance(links, list) or not all(isinstance(k, dict) and _is_text(k.get("href")) for k in links):
        raise InvalidRecord("each of links needs an href")
    if properties.get("license") == "other" and not any(k.get("rel") == "license" for k in links):
        raise InvalidRecord("properties.license is other; add a link with rel=license (OGC 20-004r1, 7.2.2)")


def _geometry(geojson: dict[str, Any]) -> BaseGeometry:
    """The place of a geometry, without the heights that its document may tell (RFC 7946, 3.1.1)."""
    try:
        shape: BaseGeometry = force_2d(from_geojson(json.dumps(geojson)))
    except (GEOSException, ValueError, TypeError) as error:
        raise InvalidRecord(f"geometry is no GeoJSON geometry: {error}") from error
    coordinates = get_coordinates(shape)
    if shape.is_empty or shape.geom_type == "GeometryCollection":
        raise InvalidRecord(f"geometry is an empty geometry or a collection ({shape.geom_type}); give polygons")
    if len(coordinates) > MAX_VERTICES:
        raise InvalidRecord(f"geometry has {len(coordinates)} vertices; at most {MAX_VERTICES} are stored")
    if not all(math.isfinite(v) and abs(v) <= limit for point in coordinates for v, limit in zip(point, _LIMITS)):  # noqa: B905
        raise InvalidRecord(
            "geometry lies outside longitude -180..180 and latitude -90..90; across the antimeridian, give two polygons"
        )
    return shape


def _indexed(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry that is searched: valid and no collection, which PostGIS's predicates refuse."""
    if geometry.is_valid:
        return geometry
    mended: BaseGeometry = make_valid(geometry)
    return mended.convex_hull if mended.geom_type == "GeometryCollection" else mended
