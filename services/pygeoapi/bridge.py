"""From a Starlette request through a function of pygeoapi's core to an answer.

pygeoapi's functions are synchronous: `(api, APIRequest, *args) -> (headers, status, body)`. They run in a thread with
a limiter of their own, on one `API` object per process: pygeoapi keeps module state, so a process holds one
configuration. Its exceptions `{code, description}` become our error bodies with the types the standards name.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, cast

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Request
from pygeoapi.api import API, APIRequest

from config.errors import InvalidInput
from config.vocabulary import JSON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.web.context import Context

_EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
_TYPES = {"NoSuchProcess": "no-such-process", "NoSuchJob": "no-such-job", "ResultNotReady": "result-not-ready"}
_FIRST_ERROR = 400
_THREADS = 8


class Shared[T]:
    """A live object inside pygeoapi's configuration, which it deep-copies: the copy is the same object."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the same holder."""
        return self


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a function of the core answered: status, headers (without Content-Type) and the decoded JSON body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def failed(self) -> bool:
        """Whether the body is an error."""
        return self.status >= _FIRST_ERROR


class Bridge:
    """One pygeoapi `API` object and the way to call its functions."""

    def __init__(self, api: API) -> None:
        self.api = api
        self._limiter = CapacityLimiter(_THREADS)

    def close(self) -> None:
        """Let go of what the process manager holds."""
        close = getattr(self.api.manager, "close", None)
        if close is not None:
            close()

    async def call(
        self,
        function: Callable[..., tuple[dict[str, str], int, str | bytes]],
        request: Request,
        *args: object,
        limiter: CapacityLimiter | None = None,
    ) -> Answer:
        """Call a function of `pygeoapi.api` for a request; the answer is always JSON, decoded."""
        asked = await APIRequest.from_starlette(request, self.api.locales)
        asked._format = "json"  # noqa: SLF001 - job results are HTML by default in the core; formats are ours
        if not asked.is_valid():
            raise InvalidInput("the request's format or language is not known")
        headers, status, body = await anyio.to_thread.run_sync(
            lambda: function(self.api, asked, *args), limiter=limiter or self._limiter
        )
        return _answer(headers, int(status), body)


def _answer(headers: dict[str, str] | None, status: int, body: str | bytes) -> Answer:
    kept = {k: v for k, v in (headers or {}).items() if k not in ("X-Powered-By", "Content-Type")}
    decoded = json.loads(body) if body else None
    if status >= _FIRST_ERROR and isinstance(decoded, dict) and "code" in decoded:
        code = decoded["code"]
        type_ = _EXCEPTIONS + _TYPES[code] if code in _TYPES else f"urn:graticule:error:{code}"
        decoded = {"type": type_, "title": code, "status": status, "detail": decoded.get("description") or code}
    return Answer(status=status, headers=kept, body=decoded)


def make_bridge(context: Context, *, resources: dict[str, Any], manager: dict[str, Any]) -> Bridge:
    """The bridge of an application over its resources (record collections, processes) and process manager."""
    server, limit = context.settings.server, context.settings.limit
    party = {"name": server.title, "url": context.settings.base_url, "email": server.contact}
    about = {"title": server.title, "description": server.description, "keywords": [], "url": party["url"]}
    config = {
        "server": {
            "url": context.settings.base_url,
            "mimetype": JSON,
            "encoding": "utf-8",
            "languages": [
                "en",
                "zh",
            ],  # with territories the core makes zh_CN of them, unknown to Babel
            "pretty_print": False,
            "limits": {"default_items": 10, "max_items": limit.items, "on_exceed": "throttle"},
            "map": {"url": "", "attribution": ""},
            "manager": manager,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**about, "terms_of_service": ""},
            "license": party,
            "provider": party,
            "contact": party,
        },
        "resources": resources,
    }
    logging.getLogger("pygeoapi").setLevel(logging.ERROR)  # it warns of every schema that it cannot translate
    with _root_logger_kept():
        return Bridge(API(config, {}))


@contextmanager
def _root_logger_kept() -> Iterator[None]:
    """Undo what pygeoapi's `setup_logger` does to the root logger when an `API` is made."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def get_bridge(request: Request) -> Bridge:
    """The bridge of the application that serves a request."""
    return cast("Bridge", request.app.state.bridge)
