"""CQL2 filters (OGC 21-065r2) over the records and the items: text or JSON in, one bound SQL condition out."""

from __future__ import annotations

from records.search.cql2.conditions import condition
from records.search.cql2.reading import MAX_JSON_BYTES, MAX_TEXT_CHARACTERS, Node, from_document, from_json, from_text
from records.search.cql2.words import Words

__all__ = [
    "MAX_JSON_BYTES",
    "MAX_TEXT_CHARACTERS",
    "Node",
    "Words",
    "condition",
    "from_document",
    "from_json",
    "from_text",
]
