"""The edge of a request: an unexpected exception is logged with its traceback and answered as an error body."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from services.web.errors import UNEXPECTED, problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)


class Failures:
    """Answers 500 to what no handler knows.

    The framework's own handler of `Exception` stands outside all middleware, where its answer would carry no CORS
    header and a browser would report a network error instead.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; never raises before an answer has begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            log.debug("the client left before its request had arrived: %s", scope["path"])
        except Exception:
            log.exception("unexpected error at %s", scope["path"])
            if begun:
                raise  # the connection must break: a truncated body is not to pass for a whole one
            await problem(500, UNEXPECTED)(scope, receive, send)
