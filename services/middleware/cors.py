"""Cross-origin answers: any page may read the public data, none with a user's credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from config.settings import Settings

EXPOSED = (
    "Accept-Ranges",
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
)
"""Headers that scripts of other origins may read; browsers hide all others."""


def cors(settings: Settings) -> Middleware:
    """The CORS middleware. It stands outside everything that makes an error, so that a browser can read errors too."""
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.server.cors_origins,
        allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
        allow_headers=["*"],
        allow_credentials=False,
        expose_headers=EXPOSED,
        max_age=86400,
    )
