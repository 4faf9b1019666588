"""A Dask cluster of one worker for the whole run, and applications that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DaskSettings, DatabaseSettings, LimitSettings, Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app
from services.demo import demo_datasets
from services.ingest.pipeline import ingest
from services.serving.cluster import local_cluster
from services.serving.credentials import temporary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server


@pytest.fixture(scope="session")
def dask() -> Iterator[DaskSettings]:
    """The settings by which a running Dask cluster is reached."""
    with (
        temporary(DaskSettings(workers=1, threads=2, memory_limit="1GiB")) as settings,
        local_cluster(settings) as cluster,
    ):
        yield settings.model_copy(update={"scheduler": cluster.scheduler_address})


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


@pytest.fixture(scope="session")
def processing(server: Server, dask: DaskSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application that executes processes; its jobs are those of all tests that use it."""
    with server.database() as url:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("data"),
            database=DatabaseSettings(url=SecretStr(url)),
            dask=dask,
            limit=LimitSettings(sync_seconds=10),
        )
        app = create_app(settings)
        with TestClient(app, base_url="http://localhost:8080", raise_server_exceptions=False) as client:
            yield client
