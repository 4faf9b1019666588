"""The properties of a record as JSON Schema: those that can be compared with (queryables) and sorted by (sortables).

Names are those of `records.search.conditions.EQUALITIES` and `records.search.ordering.SORTABLES`; roles are those of
OGC 23-058r2.
"""

from __future__ import annotations

from typing import Any, Final

from records.search.labels import FACETS
from records.search.ordering import SORTABLES

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_TIME: Final = {"type": "string", "format": "date-time"}

QUERYABLES: Final[dict[str, dict[str, Any]]] = {
    "id": {"title": "Identifier", **_TEXT, "x-ogc-role": "id"},
    "type": {"title": "Type of the resource", **_TEXT, "x-ogc-role": "type"},
    "title": {"title": "Title, in any language", **_TEXT},
    "description": {"title": "Description, in any language", **_TEXT},
    "keywords": {"title": "Keywords; one is enough", **_TEXTS},
    "language": {"title": "Language in which the record is available", **_TEXT},
    "externalIds": {"title": "Foreign identifiers: scheme:value, value or scheme:", **_TEXTS},
    "themes": {"title": "Code of a concept of a knowledge system", **_TEXT},
    "formats": {"title": "Name or media type of a format", **_TEXT},
    "contacts": {"title": "Any text of a contact, such as an organization", **_TEXT},
    "license": {"title": "SPDX identifier of the licence, or other", **_TEXT},
    "access": {"title": "Who may read the data, as the record says: open, login or apply", **_TEXT},
    "year": {"title": "A year that the data cover", **_TEXT},
    "created": {"title": "When the record entered the catalogue", **_TIME},
    "updated": {"title": "When the record last changed", **_TIME},
}
"""Properties that are parameters of a search, with their schemas."""

for _name in FACETS:
    QUERYABLES[_name]["facet"] = True  # OGC 25-013, 7.2

RANK: Final = {
    "title": "Place among equal hits, the least first: records that tell much and are recent come first",
    "type": "integer",
}
"""What records are sorted by where nothing else is asked for; sorted by alone."""

GEOMETRY: Final = {"title": "Footprint", "format": "geometry-any", "x-ogc-role": "primary-geometry"}
"""Compared by `bbox`, and in filters by spatial functions."""

TIME: Final = {
    "title": "Time of the data",
    "type": "array",
    "items": _TIME,
    "minItems": 2,
    "maxItems": 2,
    "x-ogc-role": "primary-interval",
}
"""Compared by `datetime`, and in filters by temporal functions."""


def sortables() -> dict[str, dict[str, Any]]:
    """Properties that `sortby` takes, with their schemas."""
    return {name: schema for name, schema in (QUERYABLES | {"rank": RANK, "time": TIME}).items() if name in SORTABLES}
