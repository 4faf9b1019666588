"""The bound on request bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from services.web.errors import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Answers 413 to a body above the limit: at once if its length is declared, else while it arrives."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose body is bounded."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limit:
            await problem(413, self._detail(length))(scope, receive, send)
            return
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                # an HTTPException: FastAPI turns every other exception met while it reads a body into a 400
                raise HTTPException(413, self._detail(f"more than {self._limit}"))
            return message

        await self.app(scope, bounded, send)

    def _detail(self, length: str) -> str:
        excerpt = length[:24]
        return f"the body has {excerpt} bytes, the limit is {self._limit}; send large inputs by reference (href)"
