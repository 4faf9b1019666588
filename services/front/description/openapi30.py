"""From the OpenAPI 3.1 that FastAPI writes to the OpenAPI 3.0.3 that OGC clients read.

The official suites' parser, GDAL, QGIS and OWSLib know 3.0 alone: `type` is one string, there is no `null` type,
exclusive bounds are booleans, and a `$ref` has no siblings (OpenAPI 3.0.3, 4.7.23 and 4.7.24).
"""

from __future__ import annotations

from typing import Any, Final

Json = Any

_NAME_MAPS: Final = frozenset({
    "paths", "properties", "schemas", "responses", "parameters", "headers", "requestBodies", "securitySchemes",
    "callbacks", "content", "encoding", "mapping", "variables", "scopes", "links",
})  # fmt: skip
"""Members whose keys are names, not keywords: a property may be called `const`."""

_LITERALS: Final = frozenset({"example", "default", "enum", "value", "x-ogc"})
"""Members whose values are data and stay as they are."""

_UNKNOWN: Final = frozenset({
    "$schema", "$id", "$anchor", "$comment", "$defs", "$vocabulary", "$dynamicRef", "$dynamicAnchor",
    "contentMediaType", "contentEncoding", "contentSchema", "prefixItems", "contains", "minContains", "maxContains",
    "patternProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "dependentRequired",
    "dependentSchemas", "if", "then", "else", "exemples", "jsonSchemaDialect", "webhooks",
})  # fmt: skip
"""Keywords that 3.0 does not know."""


def to_30(node: Json) -> Json:
    """A part of a 3.1 document in the words of 3.0.3."""
    if isinstance(node, list):
        return [to_30(item) for item in node]
    if not isinstance(node, dict):
        return node
    binary = node.get("type") == "string" and ("contentMediaType" in node or "contentEncoding" in node)
    schema = {key: _member(key, value) for key, value in node.items() if key not in _UNKNOWN}
    if binary:
        schema["format"] = "byte" if node.get("contentEncoding") == "base64" else "binary"
    _one_example(schema)
    _constant(schema)
    _single_type(schema)
    _nullable(schema)
    _exclusive_bounds(schema)
    if schema.get("type") == "array" and "items" not in schema:
        schema["items"] = {}
    return _lone_reference(schema)


def _member(key: str, value: Json) -> Json:
    if key in _LITERALS:
        return value
    if key in _NAME_MAPS and isinstance(value, dict):
        return {name: to_30(item) for name, item in value.items()}
    return to_30(value)


def _one_example(schema: dict[str, Json]) -> None:
    """`examples` as a list is of 3.1 schemas; as an object it belongs to parameters and media types and stays.

    An example there that shows nothing (titiler's "user-provided") is left out: the suites' parser warns of it.
    """
    examples = schema.get("examples")
    if isinstance(examples, dict) and any(example == {} for example in examples.values()):
        schema["examples"] = {name: example for name, example in examples.items() if example != {}}
    if isinstance(examples, list):
        del schema["examples"]
        if examples:
            schema.setdefault("example", examples[0])


def _constant(schema: dict[str, Json]) -> None:
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]


def _single_type(schema: dict[str, Json]) -> None:
    types = schema.get("type")
    if not isinstance(types, list):
        return
    names = [name for name in types if name != "null"]
    if len(names) < len(types):
        schema["nullable"] = True
    del schema["type"]
    if len(names) == 1:
        schema["type"] = names[0]
    elif names:
        schema["anyOf"] = [{"type": name} for name in names]


def _nullable(schema: dict[str, Json]) -> None:
    if schema.get("type") == "null":
        del schema["type"]
        schema |= {"nullable": True, "enum": [None]}
    for union in ("anyOf", "oneOf"):
        members = schema.get(union)
        if not isinstance(members, list):
            continue
        others = [member for member in members if not _is_null(member)]
        if len(others) == len(members):
            continue
        del schema[union]
        schema["nullable"] = True
        if len(others) == 1:
            schema |= {key: value for key, value in others[0].items() if key not in schema}
        elif others:
            schema[union] = others


def _is_null(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("enum") == [None] and schema.get("nullable") is True


def _exclusive_bounds(schema: dict[str, Json]) -> None:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = schema.get(exclusive)
        if isinstance(value, int | float) and not isinstance(value, bool):
            schema |= {bound: value, exclusive: True}


def _lone_reference(node: dict[str, Json]) -> dict[str, Json]:
    """In 3.0 whatever stands beside a `$ref` is ignored, so the reference moves into an `allOf`."""
    if "$ref" in node and len(node) > 1 and isinstance(node["$ref"], str):
        reference = node.pop("$ref")
        return {"allOf": [{"$ref": reference}], **node}
    return node
