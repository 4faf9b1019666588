"""The operations of OGC API Processes in the OpenAPI 3.0 document."""

from __future__ import annotations

from typing import Any

from config.vocabulary import JSON
from records.jobs.job_store import STATUSES
from services.apis.processes.job_parameters import DEFAULT_LIMIT, MAX_OFFSET

_LINK = {
    "type": "object",
    "required": ["href"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title", "hreflang")},
}
_LINKS = {"type": "array", "items": _LINK}
_EXCEPTION = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}
_INSTANT = {"type": "string", "format": "date-time"}
_STATUS = {
    "type": "object",
    "required": ["jobID", "status", "type"],
    "properties": {
        "type": {"type": "string", "enum": ["process"]},
        "processID": {"type": "string"},
        "jobID": {"type": "string"},
        "status": {"type": "string", "enum": list(STATUSES)},
        "message": {"type": "string"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "created": _INSTANT,
        "started": _INSTANT,
        "finished": _INSTANT,
        "updated": _INSTANT,
        "links": _LINKS,
    },
}
_SUMMARY = {
    "type": "object",
    "required": ["id", "version"],
    "properties": {
        "id": {"type": "string"},
        "version": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "jobControlOptions": {"type": "array", "items": {"type": "string"}},
        "outputTransmission": {"type": "array", "items": {"type": "string"}},
        "links": _LINKS,
    },
}
_DESCRIPTION = _SUMMARY | {
    "properties": {**_SUMMARY["properties"], "inputs": {"type": "object"}, "outputs": {"type": "object"}}  # type: ignore[dict-item]  # a mapping
}
_SUBSCRIBER = ("successUri", "inProgressUri", "failedUri")
_EXECUTE = {
    "type": "object",
    "properties": {
        "inputs": {"type": "object", "additionalProperties": True, "description": "Values by input id."},
        "outputs": {
            "type": "object",
            "description": "The outputs to answer; absent: all.",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "transmissionMode": {"type": "string", "enum": ["value", "reference"], "default": "value"},
                    "format": {
                        "type": "object",
                        "description": "The form, of an output that has several.",
                        "properties": {"mediaType": {"type": "string"}},
                    },
                },
            },
        },
        "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        "subscriber": {
            "type": "object",
            "description": "Addresses that are called with the result, or with the status of the job.",
            "required": ["successUri"],
            "properties": {name: {"type": "string", "format": "uri"} for name in _SUBSCRIBER},
        },
    },
}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schema}}}


_BAD = _answer("A parameter or the request is malformed.", _EXCEPTION)
_MISSING = _answer("There is no such process or job.", _EXCEPTION)


def _query(name: str, description: str, schema: dict[str, Any], *, is_list: bool = False) -> dict[str, Any]:
    if is_list:
        schema = {"type": "array", "items": schema}
    style = {"style": "form", "explode": False}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **style}


_LIMIT = {"type": "integer", "minimum": 1, "maximum": 10000, "default": DEFAULT_LIMIT}
_OFFSET = _query(
    "offset", "Number of entries to skip.", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}
)

PROCESSES: dict[str, Any] = {
    "parameters": [_query("limit", "The most processes to list.", _LIMIT), _OFFSET],
    "responses": {
        "200": _answer(
            "The processes.",
            {
                "type": "object",
                "required": ["processes", "links"],
                "properties": {"processes": {"type": "array", "items": _SUMMARY}, "links": _LINKS},
            },
        ),
        "400": _BAD,
    },
}
DESCRIPTION: dict[str, Any] = {"responses": {"200": _answer("The process.", _DESCRIPTION), "404": _MISSING}}
EXECUTE: dict[str, Any] = {
    "parameters": [
        {
            "name": "Prefer",
            "in": "header",
            "required": False,
            "description": "`respond-async` makes a job of the execution (RFC 7240).",
            "schema": {"type": "string"},
        }
    ],
    "requestBody": {
        "required": True,
        "description": "Inputs, and the outputs to answer with their forms.",
        "content": {
            JSON: {"schema": _EXECUTE, "example": {"inputs": {"stringInput": "Hello"}, "response": "document"}}
        },
    },
    "responses": {
        "200": _answer("The result of a synchronous execution.", {}),
        "204": {"description": "The outputs by reference, as `Link` headers."},
        "201": {
            **_answer("The job of an asynchronous execution.", _STATUS),
            "headers": {"Location": {"description": "URL of the job.", "schema": {"type": "string"}}},
        },
        "400": _BAD,
        "404": _MISSING,
        "403": _answer("The collection is catalogued, but its data is not served.", _EXCEPTION),
        "413": _answer("The request or the result is too large.", _EXCEPTION),
        "503": _answer("Too much work is waiting.", _EXCEPTION),
        "504": _answer("A synchronous execution took too long.", _EXCEPTION),
    },
}
JOBS: dict[str, Any] = {
    "parameters": [
        _query("type", "Kind of job.", {"type": "string", "enum": ["process"]}, is_list=True),
        _query("processID", "Jobs of these processes.", {"type": "string"}, is_list=True),
        _query("status", "Jobs in these states.", {"type": "string", "enum": list(STATUSES)}, is_list=True),
        _query("datetime", "Jobs created at this time or in this interval.", {"type": "string"}),
        _query("minDuration", "Jobs that ran at least this number of seconds.", {"type": "integer", "minimum": 0}),
        _query("maxDuration", "Jobs that ran at most this number of seconds.", {"type": "integer", "minimum": 0}),
        _query("limit", "The most jobs to list.", _LIMIT),
        _OFFSET,
    ],
    "responses": {
        "200": _answer(
            "The jobs, the newest first.",
            {
                "type": "object",
                "required": ["jobs", "links"],
                "properties": {
                    "jobs": {"type": "array", "items": _STATUS},
                    "links": _LINKS,
                    "numberMatched": {"type": "integer"},
                    "numberReturned": {"type": "integer"},
                },
            },
        ),
        "400": _BAD,
    },
}
STATUS: dict[str, Any] = {"responses": {"200": _answer("The status of the job.", _STATUS), "404": _MISSING}}
DISMISS: dict[str, Any] = {"responses": {"200": _answer("The job was dismissed.", _STATUS), "404": _MISSING}}
RESULTS: dict[str, Any] = {
    "responses": {
        "200": _answer("The result.", {}),
        "204": {"description": "The outputs by reference, as `Link` headers."},
        "404": _answer("There is no such job, or it has no result yet.", _EXCEPTION),
        "410": _answer("The job was dismissed.", _EXCEPTION),
        "default": _answer("Why the job failed.", _EXCEPTION),
    }
}
