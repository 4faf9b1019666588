"""One log line a request: method, path, status, bytes and milliseconds."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("graticule.access")

_QUIET = frozenset({"/healthz", "/readyz"})
"""Asked every few seconds by whatever watches the service: logged at debug level."""


class AccessLog:
    """Logs each request when it has been answered. The query string is left out: it may hold a credential."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and log it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]  # inner middleware may rewrite both
        seen = {"status": 0, "bytes": 0}

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        started = time.perf_counter()
        try:
            await self.app(scope, receive, counted)
        finally:
            elapsed = round((time.perf_counter() - started) * 1000, 1)
            fields: dict[str, Any] = {"method": method, "path": path, **seen, "ms": elapsed}
            fields["client"] = (scope.get("client") or ("-",))[0]
            level = logging.DEBUG if path in _QUIET else logging.INFO
            log.log(level, "request", extra={"fields": fields})
