"""A Dask cluster of one worker for the whole run, and applications that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from config.settings import DaskSettings
from services.app import create_app
from services.cluster import local_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@pytest.fixture(scope="session")
def scheduler() -> Iterator[str]:
    """The address of a running Dask cluster."""
    with local_cluster(DaskSettings(workers=1, threads=2, memory_limit="1GiB")) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def dask_settings(settings: Settings, scheduler: str) -> Settings:
    """Settings of an application that executes processes."""
    return settings.model_copy(update={"dask": DaskSettings(scheduler=scheduler)})


@pytest.fixture
def processing(dask_settings: Settings) -> Iterator[TestClient]:
    """A client of an application that executes processes."""
    app = create_app(dask_settings)
    with TestClient(app, base_url="http://localhost:8080", raise_server_exceptions=False) as client:
        yield client
