"""The middleware of the application, put in order.

From the outside in, and why each stands where it does; `edge` makes the first two, which stand before the framework
itself, and `stack` the others:

1. AccessLog: sees what was asked, before any rewriting, and what was answered, after all of it.
2. TileLane: answers tiles whose kind is known, and passes on all else. It stands so far outside because what a tile
   passes costs as much as drawing it; so it does itself, in its own few lines, what 3, 4, 5 and 6 do to a tile.
3. CORS: outside everything that can answer an error, so that scripts of other origins can read errors too.
4. SecurityHeaders, Anonymous: headers of every answer.
5. Prefix, TrailingSlashes: rewrite the path; what is inside knows one form of it.
6. Head: turns HEAD into GET; outside Compression, so that its headers are those of GET.
7. BodyLimit: before anything reads a body.
8. Compression: after the last change to a body.
9. ErrorPages: turns error bodies into HTML pages for browsers.
10. Failures: innermost, so that an unexpected exception becomes an error body that all of the above treat as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.middleware import Middleware

from services.drawing.tiles.lane import TileLane
from services.web.middleware.access_log import AccessLog
from services.web.middleware.anonymous import Anonymous
from services.web.middleware.body_limit import BodyLimit
from services.web.middleware.compression import Compression
from services.web.middleware.cors import CorsHeaders, cors
from services.web.middleware.error_pages import ErrorPages
from services.web.middleware.failures import Failures
from services.web.middleware.head import Head
from services.web.middleware.prefix import Prefix
from services.web.middleware.security import SecurityHeaders
from services.web.middleware.slashes import TrailingSlashes

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from config.settings import Settings
    from services.web.documents.answers import PageRenderer


def edge(settings: Settings, app: ASGIApp) -> ASGIApp:
    """Return an application with what stands before the framework."""
    return AccessLog(TileLane(app, cors=CorsHeaders(settings), prefix=_prefix(settings)))


def stack(settings: Settings, pages: PageRenderer) -> list[Middleware]:
    """Return every middleware inside the framework, outermost first."""
    return [
        cors(settings),
        Middleware(SecurityHeaders),
        Middleware(Anonymous),
        Middleware(Prefix, prefix=_prefix(settings)),
        Middleware(TrailingSlashes),
        Middleware(Head),
        Middleware(BodyLimit, limit=settings.limit.body_bytes),
        Middleware(Compression),
        Middleware(ErrorPages, pages=pages),
        Middleware(Failures),
    ]


def _prefix(settings: Settings) -> str:
    return urlsplit(settings.base_url).path
