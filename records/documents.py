"""The stored form of a record, and what of it is searched.

A stored document is an OGC record (20-004r1) whose `title`, `description` and `keywords` are objects by language tag;
links to this server's own resources are added when it is served, because they depend on `server.url`.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2.shape import from_shape
from shapely.geometry import shape
from sqlalchemy import func


def searchable(document: dict[str, Any]) -> dict[str, Any]:
    """The column values of `records.orm.RecordRow` for a stored document."""
    properties = document["properties"]
    title: dict[str, str] = properties["title"]
    words = [*title.values(), *properties.get("description", {}).values()]
    keywords = sorted({word for group in properties.get("keywords", {}).values() for word in group})
    geometry = document.get("geometry")
    return {
        "id": document["id"],
        "type": properties.get("type", "dataset"),
        "title": title.get("en") or next(iter(title.values())),
        "document": document,
        "keywords": keywords,
        "external_ids": [f"{e['scheme']}:{e['value']}" for e in properties.get("externalIds", [])],
        "geometry": from_shape(shape(geometry), srid=4326) if geometry else None,
        "time_start": None,
        "time_end": None,
        "tokens": func.to_tsvector("simple", " ".join([*words, *keywords])),
    }
