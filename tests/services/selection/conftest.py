"""A catalogue with times, levels and parts that the tests of this folder read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84, Grid
from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.catalogue import Catalogue
from records.datasets.repository import Repository
from services.web.context import Context
from tests.support.coverages import publication, steps, with_first
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import coded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=60, height=40)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z", "2006-06-16T12:00:00Z")
LEVELS = {"0": 0.0, "10": 100_000.0, "20.5": 200_000.0}
PARTS = {"a": (slice(0, 25), slice(0, 35)), "b": (slice(0, 25), slice(30, 60)), "c": (slice(25, 40), slice(0, 60))}


@pytest.fixture(scope="package")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The application's parts over `ocean` with levels, `country` with parts and `picture` with three bands."""
    folder = tmp_path_factory.mktemp("selection")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)))
        store, repository = settings.store_dir, Repository(engine)
        values = steps(GRID, LABELS)
        repository.publish(with_levels(publication(store, "ocean", values, GRID), store, LEVELS))
        repository.publish(with_parts(publication(store, "country", values, GRID, nodata=-1.0), store, PARTS))
        colors = np.stack([coded(GRID) % 250, coded(GRID) % 241, coded(GRID) % 239]).astype("uint8")
        repository.publish(with_first(publication(store, "picture", {None: colors}, GRID), kind="rgb", band_count=3))
        catalogue = Catalogue(engine)
        yield Context(settings=settings, catalogue=catalogue, store=store)
        catalogue.close()
        engine.dispose()
