"""The operations of an OpenAPI document by tag, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter: where it stands, its type in words, and whether it must be given."""

    name: str
    place: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation as a page shows it; `answers` are (status, description, media types)."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: tuple[str, ...]
    answers: tuple[tuple[str, str, tuple[str, ...]], ...]


def operations(document: dict[str, Any]) -> dict[str, list[Operation]]:
    """Every operation under its first tag, in the document's order."""
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in (m for m in _METHODS if m in item):
            tag = next(iter(item[method].get("tags", [])), "Other")
            groups.setdefault(tag, []).append(_operation(path, method, item[method]))
    return groups


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    return Operation(
        id=operation.get("operationId", f"{method}-{path}"),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=tuple(_parameter(p) for p in operation.get("parameters", []) if "name" in p),
        body=tuple(operation.get("requestBody", {}).get("content", {})),
        answers=tuple(
            (status, answer.get("description", ""), tuple(answer.get("content", {})))
            for status, answer in sorted(operation.get("responses", {}).items())
        ),
    )


def _parameter(parameter: dict[str, Any]) -> Parameter:
    schema = parameter.get("schema", {})
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        type=type_words(schema),
        required=bool(parameter.get("required", False)),
        description=parameter.get("description") or schema.get("description") or "",
    )


def type_words(schema: dict[str, Any]) -> str:
    """A schema in a few words: `integer 1..1000`, `one of json, html`, `array of number`."""
    if schema.get("enum"):
        return "one of " + ", ".join(str(v) for v in schema["enum"][:20])
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return " or ".join(dict.fromkeys(type_words(s) for s in schema[union]))
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if schema.get("type") == "array":
        return "array of " + type_words(schema.get("items", {}))
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = (
        f" {low if low is not None else ''}..{high if high is not None else ''}" if (low, high) != (None, None) else ""
    )
    return str(schema.get("type", "any")) + bounds
