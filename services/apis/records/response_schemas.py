"""JSON Schemas of the answers to searches, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

FACET: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "property", "buckets", "more"],
    "properties": {
        "type": {"type": "string", "enum": ["term"]},
        "property": {"type": "string"},
        "estimated": {"type": "boolean", "description": "True where the counts are those of a sample, scaled up."},
        "buckets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "count"],
                "properties": {"value": {"type": "string"}, "count": {"type": "integer", "minimum": 0}},
            },
        },
        "more": {"type": "boolean", "description": "Whether there are other values."},
    },
}
"""The schema of a facet (draft OGC 25-013, 7.3)."""

FACETS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "facets", "defaultBucketCount", "links"],
    "properties": {
        "id": {"type": "string", "description": "Id of the collection."},
        "title": {"type": "string"},
        "defaultBucketCount": {"type": "integer", "description": "Most values of a facet that states no other number."},
        "facets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["type", "property"],
                "properties": {
                    "type": {"type": "string", "enum": ["term"]},
                    "property": {"type": "string"},
                    "sortedBy": {"type": "string", "enum": ["count", "value"]},
                    "minOccurs": {"type": "integer", "description": "Values of fewer records are not listed."},
                },
            },
        },
        "links": {"type": "array", "items": {"type": "object"}},
    },
}
"""The schema of the list of facets."""

SUGGESTIONS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["suggestions"],
    "properties": {
        "suggestions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "type"],
                "properties": {
                    "value": {"type": "string"},
                    "type": {"type": "string", "enum": ["keyword", "title"]},
                    "id": {"type": "string", "description": "Of the record that has the title."},
                    "thumbnail": {"type": "string", "description": "Path of a small picture, where data is readable."},
                },
            },
        }
    },
}
"""The schema of suggestions."""

FEATURES: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"type": "object"}},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberMatchedEstimate": {
            "type": "integer",
            "minimum": 0,
            "description": "Instead of numberMatched where more records match than are counted one by one.",
        },
        "numberReturned": {"type": "integer", "minimum": 0},
        "timeStamp": {"type": "string", "format": "date-time"},
        "links": {"type": "array", "items": {"type": "object"}},
        "facets": {
            "type": "object",
            "description": "Counts of values, by the names in the request (draft OGC 25-013).",
            "additionalProperties": FACET,
        },
    },
}
"""The schema of a page of records."""
