"""The web application: `create_app(settings)` wires it, `services.lifespan` opens and closes what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from cog import gdal
from config import logging as logs
from config import settings as configuration
from services import stack
from services.front.parts import PARTS
from services.front.routes import routes
from services.lifespan import build_lifespan
from services.portal.portal import Portal
from services.web import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from config.settings import Settings
    from services.web.part import Parts


class Application(FastAPI):
    """The framework's application behind an edge of ours, which sees each request before anything of the framework.

    Args:
        edge: Wraps an application in what stands before it.
        options: Options of the framework.
    """

    def __init__(self, *, edge: Callable[[ASGIApp], ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._edge = edge(super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        scope["app"] = self
        await self._edge(scope, receive, send)


def create_app(settings: Settings | None = None, *, parts: Parts = PARTS) -> Application:
    """Create the application, ready to be served.

    Without settings the process is a server's: it reads them from the environment, sends its log to stderr and sets
    GDAL's options. With settings nothing outside the application is touched.

    Args:
        settings: The settings; None for those of the environment.
        parts: The standards that it serves.
    """
    if settings is None:
        settings = configuration.load()
        logs.configure(level=settings.log_level, style=settings.log_format)
        gdal.configure(settings.gdal_cache_mb)
    pages = Portal(settings)
    app = Application(
        edge=lambda inside: stack.edge(settings, inside),
        title=settings.server.title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=build_lifespan(settings),
        middleware=stack.stack(settings, pages),
    )
    app.state.pages = pages
    app.state.parts = tuple(parts)
    errors.register(app)
    # as they are: `include_router` would build every route anew for this application, at its first request
    app.router.routes.extend(routes(parts))
    return app
