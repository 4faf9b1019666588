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
        status = size = 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        started = time.perf_counter()
        try:
            await self.app(scope, receive, counted)
        finally:
            fields = {
                "method": method,
                "path": path,
                "status": status,
                "bytes": size,
                "ms": round((time.perf_counter() - started) * 1000, 1),
                "client": (scope.get("client") or ("-",))[0],
            }
            _write(logging.DEBUG if path in _QUIET else logging.INFO, fields)


def _write(level: int, fields: dict[str, Any]) -> None:
    """Log a line, without the search for the caller that `log.info` makes."""
    if log.isEnabledFor(level):
        log.handle(log.makeRecord(log.name, level, __file__, 0, "request", (), None, extra={"fields": fields}))
