"""The properties of items by which they are filtered and sorted, and their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import InstrumentedAttribute

from records.database.orm import ItemRow
from records.search.cql2.properties import Kind, Property

_TEXT: Final = {"type": "string"}
_MOMENT: Final = {"type": "string", "format": "date-time"}

_COLUMNS: Final[Mapping[str, tuple[Kind, Any, dict[str, Any]]]] = {
    "id": ("text", ItemRow.id, {"title": "Identifier", **_TEXT, "x-ogc-role": "id"}),
    "collection": ("text", ItemRow.dataset_id, {"title": "Collection", **_TEXT}),
    "geometry": (
        "geometry",
        ItemRow.geometry,
        {"title": "Footprint", "format": "geometry-any", "x-ogc-role": "primary-geometry"},
    ),
    "datetime": ("instant", ItemRow.moment, {"title": "Time", **_MOMENT, "x-ogc-role": "primary-instant"}),
    "start_datetime": ("instant", ItemRow.start, {"title": "First moment", **_MOMENT}),
    "end_datetime": ("instant", ItemRow.end, {"title": "Last moment", **_MOMENT}),
    "created": ("instant", ItemRow.created, {"title": "When it entered the catalogue", **_MOMENT}),
    "updated": ("instant", ItemRow.updated, {"title": "When it last changed", **_MOMENT}),
    "graticule:time": ("text", ItemRow.time, {"title": "Time in the calendar of the source", **_TEXT}),
    "graticule:level": ("text", ItemRow.level, {"title": "Level", **_TEXT}),
    "graticule:member": ("text", ItemRow.member, {"title": "Member of an ensemble", **_TEXT}),
    "graticule:part": ("text", ItemRow.part, {"title": "Part, such as a sheet", **_TEXT}),
    "graticule:variables": ("texts", ItemRow.variables, {"title": "Variables", "type": "array", "items": _TEXT}),
}

PROPERTIES: Final[Mapping[str, Property]] = {
    name: Property(name=name, kind=kind, column=column) for name, (kind, column, _) in _COLUMNS.items()
}
"""What a filter may name."""

QUERYABLES: Final[Mapping[str, dict[str, Any]]] = {name: schema for name, (_, _, schema) in _COLUMNS.items()}
"""Their schemas."""

SORTABLES: Final[Mapping[str, InstrumentedAttribute[Any]]] = {
    name: column for name, (kind, column, _) in _COLUMNS.items() if kind in ("text", "instant")
}
"""What items are sorted by; no item is without any of them."""
