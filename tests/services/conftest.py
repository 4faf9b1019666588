"""An application over the demo datasets for the whole run, and small published datasets."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from functools import partial
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
from services.ingest.workers import Workers, pool_of
from tests.support.catalogues import catalogue_of, client_of, reading
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.models import Dataset
    from records.datasets.publication import Publication
    from tests.support.database import Server

MANY = tuple(f"many-{n}" for n in range(5))
"""The ids of five datasets, sorted."""


@pytest.fixture(scope="session")
def ingested_demo(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings for the five demo datasets, whose database is copied and not used."""
    with server.database() as url:
        settings = Settings(data_dir=tmp_path_factory.mktemp("demo"), database=DatabaseSettings(url=SecretStr(url)))
        engine = create_engine(driver_url(url), poolclass=NullPool)
        with Workers(2) as workers:
            for dataset in demo_datasets():
                report = ingest(
                    dataset.paths,
                    dataset.declaration,
                    repository=Repository(engine),
                    store=settings.store_dir,
                    workers=workers,
                )
                assert not report.refused, report
        engine.dispose()
        yield settings


@pytest.fixture(scope="session")
def demo_catalogue(server: Server, ingested_demo: Settings) -> Iterator[Settings]:
    """Settings of an application over the five demo datasets, for tests that only read."""
    with server.database(like=ingested_demo.database.url.get_secret_value()) as url:
        yield ingested_demo.model_copy(update={"database": DatabaseSettings(url=SecretStr(url))})


@pytest.fixture(scope="session")
def pool() -> Iterator[Workers]:
    """A worker process for all tests: starting one takes longer than most of them."""
    with Workers(1) as workers:
        yield workers


@pytest.fixture
def shared_worker(pool: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands and ingests of a test use `pool` instead of starting processes of their own."""
    for command in ("ingest", "inspect", "watch", "mosaics"):
        monkeypatch.setattr(f"services.cli.data.{command}.Workers", lambda *_, **__: nullcontext(pool))
    for module in ("pipeline", "rehearsal", "mosaics.rebuilding", "reading.inspection"):
        monkeypatch.setattr(f"services.ingest.{module}.pool_of", lambda _: pool_of(pool))


def sst(store: Path) -> Publication:
    """A dataset `sst` of three months on a global grid of 8 x 4 cells."""
    steps = {f"2006-0{n}-16T12:00:00Z": np.full((4, 8), n, "float32") for n in (4, 5, 6)}
    return publication(store, "sst", steps, global_grid(8, 4), unit="degC")


def secret(store: Path) -> Publication:
    """A dataset `secret` that is served on application only, and not before 2999."""
    access = Access(policy="apply", embargo_until=date(2999, 1, 1))
    return publication(store, "secret", {None: np.zeros((4, 8), "float32")}, global_grid(8, 4), access=access)


def still(store: Path, dataset_id: str) -> Publication:
    """A dataset without time."""
    return publication(store, dataset_id, {None: np.zeros((4, 8), "float32")}, global_grid(8, 4))


@pytest.fixture(scope="session")
def sst_settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over `sst`, for tests that only read."""
    with catalogue_of(server, tmp_path_factory.mktemp("sst"), sst) as settings:
        yield settings


@pytest.fixture(scope="session")
def sst_client(sst_settings: Settings) -> Iterator[TestClient]:
    """A client of an application over `sst`, for tests that only read."""
    with client_of(sst_settings) as client:
        yield client


@pytest.fixture(scope="session")
def dataset(sst_settings: Settings) -> Dataset:
    """The dataset `sst`, as the catalogue has it."""
    engine = create_engine(driver_url(sst_settings.database.url.get_secret_value()), poolclass=NullPool)
    return Repository(engine).dataset("sst")


@pytest.fixture(scope="session")
def secret_settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over `sst` and `secret`, for tests that only read."""
    with catalogue_of(server, tmp_path_factory.mktemp("secret"), sst, secret) as settings:
        yield settings


@pytest.fixture(scope="session")
def secret_client(secret_settings: Settings) -> Iterator[TestClient]:
    """A client of an application over `sst` and `secret`, for tests that only read."""
    with client_of(secret_settings) as client:
        yield client


@pytest.fixture(scope="session")
def many_client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over the datasets `MANY`, for tests that only read."""
    with reading(
        server, tmp_path_factory.mktemp("many"), *(partial(still, dataset_id=name) for name in MANY)
    ) as client:
        yield client
