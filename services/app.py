"""The web application: `create_app(settings)` wires it, `services.lifespan` opens and closes what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from cog import gdal
from config import logging as logs
from config import settings as configuration
from services import portal
from services.apis import coverages as coverage
from services.apis import csw, files, oai, stac, values
from services.apis import tiles as raster
from services.apis.processes import form, processes
from services.apis.records import records
from services.front import collections, conformance, crawling, health, landing, openapi, times
from services.lifespan import build_lifespan
from services.portal.templates import Portal
from services.web import errors, middleware

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import APIRouter
    from starlette.types import ASGIApp, Receive, Scope, Send

    from config.settings import Settings


class Application(FastAPI):
    """The framework's application behind an edge of ours, which sees each request before anything of the framework.

    Args:
        edge: Puts it before an application.
        options: The framework's own.
    """

    def __init__(self, *, edge: Callable[[ASGIApp], ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._edge = edge(super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        scope["app"] = self
        await self._edge(scope, receive, send)


def create_app(settings: Settings | None = None) -> Application:
    """The application, ready to be served.

    Without settings the process is a server's: it reads them from the environment, sends its log to stderr and sets
    GDAL's options. With settings nothing outside the application is touched.
    """
    if settings is None:
        settings = configuration.load()
        logs.configure(level=settings.log_level, style=settings.log_format)
        gdal.configure(settings.gdal_cache_mb)
    view = Portal(settings)
    app = Application(
        edge=lambda inside: middleware.edge(settings, inside),
        title=settings.server.title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=build_lifespan(settings),
        middleware=middleware.stack(settings, view),
    )
    app.state.portal = view
    errors.register(app)
    # as they are: `include_router` would build every route anew for this application, at its first request
    app.router.routes.extend(route for router in routers() for route in router.routes)
    return app


def routers() -> list[APIRouter]:
    """The routes of every part. The first match answers, so paths with fixed words stand before those with names."""
    return [
        landing.router,
        conformance.router,
        openapi.router,
        health.router,
        portal.router,
        crawling.router,
        *records.routers(),
        csw.router,
        oai.router,
        *processes.routers(),
        form.router,
        *raster.routers(),
        *coverage.routers(),
        *values.routers(),
        *files.routers(),
        *stac.routers(),
        times.router,
        collections.router,
    ]
