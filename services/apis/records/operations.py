"""Transactions on records in the OpenAPI document: bodies, answers, parameters and security."""

from __future__ import annotations

from typing import Any, Final

from config.vocabulary import GEOJSON, JSON
from records.documents.documents import MAX_DOCUMENT_BYTES

BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token that the operator created with `graticule tokens create`.",
}
"""The security scheme that operations refer to as `bearer`."""
SECURED: Final[list[dict[str, list[str]]]] = [{"bearer": []}]
MERGE_PATCH: Final = "application/merge-patch+json"

_FAILURE: Final = {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_WORDS: Final = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
_LISTS: Final = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    ]
}
_OBJECTS: Final = {"type": "array", "items": {"type": "object"}}
_RECORD: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "properties"],
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:@~+-]*$", "maxLength": 200},
        "type": {"type": "string", "enum": ["Feature"]},
        "geometry": {"type": "object", "nullable": True, "description": "GeoJSON in CRS84."},
        "time": {"type": "object", "nullable": True, "properties": {"interval": {"type": "array", "items": {}}}},
        "properties": {
            "type": "object",
            "required": ["type", "title"],
            "properties": {
                "type": {"type": "string"},
                "title": _WORDS,
                "description": _WORDS,
                "keywords": _LISTS,
                "language": {"type": "object", "description": "Language of the words that are texts."},
                "license": {"type": "string"},
                "externalIds": _OBJECTS,
                "contacts": _OBJECTS,
                "themes": _OBJECTS,
            },
        },
        "links": _OBJECTS,
    },
}
_DESCRIPTION: Final = (
    f"A record of at most {MAX_DOCUMENT_BYTES} bytes: words by language tag, as in `f=stored`, or texts in the one "
    "language that `properties.language` or Content-Language names."
)
RECORD_BODY: Final = {
    "required": True,
    "description": _DESCRIPTION,
    "content": {GEOJSON: {"schema": _RECORD}, JSON: {"schema": _RECORD}},
}
RECORD_CONTENT: Final = {GEOJSON: {"schema": _RECORD}}
PATCH_BODY: Final = {
    "required": True,
    "description": "A merge patch (RFC 7396) of the record, as `f=stored` or GET shows it.",
    "content": {MERGE_PATCH: {"schema": {"type": "object"}}},
}

_TAGGED: Final = {"ETag": {"schema": {"type": "string"}, "description": "Tag of the record's state."}}
_LOCATION: Final = {"Location": {"schema": {"type": "string"}, "description": "URL of the record."}}


def _failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    words = {
        400: "The record is not valid; the member is named.",
        401: "A valid token is needed.",
        403: "The token does not allow it, or there is no token at all.",
        404: "There is no such record.",
        409: "The present state of the record forbids the change.",
        412: "The record is not in the state that If-Match, If-None-Match or If-Unmodified-Since demands.",
        413: "The body is too large.",
        415: "The body has a media type that is not read.",
        428: "The server takes changes only with If-Match.",
    }
    return {status: {"description": words[status], "content": _FAILURE} for status in statuses}


CREATED: Final[dict[int | str, dict[str, Any]]] = {
    201: {"description": "The record was created.", "headers": {**_TAGGED, **_LOCATION}},
    **_failures(400, 401, 403, 409, 412, 413, 415),
}
CHANGES: Final[dict[int | str, dict[str, Any]]] = {
    204: {"description": "The record was changed.", "headers": _TAGGED},
    **_failures(400, 401, 403, 404, 409, 412, 413, 415, 428),
}
DELETED: Final[dict[int | str, dict[str, Any]]] = {
    204: {"description": "The record was deleted."},
    **_failures(401, 403, 404, 409, 412, 428),
}


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string"}}


CONDITIONS: Final = [
    _header("If-Match", "Tags of the state that is changed, or * for any."),
    _header("If-None-Match", "*: only if there is no such record."),
    _header("If-Unmodified-Since", "A time since which the record must not have changed, to the second."),
]
VERSIONS_QUERY: Final = [
    {
        "name": "limit",
        "in": "query",
        "description": "Most versions of the answer.",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    },
    {
        "name": "before",
        "in": "query",
        "description": "Only versions of a lower number.",
        "required": False,
        "schema": {"type": "integer", "minimum": 1},
    },
]
VERSIONS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The versions, the latest first.",
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "versions": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "version": {"type": "integer"},
                                    "at": {"type": "string", "format": "date-time"},
                                    "action": {"type": "string"},
                                    "who": {"type": "string"},
                                },
                            },
                        }
                    },
                }
            }
        },
    },
    **_failures(401, 403, 404),
}
