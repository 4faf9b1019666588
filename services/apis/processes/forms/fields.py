"""The form for the inputs of a process, made from its description, and the inputs from a form that was sent."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from config.errors import InvalidParameter
from services.apis.processes.forms.choices import NO_CHOICES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.apis.processes.forms.choices import Choices

Widget = Literal[
    "text",
    "number",
    "choice",
    "truth",
    "box",
    "list",
    "ticks",
    "json",
    "field",
    "collection",
    "variable",
    "polygons",
    "line",
    "times",
]

_CORNERS = 4
_WORDS = re.compile(r"\^\(([\w-]+(?:\|[\w-]+)*)\)\$")
_MOST_OPTIONS = 500


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One input of a form.

    Attributes:
        name: Id of the input.
        title: Its title.
        description: Its description.
        widget: Its control: `list` has commas between entries, `json` is for values that no simple control can hold.
            `ticks` are several of the options, `field` is a variable of a dataset, `polygons` and `line` are GeoJSON
            that can be drawn, `times` a text or a list in JSON.
        required: Whether it is mandatory.
        default: Its initial text.
        options: The values to choose from.
        groups: (title of a group, ((value, text) of each option)) of a list in groups.
        takes_number: Whether a constant may take the place of a field.
        attributes: `min`, `max` and `step` of a number, `maxlength` of a text.
    """

    name: str
    title: str
    description: str
    widget: Widget
    required: bool
    default: str = ""
    options: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    takes_number: bool = False
    attributes: tuple[tuple[str, str], ...] = ()


def fields(description: Mapping[str, Any], choices: Choices = NO_CHOICES) -> list[FormField]:
    """The form of a process, with what its lists offer."""
    return [_field(name, input_, choices) for name, input_ in description.get("inputs", {}).items()]


def _field(name: str, input_: Mapping[str, Any], choices: Choices) -> FormField:
    schema = input_.get("schema", {})
    widget = "json" if input_.get("maxOccurs", 1) != 1 else _special(name, schema, choices) or _widget(schema)
    default = schema.get("default")
    return FormField(
        name=name,
        title=str(input_.get("title") or name),
        description=str(input_.get("description") or ""),
        widget=widget,
        required=input_.get("minOccurs", 1) > 0,
        default=default if isinstance(default, str) else "" if default is None else json.dumps(default),
        options=tuple(str(value) for value in (_options(schema) or _options(schema.get("items", {})))[:_MOST_OPTIONS]),
        groups=_groups(widget, choices),
        takes_number=any(part.get("type") == "number" for part in schema.get("oneOf", ())),
        attributes=_attributes(schema) if widget in ("number", "text") else (),
    )


def _special(name: str, schema: Mapping[str, Any], choices: Choices) -> Widget | None:
    """The control of what is chosen from the catalogue or drawn on a map."""
    if any(
        {"collection", "variable"} <= part.get("properties", {}).keys() for part in (schema, *schema.get("oneOf", ()))
    ):
        return "field" if choices.fields else None
    if schema.get("type") == "string" and name in ("collection", "variable") and choices.collections:
        return "collection" if name == "collection" else "variable"
    if schema.get("type") == "object" and name in ("polygons", "region", "section"):
        return "line" if name == "section" else "polygons"
    return None


def _groups(widget: Widget, choices: Choices) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    lists = {"field": choices.fields, "variable": choices.variables, "collection": (("", choices.collections),)}
    return lists.get(widget, ())


def _widget(schema: Mapping[str, Any]) -> Widget:
    formats = {part.get("format") for part in (schema, *schema.get("allOf", ()))}
    if "ogc-bbox" in formats:
        return "box"
    if _options(schema):
        return "choice"
    items = schema.get("items", {})
    if schema.get("type") == "array" and items.get("type") in ("string", "number", "integer"):
        return "ticks" if items["type"] == "string" and _options(items) else "list"
    if "type" not in schema and _takes_text(schema):
        return "json" if any(part.get("type") == "object" for part in schema.get("oneOf", ())) else "times"
    widgets: dict[str, Widget] = {"string": "text", "number": "number", "integer": "number", "boolean": "truth"}
    return widgets.get(str(schema.get("type")), "json")


def _options(schema: Mapping[str, Any]) -> list[Any]:
    """The values that a schema allows: its `enum`, or the words of a pattern such as `^(one|other)$`."""
    words = _WORDS.fullmatch(str(schema.get("pattern", "")))
    return words[1].split("|") if words else list(schema.get("enum", ()))


def _attributes(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    step = {"integer": "1", "number": "any"}.get(schema["type"])
    attributes = {
        "min": schema.get("minimum"),
        "max": schema.get("maximum"),
        "step": step,
        "maxlength": schema.get("maxLength"),
    }
    return tuple((name, str(value)) for name, value in attributes.items() if value is not None)


def inputs(description: Mapping[str, Any], filled: Mapping[str, str]) -> dict[str, Any]:
    """The inputs of an execute request, without controls that were left empty; raises InvalidParameter."""
    values = {}
    for field in fields(description):
        text = (filled.get(f"{field.name}.number") or filled.get(field.name, "")).strip()
        if text:
            values[field.name] = _value(field, text, description["inputs"][field.name].get("schema", {}))
    return values


def _value(field: FormField, text: str, schema: Mapping[str, Any]) -> Any:
    if "contentMediaType" in schema and text.startswith(("http://", "https://")):
        return {"href": text}
    read = _READERS.get(field.widget, _json)
    return read(field.name, text, schema)


def _choice(_name: str, text: str, schema: Mapping[str, Any]) -> Any:
    return next((value for value in _options(schema) if str(value) == text), text)


def _list(name: str, text: str, schema: Mapping[str, Any]) -> Any:
    return _json(name, text, schema) if text.startswith("[") else _entries(name, text, schema["items"]["type"])


def _json(name: str, text: str, schema: Mapping[str, Any]) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if _takes_text(schema):
            return text
        is_number = schema.get("type") in ("number", "integer")
        remedy = "write a number" if is_number else "write it as JSON, such as [1, 2] or a GeoJSON object"
        raise InvalidParameter(name, text, remedy) from error


def _entries(name: str, text: str, kind: str) -> list[Any]:
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if kind == "string":
        return entries
    try:
        return [int(entry) if kind == "integer" else float(entry) for entry in entries]
    except ValueError as error:
        raise InvalidParameter(name, text, "write numbers with commas between them") from error


def _corners(name: str, text: str) -> list[float]:
    try:
        corners = [float(part) for part in text.split(",")]
    except ValueError:
        corners = []
    if len(corners) != _CORNERS:
        raise InvalidParameter(name, text, "write west,south,east,north in degrees, such as 100,-10,140,20")
    return corners


def _takes_text(schema: Mapping[str, Any]) -> bool:
    """Whether a text is valid beside other types."""
    return any(part.get("type") == "string" for part in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())))


_READERS: Final[dict[Widget, Callable[[str, str, Mapping[str, Any]], Any]]] = {
    "box": lambda name, text, _schema: {"bbox": _corners(name, text)},
    "truth": lambda _name, text, _schema: text == "true",
    "text": lambda _name, text, _schema: text,
    "choice": _choice,
    "collection": lambda _name, text, _schema: text,
    "variable": lambda _name, text, _schema: text,
    "times": lambda name, text, schema: _json(name, text, schema) if text.startswith("[") else text,
    "list": _list,
    "ticks": _list,
}
"""Readers of the text of a control: (id, text, schema) -> value; other controls are read as JSON."""
