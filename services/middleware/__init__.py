"""The middleware of the application: one small ASGI class a file, put in order here.

From the outside in, and why each stands where it does:

1. AccessLog: sees what was asked, before any rewriting, and what was answered, after all of it.
2. CORS: outside everything that can answer an error, so that scripts of other origins can read errors too.
3. SecurityHeaders, Anonymous: headers of every answer.
4. Prefix, TrailingSlashes: rewrite the path; what is inside knows one form of it.
5. Head: turns HEAD into GET; outside Compression, so that its headers are those of GET.
6. TileLane: answers tiles whose kind is known; all that is above applies to them too, and nothing below.
7. BodyLimit: before anything reads a body.
8. Compression: after the last change to a body.
9. Pages: turns JSON documents and errors into HTML pages for browsers.
10. Failures: innermost, so that an unexpected exception becomes an error body that all of the above treat as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.middleware import Middleware

from services.middleware.access_log import AccessLog
from services.middleware.anonymous import Anonymous
from services.middleware.body_limit import BodyLimit
from services.middleware.compression import Compression
from services.middleware.cors import cors
from services.middleware.failures import Failures
from services.middleware.head import Head
from services.middleware.pages import Pages
from services.middleware.prefix import Prefix
from services.middleware.security import SecurityHeaders
from services.middleware.slashes import TrailingSlashes
from services.raster.lane import TileLane

if TYPE_CHECKING:
    from config.settings import Settings
    from services.portal.templates import Portal


def stack(settings: Settings, portal: Portal) -> list[Middleware]:
    """Every middleware, outermost first."""
    return [
        Middleware(AccessLog),
        cors(settings),
        Middleware(SecurityHeaders),
        Middleware(Anonymous),
        Middleware(Prefix, prefix=urlsplit(settings.base_url).path),
        Middleware(TrailingSlashes),
        Middleware(Head),
        Middleware(TileLane),
        Middleware(BodyLimit, limit=settings.limit.body_bytes),
        Middleware(Compression),
        Middleware(Pages, portal=portal),
        Middleware(Failures),
    ]
