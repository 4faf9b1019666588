"""The web application: `create_app(settings)` wires it, its lifespan opens and closes what it needs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from config import settings as configuration
from config.errors import DatabaseUnavailable
from records import schema
from records.catalogue import Catalogue
from records.engine import make_engine
from services import errors
from services.context import Context
from services.ogc import open_bridge, processes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from config.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, ready to be served; reads the environment only when no settings are given."""
    settings = settings or configuration.load()
    app = FastAPI(
        title=settings.server.title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lambda app: _lifespan(app, settings),
    )
    errors.register(app)
    for router in processes.routers():
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    url = settings.database.url.get_secret_value()
    if not url:
        raise DatabaseUnavailable("a web worker needs GRATICULE_DATABASE_URL; `graticule serve` sets it")
    engine = make_engine(url, settings.database)
    schema.require_head(engine)
    catalogue = Catalogue(engine)
    catalogue.start()
    app.state.context = Context(settings=settings, catalogue=catalogue, store=settings.store_dir)
    app.state.bridge = open_bridge(app.state.context)
    try:
        yield
    finally:
        app.state.bridge.close()
        catalogue.close()
        engine.dispose()
