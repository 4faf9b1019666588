"""An execute request (OGC 18-062r2, 7.11): parsed, and checked against a process description."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from jsonschema import Draft4Validator

from config.errors import InvalidInput, InvalidParameter
from services.processes.requests.execute_request import RESPONSES, ExecuteRequest
from services.processes.requests.outputs import formats, is_on_request
from services.processes.requests.subscriber import subscriber_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEMBERS = frozenset({"inputs", "outputs", "response", "id", "subscriber"})
_MODES = ("value", "reference")
_REFERENCE = frozenset({"href", "type", "rel", "hreflang", "title"})
_QUALIFIED = frozenset({"value", "format", "mediaType", "encoding", "schema"})
_BBOX = {
    "type": "object",
    "required": ["bbox"],
    "additionalProperties": False,
    "properties": {
        "bbox": {
            "type": "array",
            "items": {"type": "number"},
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        },
        "crs": {"type": "string", "maxLength": 1000},
    },
}
"""Schema of a bounding box input (OGC 18-062r2, table 14): 4 or 6 numbers in the axis order of `crs`."""


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object of a request's body; raises InvalidInput."""
    try:
        document = json.loads(body, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise InvalidInput("the request body is nested too deeply") from error
    except ValueError as error:  # malformed JSON, or bytes that are no UTF-8
        raise InvalidInput(f"the request body is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidInput('the request body must be a JSON object such as {"inputs": {...}}')
    return document


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is beyond the range of a double")
    return number


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def check(
    document: Mapping[str, Any], description: Mapping[str, Any], *, responses: tuple[str, ...] = RESPONSES
) -> ExecuteRequest:
    """Check a request against a process description; raises InvalidInput or InvalidParameter."""
    unknown = sorted(set(document) - _MEMBERS)
    if unknown:
        raise InvalidParameter(unknown[0], document[unknown[0]], f"an execute request has {_listed(_MEMBERS)}")
    response = document.get("response", "raw")
    if response not in responses:
        raise InvalidParameter("response", response, "give raw or document")
    outputs = _outputs(document.get("outputs"), description["outputs"])
    return ExecuteRequest(
        inputs=_inputs(document.get("inputs", {}), description["inputs"]),
        outputs=outputs,
        response=response,
        formats=_formats(document.get("outputs"), outputs, description["outputs"]),
        references=_references(document.get("outputs"), outputs),
        subscriber=subscriber_of(document.get("subscriber")),
    )


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


def _inputs(inputs: Any, described: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(inputs, dict):
        raise InvalidParameter("inputs", inputs, "an object of inputs by id is needed")
    for name in inputs:
        if name not in described:
            raise InvalidParameter(name[:80], inputs[name], f"there is no such input; inputs are {_listed(described)}")
    for name, input_ in described.items():
        if name not in inputs and input_.get("minOccurs", 1) > 0:
            raise InvalidInput(f"{name}: this input is missing and required")
    return {name: _occurrences(name, value, described[name]) for name, value in inputs.items()}


def _occurrences(name: str, value: Any, described: Mapping[str, Any]) -> Any:
    most = described.get("maxOccurs", 1)
    if most == 1:
        return _value(name, value, described["schema"])
    values = value if isinstance(value, list) else [value]
    if most != "unbounded" and len(values) > most:
        raise InvalidInput(f"{name}: given {len(values)} times, at most {most} are allowed")
    return [_value(name, each, described["schema"]) for each in values]


def _value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    binary = "contentMediaType" in schema or "contentEncoding" in schema
    if isinstance(value, dict) and "href" in value and set(value) <= _REFERENCE:
        return _reference(name, value, allowed=binary)
    if isinstance(value, dict) and "value" in value and set(value) <= _QUALIFIED:
        value = value["value"]
    problem = next(Draft4Validator(_checkable(schema)).iter_errors(value), None)
    if problem is not None:
        raise InvalidParameter(name, value, problem.message[:200])
    if schema.get("contentEncoding") == "base64":
        _require_base64(name, value)
    return value


def _checkable(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    formats = {part.get("format") for part in (schema, *schema.get("allOf", ()))}
    return _BBOX if "ogc-bbox" in formats else schema


def _reference(name: str, link: dict[str, Any], *, allowed: bool) -> dict[str, Any]:
    href = link["href"]
    if not allowed:
        raise InvalidParameter(name, href, "this input is given by value, not by reference")
    if not isinstance(href, str) or _scheme(href) not in ("http", "https"):
        raise InvalidParameter(name, href, "a reference is an http or https URL")
    return link


def _scheme(href: str) -> str:
    try:
        return urlsplit(href).scheme
    except ValueError:  # such as http://[
        return ""


def _require_base64(name: str, value: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidParameter(name, value, f"this is no base64: {error}") from error


def _outputs(outputs: Any, described: Mapping[str, Any]) -> tuple[str, ...]:
    usual = tuple(name for name, output in described.items() if not is_on_request(output))
    if outputs is None:
        return usual
    if isinstance(outputs, list):
        outputs = {str(name): {} for name in outputs}
    if not isinstance(outputs, dict):
        raise InvalidParameter("outputs", outputs, "an object of outputs by id is needed")
    for name, options in outputs.items():
        if name not in described:
            raise InvalidParameter("outputs", name, f"there is no such output; outputs are {_listed(described)}")
        mode = options.get("transmissionMode", "value") if isinstance(options, dict) else options
        if mode not in _MODES:
            raise InvalidParameter(f"outputs.{name}", mode, 'give {"transmissionMode": "value"} or "reference"')
    return tuple(name for name in described if name in outputs) or usual


def _references(outputs: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    """The chosen outputs that are asked for as links."""
    options = outputs if isinstance(outputs, dict) else {}
    return tuple(name for name in names if options.get(name, {}).get("transmissionMode") == "reference")


def _formats(outputs: Any, names: tuple[str, ...], described: Mapping[str, Any]) -> dict[str, str]:
    """The media type of each chosen output that has several, as asked (OGC 18-062r2, 7.11.2.4) or the first."""
    options = outputs if isinstance(outputs, dict) else {}
    media_types = {}
    for name in names:
        offered = formats(described[name])
        form = options.get(name, {}).get("format") or {}
        media_type = form.get("mediaType", offered[0]) if isinstance(form, dict) else form
        if media_type not in offered:
            raise InvalidParameter(f"outputs.{name}.format.mediaType", media_type, f"give {' or '.join(offered)}")
        if len(offered) > 1:
            media_types[name] = media_type
    return media_types
