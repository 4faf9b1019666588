"""`/conformance/` answers as `/conformance` does, without a redirect, which some clients do not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlashes:
    """Takes trailing slashes off the path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose path ends in no slash."""
        if scope["type"] == "http" and scope["path"] != "/" and scope["path"].endswith("/"):
            raw: bytes = scope.get("raw_path") or scope["path"].encode()
            scope = dict(scope) | {"path": scope["path"].rstrip("/") or "/", "raw_path": raw.rstrip(b"/") or b"/"}
        await self.app(scope, receive, send)
