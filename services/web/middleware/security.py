"""Headers that keep a browser from doing more with an answer than it is meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",  # the map's own icons and decoded tiles
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())
"""A page loads from its own host alone and runs no inline script."""
EMBEDDABLE_POLICY = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'self'", "frame-ancestors *")
"""The same of a page for frames of other sites: it has a map, and nothing that changes anything."""


class SecurityHeaders:
    """Adds nosniff to every answer, and the policies of pages to HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, its answer guarded."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        is_embedded = b"embed=true" in scope["query_string"].split(b"&")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers["X-Content-Type-Options"] = "nosniff"
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = EMBEDDABLE_POLICY if is_embedded else CONTENT_SECURITY_POLICY
                    headers["Referrer-Policy"] = "same-origin"
            await send(message)

        await self.app(scope, receive, guarded)
