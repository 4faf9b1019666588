"""The path prefix of `server.url`: `/graticule/collections` is `/collections`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Takes the prefix off; paths without it are served too, since many proxies have taken it off already.

    Links come from `server.url` alone, so nothing inside needs to know the prefix (no `root_path`).
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self.app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose path is relative to the service."""
        path: str = scope.get("path", "")
        if scope["type"] == "http" and self._prefix and (path + "/").startswith(self._prefix + "/"):
            raw: bytes = scope.get("raw_path") or path.encode()
            prefix = self._prefix.encode()
            scope = dict(scope) | {
                "path": path.removeprefix(self._prefix) or "/",
                "raw_path": raw.removeprefix(prefix) or b"/",
            }
        await self.app(scope, receive, send)
