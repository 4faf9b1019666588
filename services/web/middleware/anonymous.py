"""Answers do not advertise the software that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Anonymous:
    """Drops `X-Powered-By`, which the records and processes core sets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, its answer without `X-Powered-By`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def plain(message: Message) -> None:
            if message["type"] == "http.response.start":
                del MutableHeaders(raw=message["headers"])["X-Powered-By"]
            await send(message)

        await self.app(scope, receive, plain)
