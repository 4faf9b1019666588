"""An application over the demo datasets for the whole run, and small published datasets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.models import Access
from records.datasets.repository import Repository
from services.demo import demo_datasets
from services.ingest.pipeline import ingest
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.datasets.models import Dataset
    from tests.support.database import Server


@pytest.fixture(scope="session")
def demo_catalogue(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over the five demo datasets, for tests that only read."""
    folder = tmp_path_factory.mktemp("demo")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)))
        for dataset in demo_datasets():
            report = ingest(
                dataset.paths,
                dataset.declaration,
                repository=Repository(engine),
                store=settings.store_dir,
                workers=2,
            )
            assert not report.refused, report
        engine.dispose()
        yield settings


@pytest.fixture
def dataset(repository: Repository, store: Path) -> Dataset:
    """A published dataset `sst` of three months on a global grid of 8 x 4 cells."""
    grid = global_grid(8, 4)
    steps = {f"2006-0{n}-16T12:00:00Z": np.full((4, 8), n, "float32") for n in (4, 5, 6)}
    return repository.publish(publication(store, "sst", steps, grid, unit="degC"))


@pytest.fixture
def restricted(repository: Repository, store: Path) -> Dataset:
    """A published dataset `secret` that is served on application only, and not before 2999."""
    access = Access(policy="apply", embargo_until=date(2999, 1, 1))
    values = np.zeros((4, 8), "float32")
    return repository.publish(publication(store, "secret", {None: values}, global_grid(8, 4), access=access))


@pytest.fixture
def many(repository: Repository, store: Path) -> list[str]:
    """The ids of five published datasets, sorted."""
    ids = [f"many-{n}" for n in range(5)]
    for name in ids:
        repository.publish(publication(store, name, {None: np.zeros((4, 8), "float32")}, global_grid(8, 4)))
    return ids
