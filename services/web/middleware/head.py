"""HEAD for every GET: the same headers without the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


_EXTENSION: Final = "graticule.head"


def is_head(request: Request) -> bool:
    """Whether the client sent HEAD, so that a route need not produce a long body."""
    return _EXTENSION in (request.scope.get("extensions") or {})


class Head:
    """Serves HEAD as GET and withholds the body.

    Inside, the method is GET, so that routes need not know of HEAD; the `http.response.pathsend` extension is offered,
    so that a file's response names its path instead of reading a file that nobody will get; and an extension of ours,
    by which `is_head` recognises the request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a HEAD without its body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif message["type"] == "http.response.pathsend" or not message.get("more_body", False):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        extensions = dict(scope.get("extensions") or {}) | {"http.response.pathsend": {}, _EXTENSION: {}}
        # ranges are defined for GET alone (RFC 9110, 14.2)
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        inner = dict(scope) | {"method": "GET", "extensions": extensions, "headers": headers}
        await self.app(inner, receive, without_body)
