"""A failed validation in the words of the person who wrote the document: line, field, what is wrong, what would do."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from config.declarations.yaml_lines import Lines

_MOST = 20
"""Problems that are named; a file of another kind has more of them than anybody reads."""
_SHOWN = 60
_PLAIN = {"missing": "is missing", "model_type": "must be a mapping of fields", "dict_type": "must be a mapping"}


def explained(error: ValidationError, model: type[BaseModel], lines: Lines) -> str:
    """Every problem of a document that should be a `model`, one after the other."""
    errors = error.errors(include_url=False)
    schema = model.model_json_schema()
    problems = [_problem(e, schema, lines) for e in errors[:_MOST]]
    more = [f"and {len(errors) - _MOST} more problems"] if len(errors) > _MOST else []
    return "; ".join([*problems, *more])


def _problem(error: ErrorDetails, schema: dict[str, Any], lines: Lines) -> str:
    location = tuple(str(part) for part in error["loc"])
    line = next((lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in lines), None)
    where = f"line {line}: " if line else ""
    return f"{where}{_field(error['loc'])}: {_message(error, _members(schema, location[:-1]))}"


def _field(location: tuple[int | str, ...]) -> str:
    """`variables[0].unit`: places in a list are counted from 0, as YAML paths are."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".") or "document"


def _message(error: ErrorDetails, members: list[str]) -> str:
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(error["loc"][-1]), members, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(members)}"
        return f"there is no such field; {hint}"
    if error["type"] in _PLAIN:
        return _PLAIN[error["type"]]
    message = re.sub("^Value error, ", "", error["msg"])
    value = error.get("input")
    quoted = f" (it is {value!r})" if isinstance(value, str | int | float) and len(repr(value)) <= _SHOWN else ""
    return message if error["type"] == "value_error" else message + quoted


def _members(schema: dict[str, Any], location: tuple[str, ...]) -> list[str]:
    """The fields that a JSON Schema knows at a place of the document."""
    node = schema
    for part in location:
        node = _resolved(node, schema)
        node = node.get("items", {}) if part.isdigit() else node.get("properties", {}).get(part, {})
    return list(_resolved(node, schema).get("properties", {}))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    choices = [node, *node.get("anyOf", [])]
    reference = next((choice["$ref"] for choice in choices if "$ref" in choice), None)
    return schema["$defs"][reference.rsplit("/", 1)[-1]] if reference else node
