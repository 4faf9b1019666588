"""The rules of the official suites' OpenAPI parser and of OpenAPI 3.0.3, restated: stricter than a schema check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")
TYPES = {"boolean", "object", "array", "number", "integer", "string"}
NEWER = {
    "const", "$defs", "prefixItems", "contentMediaType", "contentEncoding", "if", "then", "else", "patternProperties",
    "propertyNames", "unevaluatedProperties", "dependentRequired", "$schema", "$id", "contains",
}  # fmt: skip
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def faults(document: dict[str, Any]) -> list[str]:
    """Everything in an OpenAPI document that a client of OpenAPI 3.0 may stumble over."""
    found = list(_operation_faults(document))
    for where, schema in _schemas(document, "#"):
        found += [f"{where}: {fault}" for fault in _schema_faults(schema)]
    found += [f"unresolved {ref}" for ref in _references(document) if not _resolves(document, ref)]
    if not re.fullmatch(r"3\.0\.\d+", document["openapi"]):
        found.append(f"openapi {document['openapi']}")
    email = document["info"].get("contact", {}).get("email")
    if email is not None and not EMAIL.fullmatch(email):
        found.append(f"contact.email {email}")
    return found


def _operation_faults(document: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for path, item in document["paths"].items():
        for method, operation in ((m, item[m]) for m in METHODS if m in item):
            where = f"{method} {path}"
            name = operation.get("operationId")
            if not name or name in seen:
                yield f"{where}: operationId {name} is missing or used twice"
            seen.add(name)
            yield from (f"{where}: {fault}" for fault in _parameter_faults(path, operation))
            if not operation.get("responses"):
                yield f"{where}: no responses"
            for status, response in operation.get("responses", {}).items():
                if "$ref" not in response and not response.get("description"):
                    yield f"{where}: response {status} has no description"


def _parameter_faults(path: str, operation: dict[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    keys = [(p["name"], p["in"]) for p in parameters]
    if len(set(keys)) < len(keys):
        yield f"a parameter is declared twice: {sorted(keys)}"
    wanted = set(re.findall(r"{([^}]+)}", path))
    declared = {p["name"] for p in parameters if p["in"] == "path"}
    if wanted != declared:
        yield f"path parameters {sorted(declared)}, the path has {sorted(wanted)}"
    for parameter in parameters:
        if parameter["in"] == "path" and parameter.get("required") is not True:
            yield f"path parameter {parameter['name']} is not required"
        if ("schema" in parameter) == ("content" in parameter):
            yield f"parameter {parameter['name']} needs either schema or content"
        if "example" in parameter and "examples" in parameter:
            yield f"parameter {parameter['name']} has example and examples"


def _schema_faults(schema: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema and len(schema) > 1:
        yield "siblings of $ref"
    if "type" in schema and str(schema["type"]) not in TYPES:
        yield f"type {schema['type']}"
    for name in ("exclusiveMinimum", "exclusiveMaximum", "nullable"):
        if name in schema and not isinstance(schema[name], bool):
            yield f"{name} {schema[name]}"
    for name in ("enum", "required"):
        if name in schema and len({repr(v) for v in schema[name]}) < len(schema[name]):
            yield f"duplicates in {name}"
    if schema.get("type") == "array" and "items" not in schema:
        yield "an array without items"
    yield from (f"{name} is of 3.1" for name in sorted(NEWER & schema.keys()))
    if isinstance(schema.get("examples"), list):
        yield "examples is of 3.1"


def _schemas(node: object, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a document, by where it stands."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _schemas(item, f"{where}/{number}")
    elif isinstance(node, dict):
        for name, member in node.items():
            if name == "schema" and isinstance(member, dict):
                yield from _within(member, f"{where}/{name}")
            elif name == "schemas" and where.endswith("components"):
                for title, schema in member.items():
                    yield from _within(schema, f"{where}/{name}/{title}")
            else:
                yield from _schemas(member, f"{where}/{name}")


def _within(schema: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield where, schema
    for name in ("items", "not", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _within(schema[name], f"{where}/{name}")
    for name in ("anyOf", "oneOf", "allOf"):
        for number, member in enumerate(schema.get(name, [])):
            yield from _within(member, f"{where}/{name}/{number}")
    for title, member in schema.get("properties", {}).items():
        yield from _within(member, f"{where}/properties/{title}")


def _references(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for member in node.values():
            yield from _references(member)


def _resolves(document: dict[str, Any], reference: str) -> bool:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node is not None
