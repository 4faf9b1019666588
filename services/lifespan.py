"""The lifespan of an application: what it opens when it starts and closes when it stops."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from anyio.to_thread import current_default_thread_limiter

from config.errors import DatabaseUnavailable
from records.database import schema
from records.database.engine import make_engine
from records.datasets.catalogue import Catalogue
from services.apis.coverages.kept import KeptCoverages
from services.drawing.tiles.custom_matrix_sets import read_matrix_sets
from services.drawing.tiles.matrix_sets import MatrixSets
from services.drawing.tiles.plans import TilePlans
from services.drawing.tiles.tile_cache import TileCache
from services.ows.layer_catalogue import LayerCatalogue
from services.pygeoapi.bridge import Bridge
from services.web.context import Context
from services.web.lanes import Lanes
from services.web.part import data_linker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI

    from config.settings import Settings


def build_lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The lifespan of an application with these settings; raises DatabaseUnavailable or SchemaBehind at its start."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = settings.database.url.get_secret_value()
        if not url:
            raise DatabaseUnavailable("a web worker needs GRATICULE_DATABASE_URL; `graticule serve` sets it")
        folder = settings.tile.matrix_sets
        own_sets = read_matrix_sets(Path(folder)) if folder else []
        engine = make_engine(url, settings.database)
        catalogue = Catalogue(engine)
        try:
            schema.require_head(engine)
            current_default_thread_limiter().total_tokens = settings.limit.threads
            catalogue.start()
            app.state.context = Context(
                settings=settings,
                catalogue=catalogue,
                store=settings.store_dir,
                link_data=data_linker(app.state.parts),
            )
            app.state.lanes = Lanes(settings)
            app.state.tile_plans = plans = TilePlans([part.planner for part in app.state.parts if part.planner])
            app.state.tile_cache = tiles = TileCache(settings.tile.cache_mb)
            app.state.layers = LayerCatalogue()
            capacity = settings.limit.kept_coverages_mb * 1024 * 1024
            app.state.kept_coverages = KeptCoverages(settings.data_dir / "coverages", capacity)
            app.state.matrix_sets = MatrixSets(own_sets)
            app.state.bridge = bridge = Bridge(app.state.context)
            try:
                yield
            finally:
                bridge.close()
                plans.close()
                tiles.close()
        finally:
            catalogue.close()
            engine.dispose()

    return lifespan
