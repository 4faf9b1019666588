"""Inputs by reference: GeoJSON of this server, fetched from the application itself. Nothing else is ever fetched."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from config.errors import InvalidParameter, TooLarge
from config.vocabulary import GEOJSON, JSON

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from starlette.requests import Request

_PATHS = re.compile(r"/collections/[a-z0-9-]+/items(/[^/]+)?|/jobs/[0-9a-f-]{36}/results", re.ASCII)
"""Paths that a reference may have below the base URL: items, one item, or the result of an earlier job."""
_JOB_FILE = re.compile(r"/jobs/[0-9a-f-]{36}/files/[^/]+/[^/]+", re.ASCII)
"""Paths of files of jobs, which a process reads itself where the schema of its input has `x-job-files`."""
_OK = 200
_SCOPE_MEMBERS = frozenset({"asgi", "http_version", "scheme", "client", "server"})
"""Members that the scope of a reference's request takes from the request that refers."""


async def resolve(
    request: Request, document: dict[str, Any], description: Mapping[str, Any], *, base_url: str, most_bytes: int
) -> dict[str, Any]:
    """An execute request with its GeoJSON inputs by reference put inline.

    The application answers in process, as it would answer the client itself. Raises InvalidParameter for a reference
    to anything but items and results of this server, or TooLarge.
    """
    inputs = dict(document.get("inputs", {}))
    for name, input_ in description["inputs"].items():
        value = inputs.get(name)
        is_json = input_["schema"].get("contentMediaType") == GEOJSON
        if is_json and isinstance(value, dict) and "href" in value:
            href = value["href"]
            if input_["schema"].get("x-job-files") and _is_job_file(href, base_url):
                continue
            body = await _get(request, _target(name, href, base_url), most_bytes, name=name, href=href)
            inputs[name] = {"value": _parsed(name, href, body)}
    return document | {"inputs": inputs}


def _is_job_file(href: Any, base_url: str) -> bool:
    """Whether a reference is to a file of a job; the process itself says whether it is there."""
    path = href.removeprefix(base_url) if isinstance(href, str) else ""
    return path != href and _JOB_FILE.fullmatch(path) is not None


def _target(name: str, href: str, base_url: str) -> tuple[str, str]:
    """(path, query) of a reference; raises InvalidParameter."""
    try:
        parts, base = urlsplit(href), urlsplit(base_url)
    except ValueError as error:
        raise InvalidParameter(name, href, "this is not a URL") from error
    same = (parts.scheme, parts.netloc) == (base.scheme, base.netloc) and parts.path.startswith(base.path + "/")
    if not same or parts.fragment or _PATHS.fullmatch(parts.path.removeprefix(base.path)) is None:
        raise InvalidParameter(
            name, href, f"a reference must be to {base_url}/collections/{{id}}/items or {base_url}/jobs/{{id}}/results"
        )
    return parts.path, parts.query


async def _get(request: Request, target: tuple[str, str], most: int, *, name: str, href: str) -> bytes:
    path, query = target
    status, body = 0, bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body.extend(message.get("body", b""))
            if len(body) > most:
                raise TooLarge(f"{name}: {href[:120]} has more than {most} bytes; refer to fewer items")

    await request.app(_scope(request, path, query), receive, send)
    if status != _OK:
        raise InvalidParameter(name, href, f"it answers {status}, not {_OK}")
    return bytes(body)


def _scope(request: Request, path: str, query: str) -> dict[str, Any]:
    host = request.headers.get("host", "localhost").encode("latin-1")
    return {
        **{key: value for key, value in request.scope.items() if key in _SCOPE_MEMBERS},
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode("latin-1", "replace"),
        "root_path": "",
        "query_string": query.encode("latin-1", "replace"),
        "headers": [(b"host", host), (b"accept", f"{GEOJSON}, {JSON};q=0.9".encode())],
        "state": request.scope.get("state", {}),
    }


def _parsed(name: str, href: str, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise InvalidParameter(name, href, "its answer is not JSON") from error
    if not isinstance(document, dict):
        raise InvalidParameter(name, href, "its answer is not a JSON object")
    return document
