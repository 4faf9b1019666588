"""Inputs that a process can be tried with over the data of the catalogue, made from its description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from services.apis.processes.forms.choices import middle_box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.apis.processes.forms.choices import Choices
    from services.apis.processes.forms.fields import FormField

_TEXTS: Final = {"stringInput": "text", "formula": "a * 2", "period": "P1Y", "kind": "map", "wind_is": "mean"}
_NUMBERS: Final = {"salinity": "35", "wind": "7", "dpco2": "-20"}


def example_values(fields: Sequence[FormField], description: Mapping[str, Any], choices: Choices) -> dict[str, str]:
    """The texts of a form's controls for a first try: required ones, and the shapes that say where."""
    dataset = next(iter(choices.facts), None)
    if dataset is None:
        return {field.name: field.default or "1" for field in fields if field.required}
    values = {field.name: text for field in fields if (text := _text(field, description, choices, dataset))}
    facts = choices.facts[dataset]
    times = facts["times"]
    names = {field.name for field in fields}
    if times and "datetime" in names and "polygons" in values:
        values["datetime"] = times["last"]
    if times and "datetime" in names and description["id"] in ("animation", "composite", "time-series", "trend"):
        values["datetime"] = f"{times['first']}/{times['last']}" if times["count"] <= 60 else ""
    return {name: text for name, text in values.items() if text}


def _text(field: FormField, description: Mapping[str, Any], choices: Choices, dataset: str) -> str:
    """The text of a control; empty for one that is not needed."""
    box = middle_box(choices.facts[dataset]["bbox"])
    shapes = {"polygons": polygon(box), "line": {"type": "LineString", "coordinates": [box[:2], box[2:]]}}
    if field.widget in shapes and (field.required or field.name == "polygons"):
        return json.dumps(shapes[field.widget])
    if field.takes_number and field.name in _NUMBERS:
        return _NUMBERS[field.name]
    if field.name == "like":
        return choices.fields[-1][1][0][0]
    if not field.required and field.name != "wind_is":
        return field.default
    first = choices.fields[0][1][0][0]
    own = {"collection": dataset, "field": first, "box": ",".join(map(str, box))}.get(field.widget)
    if field.name == "fields":
        return json.dumps({"a": json.loads(first)})
    return own or _simple(field, description["inputs"][field.name].get("schema", {}))


def _simple(field: FormField, schema: Mapping[str, Any]) -> str:
    text = _TEXTS.get(field.name, "")
    if text and (not field.options or text in field.options):
        return text
    if field.options:
        return field.options[0]
    return field.default or {"number": str(schema.get("minimum", 1)), "text": "text"}.get(field.widget, "")


def polygon(box: list[float]) -> dict[str, Any]:
    """A box as a feature collection of one polygon."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"name": "box"}, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [feature]}
