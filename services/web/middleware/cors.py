"""Cross-origin answers: any page may read the public data, none with a user's credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from config.settings import Settings

EXPOSED = (
    "Accept-Patch",
    "Accept-Ranges",
    "Allow",
    "Content-Bbox",
    "Content-Crs",
    "Content-Datetime",
    "Content-Language",
    "Content-Range",
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "OGC-Dataset-Id",
    "OGC-Dataset-Version",
    "OGC-NumberMatched",
    "OGC-NumberReturned",
    "WWW-Authenticate",
)
"""Headers that scripts of other origins may read; browsers hide all others."""


def cors(settings: Settings) -> Middleware:
    """The CORS middleware. It stands outside everything that makes an error, so that a browser can read errors too."""
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.server.cors_origins,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],
        allow_credentials=False,
        expose_headers=EXPOSED,
        max_age=86400,
    )


class CorsHeaders:
    """The headers that the middleware gives an answer to a simple request, for what answers outside it."""

    VARY = "Origin"
    """The further name in `Vary`, whatever the request."""

    def __init__(self, settings: Settings) -> None:
        middleware = cors(settings)
        self._cors = cast("CORSMiddleware", middleware.cls(_nothing, *middleware.args, **middleware.kwargs))
        simple = self._cors.simple_headers.items()
        self._simple = [(name.lower().encode(), value.encode()) for name, value in simple]

    def headers(self, origin: bytes | None) -> list[tuple[bytes, bytes]]:
        """Raw headers for a request from an origin; None: of the same origin, or from no browser."""
        if origin is None:
            return []
        if self._cors.allow_all_origins or not self._cors.is_allowed_origin(origin.decode("latin-1")):
            return self._simple
        return [*self._simple, (b"access-control-allow-origin", origin)]


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The application behind a middleware that is only asked for its headers."""
