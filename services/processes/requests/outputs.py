"""The outputs of a process as the document that a client gets."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import COG, CSV, GEOJSON, JSON, NETCDF, PNG, SVG, WEBP
from services.processes.protocol import EncodedOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.processes.requests.execute_request import ExecuteRequest


type Link = dict[str, Any]

ON_REQUEST: Final = "on-request"
"""Role in the `metadata` of a described output (OGC 18-062r2, 7.10) that is made only where it is asked for by name."""
LINKS: Final = "application/json; profile=links"
"""Media type of a result that is links alone."""
_SUFFIXES: Final = {
    JSON: "json",
    GEOJSON: "geojson",
    CSV: "csv",
    SVG: "svg",
    PNG: "png",
    WEBP: "webp",
    NETCDF: "nc",
    COG.partition(";")[0]: "tif",
    "application/flatgeobuf": "fgb",
    "text/plain": "txt",
}


@dataclass(frozen=True, kw_only=True)
class LinkedOutput:
    """An output that is kept as a file: a link with `href`, `type`, `length` in bytes and when it `expires`."""

    link: Link


def encode(outputs: Mapping[str, Any], request: ExecuteRequest, described: Mapping[str, Any]) -> tuple[bytes, str]:
    """The result document and its media type (OGC 18-062r2, 7.11.2.5, tables 11 and 12).

    One output, asked for as `raw`, is its value alone; several are the parts of a multipart/related body (RFC 2387)
    where the client accepts that; otherwise the document is a JSON object of values by id. An output that the process
    did not make is absent. Links alone, asked for as `raw`, are a JSON object of type `LINKS`, which a route answers as
    `Link` headers without a body.
    """
    values = {name: outputs[name] for name in request.outputs if name in outputs}
    if request.response == "raw" and values and all(isinstance(value, LinkedOutput) for value in values.values()):
        return _json({name: value.link for name, value in values.items()}), LINKS
    if request.response != "document" and len(request.outputs) == 1 and values:
        name, value = next(iter(values.items()))
        return _alone(value, described[name])
    if request.response == "multipart" and values:
        return _multipart({name: _alone(value, described[name]) for name, value in values.items()})
    return _json({name: _inline(value, described[name]) for name, value in values.items()}), JSON


def referred(
    outputs: Mapping[str, Any],
    request: ExecuteRequest,
    described: Mapping[str, Any],
    keep: Callable[[str, bytes], Link],
) -> dict[str, Any]:
    """The outputs with those that are asked for as links kept as files.

    Args:
        outputs: By id.
        request: Says which.
        described: The outputs of the description.
        keep: Writes a file of a name and returns where it is.
    """
    links = {}
    for name in request.references:
        if name in outputs:
            body, media_type = _alone(outputs[name], described[name])
            suffix = _SUFFIXES.get(media_type.partition(";")[0], "bin")
            links[name] = LinkedOutput(link={**keep(f"{name}.{suffix}", body), "type": media_type})
    return {**outputs, **links}


def formats(output: Mapping[str, Any]) -> tuple[str, ...]:
    """The media types that a described output comes in, the default first."""
    schema = output["schema"]
    types = [form["contentMediaType"] for form in schema.get("oneOf", (schema,)) if "contentMediaType" in form]
    return tuple(types) or (JSON,)


def is_on_request(output: Mapping[str, Any]) -> bool:
    """Whether a described output is made only where a request names it, because it is costly."""
    return any(entry.get("role") == ON_REQUEST for entry in output.get("metadata", ()))


def _alone(value: Any, output: Mapping[str, Any]) -> tuple[bytes, str]:
    if isinstance(value, LinkedOutput):
        return _json(value.link), JSON
    if isinstance(value, bytes):
        return value, _media_type(output)
    if isinstance(value, EncodedOutput) and isinstance(value.value, bytes):
        return value.value, value.media_type
    if isinstance(value, EncodedOutput):
        return value.value.encode() if isinstance(value.value, str) else _json(value.value), value.media_type
    return _json(value), JSON


def _multipart(parts: Mapping[str, tuple[bytes, str]]) -> tuple[bytes, str]:
    """Parts named by Content-ID, under a boundary that is in none of them."""
    digest = hashlib.sha256(b"".join(body for body, _ in parts.values())).hexdigest()[:32]
    lines = []
    for name, (body, media_type) in parts.items():
        lines += [f"--{digest}\r\nContent-Type: {media_type}\r\nContent-ID: <{name}>\r\n\r\n".encode(), body, b"\r\n"]
    first = next(iter(parts.values()))[1]
    return b"".join([*lines, f"--{digest}--\r\n".encode()]), f'multipart/related; boundary={digest}; type="{first}"'


def _media_type(output: Mapping[str, Any]) -> str:
    return str(output["schema"].get("contentMediaType", "application/octet-stream"))


def _inline(value: Any, output: Mapping[str, Any]) -> Any:
    if isinstance(value, LinkedOutput):
        return value.link
    if isinstance(value, EncodedOutput) and not isinstance(value.value, bytes):
        return {"value": value.value, "mediaType": value.media_type}
    if isinstance(value, EncodedOutput):
        text = base64.b64encode(value.value).decode()
        return {"value": text, "mediaType": value.media_type, "encoding": "base64"}
    if not isinstance(value, bytes):
        return value
    return {"value": base64.b64encode(value).decode(), "mediaType": _media_type(output), "encoding": "base64"}


def _json(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
