"""The outputs of a process as the document that a client gets."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from config.vocabulary import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processes.execute_request import ExecuteRequest


def encode(outputs: Mapping[str, Any], request: ExecuteRequest, described: Mapping[str, Any]) -> tuple[bytes, str]:
    """The result document and its media type (OGC 18-062r2, 7.11.2.5, tables 11 and 12).

    One output, asked for as `raw`, is its value alone; otherwise the document is a JSON object of values by id. An
    output that the process did not make is absent. Several raw outputs come as that object, not as multipart/related.
    """
    chosen = {name: outputs[name] for name in request.outputs if name in outputs}
    if request.response == "raw" and len(request.outputs) == 1 and chosen:
        name, value = next(iter(chosen.items()))
        if isinstance(value, bytes):
            return value, _media_type(described[name])
        return _json(value), JSON
    return _json({name: _inline(value, described[name]) for name, value in chosen.items()}), JSON


def _media_type(output: Mapping[str, Any]) -> str:
    return str(output["schema"].get("contentMediaType", "application/octet-stream"))


def _inline(value: Any, output: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
    if not isinstance(value, bytes):
        return value
    return {"value": base64.b64encode(value).decode(), "mediaType": _media_type(output), "encoding": "base64"}


def _json(value: Any) -> bytes:  # noqa: ANN401 - a JSON value
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
